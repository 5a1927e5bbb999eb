"""Every change to classes of drivers is one of these verbs."""

from clientela.modules.bonus_malus.operations.asking import ask_class, ask_due
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
    "DisputeClosed",
    "NotDisputable",
    "add_documents",
    "answer_dispute",
    "ask_class",
    "ask_due",
    "open_dispute",
    "recalculate",
    "send_dispute",
    "withdraw_dispute",
]
