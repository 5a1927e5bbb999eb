from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from clientela.integrations.smtp.compose import BadAddress, compose, mailbox
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import Attachment, OutgoingMessage

IDENTITY = MailIdentity("broker.test", "bounce@broker.test", "key")
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SENDER = "Причал Страхование <office@broker.test>"


def composed(**fields: object) -> EmailMessage:
    message = OutgoingMessage(
        **{"id": 7, "channel": "email", "to": "vera@client.test", "text": "Здравствуйте", **fields}  # type: ignore[arg-type]
    )
    raw = compose(message, SENDER, IDENTITY, NOW)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_headers_are_exact() -> None:
    url = "https://portal.broker.test/unsubscribe/" + "x" * 120
    mail = composed(
        subject="Ваш полис ХХХ 0123456789\nзаканчивается",
        list_unsubscribe_url=url,
        in_reply_to="<" + "y" * 90 + "@client.test>",
    )

    assert {name: str(mail[name]) for name in mail if name not in ("Content-Type",)} == {
        "Message-ID": IDENTITY.message_id(7),
        "In-Reply-To": "<" + "y" * 90 + "@client.test>",
        "References": "<" + "y" * 90 + "@client.test>",
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "From": SENDER,
        "To": "vera@client.test",
        "Subject": "Ваш полис ХХХ 0123456789 заканчивается",
        "Date": "Sun, 22 Nov 2026 09:30:00 +0000",
        "Auto-Submitted": "auto-generated",
        "Content-Transfer-Encoding": "base64",
        "MIME-Version": "1.0",
    }


def test_text_html_and_files_go_together() -> None:
    mail = composed(
        html="<p>Здравствуйте</p>",
        attachments=(Attachment("Полис.pdf", "application/pdf", b"%PDF-1.7"),),
    )

    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content(), html.get_content()) == ("Здравствуйте\r\n", "<p>Здравствуйте</p>\r\n")
    assert [
        (part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()
    ] == [("Полис.pdf", "application/pdf", b"%PDF-1.7")]


def test_a_header_cannot_be_slipped_in() -> None:
    mail = composed(subject="Тема\r\nBcc: all@client.test", in_reply_to="<a@b>\r\nBcc: all@client.test")

    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["Subject"] == "Тема Bcc: all@client.test"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" vera@client.test ", "vera@client.test"),
        ("vera@почта.рф", "vera@xn--80a1acny.xn--p1ai"),
        ("o'neil+x@client.test", "o'neil+x@client.test"),
    ],
)
def test_addresses_mail_can_go_to(address: str, expected: str) -> None:
    assert mailbox(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "vera",
        "@client.test",
        "vera@",
        "vera@localhost",
        "ве ра@client.test",
        "вера@client.test",
        "a@b@client.test",
        "a,b@client.test",
        "<a@client.test>",
        "a@client.test\nRCPT TO:<b@client.test>",
    ],
)
def test_addresses_it_cannot(address: str) -> None:
    with pytest.raises(BadAddress):
        mailbox(address)
