"""Everything that gives out or forgets data of a person."""

from clientela.modules.privacy.operations.erasing import (
    CannotErase,
    ask_erasure,
    confirm_erasure,
    refuse_erasure,
)
from clientela.modules.privacy.operations.exporting import AlreadyAsked, ask_data, make_data, take_data
from clientela.modules.privacy.operations.keeping import WrongRule, keep_no_longer, set_keeping

__all__ = [
    "AlreadyAsked",
    "CannotErase",
    "WrongRule",
    "ask_data",
    "ask_erasure",
    "confirm_erasure",
    "keep_no_longer",
    "make_data",
    "refuse_erasure",
    "set_keeping",
    "take_data",
]
