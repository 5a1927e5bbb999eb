import pytest

from clientela.integrations.smtp.identity import MailIdentity

IDENTITY = MailIdentity("broker.test", "bounce@mail.broker.test", "key")
SIGNED = "7.00a81171f6aecae1"


def test_every_name_of_a_message_leads_back_to_it() -> None:
    token = IDENTITY.token(7)

    assert IDENTITY.message_id(7) == f"<m{token}@broker.test>"
    assert IDENTITY.return_path(7) == f"bounce+{token}@mail.broker.test"
    assert IDENTITY.envelope_id(7) == token
    assert IDENTITY.from_message_ids(f"<other@x.test>\r\n {IDENTITY.message_id(7)}") == 7
    assert IDENTITY.from_address(f"Bounces <{IDENTITY.return_path(7).upper()}>") == 7
    assert IDENTITY.from_envelope_id(f" {token} ") == 7


def test_names_are_the_same_every_time_and_differ_by_key() -> None:
    assert IDENTITY.token(7) == MailIdentity("a.test", "b@c.test", "key").token(7)
    assert IDENTITY.token(7) != MailIdentity("broker.test", "bounce@mail.broker.test", "other").token(7)
    assert "key" not in repr(IDENTITY)


def test_the_last_message_of_ours_is_the_one_answered() -> None:
    references = f"{IDENTITY.message_id(1)} <a@b.test> {IDENTITY.message_id(2)} <c@d.test>"

    assert IDENTITY.from_message_ids(references) == 2


@pytest.mark.parametrize("forged", [SIGNED, "8." + IDENTITY.token(7)[2:], "7.", "", "7"])
def test_a_name_somebody_made_up_leads_nowhere(forged: str) -> None:
    assert IDENTITY.from_envelope_id(forged) is None
    assert IDENTITY.from_message_ids(f"<m{forged}@broker.test>") is None
    assert IDENTITY.from_address(f"bounce+{forged}@mail.broker.test") is None
