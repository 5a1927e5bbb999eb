from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.foundation.ui import formats as f


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (Decimal("8533.99"), "8\u00a0533,99\u00a0₽", "RUB\u00a08,533.99"),
        (Decimal("-1384.5"), "\u22121\u00a0384,50\u00a0₽", "\u2212RUB\u00a01,384.50"),
        (0, "0,00\u00a0₽", "RUB\u00a00.00"),
        (Decimal("24381207.44"), "24\u00a0381\u00a0207,44\u00a0₽", "RUB\u00a024,381,207.44"),
        (Decimal("0.005"), "0,01\u00a0₽", "RUB\u00a00.01"),
    ],
)
def test_money(amount: Decimal, ru: str, en: str) -> None:
    assert f.money(amount, "ru") == ru
    assert f.money(amount, "en-gb") == en


def test_money_without_kopecks_is_rounded_half_up() -> None:
    assert f.money(Decimal("80107.50"), "ru", kopecks=False) == "80\u00a0108\u00a0₽"
    assert f.money(Decimal("80107.50"), "en", kopecks=False) == "RUB\u00a080,108"


@pytest.mark.parametrize(
    ("amount", "ru", "en"),
    [
        (999, "999\u00a0₽", "RUB\u00a0999"),
        (214_400, "214\u00a0тыс.\u00a0₽", "RUB\u00a0214k"),
        (24_381_207, "24,4\u00a0млн\u00a0₽", "RUB\u00a024.4m"),
        (-1_500, "\u22122\u00a0тыс.\u00a0₽", "\u2212RUB\u00a02k"),
        (1_250_000_000, "1,3\u00a0млрд\u00a0₽", "RUB\u00a01.3bn"),
    ],
)
def test_money_short(amount: int, ru: str, en: str) -> None:
    assert f.money_short(amount, "ru") == ru
    assert f.money_short(amount, "en") == en


def test_numbers_and_percents() -> None:
    assert f.number(1284, "ru") == "1\u00a0284"
    assert f.number(1284, "en") == "1,284"
    assert f.percent(15, "ru", 1) == "15,0\u00a0%"
    assert f.percent(15, "en", 1) == "15.0%"
    assert f.points(1.8, "ru") == "+1,8\u00a0п.\u00a0п."
    assert f.points(-0.4, "en") == "\u22120.4\u00a0pp"


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [
        (11.7, "+11,7\u00a0%", "+11.7%"),
        (-1.9, "\u22121,9\u00a0%", "\u22121.9%"),
        (0, "без изменений", "no change"),
        (-0.04, "без изменений", "no change"),
    ],
)
def test_signed_percent(value: float, ru: str, en: str) -> None:
    assert f.signed_percent(value, "ru") == ru
    assert f.signed_percent(value, "en") == en


@pytest.mark.parametrize(
    ("count", "ru", "en"),
    [
        (1, "1\u00a0день", "1\u00a0day"),
        (2, "2\u00a0дня", "2\u00a0days"),
        (5, "5\u00a0дней", "5\u00a0days"),
        (11, "11\u00a0дней", "11\u00a0days"),
        (21, "21\u00a0день", "21\u00a0days"),
        (112, "112\u00a0дней", "112\u00a0days"),
        (0, "0\u00a0дней", "0\u00a0days"),
    ],
)
def test_days_in_a_sentence(count: int, ru: str, en: str) -> None:
    assert f.days(count, "ru") == ru
    assert f.days(count, "en") == en


def test_days_chip() -> None:
    assert f.days_chip(17, "ru") == ("17", "дн.")
    assert f.days_chip(1, "en") == ("1", "day")
    assert f.days_chip(0, "ru") == ("сегодня", "")
    assert f.days_chip(-3, "ru") == ("\u22123", "дн.")


def test_temperature_changes_on_the_days_of_the_schedule() -> None:
    got = {day: f.temperature(day) for day in (46, 31, 30, 18, 17, 6, 5, 0, -1)}
    assert got == {
        46: "far", 31: "far", 30: "mid", 18: "mid", 17: "soon", 6: "soon", 5: "now", 0: "now", -1: "past",
    }  # fmt: skip


def test_temperature_of_a_short_schedule() -> None:
    assert [f.temperature(day, (30, 5)) for day in (31, 30, 6, 5)] == ["far", "soon", "soon", "now"]


def test_dates() -> None:
    day, today = date(2026, 12, 5), date(2026, 11, 18)
    assert f.short_date(day, "ru", today) == "05.12"
    assert f.short_date(day, "en", today) == "5\u00a0Dec"
    assert f.short_date(date(2027, 1, 9), "ru", today) == "09.01.2027"
    assert f.full_date(day, "ru") == "05.12.2026"
    assert f.full_date(day, "en") == "5\u00a0Dec\u00a02026"
    assert f.long_date(day, "ru", today) == "5\u00a0декабря"
    assert f.long_date(date(2025, 3, 12), "ru", today) == "12\u00a0марта\u00a02025"
    assert f.long_date(day, "en", today) == "5\u00a0December"
    assert f.near_date(date(2026, 11, 19), "ru", today) == "завтра"


def test_near_moment_is_told_on_the_clock_of_the_client() -> None:
    now = datetime(2026, 11, 18, 7, 42, tzinfo=UTC)
    late = datetime(2026, 11, 17, 21, 30, tzinfo=UTC)
    assert f.near_moment(late, "ru", now, "Europe/Moscow") == "сегодня, 00:30"
    assert f.near_moment(late, "ru", now, "Europe/Kaliningrad") == "вчера, 23:30"
    assert (
        f.near_moment(datetime(2026, 11, 13, 9, 4, tzinfo=UTC), "ru", now, "Europe/Moscow") == "13.11, 12:04"
    )
    assert f.near_moment(now, "en", now, "Asia/Vladivostok") == "today, 17:42"


def test_duration() -> None:
    assert f.duration(timedelta(minutes=2, seconds=10), "ru") == "2\u00a0мин 10\u00a0с"
    assert f.duration(timedelta(hours=3, minutes=5), "en") == "3\u00a0h 05\u00a0min"
    assert f.duration(timedelta(days=4, hours=2), "ru") == "4\u00a0дня"


def test_names() -> None:
    assert f.initials("Орлова Вера Николаевна") == "ОВ"
    assert f.initials("ООО «Кама-Проект»") == "КП"
    assert f.initials("Причал") == "П"
    assert f.initials("") == "?"
    assert {f.tint(name) for name in "абвгдежзиклмнопрст"} == {1, 2, 3, 4, 5, 6}
    assert f.tint("Орлова Вера Николаевна") == f.tint("Орлова Вера Николаевна")


def test_plate_and_policy_number() -> None:
    assert f.plate("р418то116") == "Р\u00a0418\u00a0ТО\u00a0116"
    assert f.plate("прицеп") == "прицеп"
    assert f.policy_number("ХХХ 0412773905", "ru") == "№\u00a0ХХХ\u00a00412773905"
    assert f.policy_number("XXX 0412773905", "en") == "No.\u00a0XXX\u00a00412773905"


@pytest.mark.parametrize(
    ("value", "ru", "en"),
    [("6120", "6 120", "6,120"), ("1.7", "1,70", "1.70"), ("1.0000", "1,00", "1.00"), ("0.0125", "0,0125", "0.0125"),
     ("особый", "особый", "особый"), (None, "", "")],
)  # fmt: skip
def test_factor(value: str | None, ru: str, en: str) -> None:
    assert f.factor(value, "ru").replace("\xa0", " ") == ru
    assert f.factor(value, "en") == en
