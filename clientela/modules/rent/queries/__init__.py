"""Reading rents."""

from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from clientela.foundation.money import ZERO, kopecks
from clientela.modules.accounts.rules import Permission
from clientela.modules.organisation.queries import scope_of
from clientela.modules.rent.models import Rent, RentQuerySet, RentTerms

State = Rent.State


def terms_now() -> RentTerms:
    """What holds for all rents; the usual where nobody set anything."""
    return RentTerms.objects.order_by("pk").first() or RentTerms()


def of_head_office(user: Any) -> bool:
    """Who decides what the branch has sent back twice: who may approve and sees every branch."""
    return bool(user.can(Permission.RENT_APPROVE)) and scope_of(user).everything


def may_decide(user: Any, rent: Rent) -> bool:
    """Whether this person, who sees the rent, may approve or return it. Nobody decides the own one."""
    if not user.can(Permission.RENT_APPROVE) or rent.agent.user_id == user.pk:
        return False
    return rent.state == State.WAITING or (rent.state == State.OFFICE and of_head_office(user))


def to_decide(user: Any) -> RentQuerySet:
    """Rents that wait for this person, the longest first."""
    if not user.can(Permission.RENT_APPROVE):
        return RentQuerySet(Rent).none()
    states = (State.WAITING, State.OFFICE) if of_head_office(user) else (State.WAITING,)
    return Rent.objects.visible_to(user).filter(state__in=states).exclude(agent__user=user)


def to_answer(user: Any) -> "QuerySet[Rent]":
    """The own rents of an agent that were sent back."""
    return Rent.objects.filter(agent__user=user, state=State.RETURNED)


def counts(rows: "QuerySet[Rent]") -> dict[str, int]:
    """How many there are in each state."""
    found = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def sums(rows: "QuerySet[Rent]") -> dict[str, Any]:
    """Number, sum and the first day of waiting of these rents."""
    found = rows.order_by().aggregate(
        n=Count("pk"), amount=Sum("amount"), since=Min("waits_since"), last=Max("pk")
    )
    return found | {"amount": kopecks(found["amount"] or ZERO)}
