"""Reading calendars."""

from clientela.modules.calendar.queries.shown import (
    Occurrence,
    client_events,
    invitations,
    occurrences_of,
    overlapping,
    waiting_count,
)

__all__ = ["Occurrence", "client_events", "invitations", "occurrences_of", "overlapping", "waiting_count"]
