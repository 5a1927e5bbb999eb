"""Facts about cards that become one client: they move by themselves; a consent taken back on one card counts."""

from datetime import datetime

from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.group.operations.forgetting import forget_uncovered


class GroupData(MergePart):
    """No value of a fact ever stands in the log of a merge: rows are moved by their numbers."""

    def merged(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        forget_uncovered(kept, now=now)
