"""What the calendar does when something happens elsewhere."""

from datetime import datetime

from clientela.modules.calendar.operations.replies import take_reply
from clientela.modules.calendar.queries.parsing import LARGEST, read_reply
from clientela.modules.contacts.events import CalendarMailed
from clientela.modules.contacts.models import MessageFile


def on_calendar_mail(event: CalendarMailed, *, now: datetime) -> None:
    """A mail brought iCalendar: perhaps the answer to an invitation."""
    files = MessageFile.objects.filter(
        message_id=event.message_id, content_type__startswith="text/calendar", size__lte=LARGEST
    )
    for row in files.select_related("message").order_by("id")[:5]:
        with row.file.open("rb") as stored:
            reply = read_reply(stored.read())
        if reply is not None:
            take_reply(reply, sender=row.message.address, now=now)
