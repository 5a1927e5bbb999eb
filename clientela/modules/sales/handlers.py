"""What happens elsewhere moves deals, starts them, and closes advice."""

from datetime import datetime, timedelta

from django.db.models import Q

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.billing.events import PaymentRegistered
from clientela.modules.clients.models import Client
from clientela.modules.contracts.events import PolicyIssued, ProjectChanged
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.dialler.events import EntryEnded
from clientela.modules.dialler.rules.outcomes import Outcome
from clientela.modules.products.models import Product
from clientela.modules.quotes.events import (
    CalculationAccepted,
    CalculationClosed,
    CalculationPriced,
    CalculationSent,
    CalculationStarted,
)
from clientela.modules.quotes.models import Calculation
from clientela.modules.requests.events import RequestClosed, RequestTaken
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import become_deal
from clientela.modules.sales.events import DealChanged
from clientela.modules.sales.models import Deal
from clientela.modules.sales.operations.advice import sold_by
from clientela.modules.sales.operations.automatic import (
    amount_of,
    deals_of_policy,
    deals_of_project,
    happened,
)
from clientela.modules.sales.operations.deals import Start, start_deal
from clientela.modules.sales.rules.happenings import Happening

# A call about an expiring term is about the policy that ends within so long.
SOON = timedelta(days=60)
# After these outcomes of a call somebody sells.
SELLS = (Outcome.QUOTE, Outcome.TOO_DEAR)
_OF_PROJECT = {
    "open": Happening.PROJECT_PREPARED,
    "offered": Happening.PROJECT_OFFERED,
    "paid": Happening.PROJECT_PAID,
}


def on_project(event: ProjectChanged, *, now: datetime) -> None:
    happening = _OF_PROJECT.get(event.state)
    project = Project.objects.filter(pk=event.project_id).first()
    if happening and project is not None:
        deals = deals_of_project(project.pk, event.policy_id, event.client_id)
        happened(happening, deals, now=now, project=project, amount=project.premium)


def on_payment(event: PaymentRegistered, *, now: datetime) -> None:
    if event.project_id:
        deals = deals_of_project(event.project_id, None, event.client_id)
        happened(Happening.PROJECT_PAID, deals, now=now)


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    policy = Policy.objects.select_related("product").get(pk=event.policy_id)
    deals = deals_of_policy(policy, event.previous_id)
    happened(Happening.POLICY_ISSUED, deals, now=now, sold=policy, amount=policy.premium)
    sold_by(policy, now=now)


def on_call_outcome(event: EntryEnded, *, now: datetime) -> None:
    """A client who wants a price, or finds it too dear, is a deal of the agent."""
    if event.outcome not in SELLS:
        return
    client = Client.objects.select_related("agent__user").get(pk=event.client_id)
    today = local_today(client.time_zone, now)
    ending = Policy.objects.in_force(on=today).filter(client=client, end_date__lte=today + SOON)
    renews = ending.select_related("product", "insured_object").order_by("end_date", "id").first()
    if renews and Deal.objects.open().filter(renews=renews).exists():
        return
    start = Start(origin=Deal.Origin.CALL, origin_id=event.entry_id, renews=renews)
    start_deal(actor=None, now=now, client=client, start=start)


def on_calculation_started(event: CalculationStarted, *, now: datetime) -> None:
    about = Q(pk=event.deal_id or 0)
    if event.request_id:
        about |= Q(request=event.request_id)
    deals = list(Deal.objects.open().filter(about, client=event.client_id).values_list("pk", flat=True))
    _name(deals, event.calculation_id)
    happened(Happening.CALCULATION_STARTED, deals, now=now, calculation=event.calculation_id)


def on_calculation_priced(event: CalculationPriced, *, now: datetime) -> None:
    deals = _of_calculation(event.calculation_id)
    _name(deals, event.calculation_id)
    happened(Happening.CALCULATION_PRICED, deals, now=now, amount=amount_of(event.premium))


def on_calculation_sent(event: CalculationSent, *, now: datetime) -> None:
    happened(Happening.CALCULATION_SENT, _of_calculation(event.calculation_id), now=now)


def on_calculation_accepted(event: CalculationAccepted, *, now: datetime) -> None:
    happened(Happening.CALCULATION_ACCEPTED, _of_calculation(event.calculation_id), now=now)


def on_calculation_closed(event: CalculationClosed, *, now: datetime) -> None:
    if event.state == "project":
        project = Calculation.objects.get(pk=event.calculation_id).project
        happened(Happening.PROJECT_PREPARED, _of_calculation(event.calculation_id), now=now, project=project)
    if event.state in ("lost", "expired", "declined"):
        happened(Happening.CALCULATION_LOST, _of_calculation(event.calculation_id), now=now)


def _name(deals: list[int], calculation_id: int) -> None:
    """What the calculation insures is what a deal without words of its own is about: nobody types it again."""
    subject = Calculation.objects.filter(pk=calculation_id).values_list("subject", flat=True).first() or {}
    if title := str(subject.get("title") or ""):
        Deal.objects.open().filter(pk__in=deals, subject="").update(subject=title[:200])


def _of_calculation(calculation_id: int) -> list[int]:
    return list(Deal.objects.open().filter(calculation=calculation_id).values_list("pk", flat=True))


def on_request_taken(event: RequestTaken, *, now: datetime) -> None:
    """Somebody works on a request of a known client: a deal begins."""
    if event.client_id is None:
        return
    client = Client.objects.select_related("agent__user").get(pk=event.client_id)
    request = Request.objects.get(pk=event.request_id)
    start = Start(
        origin=Deal.Origin.REQUEST, origin_id=request.pk, request=request.pk, source=str(request.get_source_display()),
    )  # fmt: skip
    product = Product.objects.filter(pk=event.product_id or 0).first()
    person = User.objects.filter(pk=event.person_id or 0).first()
    deal = start_deal(
        actor=None, now=now, client=client, start=start, product=product, subject=request.about, owner=person
    )
    happened(Happening.REQUEST_TAKEN, [deal.pk], now=now)


def on_request_closed(event: RequestClosed, *, now: datetime) -> None:
    """A request that nobody wants a sale of loses its deal; what the client bought without us wins it elsewhere."""
    if event.deal_id or event.reason == Request.Reason.SOLD:
        return
    if Request.objects.filter(pk=event.request_id, state__in=Request.OPEN).exists():  # opened again meanwhile
        return
    deals = Deal.objects.open().filter(request=event.request_id, client=event.client_id or 0)
    happened(Happening.REQUEST_CLOSED, list(deals.values_list("pk", flat=True)), now=now)


def on_deal(event: DealChanged, *, now: datetime) -> None:
    """A deal that went on, or is over, has taken its request over."""
    deal = Deal.objects.select_related("stage").filter(pk=event.deal_id, request__isnull=False).first()
    if deal is None:
        return
    first = not deal.visits.exclude(stage=deal.stage_id).exists()
    request = Request.objects.filter(pk=deal.request or 0, state__in=Request.OPEN).first()
    if request is not None and (not first or deal.state != Deal.State.OPEN):
        become_deal(actor=None, now=now, request=request, deal_id=deal.pk, number=deal.number)
