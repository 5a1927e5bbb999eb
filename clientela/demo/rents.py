"""Terms that clients of the demo renewed alone on the site, the rents that came of them, and what was decided."""

import random
import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.organisation.models import Branch
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.renewals.operations.terms import refresh
from clientela.modules.rent import operations
from clientela.modules.rent.models import Rent
from clientela.modules.rent.queries.building import owed
from clientela.modules.rent.rules import Reason

SELLER = "a.sokolova@prichal.example"
HEAD = "e.fadeeva@prichal.example"
OFFICE = "m.gareev@prichal.example"
MOST, FOR_ONE = 44, 6
TARGETS = {"osago": Decimal(66), "kasko": Decimal(66), "property": Decimal(70)}
BACK = timedelta(days=14)
WORDS = {
    Reason.NO_QUOTE: "Не вижу расчёта по этому клиенту до его оплаты.",
    Reason.OTHER: "Приложите запись разговора с клиентом.",
    Reason.LOW_LEVEL: "Уровень за квартал ниже цели.",
}
ANSWERS = ("Расчёт делал по телефону, номер в карточке клиента.", "Звонил клиенту дважды, запись в карточке.")


def prepare(now: datetime, seed: int) -> int:
    """Make the newest renewals of some agents of the first branch the clients' own; before anybody earned by them."""
    operations.set_terms(actor=None, now=now, days=5, targets=TARGETS)
    rng = random.Random(f"rents {seed}")
    made, terms = 0, []
    by_agent: dict[int, int] = defaultdict(int)
    for policy in _renewed(now):
        assert policy.agent is not None
        assert policy.previous is not None
        if (
            policy.sales_channel == Policy.SalesChannel.WEB
            or by_agent[policy.agent_id or 0] >= FOR_ONE
            or made >= MOST
        ):
            continue
        payment = Payment.objects.filter(policy=policy).order_by("paid_at").first()
        phone = (
            ContactPoint.objects.filter(client=policy.client, kind="phone")
            .order_by("-is_primary", "pk")
            .first()
        )
        if payment is None or phone is None:
            continue
        by_agent[policy.agent_id or 0] += 1
        made += 1
        terms.append(policy.previous.pk)
        paid = min(payment.paid_at, now - timedelta(hours=1))
        begun = paid - timedelta(minutes=rng.randint(2, 9))
        policy.sales_channel = Policy.SalesChannel.WEB
        policy.save(update_fields=["sales_channel"])
        Payment.objects.filter(policy=policy).update(registered_by=None, method=Payment.Method.SBP)
        project = _project(policy, begun)
        SelfRenewal.objects.create(
            project=project, client=policy.client, phone=phone.value, begun_at=begun,
            confirmed_at=begun - timedelta(minutes=rng.randint(3, 12)),
        )  # fmt: skip
        if rng.random() < 0.86:
            days = rng.randint(5, 21)
            Quote.objects.create(
                policy=policy.previous, premium=policy.premium, created_by=policy.agent.user,
                created_at=begun - timedelta(days=days, hours=rng.randint(0, 5)),
                calculation_number=f"Р-{begun:%y}-{117_000 + made * 7}",
            )  # fmt: skip
    refresh(now=now, policy_ids=terms)
    return made


def _renewed(now: datetime) -> list[Policy]:
    """Paid renewals of the last weeks at the first branch: the seller's first, of the others some of every day."""
    branch = Branch.objects.filter(placements__user__email=HEAD).first()
    paid = Payment.objects.filter(policy=OuterRef("pk"), paid_at__range=(now - BACK, now))
    rows = Policy.objects.filter(
        Exists(paid), branch=branch, previous__isnull=False, previous__renewal_year=0, agent__user__isnull=False, status="issued", package=None,
        sales_channel=Policy.SalesChannel.AGENT, product__line__in=("osago", "kasko", "property"),
        issued_at__range=(now - BACK, now),
    )  # fmt: skip
    found = list(
        rows.select_related("client", "agent__user", "product", "previous").order_by("-issued_at", "pk")
    )
    own = [one for one in found if one.agent and one.agent.email == SELLER]
    seen = {one.pk for one in own}
    return own + [one for one in found if one.pk not in seen][:: max(1, len(found) // MOST)]


def _project(policy: Policy, begun: datetime) -> Project:
    known = Project.objects.filter(next_policy=policy).first()
    if known is not None:
        Project.objects.filter(pk=known.pk).update(sales_channel=Policy.SalesChannel.WEB)
        return known
    return Project.objects.create(
        policy=policy.previous, client=policy.client, product=policy.product, agent=policy.agent, branch=policy.branch,
        centre=policy.centre, insured_object=policy.insured_object, sum_insured=policy.sum_insured,
        instalments=policy.instalments, sales_channel=Policy.SalesChannel.WEB, state=Project.State.ISSUED,
        start_date=policy.start_date, end_date=policy.end_date, premium=policy.premium, carried_premium=policy.premium,
        pay_token=secrets.token_urlsafe(24), next_policy=policy, created_at=begun - timedelta(days=1), updated_at=begun,
    )  # fmt: skip


def write(now: datetime) -> int:
    """Let the register build itself as it does every day, and the branch decide what is older; returns how many."""
    head, office = (User.objects.filter(email=email).first() for email in (HEAD, OFFICE))
    found = []
    for kept in owed().select_related("project").order_by("-begun_at"):
        rent = operations.look_at(
            now=min(kept.begun_at + timedelta(minutes=5), now), policy_id=kept.project.next_policy_id or 0
        )
        if rent is not None:
            found.append(rent)
    if head is None or office is None:
        return len(found)
    for place, rent in enumerate(found):
        waited = (local_today("Europe/Moscow", now) - local_today("Europe/Moscow", rent.waits_since)).days
        if waited > 5 or place % 9 == 4 or rent.agent.email == SELLER:
            _decide(rent, place, head, office, now)
    return len(found)


def _decide(rent: Rent, place: int, head: User, office: User, now: datetime) -> None:
    """Most clean ones are approved; of the others some lie with the agent, the head office, or are refused."""
    day = timedelta(days=1)
    at = min(rent.waits_since + day, now - timedelta(hours=3))
    own = rent.agent.email == SELLER
    if rent.is_clean and rent.amount > 0 and place % 6 and not own:
        operations.approve(actor=head, now=at, rent=rent)
        return
    unmet = {code for code, facts in rent.evidence.items() if not facts["met"]}
    reason = Reason.NO_QUOTE if "quote" in unmet else Reason.LOW_LEVEL if "level" in unmet else Reason.OTHER
    operations.send_back(actor=head, now=at, rent=rent, reason=reason, words=WORDS[reason])
    if place % 3 == 0 or own:
        return
    agent = rent.agent.user
    for words in ANSWERS:
        at = min(at + day, now - timedelta(hours=2))
        answered = operations.answer(actor=agent, now=at, rent=rent, words=words)
        if answered.state == Rent.State.OFFICE:
            break
        operations.send_back(actor=head, now=at, rent=rent, reason=Reason.OTHER, words=WORDS[Reason.OTHER])
    if place % 3 == 2:
        operations.send_back(
            actor=office,
            now=now - timedelta(hours=1),
            rent=rent,
            reason=reason,
            words="Условия не выполнены.",
        )
