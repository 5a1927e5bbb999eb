"""Reading deals: which funnel is whose, who may have a deal, how likely it is won."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.sales.models import Deal, Funnel
from clientela.modules.sales.rules.chance import Chance, Facts, chance
from clientela.modules.sales.rules.fields import missing

SELLERS = (Role.AGENT, Role.TEAM_LEAD, Role.BRANCH_HEAD, Role.CENTRE_OPERATOR, Role.RENEWALS_MANAGER)


class NoFunnel(LookupError):
    """No funnel is in use."""


def funnels() -> "QuerySet[Funnel]":
    """Funnels in use, in their order."""
    return Funnel.objects.filter(is_active=True)


def funnel_for(line: str) -> Funnel:
    """The funnel that sells products of this line; the first one where none does. Raises ``NoFunnel``."""
    rows = list(funnels())
    if not rows:
        raise NoFunnel
    return next((one for one in rows if line in one.lines), rows[0])


def sellers(user: Any) -> "QuerySet[User]":
    """People in sight of ``user`` who work on deals."""
    people = people_visible_to(user).filter(Q(role__in=SELLERS) | Q(pk=user.pk), is_active=True)
    return people.select_related(None).order_by("last_name", "first_name", "id")


def price_change(deal: Deal) -> Decimal | None:
    """Percent that the premium differs from the expiring one."""
    if deal.renews is None or deal.amount is None or not deal.renews.premium:
        return None
    return (deal.amount - deal.renews.premium) * 100 / deal.renews.premium


def chance_of(deal: Deal, now: datetime) -> Chance:
    """The chance of an open deal with its reasons; a closed one is sure."""
    if deal.state != Deal.State.OPEN:
        return Chance(100 if deal.state == Deal.State.WON else 0, 0, ())
    client = deal.client
    since = client.client_since
    facts = Facts(
        loyalty=client.loyalty,
        temperature=client.temperature,
        years_with_us=(now.date() - since).days // 365 if since else 0,
        price_change=price_change(deal),
        from_client=deal.origin in (Deal.Origin.CLIENT, Deal.Origin.REQUEST),
        over_norm=deal.over_norm(now),
        overdue=deal.next_at is not None and deal.next_at < now,
        no_step=not deal.next_step,
    )
    return chance(deal.stage.probability, facts)


def still_missing(deal: Deal) -> list[str]:
    """Fields that the deal's own stage asks for and that are empty, since it came there by itself."""
    return missing(deal.stage.required, deal.filled())
