"""Premiums with their explanation, and what may be answered instead of one."""

from clientela.modules.rating.rules.premium import (
    DECISIONS,
    Factor,
    MissingFacts,
    OutOfTariff,
    Part,
    Premium,
    Reason,
    Verdict,
)

__all__ = ["DECISIONS", "Factor", "MissingFacts", "OutOfTariff", "Part", "Premium", "Reason", "Verdict"]
