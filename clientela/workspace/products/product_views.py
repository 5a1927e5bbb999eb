"""A version of a product in the browser: its definition, what is wrong with it, an example, a second person's word."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.quotes.queries.products import questions_of
from clientela.modules.rating.operations import definitions, versions
from clientela.modules.rating.queries import plan_of
from clientela.workspace.products import approvals, codes, editor, named_tables, sheet, terms, told
from clientela.workspace.products import definition as forms
from clientela.workspace.products.cases import past_calculations
from clientela.workspace.products.checks import checked_of
from clientela.workspace.products.deciding import DecisionForm
from clientela.workspace.products.views import ProposalForm, said
from clientela.workspace.quotes.forms import QuestionsForm

State = ProductVersion.State
EXAMPLES = 30
_UNPRICED = (Refusal, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def draft(request: HttpRequest, product_code: str) -> HttpResponseBase:
    """A draft of the newest version, or the one that is open."""
    product = get_object_or_404(Product, code=product_code)
    try:
        made = definitions.make_product_draft(actor=request.user, now=timezone.now(), product=product)
    except Refusal as refused:
        messages.error(request, str(refused))
        return redirect("product_pages:list")
    return redirect("product_pages:definition", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PRODUCTS_READ)
def definition(request: HttpRequest, product_version_id: int) -> HttpResponseBase:
    """The whole definition; sent, it goes into the draft as it stands, faults and all."""
    version = _version(product_version_id)
    if request.method == "POST":
        return _save(request, version)
    return _page(request, version)


def _page(
    request: HttpRequest,
    version: ProductVersion,
    refused: str = "",
    at: str = "",
    decision: DecisionForm | None = None,
) -> HttpResponseBase:
    """The page of a version; with ``refused``, as it was sent: what was typed stands in it, and why it is not kept."""
    user, now = caller(request), timezone.now()
    every = list(version.product.versions.select_related("created_by", "approver"))
    older = next((one for one in every if str(one.number) == request.GET.get("with", "")), None)
    active = next((one for one in every if one.state == State.ACTIVE and one.number < version.number), None)
    base = older or active
    may_write = user.can(Permission.PRODUCTS_WRITE)
    today = local_today(settings.TIME_ZONE, now)
    posted = request.POST if refused else None
    looked = (
        {"faults": [{"place": at, "where": "", "text": refused}]}
        if refused
        else _looked(version, version.definition, base=active)
    )
    shown = editor.shown(version.definition, version.product, today, posted)
    context = {
        "version": version, "product": version.product, "versions": every, "base": base,
        "editable": version.state == State.DRAFT and may_write, "seen": version.changed_at.isoformat(),
        "may_draft": may_write and all(one.state not in (State.DRAFT, State.PROPOSED) for one in every),
        **checked_of(version, user),
        "changes": _differing(version, base, today), "refused": refused,
        "approval": approvals.of_product(version, every, _differing(version, active, today), user),
        "begun": sheet.begun(version.product_id, version.starts_on), "tomorrow": today + timedelta(days=1),
        "decision": decision or DecisionForm(version), **shown, **looked,
    }  # fmt: skip
    return render(request, "products/product.html", context, status=422 if refused or decision else 200)


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def look(request: HttpRequest, product_version_id: int) -> HttpResponse:
    """What is wrong with what is typed, the seller's form, and an example; nothing is stored."""
    version = _version(product_version_id)
    try:
        typed = forms.read(request.POST, version.definition, named_tables.codes_of(version.product))
    except forms.Unreadable as unread:
        found = [{"place": unread.at, "where": "", "text": str(unread)}]
        return render(request, "products/look.html", {"faults": found, "version": version})
    active = version.product.versions.filter(state=State.ACTIVE, number__lt=version.number).first()
    looked = _looked(version, typed, base=active, tried=request.POST)
    return render(request, "products/look.html", {"version": version, "editable": True} | looked)


@require_POST
@requires(Permission.PRODUCTS_WRITE)
def propose(request: HttpRequest, product_version_id: int) -> HttpResponseBase:
    """Hand the draft to a second person."""
    version, form = _version(product_version_id), ProposalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Tell the first day and why the tariff changes."))
        return redirect("product_pages:definition", version.pk)
    return _done(
        request, version, _("Proposed. A second person approves it."),
        lambda: definitions.propose_definition(
            actor=request.user, now=timezone.now(), version=version, **form.cleaned_data
        ),
    )  # fmt: skip


@require_POST
@requires(Permission.TARIFFS_APPROVE)
def approve(request: HttpRequest, product_version_id: int) -> HttpResponseBase:
    """The second person's word."""
    version = _version(product_version_id)
    form = DecisionForm(version, request.POST)
    return _done(
        request, version, _("Approved. It counts from its day."),
        lambda: definitions.approve_definition(
            actor=request.user, now=timezone.now(), version=version, **form.told()
        ),
        form,
    )  # fmt: skip


@require_POST
@requires(Permission.TARIFFS_APPROVE)
def send_back(request: HttpRequest, product_version_id: int) -> HttpResponseBase:
    """Back to the author."""
    version, reason = _version(product_version_id), said(request)
    if not reason:
        messages.error(request, _("Write what is to be mended."))
        return redirect("product_pages:definition", version.pk)
    return _done(
        request, version, _("Sent back to its author."),
        lambda: definitions.return_definition(
            actor=request.user, now=timezone.now(), version=version, reason=reason
        ),
    )  # fmt: skip


def _save(request: HttpRequest, version: ProductVersion) -> HttpResponseBase:
    try:
        typed = forms.read(request.POST, version.definition, named_tables.codes_of(version.product))
        seen = parse_datetime(request.POST.get("seen", ""))
        definitions.change_definition(
            actor=request.user, now=timezone.now(), version=version, definition=typed, seen=seen
        )
    except versions.ChangedMeanwhile as meanwhile:
        why = _("%(why)s What you typed stands here: save it again to put it in the place of theirs.")
        return _page(request, _version(version.pk), why % {"why": meanwhile})
    except forms.Unreadable as unread:
        return (
            _page(request, version, str(unread), unread.at)
            if _is_whole(request.POST)
            else _told(request, version, unread)
        )
    except Refusal as refused:
        return _page(request, version, str(refused))
    messages.success(request, _("The draft is saved."))
    return redirect("product_pages:definition", version.pk)


def _is_whole(posted: Any) -> bool:
    """Whether the rows that were sent can be shown again."""
    try:
        for name in terms.SECTIONS:
            terms.posted_rows(posted, name)
    except forms.Unreadable:
        return False
    return True


def _told(request: HttpRequest, version: ProductVersion, why: Exception) -> HttpResponseBase:
    messages.error(request, str(why))
    return redirect("product_pages:definition", version.pk)


def _differing(version: ProductVersion, base: ProductVersion | None, on: date) -> list[dict[str, Any]]:
    """What the version changes, in words."""
    if base is None:
        return []
    named = editor.questions_named(base.definition, on) | editor.questions_named(version.definition, on)
    return told.differences(
        version.definition, base.definition, named | named_tables.options(version.product)
    )


def _preview(typed: dict[str, Any], on: date, tried: Any) -> QuestionsForm | None:
    """The form as sellers see it, with the answers that were tried in it: conditions ask for what they call for."""
    try:
        asked = questions_of(typed, on)
        every = QuestionsForm([one | {"show_if": {}} for one in asked], tried, saved={}, prefix="preview")
        every.full_clean()
        answers = every.answers() if tried else {}
        given = {key: one for key, one in answers.items() if one != ""}
        preview = QuestionsForm(asked, saved=given, prefix="preview", strict=True)
        preview.use_required_attribute = False  # an empty field holds nothing back: it is only a look
        return preview
    except _UNPRICED:
        return None


def _looked(
    version: ProductVersion, typed: dict[str, Any], *, base: ProductVersion | None, tried: Any = None
) -> dict[str, Any]:
    """Faults, notices and the form as sellers see it; without faults the newest calculation priced before and after."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    trial = ProductVersion(product=version.product, number=version.number, definition=typed)
    found = definitions.faults_of(trial, max(today, version.starts_on))
    seen: dict[str, Any] = {
        "faults": [
            {"place": told.place_of(one.where, typed), "where": one.where, "text": one.text} for one in found
        ],
        "preview": _preview(typed, today, tried),
    }
    named = editor.questions_named(typed, today) | named_tables.options(version.product)
    if base is not None and version.state in (State.DRAFT, State.PROPOSED):
        seen["notices"] = codes.lost(typed, base.definition, version.product)
    if found:
        return seen
    seen["expression"] = told.expression(typed, named)
    language = (get_language() or "ru")[:2]
    for case in islice(past_calculations(version.product.code), EXAMPLES):
        try:
            before = plan_of(version.product.code, today).price(case.facts, today, language)
            seen |= {"case": case, "before": before}
            seen["example"] = definitions.trial(trial, today).price(case.facts, today, language)
        except Refusal as refused:
            if "case" not in seen:
                continue
            seen["refused"] = str(refused)
        except _UNPRICED:
            seen["refused"] = _("The formula cannot be counted.")
        break
    return seen


def _done(
    request: HttpRequest,
    version: ProductVersion,
    said: str,
    act: Callable[[], Any],
    form: DecisionForm | None = None,
) -> HttpResponseBase:
    """Do it, say so or say why not, at the field of ``form`` or above, and show the version."""
    if form is not None and not form.is_valid():
        return _page(request, version, decision=form)
    try:
        act()
    except definitions.Faulty as bad:
        messages.error(request, " ".join(f"{one.where}: {one.text}" for one in bad.faults[:5]))
    except (Refusal, forms.Unreadable) as refused:
        if form is not None and isinstance(refused, Refusal) and form.takes(refused):
            return _page(request, version, decision=form)
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("product_pages:definition", version.pk)


def _version(pk: int) -> ProductVersion:
    return get_object_or_404(
        ProductVersion.objects.select_related("product", "created_by", "approver"), pk=pk
    )
