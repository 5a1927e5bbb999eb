"""Reactions to events; each may run twice with the same result."""

from datetime import datetime

from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contracts.events import PolicyAmended, PolicyIssued
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.documents.models import Kind
from clientela.modules.documents.operations import ask_document
from clientela.modules.documents.operations.delivering import ORIGIN, follow_receipt

KINDS = {
    "endorsement": Kind.ENDORSEMENT, "cancellation": Kind.CANCELLATION, "reinstatement": Kind.POLICY, "duplicate": Kind.POLICY,
}  # fmt: skip


def on_policy_issued(event: PolicyIssued, *, now: datetime) -> None:
    """The client gets the policy."""
    version = PolicyVersion.objects.filter(policy=event.policy_id, number=1).first()
    if version is not None:
        policy = Policy.objects.get(pk=event.policy_id)
        ask_document(actor=None, now=now, kind=Kind.POLICY, policy=policy, version=version)


def on_policy_amended(event: PolicyAmended, *, now: datetime) -> None:
    """A change gets its paper: an agreement, or the policy again."""
    version = PolicyVersion.objects.select_related("policy").get(pk=event.version_id)
    ask_document(actor=None, now=now, kind=KINDS[event.kind], policy=version.policy, version=version)


def on_message_state(event: MessageStateChanged, *, now: datetime) -> None:
    """Receipts of an e-mail with documents move its delivery."""
    if event.origin == ORIGIN and event.origin_id is not None:
        follow_receipt(delivery_id=event.origin_id, message_state=event.state, detail=event.detail, now=now)
