"""Whether the servers of a mailbox let us in."""

import imaplib
import smtplib
import socket
import ssl

from imap_tools import ImapToolsError

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import MailboxReader
from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.mailboxes import imap_settings, smtp_settings
from clientela.integrations.smtp.transport import SmtpTransport
from clientela.modules.contacts.ports import TransportDown
from clientela.modules.mailboxes.ports import Account, Fault

_PATIENCE = 10.0  # seconds a server may take
_CODES: dict[type[BaseException], str] = {
    socket.gaierror: "no_such_server",
    TimeoutError: "silent",
    ConnectionRefusedError: "refused",
}


def try_mailbox(account: Account) -> list[Fault]:
    """`Probe` over IMAP and SMTP. A server that is not named is not asked."""
    identity = MailIdentity(account.address.rpartition("@")[2], account.address, "")
    if not account.imap_host and not account.smtp_host:
        return [Fault("", "no_server")]
    found = [
        _imap(account, identity) if account.imap_host else None,
        _smtp(account, identity) if account.smtp_host else None,
    ]
    return [fault for fault in found if fault is not None]


def _imap(account: Account, identity: MailIdentity) -> Fault | None:
    settings = imap_settings(account, patience=_PATIENCE)
    try:
        with MailboxReader(settings, identity, TableCursor("probe")).open():
            return None
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        return _fault("imap", error)


def _smtp(account: Account, identity: MailIdentity) -> Fault | None:
    transport = SmtpTransport(smtp_settings(account, patience=_PATIENCE), identity)
    try:
        transport.greet()
    except TransportDown as error:
        return _fault("smtp", error.__cause__ or error)
    finally:
        transport.close()
    return None


def _fault(side: str, error: BaseException) -> Fault:
    if isinstance(error, smtplib.SMTPAuthenticationError) or "AUTHENTICATIONFAILED" in str(error):
        return Fault(side, "credentials")
    if isinstance(error, ssl.SSLError):
        return Fault(side, "encryption", str(error.reason or error))
    for kind, code in _CODES.items():
        if isinstance(error, kind):
            return Fault(side, code)
    return Fault(side, "other", str(error)[:200])
