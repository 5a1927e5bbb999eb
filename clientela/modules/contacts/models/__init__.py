"""Consents, the communication policy, templates, conversations, and every message in and out."""

from clientela.modules.contacts.models.awaited import Awaited, OneTimeCode
from clientela.modules.contacts.models.channels import (
    ANSWERED,
    CARRY_FILES,
    PLANNED,
    PUBLIC,
    WRITTEN,
    Channel,
    Purpose,
)
from clientela.modules.contacts.models.conversations import (
    Conversation,
    ConversationQuerySet,
    DraftFile,
    HandOver,
    PhoneClaim,
)
from clientela.modules.contacts.models.messages import (
    EarlyReceipt,
    MailboxCursor,
    Message,
    MessageFile,
    MessageQuerySet,
    ProviderId,
    Publication,
    Signal,
)
from clientela.modules.contacts.models.texts import CommunicationPolicy, Consent, Macro, Template

__all__ = [
    "ANSWERED",
    "CARRY_FILES",
    "PLANNED",
    "PUBLIC",
    "WRITTEN",
    "Awaited",
    "Channel",
    "CommunicationPolicy",
    "Consent",
    "Conversation",
    "ConversationQuerySet",
    "DraftFile",
    "EarlyReceipt",
    "HandOver",
    "Macro",
    "MailboxCursor",
    "Message",
    "MessageFile",
    "MessageQuerySet",
    "OneTimeCode",
    "PhoneClaim",
    "ProviderId",
    "Publication",
    "Purpose",
    "Signal",
    "Template",
]
