"""The mailbox reader against Dovecot, with reports that Postfix writes."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader, from_environment
from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport
from clientela.modules.contacts.ports import IncomingMessage, OutgoingMessage, Receipt
from tests.contract.networks import MailCursor
from tests.servers.mail import BOUNCING, PASSWORD, MailServers

IDENTITY = MailIdentity("broker.test", "bounce@broker.test", "reader")
AGENT = "agent@broker.test"


class Inbox:
    def __init__(self) -> None:
        self.taken: list[Receipt] = []
        self.messages: list[IncomingMessage] = []

    def receipts(self, receipts: list[Receipt]) -> None:
        self.taken += receipts

    def incoming(self, messages: list[IncomingMessage]) -> None:
        self.messages += messages

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message in self.messages]


def wait_until(condition: Callable[[], object], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def reader(servers: MailServers, cursor: MailCursor, user: str = AGENT, **fields: object) -> MailboxReader:
    settings = ImapSettings(
        **{
            "host": "127.0.0.1",
            "port": servers.imap_port,
            "user": user,
            "password": PASSWORD,
            "security": "",
            "retry_pause": 0.05,
            **fields,
        }  # type: ignore[arg-type]
    )
    return MailboxReader(settings, IDENTITY, cursor)


def post(servers: MailServers, subject: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "vera@client.test", AGENT, subject
    mail["Message-ID"] = f"<{subject}@client.test>"
    mail.set_content(f"Письмо {subject}")
    servers.post(mail)


@pytest.fixture
def cursor() -> MailCursor:
    return MailCursor()


def test_old_mail_is_left_alone_and_new_mail_read_at_once(
    mail_servers: MailServers, cursor: MailCursor
) -> None:
    post(mail_servers, "before-1")
    mail_servers.wait_for_mail(AGENT, "before-1")
    inbox = Inbox()
    watcher = reader(mail_servers, cursor)
    watcher.start(inbox)
    try:
        wait_until(cursor.get)
        post(mail_servers, "after-1")
        wait_until(lambda: inbox.messages)
    finally:
        watcher.close()

    assert inbox.subjects == ["after-1"]
    assert [mail.flags for mail in mail_servers.mails(AGENT) if mail.subject == "after-1"] == [()]


def test_reading_goes_on_where_it_stopped(mail_servers: MailServers, cursor: MailCursor) -> None:
    first, second = Inbox(), Inbox()
    watcher = reader(mail_servers, cursor)
    watcher.start(first)
    wait_until(cursor.get)
    post(mail_servers, "one-2")
    wait_until(lambda: first.messages)
    watcher.close()
    post(mail_servers, "two-2")
    post(mail_servers, "three-2")
    mail_servers.wait_for_mail(AGENT, "three-2")

    watcher = reader(mail_servers, cursor)
    watcher.start(second)
    wait_until(lambda: len(second.messages) == 2)
    watcher.close()

    assert first.subjects == ["one-2"]
    assert sorted(second.subjects) == ["three-2", "two-2"]


def test_a_mailbox_made_anew_is_read_from_its_beginning(
    mail_servers: MailServers, cursor: MailCursor
) -> None:
    post(mail_servers, "anew-3")
    mail_servers.wait_for_mail(AGENT, "anew-3")
    inbox = Inbox()
    cursor.value = "1:999999"  # the cursor of a mailbox that is no more

    watcher = reader(mail_servers, cursor)
    watcher.start(inbox)
    wait_until(lambda: "anew-3" in inbox.subjects)
    watcher.close()

    validity, _, uid = (cursor.get() or "").partition(":")
    assert (validity != "1", int(uid)) == (True, len(mail_servers.mails(AGENT)))


def test_without_idle_the_mailbox_is_polled(
    mail_servers: MailServers, cursor: MailCursor, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher = reader(mail_servers, cursor, poll_interval=0.1)
    open_mailbox = watcher.open

    @contextmanager
    def without_idle():  # type: ignore[no-untyped-def]
        with open_mailbox() as mailbox:
            mailbox.client.capabilities = tuple(set(mailbox.client.capabilities) - {"IDLE"})
            yield mailbox

    monkeypatch.setattr(watcher, "open", without_idle)
    inbox = Inbox()
    watcher.start(inbox)
    wait_until(cursor.get)
    post(mail_servers, "polled-4")
    wait_until(lambda: inbox.messages)
    watcher.close()

    assert inbox.subjects == ["polled-4"]


def test_real_reports_of_postfix_resolve_our_messages(mail_servers: MailServers, cursor: MailCursor) -> None:
    inbox = Inbox()
    watcher = reader(mail_servers, cursor, user="bounce@broker.test")
    transport = SmtpTransport(
        SmtpSettings(host="127.0.0.1", port=mail_servers.smtp_port, sender="office@broker.test"),
        IDENTITY,
        [watcher],
    )
    transport.start(inbox)
    try:
        wait_until(cursor.get)
        results = transport.send(
            [
                OutgoingMessage(51, "email", "vera@client.test", "Здравствуйте", subject="report-5"),
                OutgoingMessage(52, "email", BOUNCING, "Здравствуйте", subject="report-5"),
            ]
        )
        wait_until(lambda: len(inbox.taken) == 2)
    finally:
        transport.close()

    assert [result.outcome for result in results] == ["accepted", "accepted"]
    assert {receipt.message_id: (receipt.outcome, receipt.to_address) for receipt in inbox.taken} == {
        51: ("delivered", "vera@client.test"),
        52: ("undelivered", BOUNCING),
    }
    assert inbox.messages == []


def test_a_wrong_password_is_tried_again_and_nothing_is_read(
    mail_servers: MailServers, cursor: MailCursor
) -> None:
    inbox = Inbox()
    watcher = reader(mail_servers, cursor, password="wrong")
    watcher.start(inbox)
    time.sleep(0.3)
    watcher.close()

    assert (inbox.messages, cursor.get()) == ([], None)


def test_settings_come_from_the_environment() -> None:
    environment = {
        "CLIENTELA_IMAP_HOST": "mail.test",
        "CLIENTELA_IMAP_USER": "office",
        "CLIENTELA_IMAP_PASSWORD": "secret",
    }

    watcher = from_environment(IDENTITY, environment)

    assert watcher.settings == ImapSettings(host="mail.test", port=993, user="office", password="secret")
    assert watcher._cursor == TableCursor("imap:office@mail.test:993/INBOX")
    with pytest.raises(ValueError, match="SECURITY"):
        from_environment(IDENTITY, {**environment, "CLIENTELA_IMAP_SECURITY": "ssl"})
