"""The verbs of requests."""

from clientela.modules.requests.operations.coming import Incoming, NoContact, receive
from clientela.modules.requests.operations.making import from_call, from_conversation
from clientela.modules.requests.operations.sharing import follow_work, give, give_back, hand_over, note_late
from clientela.modules.requests.operations.work import (
    AlreadyClosed,
    AlreadyTaken,
    NotOfThese,
    ReasonMissing,
    become_deal,
    begin,
    close,
    identify,
    reopen,
    sold,
    take,
)

__all__ = [
    "AlreadyClosed", "AlreadyTaken", "Incoming", "NoContact", "NotOfThese", "ReasonMissing", "become_deal", "begin",
    "close", "follow_work", "from_call", "from_conversation", "give", "give_back", "hand_over", "identify", "note_late",
    "receive", "reopen", "sold", "take",
]  # fmt: skip
