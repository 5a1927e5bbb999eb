"""What happened in people's calendars."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CalendarChanged:
    """An event was made, moved, answered or taken off; ``people`` are those in whose calendars it stands."""

    event_id: int
    people: list[int]


@dataclass(frozen=True)
class ReminderDue:
    """Somebody is reminded on the page."""

    person_id: int
