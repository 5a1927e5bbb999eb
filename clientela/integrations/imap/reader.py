"""Watches one mailbox: everything that comes is given to the inbox once stored for good."""

import imaplib
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from imap_tools import AND, BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted, U

from clientela.integrations.imap.parse import left_there, read_mail, unreadable
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import Inbox, IncomingMessage, Receipt

logger = logging.getLogger(__name__)

_BATCH = 50
# What one fetch may hold in memory, and what is fetched at all; of a larger mail only the headers are.
_AT_ONCE, LARGEST = 16 * 2**20, 50 * 2**20
_HEAD = 65_536
_IDLE_LIMIT = 300.0


class Cursor(Protocol):
    """Remembers how far the mailbox was read: `<uidvalidity>:<uid>`, None before the first reading."""

    def get(self) -> str | None: ...

    def move(self, before: str | None, to: str) -> bool:
        """From `before` to `to`; False when another reader has moved it meanwhile."""

    def together(self) -> AbstractContextManager[None]:
        """What is stored within, and the move, are kept both or neither where the inbox is in the same database."""

    def close(self) -> None:
        """The reader's thread ends."""


class Overtaken(Exception):
    """Another reader of the mailbox has taken the same mails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """One mailbox. Times in seconds. `history`: at the first reading take what is already there too.

    `address` is what clients write to, where it is known.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Literal["", "starttls", "tls"] = "tls"
    folder: str = "INBOX"
    address: str = ""
    history: bool = False
    poll_interval: float = 60.0
    retry_pause: float = 5.0
    timeout: float = 30.0


class MailboxReader:
    """Reads new mail at once where the server has IDLE, and by polling everywhere.

    The cursor moves in the transaction in which the inbox stores the mails. Where it cannot, a crash repeats the last
    batch (the inbox knows them by `external_id`) and loses nothing. Flags in the mailbox are left alone.
    """

    def __init__(
        self,
        settings: ImapSettings,
        identity: MailIdentity,
        cursor: Cursor,
        tell: Callable[[str], None] = lambda fault: None,
    ) -> None:
        """``tell`` hears of every connection: nothing when it works, else why it does not."""
        self.settings = settings
        self._tell = tell
        self._identity = identity
        self._cursor = cursor
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, inbox: Inbox) -> None:
        if self._thread is not None:
            raise RuntimeError("already started")
        name = f"imap-{self.settings.host}"
        self._thread = threading.Thread(target=self._run, args=(inbox,), name=name, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(self.settings.timeout)
            self._thread = None

    def _run(self, inbox: Inbox) -> None:
        while not self._stop.is_set():
            try:
                with self.open() as mailbox:
                    self._say("")
                    while not self._stop.is_set():
                        try:
                            self.read_new(mailbox, inbox)
                        except Overtaken:
                            continue
                        self._wait(mailbox)
            except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
                logger.warning("imap.connection_failed", exc_info=True)
                self._say(f"{type(error).__name__}: {error}")
                self._stop.wait(self.settings.retry_pause)
            except Exception:
                # The inbox could not store: the cursor has not moved, the same mails come again.
                logger.exception("imap.not_stored")
                self._stop.wait(self.settings.retry_pause)
        self._cursor.close()

    def _say(self, fault: str) -> None:
        try:
            self._tell(fault)
        except Exception:
            logger.exception("imap.not_told")

    @contextmanager
    def open(self) -> Iterator[BaseMailBox]:
        """A connection, signed in, with the folder open; closed afterwards, also where the server is gone by then."""
        settings = self.settings
        mailbox: BaseMailBox
        if settings.security == "tls":
            mailbox = MailBox(settings.host, settings.port, timeout=settings.timeout)
        else:
            mailbox = MailBoxUnencrypted(settings.host, settings.port, timeout=settings.timeout)
        try:
            if settings.security == "starttls":
                mailbox.client.starttls()
            yield mailbox.login(settings.user, settings.password, settings.folder)
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                mailbox.logout()
        finally:
            # The client's own ways to close leave the socket open, or raise, when the connection is lost.
            mailbox.client.file.close()
            mailbox.client.sock.close()

    def read_new(self, mailbox: BaseMailBox, inbox: Inbox) -> int:
        """Gives what has come since the cursor; the number of mails read. Raises Overtaken."""
        validity = _fact(mailbox, "UIDVALIDITY")
        place = self._cursor.get() or self._begin(validity, following=_fact(mailbox, "UIDNEXT"))
        last = _last(place, validity)
        mailbox.client.noop()
        mailbox.client.response("EXISTS")  # what is said from here on is news
        found = [int(uid) for uid in mailbox.uids(AND(uid=U(str(last + 1), "*")))]
        fresh = sorted(uid for uid in found if uid > last)
        read = 0
        for batch in self._batches(mailbox, fresh):
            if self._stop.is_set():
                return read
            receipts, incoming = self._fetch(mailbox, validity, batch)
            following_place = f"{validity}:{batch[-1][0]}"
            with self._cursor.together():
                if receipts:
                    inbox.receipts(receipts)
                if incoming:
                    inbox.incoming(incoming)
                if not self._cursor.move(place, following_place):
                    raise Overtaken(place)
            place, read = following_place, read + len(batch)
        return len(fresh)

    def _batches(self, mailbox: BaseMailBox, fresh: list[int]) -> Iterator[list[tuple[int, int]]]:
        """Uids with the sizes of their mails, as many as fit into memory at once."""
        for start in range(0, len(fresh), _BATCH):
            uids = fresh[start : start + _BATCH]
            sizes = self._sizes(mailbox, uids)
            batch: list[tuple[int, int]] = []
            held = 0
            for uid in uids:
                size = sizes.get(uid, 0)
                if batch and held + size > _AT_ONCE:
                    yield batch
                    batch, held = [], 0
                batch.append((uid, size))
                held += size if size <= LARGEST else 0
            yield batch

    def _sizes(self, mailbox: BaseMailBox, uids: list[int]) -> dict[int, int]:
        _, data = mailbox.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
        found = {}
        for item in data:
            words = item[0] if isinstance(item, tuple) else item
            uid, size = re.search(rb"UID (\d+)", words or b""), re.search(rb"SIZE (\d+)", words or b"")
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return found

    def _begin(self, validity: int, *, following: int) -> str:
        """Where the first reading begins."""
        place = f"{validity}:{0 if self.settings.history else following - 1}"
        if not self._cursor.move(None, place):
            raise Overtaken(place)
        return place

    def _fetch(
        self, mailbox: BaseMailBox, validity: int, batch: list[tuple[int, int]]
    ) -> tuple[list[Receipt], list[IncomingMessage]]:
        receipts: list[Receipt] = []
        incoming: list[IncomingMessage] = []
        now, own = datetime.now(UTC), self.settings.address
        for uid, size in batch:
            wanted = "(BODY.PEEK[])" if size <= LARGEST else f"(BODY.PEEK[HEADER]<0.{_HEAD}>)"
            _, data = mailbox.client.uid("FETCH", str(uid), wanted)
            raw = next((item[1] for item in data if isinstance(item, tuple)), None)
            if raw is None:
                continue  # deleted in the meantime
            name = f"{own or self.settings.user}/{validity}:{uid}"
            news: list[Receipt] | IncomingMessage
            try:
                if size > LARGEST:
                    news = left_there(raw, name, size, self._identity, now, own)
                else:
                    news = read_mail(raw, self._identity, now, own)
            except Exception:
                logger.exception("imap.unreadable_mail", extra={"uid": uid})
                news = unreadable(raw, name, now)
            if isinstance(news, IncomingMessage):
                incoming.append(news)
            else:
                receipts += news
        return receipts, incoming

    def _wait(self, mailbox: BaseMailBox) -> None:
        """Until the server speaks of something new, or it is time to look anyway."""
        _, said = mailbox.client.response("EXISTS")
        if said != [None]:
            return  # told beside an answer to the last look: it will not be told again
        if "IDLE" not in mailbox.client.capabilities:
            self._stop.wait(self.settings.poll_interval)
            return
        limit = time.monotonic() + min(self.settings.poll_interval, _IDLE_LIMIT)
        with mailbox.idle as idle:
            if _told_with_the_answer(mailbox):
                return
            while time.monotonic() < limit and not self._stop.is_set():
                asked = time.monotonic()
                if idle.poll(timeout=0.5) or time.monotonic() - asked < 0.4:
                    return  # news, or the end of the connection


def _last(place: str, validity: int) -> int:
    """The last uid already read. A new uidvalidity makes old uids worthless: all is read again."""
    known, _, uid = place.partition(":")
    return int(uid) if known == str(validity) else 0


def _fact(mailbox: BaseMailBox, name: str) -> int:
    """A number of the answer to SELECT. (STATUS of a folder that is open may be stale.)"""
    value = mailbox.client.untagged_responses[name][0]
    assert isinstance(value, bytes)
    return int(value)


def _told_with_the_answer(mailbox: BaseMailBox) -> bool:
    """News that came in one packet with the answer to IDLE: it stands in imaplib's buffer, where polling
    the socket does not see it.
    """
    sock = mailbox.client.sock
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(mailbox.client.readline())
    except OSError:
        return False
    finally:
        sock.settimeout(timeout)


def from_environment(identity: MailIdentity, environment: Mapping[str, str] = os.environ) -> MailboxReader:
    """The reader of `CLIENTELA_IMAP_*`: HOST, USER, PASSWORD and, as needed, PORT (993), SECURITY (tls,
    starttls, none), FOLDER.
    """
    from clientela.integrations.imap.cursor import TableCursor

    def value(name: str, default: str = "") -> str:
        return environment.get(f"CLIENTELA_IMAP_{name}", default)

    security = value("SECURITY", "tls")
    if security not in ("none", "starttls", "tls"):
        raise ValueError("CLIENTELA_IMAP_SECURITY is starttls, tls or none")
    settings = ImapSettings(
        host=environment["CLIENTELA_IMAP_HOST"],
        port=int(value("PORT", "993")),
        user=environment["CLIENTELA_IMAP_USER"],
        password=environment["CLIENTELA_IMAP_PASSWORD"],
        security="" if security == "none" else security,  # type: ignore[arg-type]
        folder=value("FOLDER", "INBOX"),
    )
    name = f"imap:{settings.user}@{settings.host}:{settings.port}/{settings.folder}"
    return MailboxReader(settings, identity, TableCursor(name[:120]))
