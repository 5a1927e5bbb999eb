"""The verbs of routing: the one place that decides whose work something is."""

from clientela.modules.routing.operations.moving import route_waiting, tend
from clientela.modules.routing.operations.offering import (
    Need,
    Placed,
    accept,
    answered,
    decline,
    give,
    offer,
    release,
)
from clientela.modules.routing.operations.stations import (
    WrongStation,
    change_queue,
    change_station,
    note_seen,
    set_state,
    set_state_of,
)

__all__ = [
    "Need",
    "Placed",
    "WrongStation",
    "accept",
    "answered",
    "change_queue",
    "change_station",
    "decline",
    "give",
    "note_seen",
    "offer",
    "release",
    "route_waiting",
    "set_state",
    "set_state_of",
    "tend",
]
