"""What is done with mailings."""

from clientela.modules.letters.operations.mailings import (
    NoClients,
    NotALetter,
    OwnMailing,
    TooMany,
    WrongMoment,
    WrongWindow,
    approve_mailing,
    begin_mailing,
    cancel_mailing,
    hand_to_post,
)

__all__ = [
    "NoClients",
    "NotALetter",
    "OwnMailing",
    "TooMany",
    "WrongMoment",
    "WrongWindow",
    "approve_mailing",
    "begin_mailing",
    "cancel_mailing",
    "hand_to_post",
]
