"""Signatures and deliveries of a policy as they are shown."""

from datetime import datetime
from typing import Any

from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models import Delivery, SignRequest
from clientela.modules.documents.operations.signing import link_of
from clientela.modules.documents.rules_delivery import OVER, WRONG, by_hand

_STATES = dict(Delivery.State.choices)


def look_of(state: str) -> str:
    """The colour of a state of a delivery."""
    if state in WRONG:
        return "bad"
    if state in ("delivered", "issued"):
        return "good"
    return "" if state in OVER else "info"


def steps_of(row: Delivery) -> list[dict[str, Any]]:
    """What a colleague may say next."""
    return [{"state": state, "label": _STATES[state]} for state in by_hand(row.way, row.state)]


def signatures_of(policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """The newest first."""
    rows = SignRequest.objects.filter(policy=policy).prefetch_related("papers__document")[:20]
    return [
        {
            "row": row, "open": row.is_open(now), "over": row.state == "open" and not row.is_open(now),
            "link": link_of(row) if row.is_open(now) else "", "papers": list(row.papers.all()),
        }
        for row in rows
    ]  # fmt: skip


def deliveries_of(policy: Policy) -> list[dict[str, Any]]:
    """The newest first."""
    rows = Delivery.objects.filter(policy=policy).select_related("point").prefetch_related("steps__by")[:20]
    return [
        {"row": row, "look": look_of(row.state), "steps": list(row.steps.all()), "next": steps_of(row)} for row in rows
    ]  # fmt: skip
