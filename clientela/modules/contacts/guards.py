"""The last word of whoever asked for a message, given at the moment of sending.

A higher module registers for its ``origin`` a function that gets ids of its own records and returns those
that must not go any more, with a reason code: ``{touch_id: "has_project"}``. It runs inside the transaction
that takes the messages, for up to a whole batch at once, and must not be slow or write anything.
"""

from collections.abc import Callable, Collection, Mapping

Guard = Callable[[Collection[int]], Mapping[int, str]]

_guards: dict[str, Guard] = {}


def register(origin: str, guard: Guard) -> None:
    """Ask ``guard`` about every message of ``origin`` before it is sent; a second call replaces the first."""
    _guards[origin] = guard


def blocked(origins: Mapping[str, Collection[int]]) -> dict[tuple[str, int], str]:
    """(origin, id) → reason code, for those ids of ``origins`` that must not go."""
    return {
        (origin, record_id): reason
        for origin, ids in origins.items()
        if ids and origin in _guards
        for record_id, reason in _guards[origin](ids).items()
    }
