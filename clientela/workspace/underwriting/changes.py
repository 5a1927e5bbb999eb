"""A change of a policy that waits for an underwriter: everything the decision needs, and the decision."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.products.queries import name_of
from clientela.modules.underwriting import operations
from clientela.modules.underwriting.models import ChangeReferral
from clientela.modules.underwriting.operations.inspecting import link_of
from clientela.modules.underwriting.queries import VIEWS, authority_of, may_decide_change
from clientela.workspace.policies.asked import shown
from clientela.workspace.underwriting.forms import AcceptForm, DeclineForm, InspectForm

DECIDE = Permission.UNDERWRITING_DECIDE
# What is done with a change: its form, what the page calls it, and the operation.
ACTS: dict[str, tuple[type[Form], str, Callable[..., Any]]] = {
    "acceptance": (AcceptForm, "accept_form", operations.accept_change),
    "refusal": (DeclineForm, "decline_form", operations.decline_change),
    "return": (DeclineForm, "return_form", operations.return_change),
    "inspection": (InspectForm, "inspect_form", operations.ask_change_inspection),
}


def _find(request: HttpRequest, change_referral_id: int) -> ChangeReferral:
    rows = ChangeReferral.objects.visible_to(caller(request)).select_related(
        "policy__client__agent", "policy__product", "policy__insured_object", "asked_by", "decided_by"
    )
    return get_object_or_404(rows, pk=change_referral_id)


def _context(request: HttpRequest, row: ChangeReferral, **forms: Any) -> dict[str, Any]:
    thing = row.policy.insured_object
    wanted = VIEWS.get(thing.kind if thing else "", [])
    inspections = list(row.inspections.prefetch_related("shots"))
    return {
        "inspections": inspections, "link": link_of(inspections[0]) if inspections and inspections[0].is_open else "",
        "inspect_form": InspectForm(
            initial={"views": [view.value for view in wanted], "channel": "sms"}, auto_id="inspect_%s"
        ),
        "asked": shown(row), "policy": row.policy, "product": name_of(row.policy.product), "open": row.state == "waiting",
        "may_decide": may_decide_change(request.user, row), "authority": authority_of(request.user, row.policy.product_id),
        "accept_form": AcceptForm(auto_id="accept_%s"), "decline_form": DeclineForm(auto_id="decline_%s"),
        "return_form": DeclineForm(auto_id="return_%s"),
    } | forms  # fmt: skip


@require_safe
@requires(DECIDE)
def change(request: HttpRequest, change_referral_id: int) -> HttpResponse:
    """Everything the decision needs on one page."""
    context = _context(request, _find(request, change_referral_id))
    part = request.htmx and request.htmx.target == "change-referral"  # type: ignore[attr-defined]
    return render(request, "underwriting/change_body.html" if part else "underwriting/change.html", context)


@require_POST
@requires(DECIDE)
def act(request: HttpRequest, change_referral_id: int, kind: str) -> HttpResponseBase:
    """Accept, decline, give back or ask for photos; what is refused stays in its form with the reason."""
    row = _find(request, change_referral_id)
    made, name, operation = ACTS[kind]
    form = made(request.POST, auto_id=f"{name.removesuffix('_form')}_%s")
    if form.is_valid():
        try:
            operation(actor=caller(request), now=timezone.now(), change=row, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect("underwriting:change", row.pk)
            return render(request, "underwriting/change_body.html", _context(request, _find(request, row.pk)))
    part = "change_body" if request.htmx else "change"  # type: ignore[attr-defined]
    return render(request, f"underwriting/{part}.html", _context(request, row, **{name: form}), status=422)
