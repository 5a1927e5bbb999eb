"""One act on many terms: hold, let go on, mark as lost. Screen and API call the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.work import (
    AlreadyPaid,
    HoldInPast,
    hold_plan,
    mark_lost,
    release_plan,
)

Act = Callable[..., Renewal]
ACTS: dict[str, Act] = {"hold": hold_plan, "lost": mark_lost, "release": release_plan}
REFUSALS: dict[type[Exception], str] = {AlreadyPaid: "already_paid", HoldInPast: "hold_in_past"}


@dataclass(frozen=True)
class Outcome:
    """Terms that took the act, and those that could not: the code and the sentence of each."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


def terms_of(actor: Any, ids: Sequence[int]) -> list[Renewal]:
    """The visible terms among ``ids``, the nearest end first."""
    return list(Renewal.objects.visible_to(actor).filter(pk__in=ids).order_by("end_date", "id"))


@transaction.atomic
def act_on_many(act: str, terms: Sequence[Renewal], *, actor: Any, now: datetime, **values: Any) -> Outcome:
    """Act on each by itself: what one term refuses stops no other."""
    outcome = Outcome()
    for term in terms:
        try:
            with transaction.atomic():
                ACTS[act](actor=actor, now=now, renewal=term, **values)
            outcome.done.append(term.pk)
        except tuple(REFUSALS) as refusal:
            outcome.refused[term.pk] = (REFUSALS[type(refusal)], str(refusal))
    return outcome
