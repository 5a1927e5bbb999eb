"""Our message as a mail: bytes for DATA and an address for RCPT. No I/O here."""

import re
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import OutgoingMessage

_MACHINE_VALUE = re.compile(r"[!-~]{1,900}")


class BadAddress(ValueError):
    """Not an address a mail can go to."""


def mailbox(address: str) -> str:
    """The bare address with its domain in ASCII. Raises `BadAddress`."""
    if any(char.isspace() or not char.isprintable() for char in address.strip()):
        raise BadAddress("white space in the address")
    local, _, domain = address.strip().rpartition("@")
    if not local or "." not in domain or not local.isascii() or set(local) & set('@<>()",;:\\'):
        raise BadAddress("not an e-mail address")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise BadAddress("not a domain name") from error


def compose(message: OutgoingMessage, sender: str, identity: MailIdentity, now: datetime) -> bytes:
    """RFC 5322 bytes, lines of at most 998 octets, 7-bit. Raises `BadAddress`."""
    mail = EmailMessage(policy=policy.SMTP)
    name, address = parseaddr(sender)
    local, _, domain = mailbox(address).rpartition("@")
    mail["From"] = Address(" ".join(name.split()), local, domain)
    to_local, _, to_domain = mailbox(message.to).rpartition("@")
    mail["To"] = Address("", to_local, to_domain)
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(now)
    if message.automatic:
        # A machine put this mail on its way: vacation responders must not answer it (RFC 3834).
        mail["Auto-Submitted"] = message.automatic
    mail.set_content(message.text, cte="base64")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="base64")
    for attachment in message.attachments:
        if attachment.content_type.startswith("text/calendar"):
            # Mail programs take an invitation only where it stands beside the words (RFC 6047).
            method = attachment.content_type.partition("method=")[2].partition(";")[0]
            mail.add_alternative(
                attachment.content.decode(), subtype="calendar", cte="base64",
                params={"method": method, "name": attachment.name},
            )  # fmt: skip
            continue
        main, _, sub = attachment.content_type.partition("/")
        mail.add_attachment(
            attachment.content,
            maintype=main,
            subtype=sub or "octet-stream",
            filename=attachment.name,
        )
    return _machine_headers(message, identity) + mail.as_bytes()


def _machine_headers(message: OutgoingMessage, identity: MailIdentity) -> bytes:
    """Values that must stand on one line as they are; the standard library would encode long ones."""
    headers = [("Message-ID", identity.message_id(message.id))]
    if message.in_reply_to:
        before = [identity.message_id(message.continues)] if message.continues else []
        references = " ".join([*before, message.in_reply_to])
        headers += [("In-Reply-To", message.in_reply_to), ("References", references)]
    if message.list_unsubscribe_url:
        headers += [
            ("List-Unsubscribe", f"<{message.list_unsubscribe_url}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    return b"".join(
        f"{name}: {value}\r\n".encode("ascii") for name, value in headers if _MACHINE_VALUE.fullmatch(value)
    )
