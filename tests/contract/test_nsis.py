"""The registry of classes over HTTP keeps the port's contract, whatever the other side does."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from clientela.integrations.nsis.registry import NsisRegistry, from_environment
from clientela.modules.bonus_malus.drivers import Driver, Key
from clientela.modules.bonus_malus.operations import ask_class, ask_due
from clientela.modules.bonus_malus.ports import Answer, RegistryDown, RegistryRefused
from tests.servers.nsis import RECORDED, TOKEN, Nsis

pytestmark = pytest.mark.server
ON = date(2026, 12, 6)


@pytest.fixture(scope="module")
def nsis() -> Iterator[Nsis]:
    server = Nsis()
    yield server
    server.stop()


@pytest.fixture
def registry(nsis: Nsis) -> NsisRegistry:
    return NsisRegistry(nsis.url, TOKEN, timeout=0.6)


def key(last: str = "Орлова", first: str = "Вера", middle: str = "Николаевна", licence: str = "99 12 345678") -> Key:  # fmt: skip
    return Key(last, first, middle, date(1984, 4, 12), licence)


def recorded(name: str) -> Key:
    driver = json.loads((RECORDED / f"{name}.json").read_text())["request"]["driver"]
    birth = date.fromisoformat(driver["birthDate"])
    return Key(driver["lastName"], driver["firstName"], driver["middleName"], birth, driver["licence"])


def test_a_known_driver(registry: NsisRegistry) -> None:
    assert registry.ask(recorded("known"), ON) == Answer("7", date(2026, 4, 1), "6")


def test_an_unknown_driver(registry: NsisRegistry) -> None:
    assert registry.ask(recorded("unknown"), ON) is None


def test_a_refused_question(registry: NsisRegistry) -> None:
    with pytest.raises(RegistryRefused, match="HTTP 422 INVALID_LICENCE"):
        registry.ask(recorded("refused"), ON)


@pytest.mark.parametrize(
    ("surname", "why"),
    [
        ("Медленный", "ReadTimeout"),
        ("Капающий", "ReadTimeout"),
        ("Падающий", "HTTP 500"),
        ("Битый", "not understood"),
        ("Невнятный", "not understood"),
    ],
)
def test_no_usable_answer(registry: NsisRegistry, surname: str, why: str) -> None:
    with pytest.raises(RegistryDown, match=why):
        registry.ask(key(surname), ON)


def test_nobody_there() -> None:
    with pytest.raises(RegistryDown, match="ConnectError"):
        NsisRegistry("http://127.0.0.1:9/", TOKEN).ask(key(), ON)


def test_a_wrong_token_is_no_answer_about_the_driver(nsis: Nsis) -> None:
    with pytest.raises(RegistryDown, match="HTTP 401"):
        NsisRegistry(nsis.url, "another").ask(key(), ON)


@pytest.mark.django_db(transaction=True)
def test_an_outage_ends(
    nsis: Nsis, now: datetime, settings: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BONUS_MALUS_REGISTRY = "clientela.integrations.nsis.registry.from_environment"  # type: ignore[attr-defined]
    monkeypatch.setenv("CLIENTELA_NSIS_TOKEN", TOKEN)
    monkeypatch.setenv("CLIENTELA_NSIS_URL", "http://127.0.0.1:9/")
    driver = Driver("Орлова", "Вера", "Николаевна", date(1984, 4, 12), "9912345678")
    row = ask_class(driver, ON, now=now)
    assert (row.state, row.error) == ("pending", "ConnectError")
    monkeypatch.setenv("CLIENTELA_NSIS_URL", nsis.url)
    assert from_environment().ask(driver_key := recorded("known"), ON) is not None
    assert driver_key.digest == driver.key
    assert ask_due(now=now + timedelta(seconds=15)) == 1
    row.refresh_from_db()
    assert (row.state, row.klass, row.source, row.previous_klass) == ("known", "7", "nsis", "6")
