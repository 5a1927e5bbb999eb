"""Every change to consents, messages, templates and the communication policy is one of these verbs."""

from clientela.modules.contacts.operations.consents import (
    UnknownConsent,
    drop_queued,
    grant_consent,
    withdraw_consent,
)
from clientela.modules.contacts.operations.queueing import Draft, Queued, queue_message, queue_messages
from clientela.modules.contacts.operations.receiving import StoringInbox, store_incoming
from clientela.modules.contacts.operations.sending import deliver
from clientela.modules.contacts.operations.signals import UnknownToken, message_of, register_signal

__all__ = [
    "Draft",
    "Queued",
    "StoringInbox",
    "UnknownConsent",
    "UnknownToken",
    "deliver",
    "drop_queued",
    "grant_consent",
    "message_of",
    "queue_message",
    "queue_messages",
    "register_signal",
    "store_incoming",
    "withdraw_consent",
]
