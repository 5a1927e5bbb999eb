"""The verbs of rent."""

from clientela.modules.rent.operations.building import (
    build_missing,
    follow_missing,
    follow_money,
    look_at,
)
from clientela.modules.rent.operations.deciding import (
    NoRate,
    NothingLeft,
    NotWaiting,
    PaidAlready,
    WordsMissing,
    answer,
    approve,
    approve_clean,
    send_back,
)
from clientela.modules.rent.operations.terms import set_terms

__all__ = [
    "NoRate",
    "NotWaiting",
    "NothingLeft",
    "PaidAlready",
    "WordsMissing",
    "answer",
    "approve",
    "approve_clean",
    "build_missing",
    "follow_missing",
    "follow_money",
    "look_at",
    "send_back",
    "set_terms",
]
