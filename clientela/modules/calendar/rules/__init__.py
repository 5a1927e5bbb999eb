"""Pure rules of the calendar."""

from clientela.modules.calendar.rules.recurrence import (
    BadRule,
    Span,
    checked_rule,
    first_after,
    last_end,
    local_zone,
    occurrences,
)

__all__ = ["BadRule", "Span", "checked_rule", "first_after", "last_end", "local_zone", "occurrences"]
