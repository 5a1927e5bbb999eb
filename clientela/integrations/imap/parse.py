"""A mail as our words: a report about a message of ours, or a message of a client. No I/O here."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses

import nh3
from imap_tools import MailMessage

from clientela.integrations.imap.invitations import with_calendars
from clientela.integrations.imap.quotes import html_to_text, split_quotes
from clientela.integrations.imap.tame import FILES, HTML, TEXT, is_deep, is_tangled, opened, without_tags
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import Attachment, IncomingMessage, Receipt, ReceiptOutcome

# RFC 3464 2.3.3. `relayed` is all that is heard where the client's server sends no reports: it took the
# mail, and a bounce may still follow. `delayed` says nothing new: the server goes on trying.
_ACTIONS: dict[str, ReceiptOutcome] = {
    "delivered": "delivered",
    "failed": "undelivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id", "feedback-id")


def read_mail(
    raw: bytes, identity: MailIdentity, now: datetime, mailbox: str = ""
) -> list[Receipt] | IncomingMessage:
    """Receipts of a report about our messages (none for a mere delay), or the message itself.

    ``mailbox`` is the address it was read from. A mail that is too tangled to be taken apart, or has more files than
    anybody opens, comes as one file.
    """
    mail = opened(raw)
    reports = _reports(mail.obj, identity, now)
    if reports is not None:
        return reports
    bounced = identity.from_address(_recipients(mail.obj))
    sender = mail.from_values
    from_address = sender.email.lower() if sender else ""
    if bounced is not None and (_null_sender(mail.obj) or from_address.startswith("mailer-daemon@")):
        # A bounce in words only: the address it came to names the message.
        return [
            Receipt(
                channel="email", outcome="undelivered", at=now, message_id=bounced, detail=mail.subject[:300]
            )
        ]
    html = mail.html[:HTML]
    files = _files(mail, raw)
    if is_deep(html):
        text = mail.text[:TEXT].strip() or without_tags(html)[:TEXT]
        html, files = "", (*files, Attachment("message.html", "text/html", html.encode("utf-8", "replace")))
    else:
        text = mail.text[:TEXT].strip() or _text_of(html)
    new, quoted = split_quotes(text)
    message = IncomingMessage(
        channel="email",
        external_id=_external_id(mail.obj, raw),
        from_address=from_address,
        from_name=sender.name if sender else "",
        to_address=mailbox or _own_address(mail.obj),
        subject=mail.subject,
        text=new,
        quoted=quoted,
        html=html,
        at=_date(mail, now),
        in_reply_to_message_id=_answered(mail.obj, identity) or bounced,
        automatic=_is_automatic(mail.obj, from_address),
        attachments=files,
    )
    return with_calendars(message, mail.obj)


def _text_of(html: str) -> str:
    """Lines of an HTML mail; put in order first, since what is malformed may cost the reader dear."""
    clean = nh3.clean(html, attributes={"*": {"class", "id"}}) if html else ""
    return html_to_text(clean)[:TEXT]


def _files(mail: MailMessage, raw: bytes) -> tuple[Attachment, ...]:
    if is_tangled(raw):
        return (_whole(raw),)
    parts = [part for part in mail.obj.walk() if part.get_filename() or _is_attached(part)]
    if len(parts) > FILES:
        return (_whole(raw),)
    return tuple(
        Attachment(item.filename or "file", item.content_type, item.payload) for item in mail.attachments
    )


def _is_attached(part: Message) -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _whole(raw: bytes) -> Attachment:
    return Attachment("message.eml", "message/rfc822", raw)


def left_there(
    head: bytes, name: str, size: int, identity: MailIdentity, now: datetime, mailbox: str
) -> IncomingMessage:
    """A mail too large to be fetched: who wrote, about what, and that it waits in the mailbox."""
    found = read_mail(head, identity, now, mailbox)
    note = Attachment(f"{size // 2**20}-MB-in-{mailbox or 'mailbox'}.txt", "text/plain", head)
    if not isinstance(found, IncomingMessage):
        return unreadable(head, name, now)
    return replace(found, text=found.text or found.subject, html="", attachments=(note,))


def unreadable(raw: bytes, name: str, now: datetime) -> IncomingMessage:
    """A mail that could not be read, whole, so that a person can look at it."""
    return IncomingMessage(
        channel="email",
        external_id=name,
        from_address="",
        to_address="",
        text="",
        at=now,
        automatic=True,
        attachments=(_whole(raw),),
    )


def _headers(mail: Message, *names: str) -> list[str]:
    return [str(value) for name in names for value in mail.get_all(name, [])]


def _reports(mail: Message, identity: MailIdentity, now: datetime) -> list[Receipt] | None:
    """Receipts of a delivery status report (RFC 3464); None when this is no report about us."""
    parts = [part for part in mail.walk() if part.get_content_type() == "message/delivery-status"]
    if not parts:
        return None
    blocks = [block for block in parts[0].get_payload() if isinstance(block, Message)]
    envelope = next(
        (str(block["Original-Envelope-Id"]) for block in blocks if block["Original-Envelope-Id"]), ""
    )
    message_id = identity.from_envelope_id(envelope) or identity.from_address(_recipients(mail))
    if message_id is None:
        message_id = _returned_message(mail, identity)
    if message_id is None:
        return None
    receipts = []
    for block in blocks:
        outcome = _ACTIONS.get(str(block.get("Action", "")).strip().lower())
        if outcome is None:
            continue
        recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        receipts.append(
            Receipt(
                channel="email",
                outcome=outcome,
                at=now,
                provider_id=identity.message_id(message_id),
                message_id=message_id,
                to_address=recipient.rpartition(";")[2].strip().lower(),
                detail=" ".join(f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}".split())[
                    :300
                ],
            )
        )
    return receipts


def _returned_message(mail: Message, identity: MailIdentity) -> int | None:
    """Our id from the headers of the message that the report brings back."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            words = payload.decode("latin-1") if isinstance(payload, bytes) else ""
        elif part.get_content_type() == "message/rfc822":
            words = " ".join(
                " ".join(_headers(inner, "Message-ID"))
                for inner in part.get_payload()
                if isinstance(inner, Message)
            )
        else:
            continue
        found = identity.from_message_ids(words)
        if found is not None:
            return found
    return None


def _recipients(mail: Message) -> str:
    return " ".join(_headers(mail, "Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"))


def _own_address(mail: Message) -> str:
    for name in ("Delivered-To", "X-Original-To", "To"):
        addresses = [address for _, address in getaddresses(_headers(mail, name)) if address]
        if addresses:
            return addresses[0].lower()
    return ""


def _null_sender(mail: Message) -> bool:
    return any(value.strip() == "<>" for value in _headers(mail, "Return-Path"))


def _is_automatic(mail: Message, from_address: str) -> bool:
    """RFC 3834 first, then the marks that mail programs used before it."""
    submitted = " ".join(_headers(mail, "Auto-Submitted")).strip().lower()
    if submitted:
        return not submitted.startswith("no")
    precedence = " ".join(_headers(mail, "Precedence")).strip().lower()
    return (
        precedence in ("bulk", "list", "junk", "auto_reply")
        or any(mail.get(name) is not None for name in _AUTO_HEADERS)
        or _null_sender(mail)
        or bool(_MACHINES.match(from_address))
        or mail.get_content_type() == "multipart/report"
    )


def _answered(mail: Message, identity: MailIdentity) -> int | None:
    for name in ("In-Reply-To", "References"):
        found = identity.from_message_ids(" ".join(_headers(mail, name)))
        if found is not None:
            return found
    return None


def _external_id(mail: Message, raw: bytes) -> str:
    given = " ".join(_headers(mail, "Message-ID")).strip()
    return given[:250] if given else f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _date(mail: MailMessage, now: datetime) -> datetime:
    """The Date header in UTC; `now` when it is missing or lies in the future."""
    written = mail.date if mail.date.tzinfo else mail.date.replace(tzinfo=UTC)
    return now if written.year < 1970 or written > now else written.astimezone(UTC)
