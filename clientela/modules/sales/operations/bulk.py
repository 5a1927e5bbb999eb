"""One act on many deals: hand over, move, close as lost. Screen and API call the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.models import User
from clientela.modules.sales.models import Deal
from clientela.modules.sales.operations.deals import assign_deal, lose_deal, move_deal

ACTS: dict[str, Callable[..., Deal]] = {"owner": assign_deal, "move": move_deal, "lose": lose_deal}
CODES = {
    "FieldsMissing": "fields_missing", "DealClosed": "deal_closed", "NotAStage": "not_a_stage",
    "NoSuchSeller": "no_such_seller",
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Deals that took the act, and those that could not: the code and the sentence of each."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


def deals_among(actor: User, ids: Sequence[int]) -> list[Deal]:
    """The visible deals among ``ids``."""
    return list(Deal.objects.visible_to(actor).filter(pk__in=ids).order_by("id"))


@transaction.atomic
def act_on_many(act: str, deals: Sequence[Deal], *, actor: User, now: datetime, **values: Any) -> Outcome:
    """Act on each by itself: what one deal refuses stops no other."""
    outcome = Outcome()
    for deal in deals:
        try:
            with transaction.atomic():
                ACTS[act](actor=actor, now=now, deal=deal, **values)
            outcome.done.append(deal.pk)
        except Refusal as refusal:
            code = CODES.get(type(refusal).__name__, "refused")
            outcome.refused[deal.pk] = (code, str(refusal.message))
    return outcome
