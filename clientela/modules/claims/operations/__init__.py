"""Reporting a loss, working on it, deciding it, and the dispute that stops renewal messages."""

from clientela.modules.claims.operations.deciding import (
    AlreadySettled,
    AmountMissing,
    ReasonMissing,
    WantedMissing,
    ask_papers,
    papers_came,
    settle_claim,
    take_claim,
)
from clientela.modules.claims.operations.disputes import close_dispute, open_dispute
from clientela.modules.claims.operations.noticing import (
    NoticeMade,
    drop_photo,
    forget_notices,
    keep_answers,
    keep_notice_photo,
    notice_of,
    send_notice,
)
from clientela.modules.claims.operations.photos import TooManyPhotos, keep_photo
from clientela.modules.claims.operations.reporting import (
    ClaimExists,
    NotOfLine,
    OutsideCover,
    Participant,
    PayoutWrong,
    open_claim,
)
from clientela.modules.claims.operations.telling import link_of

__all__ = [
    "AlreadySettled",
    "AmountMissing",
    "ClaimExists",
    "NotOfLine",
    "NoticeMade",
    "OutsideCover",
    "Participant",
    "PayoutWrong",
    "ReasonMissing",
    "TooManyPhotos",
    "WantedMissing",
    "ask_papers",
    "close_dispute",
    "drop_photo",
    "forget_notices",
    "keep_answers",
    "keep_notice_photo",
    "keep_photo",
    "link_of",
    "notice_of",
    "open_claim",
    "open_dispute",
    "papers_came",
    "send_notice",
    "settle_claim",
    "take_claim",
]
