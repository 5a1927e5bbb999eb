"""The e-mail channel over every mailbox: each is read by a reader of its own and sends over a connection of its own."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import partial
from typing import Any

from django.db import close_old_connections, connections
from django.utils import timezone

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport
from clientela.modules.contacts.ports import Channel, Inbox, OutgoingMessage, SendResult, TransportDown
from clientela.modules.mailboxes.operations import note_use
from clientela.modules.mailboxes.ports import Account
from clientela.modules.mailboxes.queries import account_of, mailboxes

logger = logging.getLogger(__name__)

LOOK_EVERY = 10.0  # seconds
_SECURITY = {"tls": "tls", "starttls": "starttls"}


@dataclass(frozen=True, slots=True)
class _Line:
    """A mailbox in use: its row, how it was told then, and its two connections."""

    box_id: int
    account: Account
    reader: MailboxReader | None
    smtp: SmtpTransport | None


class MailboxesTransport:
    """`Transport` that joins the company's own server (``default``) with every active mailbox of the table.

    A message goes out by the mailbox that its sender names, else by ``default``. The table is looked at again and
    again: readers begin, end and begin anew when a row changes.
    """

    channel: Channel = "email"

    def __init__(
        self,
        default: SmtpTransport | None,
        identity: Callable[[str], MailIdentity],
        *,
        look_every: float = LOOK_EVERY,
        retry_pause: float = 5.0,
        history: bool = False,
    ) -> None:
        """``identity`` gives that of an address; times in seconds."""
        self.default = default
        self._identity = identity
        self._reading: dict[str, Any] = {"retry_pause": retry_pause, "history": history}
        self._look_every = look_every
        self._lines: dict[str, _Line] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._inbox: Inbox | None = None

    def start(self, inbox: Inbox) -> None:
        self._inbox = inbox
        if self.default is not None:
            self.default.start(inbox)
        self._thread = threading.Thread(target=self._watch, name="mailboxes", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            _end(line)
        if self.default is not None:
            self.default.close()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                close_old_connections()
                self.look()
            except Exception:
                logger.exception("mailboxes.not_looked_at")
            self._stop.wait(self._look_every)
        connections.close_all()

    def look(self) -> None:
        """Begin what is new in the table, end what is gone, and both where a row has changed."""
        wanted = {box.address: (box.pk, account_of(box)) for box in mailboxes().filter(is_active=True)}
        with self._lock:
            gone = [
                address
                for address, line in self._lines.items()
                if wanted.get(address) != (line.box_id, line.account)
            ]
            ended = [self._lines.pop(address) for address in gone]
        for line in ended:
            _end(line)
        for address, (box_id, account) in wanted.items():
            if address not in self._lines and not self._stop.is_set():
                line = self._begin(box_id, account)
                with self._lock:
                    self._lines[address] = line

    def _begin(self, box_id: int, account: Account) -> _Line:
        identity = self._identity(account.address)
        reader, smtp = None, None
        if account.imap_host:
            name = f"imap:{account.user}@{account.imap_host}:{account.imap_port}/INBOX"[:120]
            reader = MailboxReader(
                replace(imap_settings(account), **self._reading), identity, TableCursor(name),
                tell=partial(_note, box_id),
            )  # fmt: skip
            if self._inbox is not None:
                reader.start(self._inbox)
        if account.smtp_host:
            smtp = SmtpTransport(smtp_settings(account), identity)
        return _Line(box_id, account, reader, smtp)

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        """Each message by its own server; one server that is down holds up nobody else's messages."""
        by_way: dict[int, tuple[SmtpTransport | None, list[OutgoingMessage]]] = {}
        for message in batch:
            way = self._way(message)
            by_way.setdefault(id(way), (way, []))[1].append(message)
        results: dict[int, SendResult] = {}
        down: list[tuple[list[OutgoingMessage], str]] = []
        for way, some in by_way.values():
            try:
                if way is None:
                    raise TransportDown("no mail server is named for this sender")
                results |= {result.message_id: result for result in way.send(some)}
            except TransportDown as error:
                down.append((some, str(error)))
        if down and not results:
            raise TransportDown("; ".join(dict.fromkeys(why for _, why in down)))
        for some, why in down:
            late = SendResult(0, "retry", fault="connection", detail=why[:300])
            results |= {message.id: replace(late, message_id=message.id) for message in some}
        return [results[message.id] for message in batch]

    def _way(self, message: OutgoingMessage) -> SmtpTransport | None:
        address = parseaddr(message.sender)[1].lower()
        with self._lock:
            line = self._lines.get(address)
        return line.smtp if line is not None and line.smtp is not None else self.default


def _note(box_id: int, fault: str) -> None:
    """A reader's thread lives long: its connection to the database may be gone by now."""
    close_old_connections()
    note_use(box_id, now=timezone.now(), fault=fault)


def _end(line: _Line) -> None:
    if line.reader is not None:
        line.reader.close()
    if line.smtp is not None:
        line.smtp.close()


def imap_settings(account: Account, *, patience: float = 30.0) -> ImapSettings:
    return ImapSettings(
        host=account.imap_host,
        port=account.imap_port,
        user=account.user,
        password=account.password,
        security=_SECURITY.get(account.imap_security, ""),  # type: ignore[arg-type]
        address=account.address,
        timeout=patience,
    )


def smtp_settings(account: Account, *, patience: float = 30.0) -> SmtpSettings:
    return SmtpSettings(
        host=account.smtp_host,
        port=account.smtp_port,
        sender=account.sender,
        user=account.user if account.password else "",
        password=account.password,
        security=_SECURITY.get(account.smtp_security, ""),  # type: ignore[arg-type]
        timeout=patience,
    )
