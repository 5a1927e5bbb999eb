"""Which answers the page of feedback shows, from its address."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from clientela.foundation.ids import id_of
from clientela.modules.quality.rules import Group

PERIODS = (30, 90, 365)
DEFAULT = 90


@dataclass(frozen=True)
class FeedbackFilter:
    """``days`` back from now; ``survey`` and ``agent`` are ids, 0 for all; ``box`` is ``call`` for those to be called."""

    days: int = DEFAULT
    survey: int = 0
    group: str = ""
    box: str = ""
    words: bool = False
    agent: int = 0
    branch: int = 0

    @classmethod
    def read(cls, query: QueryDict) -> "FeedbackFilter":
        """Whatever the address says; words it does not know are left out."""
        days, group = id_of(query.get("days", "")), query.get("group", "")
        return cls(
            days=days if days in PERIODS else DEFAULT,
            survey=id_of(query.get("survey", "")) or 0,
            group=group if group in set(Group) else "",
            box="call" if query.get("box") == "call" else "",
            words=query.get("words") == "1",
            agent=id_of(query.get("agent", "")) or 0,
            branch=id_of(query.get("branch", "")) or 0,
        )

    def but(self, **changes: Any) -> "FeedbackFilter":
        return replace(self, **changes)

    def since(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the period leaves answers out."""
        return self != FeedbackFilter(days=self.days)

    @property
    def query(self) -> str:
        """The same as a query string."""
        values: dict[str, Any] = {
            "days": self.days if self.days != DEFAULT else "", "survey": self.survey, "group": self.group,
            "box": self.box, "words": "1" if self.words else "", "agent": self.agent, "branch": self.branch,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})
