"""Pure rules of contacts: the communication policy, its words, texts with variables, SMS arithmetic."""

from clientela.foundation.hours import Hours, next_open
from clientela.modules.contacts.rules.links import foreign_links
from clientela.modules.contacts.rules.policy import (
    DEFAULT_POLICY,
    Check,
    Code,
    PointFacts,
    PolicyRules,
    SendFacts,
    Verdict,
    assess,
    consent_channel,
)
from clientela.modules.contacts.rules.sms import SmsSize, sms_size
from clientela.modules.contacts.rules.stop_words import is_stop
from clientela.modules.contacts.rules.texts import (
    SAMPLE_VALUES,
    VARIABLES,
    StrayBrace,
    TextError,
    UnknownVariable,
    render,
    variables_in,
)
from clientela.modules.contacts.rules.wording import describe, headline

__all__ = [
    "DEFAULT_POLICY",
    "SAMPLE_VALUES",
    "VARIABLES",
    "Check",
    "Code",
    "Hours",
    "PointFacts",
    "PolicyRules",
    "SendFacts",
    "SmsSize",
    "StrayBrace",
    "TextError",
    "UnknownVariable",
    "Verdict",
    "assess",
    "consent_channel",
    "describe",
    "foreign_links",
    "headline",
    "is_stop",
    "next_open",
    "render",
    "sms_size",
    "variables_in",
]
