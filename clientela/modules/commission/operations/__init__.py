"""The verbs of commission."""

from clientela.modules.commission.operations.accruing import (
    accrue_missing,
    accrue_policy,
    fill_rates,
    owed,
    take_back,
    take_back_missing,
)
from clientela.modules.commission.operations.closing import (
    AlreadyClosed,
    EarlierOpen,
    NothingToClose,
    NotYet,
    close_statement,
)
from clientela.modules.commission.operations.rates import (
    RateInUse,
    RateOverlaps,
    WrongRate,
    end_rate,
    remove_rate,
    set_rate,
)
from clientela.modules.commission.operations.renting import enter_rent, rent_rate
from clientela.modules.commission.operations.shipped import load_shipped

__all__ = [
    "AlreadyClosed",
    "EarlierOpen",
    "NotYet",
    "NothingToClose",
    "RateInUse",
    "RateOverlaps",
    "WrongRate",
    "accrue_missing",
    "accrue_policy",
    "close_statement",
    "end_rate",
    "enter_rent",
    "fill_rates",
    "load_shipped",
    "owed",
    "remove_rate",
    "rent_rate",
    "set_rate",
    "take_back",
    "take_back_missing",
]
