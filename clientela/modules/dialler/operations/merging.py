"""What calling lists do when two cards of one client become one."""

from datetime import datetime

from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.dialler.models import Entry


class Lists(MergePart):
    """One client is in one hand: of two entries in hand, that of the card which goes waits again."""

    def merging(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        taken = Entry.objects.filter(state=Entry.State.TAKEN)
        if taken.filter(client=kept).exists():
            taken.filter(client=gone).update(
                state=Entry.State.WAITING, taken_by=None, claimed_by="", lease_until=None
            )
