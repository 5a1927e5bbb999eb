"""Products with their tables; one table with its versions, from a draft to its day."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations import spreadsheet, versions
from clientela.modules.rating.rules.checks import Problem, problems
from clientela.modules.rating.rules.tables import Kind
from clientela.workspace.products import approvals, listing, sheet
from clientela.workspace.products.checks import checked_of
from clientela.workspace.products.deciding import DecisionForm

State = TableVersion.State
MOST_TOLD = 5
MOST_SAID = 250  # letters of a decision in the journal


class ProposalForm(forms.Form):
    """From which day, and why."""

    starts_on = forms.DateField()
    reason = forms.CharField(max_length=500)


@require_GET
@requires(Permission.PRODUCTS_READ)
def products(request: HttpRequest) -> HttpResponse:
    """What is sold, with the tables of its tariff: all, or those of a state and by words."""
    user, wanted = caller(request), listing.ProductFilter.read(request.GET)
    shown, counts = listing.found(user, wanted, local_today(settings.TIME_ZONE, timezone.now()))
    context = {"products": shown, "wanted": wanted, "states": listing.filters(user, wanted, counts)}
    return render(request, "products/list.html", context)


@require_GET
@requires(Permission.PRODUCTS_READ)
def table(request: HttpRequest, tariff_table_id: int) -> HttpResponse:
    """A table by one of its versions: the open one, else the newest."""
    shown = get_object_or_404(Table.objects.select_related("product"), pk=tariff_table_id)
    every = list(shown.versions.select_related("author", "approver"))
    number = request.GET.get("v", "")
    version = next((one for one in every if str(one.number) == number), every[0])
    return _page(request, version, every)


def _page(
    request: HttpRequest,
    version: TableVersion,
    every: list[TableVersion],
    found: Sequence[Problem] = (),
    decision: DecisionForm | None = None,
) -> HttpResponse:
    """The page of a version; with ``found``, as it was sent and refused: the version's rows are those typed."""
    shown = version.table
    base = next((one for one in every if one.state == State.APPROVED and one.number < version.number), None)
    user, today = caller(request), local_today(settings.TIME_ZONE, timezone.now())
    words = sheet.words_of(version, max(today, version.starts_on))
    other = next((one for one in every if str(one.number) == request.GET.get("with", "")), None)
    pair = sorted([version, other], key=lambda one: one.number) if other and other != version else None
    context = {
        "table": shown, "versions": every, "version": version, "lines": sheet.lines_of(version, base, words, {(one.row, one.column): str(one.text) for one in found}),
        "columns": [{"title": sheet.titled(column), "column": column} for column in version.body.columns],
        "line": _line_of_time(every, version, today), "base": base,
        "compared": sheet.differences(pair[1], pair[0], words) if pair else None,
        "begun": sheet.begun(shown.product_id, version.starts_on) if version.state != State.RETIRED else None,
        "problems": () if found else problems(version.body), "refused": [_placed(one) for one in found[:MOST_TOLD]], "tomorrow": today + timedelta(days=1), "today": today,
        "editable": version.state == State.DRAFT and user.can(Permission.PRODUCTS_WRITE),
        "may_draft": user.can(Permission.PRODUCTS_WRITE) and all(one.state not in _OPEN for one in every),
        **checked_of(version, user), "approval": approvals.of_table(
            version, every, sheet.differences(version, base, words) if base else None, user
        ),
        "seen": version.changed_at.isoformat(), "decision": decision or DecisionForm(version),
    }  # fmt: skip
    return render(request, "products/table.html", context, status=422 if found or decision else 200)


def _placed(one: Problem) -> str:
    told = _("Row %(row)s: %(text)s") % {"row": one.row + 1, "text": one.text}
    return told if one.row >= 0 else str(one.text)


@require_GET
@requires(Permission.PRODUCTS_READ)
def cell(request: HttpRequest, tariff_version_id: int) -> HttpResponse:
    """One cell: what it means, what stood there by version, who changed it, which calculations it touched."""
    version = _version(tariff_version_id)
    column, row = request.GET.get("column", ""), request.GET.get("row", "")
    if column not in version.body.places or not row.isdecimal() or not 1 <= int(row[:6]) <= len(version.rows):
        raise Http404
    place, user = int(row[:6]) - 1, caller(request)
    every = list(version.table.versions.select_related("author", "approver"))
    head = version.body.columns[version.body.places[column]]
    words = sheet.words_of(version, max(local_today(settings.TIME_ZONE, timezone.now()), version.starts_on))
    told = sheet.story(version, every, place, column)
    for one in told:
        one["shown"] = None if one["text"] is None else sheet.shown(one["text"], head, words) or "—"
    conditions = [
        (sheet.titled(one), sheet.shown(text, one, words))
        for one, text in zip(version.body.columns, version.rows[place], strict=False)
        if one.kind not in {Kind.NUMBER, Kind.TEXT}
    ]
    text = version.rows[place][version.body.places[column]]
    context = {
        "version": version, "title": sheet.titled(head), "row": place + 1, "conditions": conditions, "story": told,
        "shown": sheet.shown(text, head, words) or "—", "touched": sheet.touched(version, place, column, user),
        "is_number": head.kind == Kind.NUMBER, "most": sheet.MOST_TOUCHED,
    }  # fmt: skip
    return render(request, "products/cell.html", context)


_OPEN = (State.DRAFT, State.PROPOSED)


def _line_of_time(every: list[TableVersion], shown: TableVersion, today: date) -> list[dict[str, Any]]:
    """Versions by their days, the oldest first, and where today stands between them."""
    dated = sorted(
        (one for one in every if one.state == State.APPROVED or one == shown),
        key=lambda one: (one.starts_on, one.number),
    )
    found = []
    for place, one in enumerate(dated):
        later = dated[place + 1].starts_on if place + 1 < len(dated) else None
        found.append({
            "version": one, "until": later, "is_shown": one == shown, "is_draft": one.state != State.APPROVED,
            "is_now": one.state == State.APPROVED and one.starts_on <= today and (later is None or later > today),
        })  # fmt: skip
    return found


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def draft(request: HttpRequest, tariff_table_id: int) -> HttpResponseBase:
    """A draft of the newest version, or the one that is open."""
    shown = get_object_or_404(Table, pk=tariff_table_id)
    made = versions.make_draft(actor=request.user, now=timezone.now(), table=shown)
    return redirect(_url(made))


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def rows(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """All cells of the page; a row without any text is left out."""
    version = _version(tariff_version_id)
    width = len(version.body.columns)
    texts = request.POST.getlist("cell")
    lines = [texts[start : start + width] for start in range(0, len(texts), width)]
    kept = [line for line in lines if any(text.strip() for text in line)]
    seen = parse_datetime(request.POST.get("seen", ""))
    try:
        versions.replace_rows(actor=request.user, now=timezone.now(), version=version, rows=kept, seen=seen)
    except versions.HasProblems as bad:
        version.rows = [[text.strip() for text in line] for line in kept]
        every = list(version.table.versions.select_related("author", "approver"))
        return _page(request, version, every, bad.problems)
    except versions.ChangedMeanwhile as meanwhile:
        fresh = _version(version.pk)
        fresh.rows = kept
        every = list(version.table.versions.select_related("author", "approver"))
        told = _("%(why)s What you typed stands here: save it again to put it in the place of theirs.")
        return _page(request, fresh, every, [Problem("meanwhile", told % {"why": meanwhile})])
    except Refusal as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The table is saved."))
    return redirect(_url(version))


@require_GET
@requires(Permission.PRODUCTS_READ)
def file(request: HttpRequest, tariff_version_id: int) -> HttpResponse:
    """The version as XLSX."""
    version = _version(tariff_version_id)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"{version.table.code}-{version.number}.xlsx"
    return HttpResponse(
        spreadsheet.written(version), content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def upload(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """The rows of an XLSX into the draft."""
    version = _version(tariff_version_id)
    given = request.FILES.get("file")
    content = given.read() if given is not None and (given.size or 0) <= spreadsheet.LARGEST else b""
    return _done(
        request, version, _("The file is in the draft."),
        lambda: spreadsheet.upload(actor=request.user, now=timezone.now(), version=version, content=content),
    )  # fmt: skip


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def propose(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """Hand the draft to a second person."""
    version, form = _version(tariff_version_id), ProposalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tell the first day and why the tariff changes."))
        return redirect(_url(version))
    return _done(
        request, version, _("Proposed. A second person approves it."),
        lambda: versions.propose(actor=request.user, now=timezone.now(), version=version, **form.cleaned_data),
    )  # fmt: skip


@require_POST
@requires(Permission.TARIFFS_APPROVE)
def approve(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """The second person's word."""
    version = _version(tariff_version_id)
    form = DecisionForm(version, request.POST)
    return _done(
        request, version, _("Approved. It counts from its day."),
        lambda: versions.approve(actor=request.user, now=timezone.now(), version=version, **form.told()), form,
    )  # fmt: skip


@require_POST
@requires(Permission.TARIFFS_APPROVE)
def send_back(request: HttpRequest, tariff_version_id: int) -> HttpResponseBase:
    """Back to the author."""
    version, reason = _version(tariff_version_id), said(request)
    if not reason:
        messages.error(request, _("Write what is to be mended."))
        return redirect(_url(version))
    return _done(
        request, version, _("Sent back to its author."),
        lambda: versions.send_back(actor=request.user, now=timezone.now(), version=version, reason=reason),
    )  # fmt: skip


def said(request: HttpRequest) -> str:
    """What the second person wrote."""
    return request.POST.get("reason", "").strip()[:MOST_SAID]


def _done(
    request: HttpRequest,
    version: TableVersion,
    told: str,
    act: Callable[[], Any],
    form: DecisionForm | None = None,
) -> HttpResponseBase:
    """Do it, say so or say why not, at the field of ``form`` or above, and show the version."""
    every = list(version.table.versions.select_related("author", "approver")) if form else []
    if form is not None and not form.is_valid():
        return _page(request, version, every, decision=form)
    try:
        act()
    except versions.HasProblems as bad:
        messages.error(request, " ".join(str(one.text) for one in bad.problems[:MOST_TOLD]))
    except Refusal as refused:
        if form is not None and form.takes(refused):
            return _page(request, version, every, decision=form)
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect(_url(version))


def _version(pk: int) -> TableVersion:
    return get_object_or_404(TableVersion.objects.select_related("table__product"), pk=pk)


def _url(version: TableVersion) -> str:
    return f"{reverse('product_pages:table', args=[version.table_id])}?v={version.number}"
