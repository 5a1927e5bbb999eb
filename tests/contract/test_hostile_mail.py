"""Mail that is made to harm the reader: kept whole in bounded time and memory, and the next mail is read."""

import base64
import io
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.receiving import StoringInbox
from tests.contract.networks import IDENTITY
from tests.servers.mail import PASSWORD, MailServers

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
USER = "shared@broker.test"
MEGABYTE = 2**20


def head(name: str, *lines: str) -> bytes:
    start = ["From: Vera <vera@client.test>", f"To: {USER}", f"Message-ID: <{name}@client.test>"]
    return "\r\n".join([*start, *lines, "", ""]).encode()


def bomb() -> bytes:
    """200 MB of zeros in 200 KB."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(200 * MEGABYTE))
    return kept.getvalue()


def attached(name: str, content: bytes, file: str, kind: str) -> bytes:
    body = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return (
        head(name, "Subject: files", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
        + b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\n"
        + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n".encode()
        + f'Content-Disposition: attachment; filename="{file}"\r\n\r\n'.encode()
        + body
        + b"--b--\r\n"
    )


def many_parts(count: int) -> bytes:
    part = (
        b'--b\r\nContent-Type: text/x; name="f"\r\nContent-Disposition: attachment; filename="f"\r\n\r\nx\r\n'
    )
    start = head(
        "parts", "Subject: parts", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"'
    )
    return start + b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n" + part * count + b"--b--\r\n"


def nested(depth: int) -> bytes:
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
        for level in range(depth)
    )
    body = b"Content-Type: text/plain\r\n\r\n" + b"x" * 70 + b"\r\n"
    return head("nested", "Subject: nested").rstrip(b"\r\n") + b"\r\n" + opened + body * 20_000


def dressed() -> bytes:
    """HTML with a script, a form, a tracker, a style and a link that lies."""
    html = (
        "<html><style>body{background:url(http://evil.test/s)}</style><script>alert(1)</script>"
        "<form action=http://evil.test><input name=card></form><img src=http://evil.test/pixel.gif>"
        "<a href='javascript:alert(1)'>x</a><a href=http://evil.test/>https://prichal.example</a>"
        "<p onclick=alert(1)>Добрый день</p>"
    )
    return head("html", "Subject: html", "Content-Type: text/html; charset=utf-8") + html.encode()


def deep() -> bytes:
    return head("deep", "Subject: deep", "Content-Type: text/html") + b"hello" + b"<b><div>" * 60_000


MAILS: dict[str, Callable[[], bytes]] = {
    "parts": lambda: many_parts(10_000),
    "nested": lambda: nested(3000),
    "zip": lambda: attached("zip", bomb(), "../../etc/\u202egnp.exe", "image/png"),
    "html": dressed,
    "deep": deep,
    "encoding": lambda: head(
        "encoding", "Subject: =?x-none?q?=00=FF?= =?utf-8?b?////?=", 'Content-Type: text/plain; charset="no such"'
    )
    + b"\x00\xff\xfe a\xed\xa0\x80b",
    "header": lambda: head("header", "Subject: " + "x" * 3 * MEGABYTE, "X-A: " + ";a=1" * MEGABYTE, "Content-Type: text/plain" + ";a=1" * MEGABYTE)
    + b"hello",
    "parameters": lambda: head(
        "parameters", "Subject: parameters", 'Content-Type: multipart/mixed; boundary="b"'
    )
    + b"--b\r\nContent-Type: multipart/mixed" + b'; a="' * (2 * MEGABYTE) + b"\r\n\r\nhello\r\n--b--\r\n",
    "lines": lambda: head("lines", "Subject: lines", "Content-Type: text/plain")
    + (b"<" + b"@" * 200_000 + b":\r\n") * 20,
    "large": lambda: attached("large", bytes(range(256)) * (22 * 4096), "film.mp4", "video/mp4"),
}  # fmt: skip


@pytest.fixture
def read(mail_servers: MailServers) -> Callable[..., list[Message]]:
    """``read(raw, …)``: what the inbox holds after these mails came."""

    def go(*mails: bytes) -> list[Message]:
        with mail_servers.mailbox(USER) as mailbox:
            mailbox.delete(mailbox.uids())
            for raw in mails:
                mailbox.append(raw)
        settings = ImapSettings(
            host="127.0.0.1", port=mail_servers.imap_port, user=USER, password=PASSWORD, security="", history=True,
            address=USER,
        )  # fmt: skip
        watcher = MailboxReader(settings, IDENTITY, TableCursor("imap:hostile"))
        with watcher.open() as mailbox:
            watcher.read_new(mailbox, StoringInbox("email"))
        with mail_servers.mailbox(USER) as mailbox:
            mailbox.delete(mailbox.uids())
        return list(Message.objects.order_by("id").prefetch_related("files"))

    return go


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", MAILS)
def test_hostile_mail_is_kept_and_the_next_is_read(name: str, read, tmp_path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    raw = MAILS[name]()
    tracemalloc.start()
    found = read(raw, head("next", "Subject: next", "Content-Type: text/plain") + b"hello")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [message.external_id for message in found] == [f"<{name}@client.test>", "<next@client.test>"]
    assert peak < 8 * len(raw) + 40 * MEGABYTE
    message = found[0]
    for file in message.files.all():
        assert tmp_path in (tmp_path / file.file.name).resolve().parents
        assert not set("/\\\u202e") & set(file.name)
    assert "\x00" not in message.text + message.subject


def test_what_is_kept_of_each(read, tmp_path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    found = {
        message.external_id[1:].partition("@")[0]: message
        for message in read(*(make() for make in MAILS.values()))
    }

    def files(name: str) -> list[tuple[str, int]]:
        return [(file.name, file.size) for file in found[name].files.all()]

    assert files("parts") == [("message.eml", len(many_parts(10_000)))]
    assert found["parts"].text == "hello"
    assert files("nested") == [("message.eml", len(nested(3000)))]
    assert [name for name, _ in files("zip")] == ["_.._etc_gnp.exe"]
    assert files("zip")[0][1] < MEGABYTE
    assert files("large") == [("film.mp4", 22 * MEGABYTE)]
    assert (found["deep"].text, [name for name, _ in files("deep")]) == ("hello", ["message.html"])
    assert found["html"].text.splitlines()[-1] == "Добрый день"
    for inert in ("<script", "<form", "<style", "onclick", "javascript:"):
        assert inert not in found["html"].html
