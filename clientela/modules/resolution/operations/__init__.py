"""Finding cards that may be one person, and deciding about them."""

from clientela.modules.resolution.operations.comparing import Comparer, note_due, note_import_due
from clientela.modules.resolution.operations.deciding import AlreadyDecided, accept, take_back, tell_apart
from clientela.modules.resolution.operations.finding import (
    CERTAIN,
    ENOUGH_TO_LEARN,
    KIND,
    REVIEW,
    SHIPPED,
    begin_search,
    find_pairs,
    is_sound,
)

__all__ = [
    "CERTAIN",
    "ENOUGH_TO_LEARN",
    "KIND",
    "REVIEW",
    "SHIPPED",
    "AlreadyDecided",
    "Comparer",
    "accept",
    "begin_search",
    "find_pairs",
    "is_sound",
    "note_due",
    "note_import_due",
    "take_back",
    "tell_apart",
]
