"""Finding cards that may be one person, and deciding about them."""

from clientela.modules.resolution.operations.comparing import Comparer, note_due, note_import_due
from clientela.modules.resolution.operations.deciding import AlreadyDecided, accept, take_back, tell_apart
from clientela.modules.resolution.operations.finding import (
    CERTAIN,
    ENOUGH_TO_LEARN,
    KIND,
    REVIEW,
    begin_search,
    find_pairs,
)
from clientela.modules.resolution.operations.grouping import case_of
from clientela.modules.resolution.operations.joining import (
    LEAST,
    USUAL,
    NotLookedAt,
    Plan,
    WrongJoinRules,
    current_join_rules,
    join_certain,
    join_group,
    part_group,
    plan,
    queue_joining,
    set_join_rules,
    take_joins_back,
    told,
    undo_joins,
)
from clientela.modules.resolution.operations.weights import SHIPPED

__all__ = [
    "CERTAIN",
    "ENOUGH_TO_LEARN",
    "KIND",
    "LEAST",
    "REVIEW",
    "SHIPPED",
    "USUAL",
    "AlreadyDecided",
    "Comparer",
    "NotLookedAt",
    "Plan",
    "WrongJoinRules",
    "accept",
    "begin_search",
    "case_of",
    "current_join_rules",
    "find_pairs",
    "join_certain",
    "join_group",
    "note_due",
    "note_import_due",
    "part_group",
    "plan",
    "queue_joining",
    "set_join_rules",
    "take_back",
    "take_joins_back",
    "tell_apart",
    "told",
    "undo_joins",
]
