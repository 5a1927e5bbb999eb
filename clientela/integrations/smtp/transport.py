"""The e-mail channel: out over one kept SMTP connection, in through mailbox readers."""

import hashlib
import logging
import os
import re
import smtplib
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Protocol

from django.conf import settings as django

from clientela.integrations.smtp.compose import BadAddress, compose, mailbox
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import (
    Channel,
    Fault,
    Inbox,
    OutgoingMessage,
    SendResult,
    TransportDown,
)

if TYPE_CHECKING:
    from clientela.integrations.smtp.mailboxes import MailboxesTransport

logger = logging.getLogger(__name__)

_CLOSING = 421
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class Reader(Protocol):
    """Brings the mailbox's replies and reports to the inbox (`integrations.imap`)."""

    def start(self, inbox: Inbox) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """One mail server. `sender` (`Name <box@domain>`) serves messages that name none. Times in seconds."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: Literal["", "starttls", "tls"] = ""
    timeout: float = 30.0


class _LinkLost(Exception):
    """The connection ended before the message's content was handed over."""


class SmtpTransport:
    """`Transport` over SMTP. Uses DSN (RFC 3461) where the server offers it, so that reports name our id."""

    channel: Channel = "email"

    def __init__(
        self, settings: SmtpSettings, identity: MailIdentity, readers: Sequence[Reader] = ()
    ) -> None:
        self.settings = settings
        self.identity = identity
        self._readers = readers
        self._smtp: smtplib.SMTP | None = None
        self._lock = threading.Lock()

    def start(self, inbox: Inbox) -> None:
        for reader in self._readers:
            reader.start(inbox)

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
        with self._lock:
            self._hang_up()

    def greet(self) -> None:
        """Connect and sign in. Raises `TransportDown`."""
        with self._lock:
            self._refresh()

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        if not batch:
            return []
        with self._lock:
            self._refresh()
            return [self._send(message) for message in batch]

    # -- the connection

    def _refresh(self) -> None:
        """A live connection. Raises `TransportDown`."""
        try:
            if self._smtp is not None and self._smtp.noop()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            logger.info("smtp.idle_connection_closed")
        self._hang_up()
        self._connect()

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        host, port, name = settings.host, settings.port, self.identity.domain
        smtp: smtplib.SMTP | None = None
        try:
            if settings.security == "tls":
                smtp = smtplib.SMTP_SSL(
                    host, port, name, timeout=settings.timeout, context=ssl.create_default_context()
                )
            else:
                smtp = smtplib.SMTP(host, port, name, timeout=settings.timeout)
            if settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if settings.user:
                smtp.login(settings.user, settings.password)
        except (smtplib.SMTPException, OSError) as error:
            if smtp is not None:
                smtp.close()
            raise TransportDown(f"{type(error).__name__}: {error}") from error
        self._smtp = smtp
        return smtp

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()

    # -- one message

    def _send(self, message: OutgoingMessage) -> SendResult:
        try:
            to = mailbox(message.to)
        except BadAddress as error:
            return SendResult(message.id, "rejected", fault="address", detail=str(error))
        try:
            data = compose(message, message.sender or self.settings.sender, self.identity, datetime.now(UTC))
        except ValueError as error:
            return SendResult(message.id, "rejected", fault="content", detail=str(error))
        trouble = ""
        for _ in range(2):  # a server may end a kept connection at any time between messages
            try:
                smtp = self._smtp or self._connect()
                return self._transact(smtp, message.id, to, data)
            except (_LinkLost, TransportDown) as error:
                trouble = str(error)
                self._drop()
        return SendResult(message.id, "retry", fault="connection", detail=trouble)

    def _transact(self, smtp: smtplib.SMTP, message_id: int, to: str, data: bytes) -> SendResult:
        mail_options: list[str] = []
        rcpt_options: list[str] = []
        if smtp.has_extn("dsn"):
            mail_options += ["RET=HDRS", f"ENVID={self.identity.envelope_id(message_id)}"]
            rcpt_options += ["NOTIFY=SUCCESS,FAILURE"]
        try:
            code, words = smtp.mail(self.identity.return_path(message_id), mail_options)
            stage: Fault = "policy"
            if code == 250:
                stage = "address"
                code, words = smtp.rcpt(to, rcpt_options)
                if code in (250, 251):
                    stage = "content"
                    code, words = smtp.docmd("DATA")
            if code != 354:
                if code == _CLOSING:
                    raise _LinkLost(_text(words))
                smtp.rset()
                return _refusal(message_id, code, words, stage)
        except (smtplib.SMTPException, OSError) as error:
            raise _LinkLost(f"{type(error).__name__}: {error}") from error
        try:
            smtp.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
            code, words = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            return SendResult(
                message_id, "uncertain", fault="connection", detail=f"after DATA: {type(error).__name__}"
            )
        if code == 250:
            provider_id = self.identity.message_id(message_id)
            return SendResult(message_id, "accepted", (provider_id,), detail=_text(words))
        if code == _CLOSING:
            self._drop()
        return _refusal(message_id, code, words, "content")

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _text(words: bytes) -> str:
    return words.decode("utf-8", "replace")[:300]


def _refusal(message_id: int, code: int, words: bytes, stage: Fault) -> SendResult:
    """4xx may go later; 5xx never. The enhanced code (RFC 3463) tells policy from a bad address."""
    detail = f"{code} {_text(words)}"
    enhanced = _ENHANCED.match(_text(words))
    about = enhanced[1].split(".")[1] if enhanced else ""
    if 400 <= code < 500:
        fault: Fault = "throttled" if code == _CLOSING or about == "7" else "server"
        return SendResult(message_id, "retry", fault=fault, detail=detail)
    return SendResult(
        message_id,
        "rejected",
        fault="policy" if stage == "address" and about == "7" else stage,
        detail=detail,
    )


def from_environment(environment: Mapping[str, str] = os.environ) -> "MailboxesTransport":
    """The transport of `CLIENTELA_SMTP_*`: HOST, SENDER, DOMAIN, BOUNCE_MAILBOX and, as needed, SECRET, PORT
    (25), USER, PASSWORD, SECURITY (starttls, tls); with `CLIENTELA_IMAP_HOST` also reads that mailbox. Without a
    HOST only the mailboxes of the settings page send and are read.
    """
    from clientela.integrations.imap.reader import from_environment as mailbox_reader
    from clientela.integrations.smtp.mailboxes import MailboxesTransport

    def value(name: str, default: str = "") -> str:
        return environment.get(f"CLIENTELA_SMTP_{name}", default)

    secret = value("SECRET") or hashlib.sha256(f"mail:{django.SECRET_KEY}".encode()).hexdigest()

    def identity_of(address: str) -> MailIdentity:
        return MailIdentity(address.rpartition("@")[2], address, secret)

    if not value("HOST"):
        return MailboxesTransport(None, identity_of)
    security = value("SECURITY")
    if security not in ("", "starttls", "tls"):
        raise ValueError("CLIENTELA_SMTP_SECURITY is starttls, tls or empty")
    identity = MailIdentity(
        environment["CLIENTELA_SMTP_DOMAIN"], environment["CLIENTELA_SMTP_BOUNCE_MAILBOX"], secret
    )
    readers = [mailbox_reader(identity, environment)] if environment.get("CLIENTELA_IMAP_HOST") else []
    settings = SmtpSettings(
        host=environment["CLIENTELA_SMTP_HOST"],
        port=int(value("PORT", "25")),
        sender=environment["CLIENTELA_SMTP_SENDER"],
        user=value("USER"),
        password=value("PASSWORD"),
        security=security,  # type: ignore[arg-type]
    )
    return MailboxesTransport(SmtpTransport(settings, identity, readers), identity_of)
