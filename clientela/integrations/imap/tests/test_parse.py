from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from clientela.integrations.imap.parse import read_mail, unreadable
from clientela.integrations.smtp.identity import MailIdentity
from clientela.modules.contacts.ports import Attachment, IncomingMessage, Receipt

IDENTITY = MailIdentity("broker.test", "bounce@broker.test", "key")
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

REPORT = """\
Return-Path: <>
Delivered-To: bounce@broker.test
From: Mail Delivery System <MAILER-DAEMON@mx.client.test>
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.client.test
{envelope}
Final-Recipient: rfc822; Vera@client.test
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
 user

--b
Content-Type: {returned_type}

Message-ID: {returned}
Subject: x

--b--
"""


def report(
    *,
    action: str = "failed",
    to: str = "office@broker.test",
    envelope: str = "X-Queue: 1",
    returned: str = "<x@y.test>",
    returned_type: str = "text/rfc822-headers",
) -> list[Receipt] | IncomingMessage:
    raw = REPORT.format(
        action=action, to=to, envelope=envelope, returned=returned, returned_type=returned_type
    )
    return read_mail(raw.encode(), IDENTITY, NOW)


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    defaults = {
        "From": "Вера Павловна <Vera@Client.test>",
        "To": "office@broker.test",
        "Subject": "Re: Полис",
        "Message-ID": "<r1@client.test>",
        "Date": "Sun, 22 Nov 2026 12:00:00 +0300",
    }
    for name, value in {
        **defaults,
        **{key.replace("_", "-"): value for key, value in headers.items()},
    }.items():
        if value:
            message[name] = value
    message.set_content("Да, продлите\n\n> Здравствуйте\n")
    return message


def read(message: EmailMessage) -> IncomingMessage:
    news = read_mail(message.as_bytes(), IDENTITY, NOW)
    assert isinstance(news, IncomingMessage)
    return news


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("failed", "undelivered"),
        ("delivered", "delivered"),
        ("relayed", "delivered"),
        ("Expanded", "delivered"),
    ],
)
def test_a_report_is_a_receipt(action: str, outcome: str) -> None:
    assert report(action=action, envelope=f"Original-Envelope-Id: {IDENTITY.token(7)}") == [
        Receipt(
            channel="email",
            outcome=outcome,  # type: ignore[arg-type]
            at=NOW,
            provider_id=IDENTITY.message_id(7),
            message_id=7,
            to_address="vera@client.test",
            detail="5.1.1 smtp; 550 5.1.1 no such user",
        )
    ]


@pytest.mark.parametrize(
    "where",
    [
        {"to": IDENTITY.return_path(7)},
        {"returned": IDENTITY.message_id(7)},
        {"returned": IDENTITY.message_id(7), "returned_type": "message/rfc822"},
        {"envelope": "Original-Envelope-Id: foreign", "to": IDENTITY.return_path(7)},
    ],
)
def test_a_report_names_the_message_in_any_of_three_places(where: dict[str, str]) -> None:
    news = report(**where)

    assert isinstance(news, list)
    assert [(receipt.message_id, receipt.outcome) for receipt in news] == [(7, "undelivered")]


def test_a_delay_says_nothing() -> None:
    assert report(action="delayed", to=IDENTITY.return_path(7)) == []


def test_a_report_about_no_message_of_ours_is_shown_as_automatic_mail() -> None:
    forged = "Original-Envelope-Id: 7.0123456789abcdef"

    news = report(envelope=forged, returned="<m7.0123456789abcdef@broker.test>")

    assert isinstance(news, IncomingMessage)
    assert (news.automatic, news.in_reply_to_message_id, news.subject) == (
        True,
        None,
        "Undelivered Mail Returned to Sender",
    )


def test_a_bounce_in_words_is_a_receipt_by_its_address() -> None:
    message = mail(From="MAILER-DAEMON@old.test", To=IDENTITY.return_path(7), Subject="Delivery failed")

    assert read_mail(message.as_bytes(), IDENTITY, NOW) == [
        Receipt(channel="email", outcome="undelivered", at=NOW, message_id=7, detail="Delivery failed")
    ]


def test_a_reply_is_read_whole() -> None:
    message = mail(In_Reply_To=IDENTITY.message_id(7), Delivered_To="office@broker.test")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="права.png")

    assert read(message) == IncomingMessage(
        channel="email",
        external_id="<r1@client.test>",
        from_address="vera@client.test",
        from_name="Вера Павловна",
        to_address="office@broker.test",
        subject="Re: Полис",
        text="Да, продлите",
        quoted="> Здравствуйте",
        at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        in_reply_to_message_id=7,
        attachments=(Attachment("права.png", "image/png", b"\x89PNG"),),
    )


def test_a_folded_subject_keeps_its_spaces() -> None:
    subject = "Приглашение: Осмотр 58818507286817, 24 ноября, 18:00"
    message = mail(Subject=subject)

    assert b"\n 58818507286817" in message.as_bytes()
    assert read(message).subject == subject


def test_references_help_when_the_answer_names_another_mail() -> None:
    message = mail(In_Reply_To="<other@x.test>", References=f"{IDENTITY.message_id(7)} <other@x.test>")

    assert read(message).in_reply_to_message_id == 7
    assert read(mail(In_Reply_To="<m7.0123456789abcdef@broker.test>")).in_reply_to_message_id is None


@pytest.mark.parametrize(
    "marks",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.client.test>"},
        {"Return_Path": "<>"},
        {"From": "no-reply@client.test"},
    ],
)
def test_machines_are_recognised(marks: dict[str, str]) -> None:
    assert read(mail(**marks)).automatic


@pytest.mark.parametrize("marks", [{}, {"Auto_Submitted": "no"}, {"Precedence": "normal"}])
def test_people_are_not_taken_for_machines(marks: dict[str, str]) -> None:
    assert not read(mail(**marks)).automatic


def test_an_absence_note_to_the_bounce_address_names_our_message() -> None:
    news = read(mail(To=IDENTITY.return_path(7), Auto_Submitted="auto-replied"))

    assert (news.automatic, news.in_reply_to_message_id) == (True, 7)


def test_what_is_missing_is_made_up_the_same_way_every_time() -> None:
    first, second = read(mail(Message_ID="", Date="")), read(mail(Message_ID="", Date=""))
    future = read(mail(Date=(NOW + timedelta(days=2)).strftime("%a, %d %b %Y %H:%M:%S +0000")))

    assert first.external_id == second.external_id
    assert first.external_id.startswith("sha256:")
    assert (first.at, future.at) == (NOW, NOW)


def test_an_html_mail_is_read_as_text() -> None:
    message = mail()
    message.set_content("<p>Да</p><blockquote>Полис</blockquote>", subtype="html")

    news = read(message)

    assert (news.text, news.html.strip()) == ("Да", "<p>Да</p><blockquote>Полис</blockquote>")


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8"])
def test_old_charsets_are_read(charset: str) -> None:
    raw = (
        f"From: v@client.test\r\nContent-Type: text/plain; charset={charset}\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    ).encode() + "Продлите полис".encode(charset)

    news = read_mail(raw, IDENTITY, NOW)

    assert isinstance(news, IncomingMessage)
    assert news.text == "Продлите полис"


def test_rubbish_is_kept_whole_for_a_person() -> None:
    raw = b"\xff\xfe not a mail"

    assert unreadable(raw, "1:7", NOW).attachments == (Attachment("message.eml", "message/rfc822", raw),)
    assert isinstance(read_mail(raw, IDENTITY, NOW), IncomingMessage)
