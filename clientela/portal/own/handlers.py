"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Policy
from clientela.modules.requests.models import Request
from clientela.modules.requests.operations import sold
from clientela.portal.own.asking import ORIGIN


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """The next term is there: what was asked about its renewal is over."""
    if event.previous_id is None:
        return
    policy = Policy.objects.get(pk=event.policy_id)
    origin = f"{ORIGIN}:{event.previous_id}"
    mine = Request.objects.filter(client=policy.client_id)
    rows = mine.filter(origin=origin) | mine.filter(origin__startswith=f"{origin}:")
    for request in rows.order_by("pk"):
        sold(now=now, request_id=request.pk, number=policy.number, deal_id=None)
