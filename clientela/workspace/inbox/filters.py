"""Which conversations the inbox lists, from the address of the page."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from clientela.modules.contacts.models import ANSWERED, PUBLIC, Channel

CHANNELS = (*ANSWERED, *PUBLIC)
BOXES = ("mine", "team", "free", "done")


@dataclass(frozen=True)
class InboxFilter:
    """``box`` is empty when the address names none; ``order`` is ``new`` or ``due`` (the nearest deadline first)."""

    box: str = ""
    channel: str = ""
    waiting: bool = False
    complaint: bool = False
    order: str = "new"
    name: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "InboxFilter":
        """Whatever the address says; words it does not know are left out."""
        box, channel = query.get("box", ""), query.get("channel", "")
        return cls(
            box=box if box in BOXES else "",
            channel=channel if channel in CHANNELS else "",
            waiting=query.get("waiting") == "1",
            complaint=query.get("complaint") == "1",
            order="due" if query.get("order") == "due" else "new",
            name=query.get("name", "").strip()[:120],
        )

    def within(self, box: str) -> "InboxFilter":
        return replace(self, box=box)

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the box leaves conversations out."""
        return bool(self.channel or self.waiting or self.complaint or self.name)

    @property
    def channel_name(self) -> str:
        return str(Channel(self.channel).label) if self.channel else ""

    @property
    def query(self) -> str:
        """The same as a query string."""
        values: dict[str, Any] = {
            "box": self.box, "channel": self.channel, "waiting": "1" if self.waiting else "",
            "complaint": "1" if self.complaint else "", "order": "due" if self.order == "due" else "", "name": self.name,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})
