"""What is done with a claim, and the notice a colleague writes for a client."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.claims import operations
from clientela.modules.contracts.models import Policy
from clientela.workspace.claims.forms import NoticeForm, PaymentForm, ReasonForm, WantedForm
from clientela.workspace.claims.views import claim_page, found_claim

MOST = 100
REPORT, SETTLE = requires(Permission.CLAIMS_WRITE), requires(Permission.CLAIMS_SETTLE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _pay(amount: Decimal, **told: Any) -> Any:
    return operations.settle_claim(status="paid", amount=amount, **told)


def _refuse(reason: str, **told: Any) -> Any:
    return operations.settle_claim(status="refused", reason=reason, **told)


# What is done with a claim: its form, what the page calls it, and the operation.
ACTS: dict[str, tuple[type[Form], str, Callable[..., Any]]] = {
    "work": (Form, "work_form", operations.take_claim),
    "papers": (WantedForm, "wanted_form", operations.ask_papers),
    "papers-here": (Form, "work_form", operations.papers_came),
    "payment": (PaymentForm, "pay_form", _pay),
    "refusal": (ReasonForm, "reason_form", _refuse),
}


@require_POST
@SETTLE
def act(request: HttpRequest, claim_id: int, kind: str) -> HttpResponseBase:
    """Take, ask for papers, pay or refuse; what is refused stays in its form with the reason."""
    found = found_claim(request, claim_id)
    made, name, operation = ACTS[kind]
    form = made(request.POST)
    if form.is_valid():
        try:
            operation(**_who(request), claim=found, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return _again(request, claim_id)
    return claim_page(request, found_claim(request, claim_id), status=422, **{name: form})


def _again(request: HttpRequest, claim_id: int) -> HttpResponseBase:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("claims:claim", claim_id)
    return claim_page(request, found_claim(request, claim_id))


@require_POST
@REPORT
def dispute(request: HttpRequest, claim_id: int) -> HttpResponseBase:
    """Open a dispute about a claim; ``closed`` in the form closes it."""
    found = found_claim(request, claim_id)
    change = operations.close_dispute if request.POST.get("closed") else operations.open_dispute
    change(**_who(request), claim=found)
    return _again(request, claim_id)


@require_POST
@REPORT
def add_photo(request: HttpRequest, claim_id: int) -> HttpResponseBase:
    """A photo that came another way than by the client's page."""
    found, given = found_claim(request, claim_id), request.FILES.get("photo")
    refused = ""
    try:
        if given is None:
            raise Http404
        operations.keep_photo(**_who(request), claim=found, view=request.POST.get("view", ""), file=given)
    except Refusal as refusal:
        refused = str(refusal)
    if refused:
        return claim_page(request, found_claim(request, claim_id), status=422, photo_refused=refused)
    return _again(request, claim_id)


@require_http_methods(["GET", "HEAD", "POST"])
@REPORT
def report(request: HttpRequest) -> HttpResponse:
    """A notice for ``?policy=ID``, or for any policy of ``?client=ID``; sent twice it is one claim."""
    asked = request.POST if request.method == "POST" else request.GET
    policies = Policy.objects.visible_to(request.user).select_related("product", "client", "insured_object")
    policy_id, client_id = id_of(asked.get("policy", "")), id_of(request.GET.get("client", ""))
    if policy_id is not None:
        chosen = policies.filter(pk=policy_id).first()
    else:
        chosen = policies.filter(client=client_id or 0).order_by("-end_date", "-pk").first()
    if chosen is None:
        raise Http404
    rows = list(policies.filter(client=chosen.client_id).order_by("-end_date", "-pk")[:MOST])
    today = local_today(chosen.client.time_zone, timezone.now())
    client = chosen.client
    first = {
        "policy": chosen.pk, "occurred_on": today, "payee": client.name if client.bank_account else "",
        "bic": client.bank_bic, "account": client.bank_account,
    }  # fmt: skip
    form = NoticeForm(
        request.POST if request.method == "POST" else None, policies=rows, chosen=chosen, initial=first
    )
    if form.is_bound and form.is_valid():
        try:
            claim = operations.open_claim(**_who(request), policy=chosen, **form.told())
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The loss is reported, the client has the link"))
            return redirect("claims:claim", claim.pk)
    context = {"form": form, "client": client, "policy": chosen}
    return render(request, "claims/report.html", context, status=422 if form.errors else 200)
