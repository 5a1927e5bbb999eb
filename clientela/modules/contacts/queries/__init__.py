"""Reading consents, the policy in force, messages and their way."""

from clientela.modules.contacts.queries.facts import Ask, Assessed, assess_all, policy_in_force
from clientela.modules.contacts.queries.messages import (
    MessageRow,
    OutboxDepth,
    client_messages,
    consent_journal,
    outbox_depth,
)

__all__ = [
    "Ask",
    "Assessed",
    "MessageRow",
    "OutboxDepth",
    "assess_all",
    "client_messages",
    "consent_journal",
    "outbox_depth",
    "policy_in_force",
]
