"""Moves that nobody makes: what happens elsewhere brings deals on."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from clientela.foundation.audit.operations import record
from clientela.modules.contracts.models import Policy
from clientela.modules.sales.models import Deal, LostReason
from clientela.modules.sales.operations.deals import close, enter, tell


@transaction.atomic
def happened(happening: str, deals: "Iterable[int]", *, now: datetime, **facts: Any) -> list[Deal]:
    """Bring open deals on as their funnels say, and keep ``facts`` of them (amount, project, calculation, sold).

    A deal only goes forward by itself; fields that the stage asks for are asked when somebody works on it. Returns
    the deals that changed.
    """
    rows = Deal.objects.open().select_for_update(of=("self",)).filter(pk__in=list(deals))
    changed = []
    for deal in rows.select_related("stage", "funnel", "client").order_by("pk"):
        if _apply(deal, happening, facts, now):
            changed.append(deal)
    return changed


def _apply(deal: Deal, happening: str, facts: dict[str, Any], now: datetime) -> bool:
    fresh = {name: value for name, value in facts.items() if value and getattr(deal, name) != value}
    for name, value in fresh.items():
        setattr(deal, name, value)
    was, state = deal.stage, deal.state
    if happening in deal.funnel.won_on:
        close(deal, Deal.State.WON, now=now)
    elif happening in deal.funnel.lost_on:
        close(deal, Deal.State.LOST, now=now, reason=_lost_by_itself())
    else:
        ahead = deal.funnel.stages.filter(is_active=True, position__gt=was.position)
        stage = next((one for one in ahead.order_by("-position") if happening in one.moves_on), None)
        if stage is not None:
            enter(deal, stage, now=now, by=None)
    if not fresh and deal.stage == was and deal.state == state:
        return False
    deal.version += 1
    deal.changed_at, deal.changed_by = now, None
    deal.save()
    if deal.stage != was or deal.state != state:
        changes = (
            {"stage": [was.name, deal.stage.name]} if deal.stage != was else {"state": [state, deal.state]}
        )
        record(actor=None, now=now, action="deal.moved_itself", obj=deal, changes=changes, reason=happening)
    tell(deal, now)
    return True


def _lost_by_itself() -> LostReason | None:
    return LostReason.objects.filter(code="went_silent").first()


def deals_of_project(project_id: int, policy_id: int | None, client_id: int) -> list[int]:
    """Open deals that a project is about: it is theirs already, or renews the policy they renew."""
    about = Q(project=project_id)
    if policy_id:
        about |= Q(renews=policy_id, project=None)
    return list(Deal.objects.open().filter(about, client=client_id).values_list("pk", flat=True))


def deals_of_policy(policy: Policy, previous_id: int | None) -> list[int]:
    """Open deals that a new policy closes: of its project, of the term it renews, else the oldest of its product.

    One policy wins one deal where nothing but product and client tie them.
    """
    mine = Deal.objects.open().filter(client=policy.client_id)
    tied = Q(project__next_policy=policy.pk)
    if previous_id:
        tied |= Q(renews=previous_id)
    found = list(mine.filter(tied).values_list("pk", flat=True))
    if found or previous_id:
        return found
    loose = mine.filter(project=None, renews=None, product__line=policy.product.line)
    return list(loose.order_by("created_at", "pk").values_list("pk", flat=True)[:1])


def amount_of(text: str) -> Decimal | None:
    """The premium as an event carries it."""
    return Decimal(text) if text else None
