import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.contacts.rules import (
    Check,
    PointFacts,
    PolicyRules,
    SendFacts,
    Verdict,
    assess,
)

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 18, 10, 42, tzinfo=MOSCOW)
CONSENT = datetime(2025, 3, 12, 9, 0, tzinfo=MOSCOW)
POLICY = PolicyRules(
    caps={"service": {"day": 2, "week": 4}, "advertising": {"day": 1, "week": 2}},
    nda_patterns=(re.compile(r"8 ?\(?800\)?"), re.compile("наш офис", re.IGNORECASE)),
    own_links=("https://go.prichal.example/pay/", "https://go.prichal.example/t/"),
)
FACTS = SendFacts(
    channel="sms",
    purpose="service",
    time_zone="Europe/Moscow",
    point=PointFacts(),
    consent_since=CONSENT,
    text="Вера Николаевна, Ваш полис ОСАГО заканчивается 05.12.26. Тел. +79172000101",
    has_agent=True,
)


def outcome(verdict: Verdict) -> tuple[str, list[str]]:
    return verdict.decision, [check.code for check in verdict.checks if not check.passed]


def test_a_message_in_order_goes_with_every_check_told() -> None:
    verdict = assess(FACTS, POLICY, NOW)

    assert verdict.decision == "send"
    assert verdict.until is None
    assert verdict.reason == ""
    assert verdict.checks == (
        Check("do_not_contact", True),
        Check("contact_point", True, {"channel": "sms", "verified": True}),
        Check("consent", True, {"purpose": "service", "channel": "sms", "since": "2025-03-12"}),
        Check("agent_nda", True),
        Check("length", True, {"channel": "sms", "size": 2, "limit": 10}),
        Check(
            "quiet_hours", True, {"local": "10:42", "zone": "Europe/Moscow", "from": "09:00", "to": "21:00"}
        ),
        Check("frequency", True, {"today": 0, "week": 0, "purpose": "service", "day_cap": 2, "week_cap": 4}),
    )


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        ({"do_not_contact": True, "do_not_contact_reason": "суд"}, "do_not_contact", {"reason": "суд"}),
        ({"point": None}, "contact_point", {"channel": "sms", "fault": "missing"}),
        ({"point": PointFacts(do_not_use=True)}, "contact_point", {"channel": "sms", "fault": "do_not_use"}),
        (
            {"point": PointFacts(bad_since=date(2026, 11, 1), bad_reason="нет абонента")},
            "contact_point",
            {"channel": "sms", "fault": "bad", "since": "2026-11-01", "reason": "нет абонента"},
        ),
        ({"consent_since": None}, "consent", {"purpose": "service", "channel": "sms"}),
        ({"text": "Продлите на prichal.ru/osago"}, "agent_nda", {"found": ["prichal.ru/osago"]}),
        ({"text": "Звоните 8 800 100"}, "agent_nda", {"found": ["8 800"]}),
        ({"text": "Приходите в наш офис"}, "agent_nda", {"found": ["наш офис"]}),
        (
            {"html": '<a href="https://shop.prichal.ru/">здесь</a>'},
            "agent_nda",
            {"found": ["https://shop.prichal.ru/"]},
        ),
        ({"text": " "}, "length", {"channel": "sms", "size": 1, "limit": 10, "empty": True}),
        ({"text": "я" * 671}, "length", {"channel": "sms", "size": 11, "limit": 10}),
    ],
)
def test_what_stops_a_message_for_good(change: dict, reason: str, detail: dict) -> None:
    verdict = assess(replace(FACTS, **change), POLICY, NOW)

    assert outcome(verdict) == ("drop", [reason])
    assert verdict.checks[0].detail == detail
    assert verdict.until is None


def test_a_client_without_an_agent_may_get_any_link() -> None:
    verdict = assess(replace(FACTS, has_agent=False, text="prichal.ru, наш офис"), POLICY, NOW)

    assert verdict.decision == "send"
    assert "agent_nda" not in [check.code for check in verdict.checks]


def test_an_agents_client_may_get_our_pay_link_but_not_our_shop() -> None:
    pay = replace(FACTS, text="Оплатить: https://go.prichal.example/pay/k3J9/")
    shop = replace(FACTS, text="Купить: https://go.prichal.example/shop/")
    around = replace(FACTS, text="https://go.prichal.example/pay/../shop/")

    assert assess(pay, POLICY, NOW).decision == "send"
    assert outcome(assess(shop, POLICY, NOW)) == ("drop", ["agent_nda"])
    assert outcome(assess(around, POLICY, NOW)) == ("drop", ["agent_nda"])


def test_at_night_a_message_waits_for_the_morning() -> None:
    verdict = assess(FACTS, POLICY, NOW.replace(hour=22))

    assert outcome(verdict) == ("wait", ["quiet_hours"])
    assert verdict.until == datetime(2026, 11, 19, 9, 0, tzinfo=MOSCOW)


def test_the_clients_wish_is_kept() -> None:
    verdict = assess(replace(FACTS, contact_from=time(18), contact_to=time(20)), POLICY, NOW)

    assert outcome(verdict) == ("wait", ["quiet_hours"])
    assert verdict.until == NOW.replace(hour=18, minute=0)
    assert verdict.checks[0].detail["wish"] == ["18:00", "20:00"]


def test_a_wish_outside_all_hours_drops_the_message() -> None:
    verdict = assess(replace(FACTS, contact_from=time(22), contact_to=time(23)), POLICY, NOW)

    assert outcome(verdict) == ("drop", ["quiet_hours"])
    assert verdict.checks[0].detail["never"] is True


def test_the_daily_cap_counts_the_clients_own_day() -> None:
    twice = (NOW - timedelta(hours=1), NOW.replace(hour=0, minute=5))
    yesterday = (NOW - timedelta(hours=1), NOW - timedelta(hours=11))

    verdict = assess(replace(FACTS, recent=twice), POLICY, NOW)
    assert outcome(verdict) == ("wait", ["frequency"])
    assert verdict.until == datetime(2026, 11, 19, 9, 0, tzinfo=MOSCOW)
    assert verdict.checks[0].detail == {
        "today": 2, "week": 2, "purpose": "service", "day_cap": 2, "week_cap": 4,
    }  # fmt: skip
    assert assess(replace(FACTS, recent=yesterday), POLICY, NOW).decision == "send"


def test_the_weekly_cap_frees_when_the_oldest_day_falls_out() -> None:
    days = [NOW - timedelta(days=back) for back in (6, 5, 3, 1)]
    verdict = assess(replace(FACTS, recent=tuple(days)), POLICY, NOW)

    assert outcome(verdict) == ("wait", ["frequency"])
    assert verdict.until == datetime(2026, 11, 19, 9, 0, tzinfo=MOSCOW)


def test_a_cap_of_nothing_drops() -> None:
    policy = replace(POLICY, caps={"service": {"day": 0}})

    assert outcome(assess(FACTS, policy, NOW)) == ("drop", ["frequency"])


def test_advertising_has_its_own_consent_caps_and_channel() -> None:
    advertising = replace(FACTS, purpose="advertising", preferred_channel="email")

    assert outcome(assess(advertising, POLICY, NOW)) == ("drop", ["preferred_channel"])
    assert assess(replace(advertising, preferred_channel="sms"), POLICY, NOW).decision == "send"
    assert assess(replace(advertising, purpose="service"), POLICY, NOW).decision == "send"
    one = replace(advertising, preferred_channel="", recent=(NOW - timedelta(hours=1),))
    assert outcome(assess(one, POLICY, NOW)) == ("wait", ["frequency"])


def test_calls_use_the_consent_for_calls_and_have_no_text() -> None:
    verdict = assess(replace(FACTS, channel="robot", text="", preferred_channel="call"), POLICY, NOW)

    assert verdict.decision == "send"
    assert [check.code for check in verdict.checks] == [
        "do_not_contact", "contact_point", "consent", "quiet_hours", "frequency",
    ]  # fmt: skip
    assert verdict.checks[2].detail["channel"] == "call"


def test_an_answer_to_the_client_goes_at_any_hour_of_the_next_day() -> None:
    night = NOW.replace(hour=23)
    answer = replace(FACTS, replies_to=night - timedelta(minutes=5), recent=(night,) * 5)

    assert assess(answer, POLICY, night).decision == "send"
    late = replace(answer, replies_to=night - timedelta(hours=25), recent=())
    assert outcome(assess(late, POLICY, night)) == ("wait", ["quiet_hours"])
    assert outcome(assess(replace(answer, consent_since=None), POLICY, night)) == ("drop", ["consent"])


def test_drop_beats_wait_and_failed_checks_stand_first() -> None:
    verdict = assess(replace(FACTS, consent_since=None), POLICY, NOW.replace(hour=22))

    assert outcome(verdict) == ("drop", ["consent", "quiet_hours"])
    assert [check.code for check in verdict.checks[:2]] == ["consent", "quiet_hours"]


def test_an_unknown_zone_is_moscow() -> None:
    verdict = assess(replace(FACTS, time_zone="Nowhere/Land"), POLICY, NOW)

    assert verdict.decision == "send"


def test_a_verdict_is_stored_as_codes_and_details_and_comes_back() -> None:
    verdict = assess(replace(FACTS, recent=(NOW,) * 2), POLICY, NOW.replace(microsecond=0))
    stored = verdict.to_json()

    assert stored["decision"] == "wait"
    assert stored["until"] == "2026-11-19T06:00:00+00:00"
    assert stored["at"] == "2026-11-18T07:42:00+00:00"
    assert stored["checks"][0] == {
        "code": "frequency",
        "passed": False,
        "detail": {"today": 2, "week": 2, "purpose": "service", "day_cap": 2, "week_cap": 4},
    }
    assert Verdict.from_json(stored) == verdict


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "Europe/Berlin", "America/New_York"])


@given(
    now=MOMENTS,
    zone=ZONES,
    back=st.lists(st.integers(0, 7 * 24 * 60), max_size=12),
    day=st.integers(1, 4),
    week=st.integers(1, 8),
)
def test_the_moment_waited_for_is_allowed(
    now: datetime, zone: str, back: list[int], day: int, week: int
) -> None:
    policy = replace(POLICY, caps={"service": {"day": day, "week": week}})
    recent = tuple(now - timedelta(minutes=minutes) for minutes in back)
    verdict = assess(replace(FACTS, time_zone=zone, recent=recent), policy, now)

    if verdict.decision == "wait":
        assert verdict.until is not None
        assert verdict.until > now
        assert assess(replace(FACTS, time_zone=zone, recent=recent), policy, verdict.until).decision == "send"
    else:
        assert verdict.decision == "send"
