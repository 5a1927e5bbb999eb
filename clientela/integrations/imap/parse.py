"""A mail as our words: a report about a message of ours, or a message of a client. No I/O here."""

import hashlib
import logging
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses

from imap_tools import MailMessage

from clientela.integrations.imap.invitations import with_calendars
from clientela.integrations.imap.quotes import html_to_text, without_quotes
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import Attachment, IncomingMessage, Receipt, ReceiptOutcome

logger = logging.getLogger(__name__)

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


def read_mail(raw: bytes, identity: MailIdentity, now: datetime) -> list[Receipt] | IncomingMessage:
    """Receipts of a report about our messages (none for a mere delay), or the message itself."""
    mail = MailMessage.from_bytes(raw)
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
    text = mail.text.strip() or html_to_text(mail.html)
    message = IncomingMessage(
        channel="email",
        external_id=_external_id(mail.obj, raw),
        from_address=from_address,
        from_name=sender.name if sender else "",
        to_address=_own_address(mail.obj),
        subject=mail.subject,
        text=without_quotes(text),
        html=mail.html,
        at=_date(mail, now),
        in_reply_to_message_id=_answered(mail.obj, identity) or bounced,
        automatic=_is_automatic(mail.obj, from_address),
        attachments=tuple(
            Attachment(item.filename or "file", item.content_type, item.payload) for item in mail.attachments
        ),
    )
    return with_calendars(message, mail.obj)


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
        attachments=(Attachment("message.eml", "message/rfc822", raw),),
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
