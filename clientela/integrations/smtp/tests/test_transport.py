"""The SMTP adapter against a server that refuses at every stage and cuts the line."""

from collections.abc import Iterator
from email import message_from_bytes, policy

import pytest

from clientela.integrations.smtp.identity import MailIdentity
from clientela.integrations.smtp.transport import SmtpSettings, SmtpTransport, from_environment
from clientela.modules.contacts.ports import OutgoingMessage, SendResult, TransportDown
from tests.servers.smtp import CUT, ScriptedSmtp

IDENTITY = MailIdentity("broker.test", "bounce@broker.test", "key")


@pytest.fixture
def transport(scripted_smtp: ScriptedSmtp) -> Iterator[SmtpTransport]:
    settings = SmtpSettings(
        host="127.0.0.1", port=scripted_smtp.port, sender="Причал <office@broker.test>", timeout=5
    )
    transport = SmtpTransport(settings, IDENTITY)
    yield transport
    transport.close()


def mail(number: int = 7, to: str = "vera@client.test", text: str = "Здравствуйте") -> OutgoingMessage:
    return OutgoingMessage(number, "email", to, text, subject="Полис")


def test_the_envelope_names_our_message(scripted_smtp: ScriptedSmtp, transport: SmtpTransport) -> None:
    [result] = transport.send([mail()])

    assert result == SendResult(7, "accepted", (IDENTITY.message_id(7),), detail="2.0.0 Ok: queued as 1")
    [taken] = scripted_smtp.accepted
    assert (taken.sender, taken.recipients) == (IDENTITY.return_path(7), ["vera@client.test"])
    assert taken.parameters == ["RET=HDRS", f"ENVID={IDENTITY.token(7)}", "NOTIFY=SUCCESS,FAILURE"]


@pytest.mark.server
def test_no_reports_are_asked_of_a_server_that_has_none() -> None:
    server = ScriptedSmtp(dsn=False)
    transport = SmtpTransport(
        SmtpSettings(host="127.0.0.1", port=server.port, sender="office@broker.test"), IDENTITY
    )
    try:
        [result] = transport.send([mail()])
    finally:
        transport.close()
        server.stop()

    assert result.outcome == "accepted"
    assert server.accepted[0].parameters == []


def test_one_connection_carries_many_mails(scripted_smtp: ScriptedSmtp, transport: SmtpTransport) -> None:
    transport.send([mail(1), mail(2)])
    transport.send([mail(3)])

    assert (len(scripted_smtp.accepted), scripted_smtp.connections) == (3, 1)


@pytest.mark.parametrize(
    ("stage", "answer", "outcome", "fault"),
    [
        ("MAIL", "451 4.3.0 later", "retry", "server"),
        ("MAIL", "550 5.7.1 not you", "rejected", "policy"),
        ("RCPT", "451 4.7.1 greylisted", "retry", "throttled"),
        ("RCPT", "452 4.2.2 full", "retry", "server"),
        ("RCPT", "550 5.1.1 no such user", "rejected", "address"),
        ("RCPT", "550 no such user", "rejected", "address"),
        ("RCPT", "554 5.7.1 blocked", "rejected", "policy"),
        ("DATA", "451 4.3.0 later", "retry", "server"),
        ("DATA", "554 5.6.0 no", "rejected", "content"),
        ("CONTENT", "451 4.3.0 later", "retry", "server"),
        ("CONTENT", "554 5.7.1 spam", "rejected", "content"),
    ],
)
def test_a_refusal_says_what_to_do_next(
    scripted_smtp: ScriptedSmtp,
    transport: SmtpTransport,
    stage: str,
    answer: str,
    outcome: str,
    fault: str,
) -> None:
    scripted_smtp.answer(stage, answer)  # type: ignore[arg-type]

    refused, following = transport.send([mail(1), mail(2)])

    assert refused == SendResult(1, outcome, fault=fault, detail=answer)  # type: ignore[arg-type]
    assert following.outcome == "accepted"
    assert [taken.sender for taken in scripted_smtp.accepted] == [IDENTITY.return_path(2)]
    assert scripted_smtp.connections == 1


def test_a_line_cut_after_the_content_leaves_a_doubt(
    scripted_smtp: ScriptedSmtp, transport: SmtpTransport
) -> None:
    scripted_smtp.answer("CONTENT", CUT)

    doubtful, following = transport.send([mail(1), mail(2)])

    assert (doubtful.outcome, doubtful.fault, doubtful.provider_ids) == ("uncertain", "connection", ())
    assert following.outcome == "accepted"
    # The server has the first one: sending it again would have been a second mail.
    assert [taken.sender for taken in scripted_smtp.accepted] == [
        IDENTITY.return_path(1),
        IDENTITY.return_path(2),
    ]


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_line_cut_before_the_content_is_taken_up_again(
    scripted_smtp: ScriptedSmtp, transport: SmtpTransport, stage: str
) -> None:
    scripted_smtp.answer(stage, CUT)  # type: ignore[arg-type]

    [result] = transport.send([mail(1)])

    assert result.outcome == "accepted"
    assert (len(scripted_smtp.accepted), scripted_smtp.connections) == (1, 2)


def test_a_server_that_closes_between_mails_is_called_again(
    scripted_smtp: ScriptedSmtp, transport: SmtpTransport
) -> None:
    transport.send([mail(1)])
    scripted_smtp.cut_idle()
    scripted_smtp.answer("MAIL", "421 4.7.0 too many mails on this connection")

    results = transport.send([mail(2), mail(3)])

    assert [result.outcome for result in results] == ["accepted", "accepted"]
    assert (len(scripted_smtp.accepted), scripted_smtp.connections) == (3, 3)


def test_a_server_that_goes_away_in_the_middle_leaves_the_rest_for_later(
    scripted_smtp: ScriptedSmtp, transport: SmtpTransport
) -> None:
    transport.send([mail(1)])
    scripted_smtp.answer("MAIL", "250 2.1.0 Ok", CUT)
    scripted_smtp.answer("CONNECT", *["421 4.3.2 shutting down"] * 4)

    results = transport.send([mail(2), mail(3), mail(4)])

    assert [(result.message_id, result.outcome, result.fault) for result in results] == [
        (2, "accepted", None),
        (3, "retry", "connection"),
        (4, "retry", "connection"),
    ]
    assert len(scripted_smtp.accepted) == 2


def test_a_server_that_does_not_greet_means_nothing_was_tried(
    scripted_smtp: ScriptedSmtp, transport: SmtpTransport
) -> None:
    scripted_smtp.answer("CONNECT", "554 5.3.2 no service")

    with pytest.raises(TransportDown, match="no service"):
        transport.send([mail()])
    assert scripted_smtp.accepted == []


def test_any_text_arrives_as_it_was(scripted_smtp: ScriptedSmtp, transport: SmtpTransport) -> None:
    transport.send([mail(text=".\n..точка\n" + "я" * 5000)])

    content = message_from_bytes(scripted_smtp.accepted[0].content, policy=policy.default)
    assert content.get_content() == ".\r\n..точка\r\n" + "я" * 5000 + "\r\n"  # type: ignore[attr-defined]


def test_settings_come_from_the_environment() -> None:
    environment = {
        "CLIENTELA_SMTP_HOST": "mail.test",
        "CLIENTELA_SMTP_SENDER": "office@broker.test",
        "CLIENTELA_SMTP_DOMAIN": "broker.test",
        "CLIENTELA_SMTP_BOUNCE_MAILBOX": "bounce@broker.test",
        "CLIENTELA_SMTP_SECRET": "key",
        "CLIENTELA_SMTP_SECURITY": "starttls",
        "CLIENTELA_SMTP_PORT": "587",
    }

    transport = from_environment(environment).default

    assert transport is not None
    assert transport.identity == IDENTITY
    assert transport.settings == SmtpSettings(
        host="mail.test", port=587, sender="office@broker.test", security="starttls"
    )
    with pytest.raises(ValueError, match="SECURITY"):
        from_environment({**environment, "CLIENTELA_SMTP_SECURITY": "ssl"})
