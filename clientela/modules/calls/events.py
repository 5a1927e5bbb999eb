"""What happened to calls."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CallChanged:
    """A call came, was answered, moved on or ended. ``people`` had it or have it."""

    call_id: int
    client_id: int | None
    direction: str
    state: str
    people: list[int]


@dataclass(frozen=True)
class CallEnded:
    """A call is over: ``outcome`` is a code of ``rules.Outcome``."""

    call_id: int
    client_id: int | None
    direction: str
    outcome: str


@dataclass(frozen=True)
class CallBackAsked:
    """Somebody waits to be called, or tried again meanwhile: ``why`` is missed or asked."""

    call_back_id: int
    client_id: int | None
    why: str


@dataclass(frozen=True)
class CallBackDone:
    """Nobody need call any more: ``result`` says why."""

    call_back_id: int
    client_id: int | None
    result: str
