"""The queue of referrals, a referral with its photos and decision, and the authority of people."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.foundation.private_files import private_picture
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.queries import name_of
from clientela.modules.quotes.models import Variant
from clientela.modules.quotes.queries.factors import factor_names, named
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import Authority, ChangeReferral, Referral, Shot
from clientela.modules.underwriting.operations.inspecting import link_of
from clientela.modules.underwriting.queries import VIEWS, authority_of, may_decide
from clientela.workspace.underwriting import listing
from clientela.workspace.underwriting.forms import AcceptForm, AuthorityForm, DeclineForm, InspectForm
from clientela.workspace.underwriting.listing import QueueFilter

DECIDE = Permission.UNDERWRITING_DECIDE


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _find(request: HttpRequest, referral_id: int) -> Referral:
    rows = Referral.objects.visible_to(caller(request)).select_related(
        "calculation__client__agent", "calculation__product", "calculation__created_by", "decided_by"
    )
    return get_object_or_404(rows, pk=referral_id)


@require_safe
@requires(DECIDE)
def home(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the oldest first, and what was decided last."""
    person, wanted = caller(request), QueueFilter.read(request.GET)
    context = {
        "wanted": wanted, "rows": listing.referrals(person, wanted)[: listing.MOST],
        "changes": listing.changes(person, wanted)[: listing.MOST], "kinds": listing.kinds(wanted),
        "whose": listing.whose(wanted), "lines": listing.lines(wanted),
        "branches": listing.branches(wanted) if scope_of(person).everything else [],
        "may_export": person.can(Permission.CLIENTS_EXPORT), "may_set": person.can(Permission.ORGANISATION_WRITE),
        "csv_url": f"{reverse('underwriting:export_csv')}?{wanted.query}",
        "xlsx_url": f"{reverse('underwriting:export_xlsx')}?{wanted.query}",
    } | ({} if wanted.narrows else _decided(person))  # fmt: skip
    part = request.htmx and request.htmx.target == "referrals"  # type: ignore[attr-defined]
    return render(request, "underwriting/rows.html" if part else "underwriting/queue.html", context)


def _decided(person: Any) -> dict[str, Any]:
    """What was decided last."""
    made = Referral.objects.visible_to(person).exclude(decided_at=None).order_by("-decided_at")
    changed = ChangeReferral.objects.visible_to(person).exclude(decided_at=None).order_by("-decided_at")
    return {
        "decided": made.select_related("calculation__client", "calculation__product", "decided_by")[:20],
        "changes_decided": changed.select_related("policy__client", "policy__product", "decided_by")[:20],
    }


@require_safe
@requires(DECIDE, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The queue as a file; who took it stands in the journal."""
    person, wanted = caller(request), QueueFilter.read(request.GET)
    record(actor=person, now=timezone.now(), action="referrals.exported", object_type="underwriting.referral")
    rows = listing.exported(person, wanted)
    return list_file(kind, listing.heads(), rows, name="referrals", title=_("Referrals"))


def _factors(row: Referral, variant: Variant | None) -> list[dict[str, Any]]:
    names = factor_names(row.calculation.product, row.calculation.starts_on)
    lines = named((variant.explanation if variant else {}).get("factors", []), names)
    return [one | {"value": formats.factor(one["value"], language())} for one in lines]


def _context(request: HttpRequest, row: Referral, **forms: Any) -> dict[str, Any]:
    wanted = VIEWS.get(row.calculation.subject.get("kind", ""), [])
    inspections = list(row.inspections.prefetch_related("shots"))
    variant = Variant.objects.filter(calculation=row.calculation_id, is_chosen=True).first()
    return {
        "referral": row, "calculation": row.calculation, "product": name_of(row.calculation.product),
        "factors": _factors(row, variant), "inspections": inspections,
        "link": link_of(inspections[0]) if inspections and inspections[0].is_open else "",
        "may_decide": may_decide(request.user, row), "open": row.state in ("waiting", "inspection"),
        "authority": authority_of(request.user, row.calculation.product_id), "accept_form": AcceptForm(), "decline_form": DeclineForm(),
        "inspect_form": InspectForm(initial={"views": [view.value for view in wanted], "channel": "sms"}),
    } | forms  # fmt: skip


@require_safe
@requires(DECIDE)
def referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Everything the decision needs on one page."""
    context = _context(request, _find(request, referral_id))
    part = request.htmx and request.htmx.target == "referral"  # type: ignore[attr-defined]
    return render(
        request, "underwriting/referral_body.html" if part else "underwriting/referral.html", context
    )


# What is done with a referral: its form, what the page calls it, and the operation.
ACTS: dict[str, tuple[type[Form], str, Callable[..., Any]]] = {
    "acceptance": (AcceptForm, "accept_form", operations.accept),
    "refusal": (DeclineForm, "decline_form", operations.decline),
    "inspection": (InspectForm, "inspect_form", operations.ask_inspection),
}


@require_POST
@requires(DECIDE)
def act(request: HttpRequest, referral_id: int, kind: str) -> HttpResponseBase:
    """Accept, decline, or ask for photos; what is refused stays in its form with the reason."""
    row = _find(request, referral_id)
    made, name, operation = ACTS[kind]
    form = made(request.POST)
    if form.is_valid():
        try:
            operation(**_who(request), referral=row, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect("underwriting:referral", row.pk)
            context = _context(request, _find(request, row.pk))
            return render(request, "underwriting/referral_body.html", context)
    part = "referral_body" if request.htmx else "referral"  # type: ignore[attr-defined]
    return render(request, f"underwriting/{part}.html", _context(request, row, **{name: form}), status=422)


@require_safe
@requires(DECIDE)
def shot(request: HttpRequest, shot_id: int) -> HttpResponseBase:
    """A photo of an inspection this person may see."""
    person = caller(request)
    seen = Q(inspection__referral__in=Referral.objects.visible_to(person)) | Q(
        inspection__change__in=ChangeReferral.objects.visible_to(person)
    )
    found = get_object_or_404(Shot.objects.filter(seen), pk=shot_id)
    return private_picture(found.file)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_WRITE)
def authority(request: HttpRequest) -> HttpResponseBase:
    """How far each person may decide."""
    form = AuthorityForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        operations.set_authority(**_who(request), **form.cleaned_data, takes="takes" in request.POST)
        if not request.htmx:  # type: ignore[attr-defined]
            return redirect("underwriting:authority")
        form = AuthorityForm()
    rows = Authority.objects.select_related("user", "product").order_by("user__last_name", "product")
    context = {"form": form, "rows": rows}
    response = render(request, "underwriting/authority.html", context, status=422 if form.errors else 200)
    if request.method == "POST" and not form.errors:
        trigger_client_event(response, "toast", {"text": _("Kept"), "kind": "good"})
    return response
