"""Pages of letters: the mailings, one of them from approval to the post, its files."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.ids import ids_of
from clientela.foundation.lists.export import list_file
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.letters import operations
from clientela.modules.letters.models import Letter, Mailing
from clientela.modules.letters.operations.mailings import MOST
from clientela.modules.letters.operations.making import sample
from clientela.workspace.letters.forms import MailingForm
from clientela.workspace.letters.sources import NAMES, source
from clientela.workspace.letters.words import list_head, list_rows, why

SHOWN = 100
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _mailings(request: HttpRequest) -> Any:
    rows = Mailing.objects.visible_to(caller(request))
    return rows.select_related("template", "author", "approved_by", "job")


def _found(request: HttpRequest, mailing_id: int) -> Mailing:
    mailing: Mailing = get_object_or_404(_mailings(request), pk=mailing_id)
    return mailing


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def listing(request: HttpRequest) -> HttpResponse:
    """Mailings, the newest first."""
    rows = list(_mailings(request)[:SHOWN])
    for row in rows:
        row.count = row.letters.count()
    return render(request, "mailings/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CLIENTS_EXPORT, Permission.CONTACTS_WRITE)
def create(request: HttpRequest) -> HttpResponse:
    """Begin a mailing for the list that the address names."""
    given = request.POST if request.method == "POST" else request.GET
    query = given.get("query") or request.GET.urlencode()
    people = source(given.get("source", ""), query, ids_of(given.getlist("ids"), MOST))
    # The clients' list posts the chosen rows alone; what is said of the mailing comes from the page that answers.
    form = MailingForm(
        request.POST if "window" in given else None, initial={"window": settings.LETTER_WINDOW}
    )
    if form.is_valid():
        now = timezone.now()
        try:
            mailing = operations.begin_mailing(
                actor=caller(request), now=now, source=people.words, **form.cleaned_data,
                **people.people(caller(request), now),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Begun. A colleague approves it, then the letters are made."))
            return redirect("letters:mailing", mailing.pk)
    context = {"form": form, "people": people, "kind": NAMES[people.kind]}
    return render(request, "mailings/new.html", context, status=422 if form.errors else 200)


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def mailing(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """One mailing: how far it is, who gets none and why, what to do next."""
    row = _found(request, mailing_id)
    letters = row.letters.select_related("client", "message")
    refused = letters.filter(state__in=[Letter.State.REFUSED, Letter.State.WITHDRAWN]).order_by(
        "number", "id"
    )
    counts = {state: row.letters.filter(state=state).count() for state in Letter.State.values}
    user, job = caller(request), row.job
    context = {
        "mailing": row,
        "counts": counts,
        "total": sum(counts.values()),
        "pages": sum(row.letters.values_list("pages", flat=True)),
        "letters": letters.filter(number__isnull=False).order_by("number")[:SHOWN],
        "refused": [(letter, why(letter)) for letter in refused[:SHOWN]],
        "percent": round(job.done * 100 / job.total) if job and job.total else 0,
        "may_approve": user.can(Permission.POLICY_WRITE) and row.author_id != user.pk,
        "may_write": user.can(Permission.CONTACTS_WRITE),
    }
    part = "mailings/progress.html" if request.htmx and "part" in request.GET else "mailings/mailing.html"  # type: ignore[attr-defined]
    return render(request, part, context)


def _done(
    request: HttpRequest, mailing_id: int, act: Callable[..., Any], said: Callable[[Any], str]
) -> HttpResponse:
    row = _found(request, mailing_id)
    try:
        answer = act(actor=caller(request), now=timezone.now(), mailing=row)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said(answer))
    return redirect("letters:mailing", mailing_id)


@require_POST
@requires(Permission.POLICY_WRITE)
def approve(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Let the letters be made."""
    return _done(
        request,
        mailing_id,
        operations.approve_mailing,
        lambda _row: _("Approved: the letters are being made."),
    )


@require_POST
@requires(Permission.CONTACTS_WRITE)
def cancel(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Take it back while nothing has left the house."""
    return _done(
        request,
        mailing_id,
        operations.cancel_mailing,
        lambda _none: _("Cancelled: nobody gets a letter of it."),
    )


@require_POST
@requires(Permission.CONTACTS_WRITE)
def post(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """The letters have left the house."""
    return _done(
        request, mailing_id, operations.hand_to_post,
        lambda count: ngettext("%(n)d letter is with the post.", "%(n)d letters are with the post.", count) % {"n": count},
    )  # fmt: skip


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def look(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """One letter as it would be printed."""
    row = _found(request, mailing_id)
    try:
        pdf = sample(row, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("letters:mailing", mailing_id)
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="letter-{row.pk}-sample.pdf"'
    return response


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def file(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """The pages of all letters. Taking them is journalled, as every export."""
    row = _found(request, mailing_id)
    if not row.file or not default_storage.exists(row.file):
        raise Http404
    record(actor=caller(request), now=timezone.now(), action="mailing.taken", obj=row, object_name=row.name)
    return FileResponse(
        default_storage.open(row.file),
        as_attachment=True,
        filename=f"letters-{row.pk}.pdf",
        content_type="application/pdf",
    )


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def post_list(request: HttpRequest, mailing_id: int, kind: str) -> HttpResponseBase:
    """The list that goes with the letters, as CSV or XLSX."""
    row = _found(request, mailing_id)
    record(
        actor=caller(request), now=timezone.now(), action="mailing.taken", obj=row, object_name=row.name,
        changes={"format": [None, kind]},
    )  # fmt: skip
    return list_file(kind, list_head(), list_rows(row), name=f"letters-{row.pk}", title=_("Letters"))
