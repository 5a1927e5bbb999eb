"""What was said with two cards that become one client, and whose it is when they part.

Nothing here changes an address: an answer goes where the message it answers came from, and only while that address is
on the client's card.
"""

from collections.abc import Iterable
from datetime import datetime

from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.operations.merging import MergePart
from clientela.modules.clients.queries import ways_to_one
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contacts.operations.asking import locked, note_incoming, recount
from clientela.modules.contacts.operations.conversations import follow_owners
from clientela.modules.contacts.queries.consents import taken_back
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.routing.operations import release

IN = Message.Direction.IN


class Talks(MergePart):
    """Consents, messages and the conversation of cards that become one."""

    same_twice = ("contacts.Consent", "contacts.Conversation")

    def merging(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        """Of two words about one thing the later one counts: who took a consent back on one card took it back."""
        for consent, at in taken_back(Consent.objects.filter(client_id__in=[kept, gone])).items():
            log.alter(consent, withdrawn_at=at, withdrawn_via="other card")

    def merged(self, log: RowLog, *, kept: int, gone: int, now: datetime) -> None:
        """One conversation: what waits on the other card waits here."""
        for other in log.removed("contacts.Conversation"):
            release(WORK, [other.pk], now=now)
            note_incoming(recount(locked([kept])[kept], now=now, since=other.waiting_since), {}, now=now)
        follow_owners([kept], now=now)

    def separated(self, log: RowLog, *, kept: int, gone: int, since: datetime, now: datetime) -> None:
        """What was said since with an address that is the other card's alone is the other card's."""
        for channel, address in _only(gone, kept):
            later = Message.objects.filter(
                client=kept, channel=channel, address=address, created_at__gte=since
            )
            later.update(client=gone)
        talks = locked([kept, gone])
        for client_id, talk in talks.items():
            note_incoming(recount(talk, now=now, since=since if client_id == gone else None), {}, now=now)
        missing = {kept, gone} - talks.keys()
        note_incoming(
            list(Message.objects.filter(client__in=missing, direction=IN, created_at__gte=since)), {}, now=now
        )
        follow_owners([kept, gone], now=now)


def _only(gone: int, kept: int) -> Iterable[tuple[str, str]]:
    """Channel and address of each way to the one card that is none to the other."""
    for kind, value in ways_to_one(gone, other=kept):
        for channel, of in KINDS.items():
            if of == kind:
                yield channel, value
