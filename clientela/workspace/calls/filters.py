"""Which calls are shown: the conditions of the list, read from an address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from clientela.foundation.dates import local_moment
from clientela.modules.calls.rules import Outcome

BOXES = ("all", "live", "missed", "mine")
DIRECTIONS = ("in", "out")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class CallFilter:
    """``since`` and ``until`` are days of the person's clock, both within the period."""

    box: str = "all"
    direction: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    name: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        def one(name: str, known: tuple[str, ...]) -> str:
            return query.get(name, "") if query.get(name, "") in known else ""

        return cls(
            box=one("box", BOXES) or "all", direction=one("direction", DIRECTIONS),
            outcome=one("outcome", tuple(Outcome.values)), since=_day(query.get("since", "")),
            until=_day(query.get("until", "")), name=query.get("name", "").strip()[:120],
        )  # fmt: skip

    def within(self, box: str) -> Self:
        return replace(self, box=box)

    @property
    def query(self) -> str:
        parts = {name: str(value) for name, value in vars(self).items() if value}
        return urlencode(parts)

    def moments(self, zone: object) -> tuple[datetime | None, datetime | None]:
        """The period as moments, the second one not within."""
        since = local_moment(self.since, datetime.min.time(), zone) if self.since else None  # type: ignore[arg-type]
        day = self.until + timedelta(days=1) if self.until else None
        return since, local_moment(day, datetime.min.time(), zone) if day else None  # type: ignore[arg-type]
