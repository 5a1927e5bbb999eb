"""The mailbox of the company: what came and how far it was read are kept together, against a real IMAP server."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader, Overtaken
from clientela.modules.contacts.models import MailboxCursor, Message
from clientela.modules.contacts.operations.receiving import StoringInbox
from tests.contract.networks import IDENTITY, wait_until
from tests.servers.mail import PASSWORD, MailServers

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
NAME, USER = "imap:box", "shared@broker.test"


@pytest.fixture
def post(mail_servers: MailServers) -> Iterator[Callable[..., None]]:
    """``post("one", "two")``: letters of these subjects come into an empty mailbox."""

    def put(*names: str) -> None:
        with mail_servers.mailbox(USER) as mailbox:
            for name in names:
                mail = EmailMessage()
                mail["From"], mail["To"], mail["Subject"] = "vera@client.test", "office@broker.test", name
                mail["Message-ID"] = f"<mailbox-{name}@client.test>"
                mail.set_content(f"Письмо {name}")
                mailbox.append(mail.as_bytes())

    yield put
    with mail_servers.mailbox(USER) as mailbox:
        mailbox.delete(mailbox.uids())


@pytest.fixture
def reader(mail_servers: MailServers) -> Callable[..., MailboxReader]:
    """``reader()``: a reader of that mailbox with the cursor of the table."""

    def make(cursor: TableCursor | None = None) -> MailboxReader:
        settings = ImapSettings(
            host="127.0.0.1", port=mail_servers.imap_port, user=USER, password=PASSWORD, security="",
            history=True, retry_pause=0.05, poll_interval=0.2,
        )  # fmt: skip
        return MailboxReader(settings, IDENTITY, cursor or TableCursor(NAME))

    return make


@contextmanager
def running(*readers: MailboxReader) -> Iterator[None]:
    for one in readers:
        one.start(StoringInbox("email"))
    try:
        yield
    finally:
        for one in readers:
            one.close()


def subjects() -> list[str]:
    return list(Message.objects.order_by("id").values_list("subject", flat=True))


def place() -> int:
    """The last uid that was read."""
    return int(MailboxCursor.objects.get(name=NAME).position.partition(":")[2])


@pytest.fixture
def newest(mail_servers: MailServers) -> Callable[[], int]:
    """The uid of the newest letter."""

    def ask() -> int:
        with mail_servers.mailbox(USER) as mailbox:
            return max(map(int, mailbox.uids()))

    return ask


def test_reading_goes_on_from_the_table(post, reader, newest) -> None:
    post("one", "two")
    with running(reader()):
        wait_until(lambda: len(subjects()) == 2)
    assert place() == newest()
    post("three")
    with running(reader()):
        wait_until(lambda: len(subjects()) == 3)
    assert (subjects(), place()) == (["one", "two", "three"], newest())


def test_what_came_is_not_kept_when_the_place_cannot_be(post, reader, newest) -> None:
    class Failing(TableCursor):
        def move(self, before: str | None, to: str) -> bool:
            if before is not None:
                assert subjects() == ["one"]  # stored, but not yet for good
                raise RuntimeError("the database is away")
            return super().move(before, to)

    post("one")
    watcher = reader(Failing(NAME))
    with watcher.open() as mailbox, pytest.raises(RuntimeError, match="away"):
        watcher.read_new(mailbox, StoringInbox("email"))
    assert (subjects(), place()) == ([], 0)

    with running(reader()):
        wait_until(subjects)
    assert (subjects(), place()) == (["one"], newest())


def test_the_place_does_not_move_when_what_came_cannot_be_kept(post, reader) -> None:
    class Full(StoringInbox):
        def incoming(self, messages: list) -> None:
            super().incoming(messages)
            raise RuntimeError("the disk is full")

    post("one")
    watcher = reader()
    with watcher.open() as mailbox, pytest.raises(RuntimeError, match="full"):
        watcher.read_new(mailbox, Full("email"))
    assert (subjects(), place()) == ([], 0)


def test_of_two_readers_one_takes_each_letter(post, reader, newest) -> None:
    """The slower one finds the place moved, keeps nothing of its own and goes on from there."""
    fast = reader()

    class Slow(TableCursor):
        def together(self):
            with fast.open() as mailbox:
                fast.read_new(mailbox, StoringInbox("email"))
            return super().together()

    post("one", "two")
    slow = reader(Slow(NAME))
    with slow.open() as mailbox, pytest.raises(Overtaken):
        slow.read_new(mailbox, StoringInbox("email"))
    assert (subjects(), place()) == (["one", "two"], newest())
    post("three")
    with running(reader()):
        wait_until(lambda: len(subjects()) == 3)
    assert place() == newest()


def test_many_readers_at_once_lose_nothing_and_repeat_nothing(post, reader, newest) -> None:
    names = [f"letter-{number}" for number in range(60)]
    with running(reader(), reader(), reader()):
        for start in range(0, 60, 10):
            post(*names[start : start + 10])
            time.sleep(0.05)
        wait_until(lambda: len(subjects()) == 60)
        wait_until(lambda: place() == newest())
    assert sorted(subjects()) == sorted(names)
