"""Every change to consents, messages, templates and the communication policy is one of these verbs."""

from clientela.modules.contacts.operations.consents import (
    UnknownConsent,
    drop_queued,
    grant_consent,
    withdraw_consent,
)
from clientela.modules.contacts.operations.policy import InvalidPolicy, current_policy, set_policy
from clientela.modules.contacts.operations.queueing import Draft, Queued, queue_message, queue_messages
from clientela.modules.contacts.operations.receiving import StoringInbox, store_incoming
from clientela.modules.contacts.operations.sending import deliver
from clientela.modules.contacts.operations.signals import UnknownToken, message_of, register_signal
from clientela.modules.contacts.operations.templates import (
    InvalidTemplate,
    OwnTemplate,
    WrongState,
    approve_template,
    draft_template,
    edit_template,
    retire_template,
    revise_template,
)

__all__ = [
    "Draft",
    "InvalidPolicy",
    "InvalidTemplate",
    "OwnTemplate",
    "Queued",
    "StoringInbox",
    "UnknownConsent",
    "UnknownToken",
    "WrongState",
    "approve_template",
    "current_policy",
    "deliver",
    "draft_template",
    "drop_queued",
    "edit_template",
    "grant_consent",
    "message_of",
    "queue_message",
    "queue_messages",
    "register_signal",
    "retire_template",
    "revise_template",
    "set_policy",
    "store_incoming",
    "withdraw_consent",
]
