"""Acts on contracts where the conversation happens: quote, project, payment, cancellation, loss."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing.models import Payment
from clientela.modules.billing.operations import register_payment
from clientela.modules.billing.queries import balance_of_policy, balance_of_project
from clientela.modules.claims import operations as claims
from clientela.modules.clients.models import Client
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.products.queries import name_of
from clientela.workspace.clients import forms
from clientela.workspace.clients.queries.card import Card, PolicyRow, load_card
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import (
    claim_of,
    client_of,
    object_of,
    policy_of,
    posted,
    project_of,
    quote_of,
)

SELL = requires(Permission.CONTRACTS_WRITE)
REPORT = requires(Permission.CLAIMS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _card(request: HttpRequest, client: Client) -> Card:
    card = load_card(request.user, client.pk, now=timezone.now())
    assert card is not None
    return card


def _initial(request: HttpRequest, rows: list[PolicyRow]) -> dict[str, Any]:
    asked = request.GET.get("policy", "")
    chosen = next((row for row in rows if str(row.id) == asked), rows[0] if rows else None)
    return {"policy": chosen.id, "premium": chosen.next_premium or chosen.premium} if chosen else {}


def _policy(card: Card, pk: int) -> Policy:
    return Policy.objects.get(pk=next(row.id for row in card.policies if row.id == pk))


@SELL
def quote(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a calculated price for the next term."""
    client = client_of(request, pk)
    card = _card(request, client)
    rows = card.renewable
    form = forms.QuoteForm(posted(request), policies=rows, initial=_initial(request, rows))

    def run(data: dict[str, Any]) -> Any:
        policy = _policy(card, data.pop("policy"))
        return operations.make_quote(**_who(request), policy=policy, **data)

    said = Act(_("Quote for the next term"), _("Keep the quote"), _("Quote kept"), run)
    return act(request, form, said, client=client)


@SELL
@require_POST
def withdraw_quote(request: HttpRequest, pk: int) -> HttpResponse:
    found = quote_of(request, pk)
    return _now(request, found.policy.client, _("Quote withdrawn"), operations.withdraw_quote, quote=found)


@SELL
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare the next term."""
    client = client_of(request, pk)
    card = _card(request, client)
    rows = [row for row in card.renewable if row.project_id is None]
    form = forms.ProjectForm(posted(request), policies=rows, initial=_initial(request, rows))

    def run(data: dict[str, Any]) -> Any:
        policy = _policy(card, data.pop("policy"))
        return operations.prepare_project(**_who(request), policy=policy, **data)

    intro = _("The price of the expiring term is carried over; change it with a reason.")
    said = Act(_("Project of the next term"), _("Prepare"), _("Project prepared"), run, intro)
    return act(request, form, said, client=client)


@SELL
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """Set another price of an open project."""
    found = project_of(request, pk)
    client = found.client
    if found.policy_id is None:
        raise Http404
    rows = [row for row in _card(request, client).policies if row.id == found.policy_id]
    initial = {"policy": found.policy_id, "premium": found.premium, "reason": found.adjustment_reason}
    form = forms.ProjectForm(posted(request), policies=rows, initial=initial)

    def run(data: dict[str, Any]) -> Any:
        data.pop("policy")
        return operations.reprice_project(**_who(request), project=found, **data)

    carried = formats.money(found.carried_premium, language())
    intro = _("Last term's price: %(sum)s.") % {"sum": carried}
    said = Act(_("Price of the project"), _("Save the price"), _("Price changed"), run, intro)
    return act(request, form, said, client=client)


@SELL
@require_POST
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """The project was shown to the client."""
    found = project_of(request, pk)
    return _now(request, found.client, _("Marked as sent"), operations.mark_offered, project=found)


@SELL
@require_POST
def withdraw_project(request: HttpRequest, pk: int) -> HttpResponse:
    found = project_of(request, pk)
    return _now(request, found.client, _("Project withdrawn"), operations.withdraw_project, project=found)


def _now(request: HttpRequest, client: Client, text: str, operation: Any, **what: Any) -> HttpResponse:
    """Run an operation without a form; a refusal is said in a toast."""
    try:
        operation(**_who(request), **what)
    except Refusal as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return done(request, client, text)


@requires(Permission.PAYMENTS_WRITE)
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Register money received by hand; full payment of a project issues the next term."""
    client = client_of(request, pk)
    today = local_today(client.time_zone, timezone.now())
    targets = _targets(client)
    initial = {"target": request.GET.get("target") or next(iter(targets), ""), "method": Payment.Method.CARD}
    if initial["target"] in targets:
        initial["amount"] = targets[initial["target"]][1]
    choices = [(code, name) for code, (name, _left, _what) in targets.items()]
    form = forms.PaymentForm(posted(request), targets=choices, today=today, initial=initial)

    def run(data: dict[str, Any]) -> Payment:
        what = targets[data["target"]][2]
        target: dict[str, Any] = {"project" if isinstance(what, Project) else "policy": what}
        paid_at = _paid_at(data["paid_on"], client.time_zone, today)
        return register_payment(
            **_who(request),
            amount=data["amount"],
            method=data["method"],
            paid_at=paid_at,
            slip=data["slip"],
            **target,
        )

    intro = "" if targets else _("Nothing is due: prepare a project of the next term first.")
    said = Act(_("Payment"), _("Register the payment"), _("Payment registered"), run, intro)
    return act(request, form, said, client=client)


def _paid_at(day: date, zone: str, today: date) -> datetime | None:
    return None if day == today else local_moment(day, time(12), zone)


def _targets(client: Client) -> dict[str, tuple[str, Any, Policy | Project]]:
    """What money may be due for: open projects, and policies with an unpaid part."""
    found: dict[str, tuple[str, Any, Policy | Project]] = {}
    open_projects = Project.objects.filter(client=client, state__in=["open", "offered"])
    for one in open_projects.select_related("product", "policy"):
        left = balance_of_project(one).left
        values = {"product": name_of(one.product), "left": formats.money(left, language())}
        name = (
            _("Next term, %(product)s: %(left)s due")
            if one.policy
            else _("New contract, %(product)s: %(left)s due")
        )
        found[f"project-{one.pk}"] = (name % values, left, one)
    unpaid = Policy.objects.filter(
        client=client, instalment_set__paid__lt=F("instalment_set__amount")
    ).distinct()
    for policy in unpaid.select_related("product")[:20]:
        left = balance_of_policy(policy).left
        values = {"product": name_of(policy.product), "number": policy.number,
                  "left": formats.money(left, language())}  # fmt: skip
        found[f"policy-{policy.pk}"] = (_("%(product)s %(number)s: %(left)s due") % values, left, policy)
    return found


@SELL
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End a policy early."""
    policy = policy_of(request, pk)
    today = local_today(policy.client.time_zone, timezone.now())
    form = forms.CancelForm(posted(request), initial={"on": today})

    def run(data: dict[str, Any]) -> Policy:
        return operations.cancel_policy(**_who(request), policy=policy, **data)

    intro = _("Its project and quotes are withdrawn, and nothing is sent about its renewal.")
    title = _("Cancel the policy %(number)s") % {"number": policy.number}
    said = Act(title, _("Cancel the policy"), _("Policy cancelled"), run, intro, danger=True)
    return act(request, form, said, client=policy.client)


@SELL
def sold(request: HttpRequest, pk: int) -> HttpResponse:
    """The insured thing was sold."""
    thing = object_of(request, pk)
    today = local_today(thing.client.time_zone, timezone.now())
    form = forms.DayForm(posted(request), initial={"day": thing.sold_on or today})

    def run(data: dict[str, Any]) -> Any:
        return operations.mark_object_sold(**_who(request), insured_object=thing, sold_on=data["day"])

    intro = _("Reminders about its renewal stop.")
    said = Act(
        _("%(thing)s is sold") % {"thing": thing.title}, _("Mark as sold"), _("Marked as sold"), run, intro
    )
    return act(request, form, said, client=thing.client)


@REPORT
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a loss: the form stands among the claims."""
    return redirect(f"{reverse('claims:new')}?client={client_of(request, pk).pk}")


@REPORT
@require_POST
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a dispute about a claim; ``closed`` in the form closes it."""
    found = claim_of(request, pk)
    if request.POST.get("closed"):
        claims.close_dispute(**_who(request), claim=found)
        return done(request, found.client, _("Dispute closed"))
    claims.open_dispute(**_who(request), claim=found)
    return done(request, found.client, _("Dispute opened: renewal messages stop"))
