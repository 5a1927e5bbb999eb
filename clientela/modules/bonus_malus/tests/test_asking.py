"""The class of a driver: found by old documents too, kept by day, pending while the registry is away."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.jobs.models import Job
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Driver, Key
from clientela.modules.bonus_malus.models import Lookup, RegistryEntry
from clientela.modules.bonus_malus.operations import ask_class, ask_due, asking
from clientela.modules.bonus_malus.ports import Answer, RegistryDown, RegistryRefused
from clientela.modules.clients.models import Client

pytestmark = pytest.mark.django_db
ON = date(2026, 12, 6)
VERA = Driver("Орлова", "Вера", "Николаевна", date(1984, 4, 12), "99 12 345678")


@pytest.fixture
def enter() -> Callable[..., RegistryEntry]:
    def make(driver: Driver, klass: str, previous: str = "") -> RegistryEntry:
        return RegistryEntry.objects.create(
            key=driver.key, last_name=driver.last_name, first_name=driver.first_name, birth_date=driver.birth_date,
            middle_name=driver.middle_name, licence=driver.licence, klass=klass, since=date(2026, 4, 1),
            previous_klass=previous,
        )  # fmt: skip

    return make


class Flaky:
    """A registry that says what it is told to."""

    name, remote = "flaky", False

    def __init__(self, *words: Answer | Exception | None) -> None:
        self.words = list(words)
        self.asked: list[Key] = []

    def ask(self, key: Key, on: date) -> Answer | None:
        self.asked.append(key)
        word = self.words.pop(0)
        if isinstance(word, Exception):
            raise word
        return word


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Flaky]:
    def install(*words: Answer | Exception | None) -> Flaky:
        registry = Flaky(*words)
        monkeypatch.setattr(asking, "the_registry", lambda: registry)
        return registry

    return install


@pytest.mark.usefixtures("tariffs")
def test_the_class_is_known_at_once(enter: Callable[..., RegistryEntry], now: datetime) -> None:
    enter(VERA, "7", "6")
    row = ask_class(VERA, ON, now=now)
    assert (row.state, row.klass, row.value, row.found_by, row.previous_klass) == (
        "known", "7", Decimal("0.78"), "current", "6",
    )  # fmt: skip
    [event] = Event.objects.filter(name="bonus_malus.ClassKnown")
    assert event.payload["driver_key"] == VERA.key
    assert event.payload["klass"] == "7"


@pytest.mark.usefixtures("tariffs")
def test_an_unknown_driver_is_new(now: datetime) -> None:
    row = ask_class(VERA, ON, now=now)
    assert (row.state, row.klass, row.value, row.found_by) == ("known", "3", Decimal("1.17"), "new")


@pytest.mark.parametrize(
    ("was", "told", "found_by"),
    [
        ({"licence": "16 05 111222"}, {"previous_licence": "1605 111222"}, "previous_licence"),
        ({"last_name": "Кузнецова"}, {"previous_last_name": "Кузнецова"}, "previous_surname"),
        (
            {"last_name": "Кузнецова", "licence": "1605111222"},
            {"previous_last_name": "Кузнецова", "previous_licence": "1605111222"},
            "previous_both",
        ),
    ],
)
def test_the_best_history_counts_and_its_key_is_told(
    enter: Callable[..., RegistryEntry],
    now: datetime,
    was: dict[str, str],
    told: dict[str, str],
    found_by: str,
) -> None:
    plain = {"last_name": "Орлова", "licence": "9912345678"} | was
    enter(Driver(plain["last_name"], "Вера", "Николаевна", VERA.birth_date, plain["licence"]), "13")
    enter(VERA, "4")
    assert ask_class(VERA, ON, now=now).klass == "4"
    driver = Driver("Орлова", "Вера", "Николаевна", VERA.birth_date, VERA.licence, **told)
    row = ask_class(driver, ON, now=now)  # the same day: what is new to us is asked for
    assert (row.klass, row.found_by, row.previous_klass) == ("13", found_by, "4")


def test_one_question_a_day_until_it_is_old(say: Callable[..., Flaky], now: datetime) -> None:
    registry = say(Answer("5"), Answer("6"), Answer("7"), Answer("8"))
    assert [ask_class(VERA, ON, now=now + timedelta(days=d)).klass for d in (0, 29, 31)] == ["5", "5", "6"]
    assert ask_class(VERA, date(2027, 4, 2), now=now).klass == "7"
    assert ask_class(VERA, ON, now=now, again=True).klass == "8"
    assert len(registry.asked) == 4


def test_an_outage_is_pending_and_asked_again_later_and_later(
    say: Callable[..., Flaky], now: datetime
) -> None:
    registry = say(*[RegistryDown("503")] * 2, Answer("7"))
    row = ask_class(VERA, ON, now=now)
    assert (row.state, row.klass, row.error) == ("pending", "", "503")
    assert row.next_attempt_at == now + timedelta(seconds=15)
    ask_class(VERA, ON, now=now + timedelta(seconds=5))
    assert len(registry.asked) == 1  # its time has not come
    assert ask_due(now=now + timedelta(seconds=15)) == 1
    row.refresh_from_db()
    assert row.next_attempt_at == now + timedelta(seconds=75)
    assert Job.objects.filter(kind="bonus_malus.ask", not_before=row.next_attempt_at).count() == 1
    assert not Event.objects.exists()
    ask_due(now=now + timedelta(seconds=75))
    row.refresh_from_db()
    assert (row.state, row.klass, row.next_attempt_at) == ("known", "7", None)
    assert Event.objects.get().name == "bonus_malus.ClassKnown"


def test_a_half_answer_is_no_answer(say: Callable[..., Flaky], now: datetime) -> None:
    say(Answer("4"), RegistryDown("slow"))
    driver = Driver("Орлова", "Вера", "Николаевна", VERA.birth_date, VERA.licence, "1605111222")
    assert ask_class(driver, ON, now=now).state == "pending"


def test_what_the_registry_refuses_is_not_asked_again(say: Callable[..., Flaky], now: datetime) -> None:
    say(RegistryRefused("licence"))
    row = ask_class(VERA, ON, now=now)
    assert (row.state, row.error, row.next_attempt_at) == ("failed", "licence", None)
    assert ask_due(now=now + timedelta(days=1)) == 0


def test_a_remote_registry_waits_for_the_transaction(say: Callable[..., Flaky], now: datetime) -> None:
    registry = say(Answer("7"))
    registry.remote = True
    row = ask_class(VERA, ON, now=now)
    assert row.state == "pending"
    assert registry.asked == []
    assert Job.objects.get().args == {"lookup": row.pk}


def test_who_sees_no_contracts_asks_nothing(
    make_user: Callable[..., User], now: datetime, vera: Client, anna: User
) -> None:
    nobody = make_user("none", "Иван", "Никто")
    with pytest.raises(PermissionDenied):
        ask_class(VERA, ON, now=now, actor=nobody)
    assert not Lookup.objects.exists()
