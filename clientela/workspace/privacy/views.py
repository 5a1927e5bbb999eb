"""Data of a person: all of it in a file, to be forgotten, who read it, how long it is kept."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.privacy import operations, queries
from clientela.modules.privacy.models import DataFile, Erasure
from clientela.modules.privacy.words import table_word
from clientela.workspace.admin.action_words import words
from clientela.workspace.privacy import reading as reads

WRITE = requires(Permission.PRIVACY_WRITE)
AUDIT = requires(Permission.AUDIT_READ)
SHOWN = 200


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=pk)


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages of this section that the person may see."""
    user = caller(request)
    found = []
    if user.can(Permission.PRIVACY_WRITE):
        found.append(("privacy:requests", _("Requests to erase")))
        if user.can(Permission.ORGANISATION_WRITE):
            found.append(("privacy:rules", _("How long it is kept")))
    if user.can(Permission.AUDIT_READ):
        found.append(("privacy:reading", _("Who reads cards")))
    return [
        {"url": reverse(name), "label": label, "current": request.path == reverse(name)}
        for name, label in found
    ]


@WRITE
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Requests to forget a person within sight: those that wait, then those that were decided."""
    seen = Client.objects.visible_to(request.user).values("pk")
    rows = list(
        Erasure.objects.filter(client_card__in=seen).select_related("asked_by", "decided_by").order_by("-pk")[:SHOWN]
    )  # fmt: skip
    rows.sort(key=lambda row: row.state != Erasure.State.ASKED)
    cards = Client.objects.in_bulk([row.client_card for row in rows])
    context = {"rows": [(row, cards.get(row.client_card)) for row in rows], "tabs": _tabs(request)}
    return render(request, "privacy_pages/requests.html", context)


@WRITE
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What we can give this person, and the dry run of forgetting them."""
    client, now = _client(request, pk), timezone.now()
    plan = queries.plan_of(client.pk)
    lines: list[dict[str, Any]] = [
        {"title": table_word(one.label), "count": one.count, "fate": one.fate} for one in plan
    ]
    context = {
        "client": client, "goes": [one for one in lines if one["fate"].deletes],
        "stays": [one for one in lines if not one["fate"].deletes], "in_the_way": queries.in_the_way(client, now=now),
        "erasure": Erasure.objects.filter(client_card=pk).select_related("asked_by").first(),
        "files": DataFile.objects.filter(client=client).kept_at(now).select_related("asked_by"),
        "reasons": Erasure.Reason.choices[:2],
    }  # fmt: skip
    return render(request, "privacy_pages/person.html", context)


@WRITE
@require_POST
def ask_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the archive made."""
    try:
        operations.ask_data(actor=request.user, now=timezone.now(), client=_client(request, pk))
    except operations.AlreadyAsked as error:
        messages.warning(request, _(str(error)))
    else:
        messages.success(request, _("The archive is being made; it will stand here."))
    return redirect("privacy:person", pk)


@WRITE
@require_safe
def file(request: HttpRequest, data_file_id: int) -> HttpResponseBase:
    """The archive itself; the journal notes who took it."""
    now = timezone.now()
    row = get_object_or_404(DataFile.objects.visible_to(request.user).kept_at(now), pk=data_file_id)
    if not row.file:
        raise Http404
    operations.take_data(actor=request.user, now=now, row=row, address=request.META.get("REMOTE_ADDR"))
    return private_download(row.file, f"client-{row.client_id}.zip")


@WRITE
@require_POST
def ask_to_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask; a second person decides."""
    reason = request.POST.get("reason", "")
    if reason not in Erasure.Reason.values:
        raise Http404
    try:
        operations.ask_erasure(
            actor=request.user, now=timezone.now(), client=_client(request, pk), reason=reason
        )
    except operations.CannotErase as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A second person has to confirm it now."))
    return redirect("privacy:person", pk)


@WRITE
@require_POST
def decide(request: HttpRequest, erasure_id: int) -> HttpResponse:
    """Confirm, or leave the person."""
    seen = Client.objects.visible_to(request.user).values("pk")
    row = get_object_or_404(Erasure.objects.filter(client_card__in=seen), pk=erasure_id)
    act = operations.confirm_erasure if request.POST.get("answer") == "erase" else operations.refuse_erasure
    try:
        row = act(actor=request.user, now=timezone.now(), erasure=row)
    except operations.CannotErase as error:
        messages.error(request, str(error))
    else:
        done = row.state == Erasure.State.DONE
        messages.success(request, _("The person is erased.") if done else _("The person stays."))
    return redirect("privacy:person", row.client_card)


@requires(Permission.PRIVACY_WRITE, Permission.ORGANISATION_WRITE)
def rules(request: HttpRequest) -> HttpResponse:
    """How long things are kept, and what would go today."""
    error = ""
    if request.method == "POST":
        code, days = request.POST.get("code", ""), request.POST.get("days", "")
        try:
            operations.set_keeping(
                actor=request.user, now=timezone.now(), code=code, acts=bool(request.POST.get("acts")),
                days=int(days) if days.isascii() and days.isdigit() and len(days) < 6 else -1,
            )  # fmt: skip
        except operations.WrongRule as refused:
            error = str(refused)
        else:
            messages.success(request, _("Saved"))
            return redirect("privacy:rules")
    today = local_today(settings.TIME_ZONE, timezone.now())
    rows: list[dict[str, Any]] = []
    for code, one in queries.keeping().items():
        waits = (
            queries.over_for_long(code, today=today).count()
            if code in ("prospects", "past_clients")
            else None
        )
        rows.append({"code": code, "rule": one, "waits": waits})
    context = {"rows": rows, "error": error, "tabs": _tabs(request)}
    return render(request, "privacy_pages/rules.html", context, status=422 if error else 200)


@AUDIT
@require_safe
def readers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who read this card: when, what, from where."""
    client = _client(request, pk)
    page = Paginator(reads.readers_of(pk), 100).get_page(request.GET.get("page"))
    rows = [{"entry": one, "words": words(one.action)[0]} for one in page]
    return render(request, "privacy_pages/readers.html", {"client": client, "rows": rows, "page": page})


@AUDIT
@require_safe
def reading(request: HttpRequest) -> HttpResponse:
    """Who read how many cards in the last day, against their own usual day."""
    rows = reads.readers(timezone.now())
    unusual = sum(one.is_unusual for one in rows)
    return render(
        request,
        "privacy_pages/reading.html",
        {"rows": rows[:SHOWN], "unusual": unusual, "tabs": _tabs(request)},
    )
