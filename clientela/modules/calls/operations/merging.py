"""Calls of two cards that part again."""

from datetime import datetime

from clientela.modules.calls.models import Call
from clientela.modules.clients.models import ContactPoint
from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.clients.queries import ways_to_one


class Calls(MergePart):
    """The calls themselves go with the card."""

    def separated(self, log: RowLog, *, kept: int, gone: int, since: datetime, now: datetime) -> None:
        """Calls since then with a phone that is the other card's alone are the other card's."""
        ways = ways_to_one(gone, other=kept)
        numbers = [value for kind, value in ways if kind == ContactPoint.Kind.PHONE]
        Call.objects.filter(client=kept, number__in=numbers, started_at__gte=since).update(client=gone)
