"""Sister companies, kinds of facts, texts of the consent, and reports that wait for a person."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.foundation.sealing import Unreadable
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.group.models import ConsentDocument, FactKind, SisterCompany, Waiting
from clientela.modules.group.operations import deciding, setting
from clientela.modules.group.queries.facts import figures, kinds_by_code, waiting_for
from clientela.modules.group.queries.shown import shown
from clientela.modules.group.rules import Why
from clientela.workspace.group.forms import CompanyForm, KindForm, TextForm

WRITE = requires(Permission.GROUP_WRITE)
SINCE_DAYS, MOST = 30, 50


@require_safe
@WRITE
def home(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    companies = [
        {
            "one": row, "company": row.company, "all_refused": sum(row.refused.values()),
            "refused": [(str(dict(Why.choices).get(why, why)), number) for why, number in sorted(row.refused.items())],
        }
        for row in figures(since=today - timedelta(days=SINCE_DAYS))
    ]  # fmt: skip
    context = {
        "companies": companies, "kinds": FactKind.objects.all(), "waiting": _waiting(request),
        "texts": ConsentDocument.objects.prefetch_related("companies"),
        "may_import": caller(request).can(Permission.IMPORTS_RUN),
    }  # fmt: skip
    return render(request, "group/home.html", context)


def _waiting(request: HttpRequest) -> list[dict[str, Any]]:
    rows = list(waiting_for(request.user, now=timezone.now()).prefetch_related("candidates")[:MOST])
    ids = {one.client_id for row in rows for one in row.candidates.all()}
    seen = Client.objects.visible_to(request.user).filter(pk__in=ids)
    cards = {one.pk: one for one in seen.select_related("agent", "branch")}
    kinds = kinds_by_code()
    found = []
    for row in rows:
        try:
            said = deciding.said_in(row)
        except Unreadable:
            said = {"values": {}}
        values = [
            (str(kinds[code]), shown(kinds[code].value_type, value, kinds[code].unit))
            for code, value in said["values"].items() if code in kinds
        ]  # fmt: skip
        near = [cards[one.client_id] for one in row.candidates.all() if one.client_id in cards]
        found.append({"row": row, "said": said, "values": values, "cards": near})
    return found


def _form(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "action": request.get_full_path()}
    return render(request, "group/form.html", context, status=422 if form.errors else 200)


def _attempt(request: HttpRequest, form: Any, title: str, save: Any) -> HttpResponse:
    """Keep what the form says, or show it again with what is wrong."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Saved"))
            return redirect("group:home")
    return _form(request, form, title)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


@WRITE
def company(request: HttpRequest, sister_id: int | None = None) -> HttpResponse:
    """A sister company, new or known."""
    found = get_object_or_404(SisterCompany, pk=sister_id) if sister_id else SisterCompany()
    form = CompanyForm(request.POST or None, instance=found)
    return _attempt(
        request, form, found.name or _("New sister company"),
        lambda values: setting.save_company(**_who(request), company=form.instance, values=values),
    )  # fmt: skip


@WRITE
def kind(request: HttpRequest, fact_kind_id: int | None = None) -> HttpResponse:
    """A kind of fact, new or known."""
    found = get_object_or_404(FactKind, pk=fact_kind_id) if fact_kind_id else FactKind()
    title, before = str(found) or _("New kind of fact"), found.value_type
    form = KindForm(request.POST or None, instance=found)

    def save(values: dict[str, Any]) -> None:
        form.instance.value_type = before or values["value_type"]
        setting.save_kind(**_who(request), kind=form.instance, values=values)

    return _attempt(request, form, title, save)


@WRITE
def text(request: HttpRequest) -> HttpResponse:
    """A new version of the text."""
    form = TextForm(request.POST or None)

    def save(values: dict[str, Any]) -> None:
        companies = values.pop("companies")
        setting.save_document(**_who(request), document=form.instance, values=values, companies=companies)

    return _attempt(request, form, _("New text of the consent"), save)


def _of_sight(request: HttpRequest, waiting_id: int) -> Waiting:
    rows = waiting_for(request.user, now=timezone.now()).values("pk")
    return get_object_or_404(Waiting.objects.filter(pk__in=rows), pk=waiting_id)


@WRITE
@require_POST
def attach_to(request: HttpRequest, waiting_id: int) -> HttpResponse:
    """The report is about the client named in ``client``."""
    row = _of_sight(request, waiting_id)
    client = get_object_or_404(
        Client.objects.visible_to(request.user), pk=id_of(request.POST.get("client")) or 0
    )
    try:
        kept = deciding.attach(**_who(request), waiting=row, client=client)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, ngettext("%(n)s fact is on the card", "%(n)s facts are on the card", kept) % {"n": kept}
        )
    return redirect(reverse("group:home") + "#waiting")


@WRITE
@require_POST
def dismiss_it(request: HttpRequest, waiting_id: int) -> HttpResponse:
    """The report is nobody's."""
    try:
        deciding.dismiss(**_who(request), waiting=_of_sight(request, waiting_id))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Removed"))
    return redirect(reverse("group:home") + "#waiting")
