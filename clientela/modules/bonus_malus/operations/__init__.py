"""Every change to classes of drivers is one of these verbs."""

from clientela.modules.bonus_malus.operations.asking import Asked, ask_class, ask_due, ask_later
from clientela.modules.bonus_malus.operations.disputes import (
    DisputeClosed,
    NotDisputable,
    add_documents,
    answer_dispute,
    open_dispute,
    send_dispute,
    withdraw_dispute,
)
from clientela.modules.bonus_malus.operations.recalculation import recalculate

__all__ = [
    "Asked",
    "DisputeClosed",
    "NotDisputable",
    "add_documents",
    "answer_dispute",
    "ask_class",
    "ask_due",
    "ask_later",
    "open_dispute",
    "recalculate",
    "send_dispute",
    "withdraw_dispute",
]
