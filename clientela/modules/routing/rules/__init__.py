"""Whose work it is, by when it is answered, and when it moves on: pure."""

from clientela.modules.routing.rules.choice import Choice, Owner, Person, Pool, Wanted, choose, is_shared
from clientela.modules.routing.rules.moments import answer_by, in_time
from clientela.modules.routing.rules.reasons import Reason, Why
from clientela.modules.routing.rules.shares import hours_so_far, monday

__all__ = [
    "Choice",
    "Owner",
    "Person",
    "Pool",
    "Reason",
    "Wanted",
    "Why",
    "answer_by",
    "choose",
    "hours_so_far",
    "in_time",
    "is_shared",
    "monday",
]
