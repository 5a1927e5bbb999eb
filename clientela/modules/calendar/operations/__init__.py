"""Verbs of the calendar."""

from clientela.modules.calendar.operations.events import (
    BadTime,
    Foreign,
    NotOrganiser,
    TooMany,
    UnknownRule,
    answer_invitation,
    change_event,
    leave_out,
    move_event,
    plan_event,
    remove_event,
    restore_event,
)

__all__ = [
    "BadTime",
    "Foreign",
    "NotOrganiser",
    "TooMany",
    "UnknownRule",
    "answer_invitation",
    "change_event",
    "leave_out",
    "move_event",
    "plan_event",
    "remove_event",
    "restore_event",
]
