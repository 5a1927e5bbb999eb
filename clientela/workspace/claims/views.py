"""The list of claims with its file, a claim, and its photos."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.lists.export import list_file
from clientela.foundation.private_files import private_picture
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.claims.models import Claim, ClaimPhoto
from clientela.modules.claims.operations import link_of
from clientela.modules.claims.operations.telling import ORIGIN
from clientela.modules.claims.rules import views_of
from clientela.modules.contacts.models import Message
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.queries import name_of
from clientela.workspace.claims import listing
from clientela.workspace.claims.forms import PaymentForm, ReasonForm, WantedForm
from clientela.workspace.claims.listing import KINDS, ClaimFilter

READ = requires(Permission.CLAIMS_READ)


@require_safe
@READ
def home(request: HttpRequest) -> HttpResponse:
    """Claims of the clients this person may see, the nearest deadline first."""
    person, wanted = caller(request), ClaimFilter.read(request.GET)
    page = listing.page(
        person, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    context = {
        "wanted": wanted, "page": page, "rows": listing.rows(page.rows), "states": listing.states(wanted),
        "whose": listing.whose(wanted), "lines": listing.lines(wanted),
        "branches": listing.branches(wanted) if scope_of(person).everything else [],
        "may_export": person.can(Permission.CLIENTS_EXPORT),
        "csv_url": f"{reverse('claims:export_csv')}?{wanted.query}",
        "xlsx_url": f"{reverse('claims:export_xlsx')}?{wanted.query}",
    }  # fmt: skip
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    part = htmx and htmx.target == "claims-list"
    return render(request, "claims/rows.html" if part else "claims/list.html", context)


@require_safe
@requires(Permission.CLAIMS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The list as a file; who took it stands in the journal."""
    person, wanted = caller(request), ClaimFilter.read(request.GET)
    record(actor=person, now=timezone.now(), action="claims.exported", object_type="claims.claim")
    rows = listing.exported(person, wanted)
    return list_file(kind, listing.heads(), rows, name="claims", title=pgettext("page", "Claims"))


def found_claim(request: HttpRequest, claim_id: int) -> Claim:
    """Within the person's scope; anything else is 404."""
    rows = Claim.objects.visible_to(caller(request)).select_related(
        "client__agent", "client__branch", "policy__product", "policy__insured_object", "assignee"
    )
    return get_object_or_404(rows, pk=claim_id)


@require_safe
@READ
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Everything the decision needs on one page."""
    return claim_page(request, found_claim(request, claim_id))


def claim_page(request: HttpRequest, found: Claim, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page, or its body alone for a fragment's request; ``forms`` are those that were refused."""
    person, today = caller(request), local_today(settings.TIME_ZONE, timezone.now())
    photos = list(found.photos.all())
    steps = list(found.steps.select_related("by"))
    told = {
        one.origin_id: one
        for one in Message.objects.filter(origin=ORIGIN, origin_id__in=[step.pk for step in steps])
    }
    may_settle = person.can(Permission.CLAIMS_SETTLE)
    context = {
        "claim": found, "client": found.client, "policy": found.policy, "product": name_of(found.policy.product),
        "kind": KINDS[found.status], "participants": list(found.participants.all()), "photos": photos,
        "views": views_of(found.policy.product.line),
        "steps": [{"row": step, "told": told.get(step.pk)} for step in steps],
        "old": not any(step.status == Claim.Status.REPORTED for step in steps),
        "reported_word": Claim.Status.REPORTED.label, "link": link_of(found), "account": found.account if may_settle else found.masked_account,
        "may_settle": may_settle and found.is_undecided, "may_write": person.can(Permission.CLAIMS_WRITE),
        "is_mine": found.assignee_id == person.pk, **_deadline(found, today),
        "pay_form": PaymentForm(initial={"amount": found.amount or None}), "reason_form": ReasonForm(),
        "wanted_form": WantedForm(),
    } | forms  # fmt: skip
    part = request.htmx and request.htmx.target == "claim"  # type: ignore[attr-defined]
    return render(request, "claims/claim_body.html" if part else "claims/claim.html", context, status=status)


def _deadline(found: Claim, today: Any) -> dict[str, Any]:
    """Days left, and how much of the time is over in percent."""
    if not found.is_undecided or found.due_on is None:
        return {"left": None, "gone": 100}
    begun = local_today(settings.TIME_ZONE, found.reported_at)
    whole = max((found.due_on - begun).days, 1)
    return {
        "left": (found.due_on - today).days, "begun": begun, "day_number": (today - begun).days,
        "gone": min(max((today - begun).days * 100 // whole, 0), 100),
        "late_words": _("overdue") if found.due_on < today else "",
    }  # fmt: skip


@require_safe
@READ
def photo(request: HttpRequest, claim_photo_id: int) -> HttpResponseBase:
    """A photo of a claim this person may see."""
    seen = Claim.objects.visible_to(caller(request))
    return private_picture(get_object_or_404(ClaimPhoto, pk=claim_photo_id, claim__in=seen).file)
