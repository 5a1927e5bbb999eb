"""What an event is made of, as people and programs give it."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody to invite: a person here by id, or an address."""

    email: str = ""
    name: str = ""
    person_id: int | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything about an event that its planner says. Moments are aware; ``ends_at`` is the first moment after it."""

    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    kind: str = "meeting"
    all_day: bool = False
    place: str = ""
    note: str = ""
    rrule: str = ""
    client_id: int | None = None
    about_kind: str = ""
    about_id: int | None = None
    guests: tuple[Guest, ...] = ()
    alarms: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """One VEVENT as a program wrote it: ``moved_from`` names an occurrence of a series."""

    uid: str
    draft: Draft
    moved_from: datetime | None = None
    left_out: tuple[str, ...] = ()
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to an invitation that came by mail; ``only`` names the one time of a series that it is about."""

    uid: str
    email: str
    answer: str
    sequence: int
    written_at: datetime | None = None
    only: datetime | date | None = None
    names: tuple[str, ...] = field(default=())
