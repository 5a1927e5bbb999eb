"""Several mailboxes at once over real servers: read, answered from where the client wrote to, acknowledged once."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from django.utils import timezone

from clientela.integrations.imap.reader import MailboxReader
from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.mailboxes import MailboxesTransport
from clientela.integrations.smtp.probe import try_mailbox
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import StoringInbox, deliver, queue_message
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.mailboxes.operations import add_mailbox
from clientela.modules.mailboxes.ports import Fault
from clientela.modules.mailboxes.queries import account_of
from tests.contract.networks import wait_until
from tests.servers.mail import PASSWORD, MailServers

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
SHARED, AGENT, VERA = "shared@broker.test", "second@broker.test", "vera@client.test"


def identity(address: str) -> MailIdentity:
    return MailIdentity("broker.test", address, "mailboxes")


@pytest.fixture
def box(mail_servers: MailServers, administrator) -> Iterator[Callable[..., Mailbox]]:
    """``box(address)``: a mailbox of the test's servers, empty."""
    made = []

    def make(address: str, **fields: object) -> Mailbox:
        with mail_servers.mailbox(address) as mailbox:
            mailbox.delete(mailbox.uids())
        made.append(address)
        values = {
            "imap_host": "127.0.0.1", "imap_port": mail_servers.imap_port, "imap_security": "none",
            "password": PASSWORD, "is_active": True,
        } | fields  # fmt: skip
        return add_mailbox(
            actor=administrator, now=timezone.now(), address=address, name=address.upper(), **values
        )

    yield make
    for address in made:
        with mail_servers.mailbox(address) as mailbox:
            mailbox.delete(mailbox.uids())


@contextmanager
def running(servers: MailServers) -> Iterator[MailboxesTransport]:
    company = SmtpSettings(host="127.0.0.1", port=servers.smtp_port, sender="office@broker.test")
    default = SmtpTransport(company, identity("bounce@broker.test"))
    transport = MailboxesTransport(default, identity, look_every=0.1, retry_pause=0.05, history=True)
    transport.start(StoringInbox("email"))
    try:
        yield transport
    finally:
        transport.close()


def mail(to: str, name: str, **headers: str) -> EmailMessage:
    found = EmailMessage()
    found["From"], found["To"], found["Subject"] = f"Vera <{VERA}>", to, name
    found["Message-ID"] = f"<{name}@client.test>"
    for header, value in headers.items():
        found[header.replace("_", "-")] = value
    found.set_content(f"Письмо {name}")
    return found


def place(servers: MailServers, to: str, *mails: EmailMessage) -> None:
    with servers.mailbox(to) as mailbox:
        for one in mails:
            mailbox.append(one.as_bytes())


def subjects() -> list[str]:
    return sorted(Message.objects.filter(direction="in").values_list("subject", flat=True))


def test_every_mailbox_is_read_while_it_is_in_use(mail_servers, box, vera) -> None:
    shared, agent = box(SHARED), box(AGENT, is_active=False)
    place(mail_servers, SHARED, mail(SHARED, "one"))
    place(mail_servers, AGENT, mail(AGENT, "two"))
    with running(mail_servers):
        wait_until(lambda: subjects() == ["one"])
        Mailbox.objects.filter(pk=agent.pk).update(is_active=True)
        wait_until(lambda: subjects() == ["one", "two"])
        Mailbox.objects.filter(pk=shared.pk).update(is_active=False)
        place(mail_servers, AGENT, mail(AGENT, "one", X_Copy="yes"), mail(AGENT, "three"))
        wait_until(lambda: "three" in subjects())
    assert subjects() == ["one", "three", "two"]
    assert dict(Message.objects.values_list("subject", "mailbox__address")) == {
        "one": SHARED, "two": AGENT, "three": AGENT,
    }  # fmt: skip
    shared.refresh_from_db()
    assert (shared.fault, shared.tried_at is not None) == ("", True)


def test_a_connection_cut_in_the_middle_of_a_fetch_loses_and_doubles_nothing(
    mail_servers, box, monkeypatch
) -> None:
    for address in (SHARED, AGENT):
        box(address)
        place(mail_servers, address, *(mail(address, f"{address[:2]}-{number:02}") for number in range(12)))
    fetch, cut = MailboxReader._fetch, []

    def cutting(self, mailbox, validity, batch):
        if len([one for one in cut if one is self]) < 3:
            cut.append(self)
            fetch(self, mailbox, validity, batch[:5])
            mailbox.client.sock.shutdown(socket.SHUT_RDWR)
        return fetch(self, mailbox, validity, batch)

    monkeypatch.setattr(MailboxReader, "_fetch", cutting)
    with running(mail_servers):
        wait_until(lambda: len(subjects()) == 24)
    assert len(cut) == 6
    assert subjects() == sorted(
        f"{address[:2]}-{number:02}" for address in (SHARED, AGENT) for number in range(12)
    )


def test_the_answer_goes_out_from_where_the_client_wrote_to(mail_servers, box, vera, anna) -> None:
    box(SHARED)
    box(AGENT, person=anna)
    vera.contact_points.filter(kind="email").update(value=VERA)
    with running(mail_servers) as transport:
        place(mail_servers, SHARED, mail(SHARED, "question"))
        wait_until(lambda: subjects() == ["question"])
        asked = Message.objects.get(subject="question")
        assert asked.client == vera
        queue_message(
            now=timezone.now(), actor=anna, client=vera, channel="email", text="Ответ", subject="Re: question-1",
            in_reply_to=asked,
        )  # fmt: skip
        deliver("email", transport, worker="w", now=timezone.now())
    answer = mail_servers.wait_for_mail(VERA, "Re: question-1", seconds=60)
    assert answer.from_ == SHARED
    assert answer.obj["In-Reply-To"] == "<question@client.test>"
    assert answer.obj["Auto-Submitted"] is None


def test_receipt_is_acknowledged_once_and_never_to_a_machine(mail_servers, box, vera) -> None:
    box(
        SHARED, acknowledges=True, acknowledgement="Письмо получили, ответим в течение дня. {company}",
        acknowledgement_subject="Получили-77",
    )  # fmt: skip
    vera.contact_points.filter(kind="email").update(value=VERA)
    sent = Message.objects.filter(origin="contacts.acknowledgement")
    with running(mail_servers) as transport:
        place(
            mail_servers,
            SHARED,
            mail(SHARED, "machine", Auto_Submitted="auto-replied"),
            mail(SHARED, "list", List_Id="<x>"),
        )
        wait_until(lambda: len(subjects()) == 2)
        assert not sent.exists()
        place(mail_servers, SHARED, mail(SHARED, "first"), mail(SHARED, "second"))
        wait_until(lambda: len(subjects()) == 4)
        place(mail_servers, SHARED, mail(SHARED, "third"))
        wait_until(lambda: len(subjects()) == 5)
        deliver("email", transport, worker="w", now=timezone.now())
    assert [(one.client, one.verdict["decision"], one.sender) for one in sent] == [
        (vera, "send", f'"{SHARED.upper()}" <{SHARED}>')
    ]
    told = mail_servers.wait_for_mail(VERA, "Получили-77", seconds=60)
    assert (told.obj["Auto-Submitted"], told.obj["In-Reply-To"]) == ("auto-replied", "<first@client.test>")
    vera.conversation.refresh_from_db()
    assert vera.conversation.waiting_since is not None


def test_the_connection_is_tried(mail_servers, box) -> None:
    good = box(SHARED)
    assert try_mailbox(account_of(good)) == []
    wrong = box(AGENT, password="another", smtp_host="127.0.0.1", smtp_port=1)
    assert try_mailbox(account_of(wrong)) == [Fault("imap", "credentials"), Fault("smtp", "refused")]
    bare = box("agent@broker.test", imap_security="starttls")
    assert try_mailbox(account_of(bare)) == [Fault("imap", "other", "TLS not supported by server")]
