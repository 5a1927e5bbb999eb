"""A browser's account is accepted by a real Asterisk over its WebSocket, for its day and no longer."""

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from websockets.sync.client import connect

from clientela.integrations.asterisk.settings import read_settings
from clientela.integrations.asterisk.softphones import BrowserPhones
from clientela.modules.calls.ports import SoftphoneAccount
from tests.servers.asterisk import Asterisk

pytestmark = pytest.mark.server


@pytest.fixture
def phones(asterisk: Asterisk) -> BrowserPhones:
    return BrowserPhones(read_settings(asterisk.settings()), "the key of the installation")


def _md5(*words: str) -> str:
    return hashlib.md5(":".join(words).encode(), usedforsecurity=False).hexdigest()


def _register(account: SoftphoneAccount, secret: str = "") -> int:
    """The last answer to REGISTER, as a browser's library sends it (RFC 7118, RFC 2617)."""
    host = account.address.partition("@")[2]
    call, proof = uuid.uuid4().hex, ""
    with connect(account.server, subprotocols=["sip"], proxy=None) as link:  # type: ignore[list-item]
        for sequence in (1, 2):
            link.send(
                f"REGISTER sip:{host} SIP/2.0\r\nVia: SIP/2.0/WS b.invalid;branch=z9hG4bK{uuid.uuid4().hex}\r\n"
                f"Max-Forwards: 70\r\nFrom: <{account.address}>;tag={call}\r\nTo: <{account.address}>\r\n"
                f"Call-ID: {call}\r\nCSeq: {sequence} REGISTER\r\nContact: <sip:{account.user}@b.invalid;transport=ws>\r\n"
                f"Expires: 300\r\n{proof}Content-Length: 0\r\n\r\n"
            )
            answer = link.recv(10)
            assert isinstance(answer, str)
            code = int(answer.split()[1])
            if code != 401:
                return code
            asked = dict(re.findall(r'(\w+)="([^"]+)"', answer.partition("WWW-Authenticate:")[2]))
            ours = _md5(account.user, asked["realm"], secret or account.secret)
            proof = (
                f'Authorization: Digest username="{account.user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", '
                f'uri="sip:{host}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c", '
                f'opaque="{asked.get("opaque", "")}", response="'
                f'{_md5(ours, asked["nonce"], "00000001", "c", "auth", _md5("REGISTER", f"sip:{host}"))}"\r\n'
            )
    return code


def test_a_browser_registers_with_its_account(phones: BrowserPhones) -> None:
    account = phones.account("42")

    assert account is not None
    assert phones.account("42") == account  # every page of a person gets the same
    assert _register(account) == 200
    assert _register(account, secret="guessed") == 401


def test_an_account_ends_with_its_day(phones: BrowserPhones) -> None:
    now = datetime.now(UTC)
    old = phones.account("43", now=now - timedelta(days=2))
    assert old is not None
    assert timedelta(hours=12) < old.until - (now - timedelta(days=2)) <= timedelta(hours=24)
    assert _register(old) == 200

    newer = phones.account("44")

    assert newer is not None
    assert newer.secret != old.secret
    assert _register(old) == 401
    assert _register(newer) == 200


def test_no_telephones_in_browsers_where_none_are_set_up(asterisk: Asterisk) -> None:
    settings = read_settings(asterisk.settings() | {"CLIENTELA_ASTERISK_SOFTPHONES": ""})

    assert BrowserPhones(settings, "key").account("42") is None
