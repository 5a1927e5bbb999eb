"""What the module does when others tell it something."""

from datetime import datetime

from clientela.modules.calls.operations.choosing import WORK
from clientela.modules.calls.operations.inbound import follow_work
from clientela.modules.routing.events import WorkMoved


def on_work_moved(event: WorkMoved, *, now: datetime) -> None:
    """Routing gave calls to other people."""
    if event.kind == WORK:
        follow_work(event.ref_ids, now=now)
