"""iCalendar in a mail: parts that need no file name, with the method beside their type (RFC 6047)."""

from dataclasses import replace
from email.message import Message

from clientela.modules.contacts.ports import Attachment, IncomingMessage

_LARGEST, _MOST = 512 * 1024, 5


def with_calendars(message: IncomingMessage, mail: Message) -> IncomingMessage:
    """The message with every part of iCalendar as a file. An answer to an invitation, which is given by pressing a
    button, is automatic: nobody waits for an answer to it."""
    found = _calendars(mail)
    if not found:
        return message
    files = tuple(one for one in message.attachments if one.content not in found)
    is_reply = any(one.content_type.endswith("method=reply") for one in found.values())
    return replace(message, automatic=message.automatic or is_reply, attachments=(*files, *found.values()))


def _calendars(mail: Message) -> dict[bytes, Attachment]:
    found: dict[bytes, Attachment] = {}
    for part in mail.walk():
        if part.get_content_type() != "text/calendar" or len(found) == _MOST:
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and len(payload) <= _LARGEST:
            method = str(part.get_param("method") or "").lower()
            kind = (
                f"text/calendar; method={method}"
                if method.isalpha() and len(method) < 20
                else "text/calendar"
            )
            found.setdefault(payload, Attachment(part.get_filename() or "invite.ics", kind, payload))
    return found
