"""Planning a day: who is touched, why others are not, and that it happens once."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.products.models import Bank, Line, Product
from clientela.modules.renewals.models import PlanDay, Renewal, ScheduleVersion, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.terms import open_terms
from clientela.modules.renewals.queries.planning import forecast, reason_case, spec, steps_in_force
from clientela.modules.renewals.queries.term_facts import facts_of
from clientela.modules.renewals.rules import REACH_BITS, stop_reason

DAY = date(2026, 11, 18)
MakeClient, MakePolicy = Callable[..., Client], Callable[..., Policy]


def product(code: str, line: str) -> Product:
    return Product.objects.get_or_create(
        code=code, defaults={"line": line, "name": code, "message_name": code}
    )[0]


@pytest.fixture
def expiring(make_client: MakeClient, make_policy: MakePolicy) -> Callable[..., Renewal]:
    """``expiring(agent, "osago", days=5)``: a policy of a new client that ends in so many days."""
    count = iter(range(1, 1000))

    def make(agent: Any, code: str, *, days: int, **fields: Any) -> Policy:
        number = next(count)
        lines = {"305": Line.PROPERTY, "354": Line.PROPERTY}
        client = make_client(
            agent,
            f"Клиентов{number}",
            "Иван",
            "Петрович",
            phone=f"+7900000{number:04}",
            email=f"c{number}@mail.example",
        )
        return make_policy(
            client,
            product(code, lines.get(code, code)),
            number=f"{code}-{number}",
            end=DAY + timedelta(days=days),
            **fields,
        )

    return make


def planned(policy: Policy) -> dict[str, str]:
    """Step key → reason of every touch of a policy ('' goes)."""
    touches = Touch.objects.filter(renewal__policy=policy).order_by("id")
    return {t.step_key: t.reason for t in touches}


# Every row of the published schedules: product, days before the end, first year, and the steps that fire.
BASE = [
    ("kasko", 45, {}, ["base.kasko-45-sms"]),
    ("kasko", 5, {}, ["base.kasko-5-sms"]),
    ("kasko", 30, {}, []),
    ("osago", 30, {}, ["base.osago-30-sms"]),
    ("osago", 30, {"renewal_year": 1}, []),
    ("osago", 5, {"renewal_year": 3}, ["base.osago-5-sms"]),
    ("osago", 45, {}, []),
    ("305", 30, {}, ["base.property-30-sms"]),
    ("354", 30, {}, ["base.property-30-sms"]),
    ("354", 5, {}, []),
    ("mortgage", 45, {"bank": "sber"}, ["base.mortgage-45-sms"]),
    ("mortgage", 30, {"bank": "sber"}, []),
    ("mortgage", 30, {"bank": "vtb"}, ["base.mortgage-30-sms"]),
    ("mortgage", 45, {"bank": "vtb"}, []),
    ("mortgage", 5, {"bank": "sber"}, ["base.mortgage-5-sms"]),
    ("mortgage", 5, {"bank": "vtb"}, ["base.mortgage-5-sms"]),
]


@pytest.mark.parametrize(("code", "days", "fields", "steps"), BASE)
def test_base_schedule(
    shipped: None,
    boris: User,
    expiring: Any,
    now: datetime,
    code: str,
    days: int,
    fields: dict[str, Any],
    steps: list[str],
) -> None:
    fields = dict(fields)
    if bank := fields.pop("bank", None):
        fields["bank"] = Bank.objects.create(code=bank, name=bank)
    policy = expiring(boris.agent, code, days=days, **fields)
    plan_day(day=DAY, now=now)
    assert planned(policy) == dict.fromkeys(steps, "")


CENTRE = [
    (45, ["base.kasko-45-sms"]),
    (30, ["centre.motor-30-email", "centre.motor-30-vk", "centre.motor-30-sms"]),
    (29, ["centre.motor-29-robot"]),
    (18, ["centre.motor-29-robot"]),
    (17, ["centre.motor-17-email", "centre.motor-17-operator", "centre.motor-29-robot"]),
    (5, ["centre.motor-17-operator", "centre.motor-5-sms"]),
]


@pytest.mark.parametrize(("days", "steps"), CENTRE)
def test_centre_schedule(
    shipped: None, anna: User, expiring: Any, now: datetime, days: int, steps: list[str]
) -> None:
    policy = expiring(anna.agent, "kasko", days=days)
    plan_day(day=DAY, now=now)
    found = planned(policy)
    assert sorted(found) == sorted(steps)
    assert {key for key, reason in found.items() if reason} == {k for k in steps if k.endswith("vk")}


def test_kasko_sold_with_osago_is_one_term(
    shipped: None, boris: User, expiring: Any, make_policy: MakePolicy, now: datetime
) -> None:
    kasko = expiring(boris.agent, "kasko", days=45)
    osago = make_policy(
        kasko.client, product("osago", "osago"), number="XXX 1", end=kasko.end_date, package=kasko
    )
    plan_day(day=DAY, now=now)
    assert Renewal.objects.get(policy=kasko).line == "kasko_osago"
    assert not Renewal.objects.filter(policy=osago).exists()
    assert planned(kasko) == {"base.kasko-45-sms": ""}


def test_what_holds_a_step_back_is_stored(shipped: None, boris: User, expiring: Any, now: datetime) -> None:
    free, project, quote, silent, dnc = (expiring(boris.agent, "osago", days=5) for _ in range(5))
    values = {"start_date": DAY, "end_date": DAY + timedelta(days=364), "created_at": now, "updated_at": now}
    Project.objects.create(
        policy=project, premium=1, carried_premium=1, pay_token="t", **carried_over(project), **values
    )
    Quote.objects.create(policy=quote, premium=1, created_at=now)
    Consent.objects.filter(client=silent.client, channel="sms").update(withdrawn_at=now)
    Client.objects.filter(pk=dnc.client_id).update(do_not_contact=True)
    plan_day(day=DAY, now=now)
    reasons = [planned(p)["base.osago-5-sms"] for p in (free, project, quote, silent, dnc)]
    assert reasons == ["", "has_project", "has_quote", "no_channel", "do_not_contact"]
    assert Touch.objects.filter(state=Touch.State.PLANNED).count() == 1


def test_planning_again_adds_nothing(
    shipped: None, anna: User, boris: User, expiring: Any, now: datetime
) -> None:
    for days in (5, 17, 30, 45):
        expiring(anna.agent, "kasko", days=days)
        expiring(boris.agent, "osago", days=days)
    first = plan_day(day=DAY, now=now)
    before = list(Touch.objects.order_by("id").values())
    second = plan_day(day=DAY, now=now + timedelta(hours=1))
    assert (first.planned, second.planned, second.runs) == (len(before), len(before), 2)
    assert list(Touch.objects.order_by("id").values()) == before


def test_a_new_version_does_not_touch_twice(shipped: None, boris: User, expiring: Any, now: datetime) -> None:
    policy = expiring(boris.agent, "osago", days=5)
    plan_day(day=DAY, now=now)
    old = ScheduleVersion.objects.get(schedule__code="base")
    new = ScheduleVersion.objects.create(
        schedule=old.schedule, number=2, state="active", active_from=DAY, created_at=now
    )
    for step in old.steps.all():
        step.pk, step.version = None, new
        step.save()
    plan_day(day=DAY, now=now)
    assert Touch.objects.filter(renewal__policy=policy).count() == 1


def test_missed_days_are_made_up(shipped: None, boris: User, expiring: Any, now: datetime) -> None:
    plan_day(day=DAY - timedelta(days=3), now=now - timedelta(days=3))
    missed, older = expiring(boris.agent, "osago", days=4), expiring(boris.agent, "osago", days=1)
    open_terms(day=DAY, now=now)  # as the handler of their issue does
    plan_day(day=DAY, now=now)
    assert planned(missed) == {"base.osago-5-sms": ""}
    assert planned(older) == {}
    assert Touch.objects.get().due_on == DAY


def test_a_term_that_appears_inside_a_period_is_taken_in(
    shipped: None, anna: User, expiring: Any, now: datetime
) -> None:
    expiring(anna.agent, "kasko", days=40)
    plan_day(day=DAY, now=now)
    late = expiring(anna.agent, "kasko", days=12)
    open_terms(day=DAY, now=now)  # as the handler of its issue does
    plan_day(day=DAY + timedelta(days=1), now=now + timedelta(days=1))
    assert planned(late) == {"centre.motor-17-operator": ""}


def test_the_touch_is_due_at_the_client_s_noon(
    shipped: None, boris: User, expiring: Any, now: datetime
) -> None:
    here, far = (expiring(boris.agent, "osago", days=5) for _ in range(2))
    Client.objects.filter(pk=here.client_id).update(time_zone="Europe/Kaliningrad")
    Client.objects.filter(pk=far.client_id).update(time_zone="Asia/Vladivostok")
    plan_day(day=DAY, now=now)
    due = dict(Touch.objects.values_list("renewal__policy_id", "due_at"))
    assert due[here.pk].isoformat() == "2026-11-18T10:00:00+00:00"
    assert due[far.pk].isoformat() == "2026-11-18T02:00:00+00:00"


@pytest.mark.parametrize(
    ("day", "end", "utc"),
    [
        (date(2027, 2, 23), date(2027, 2, 28), "2027-02-23T11:00:00+00:00"),
        (date(2028, 2, 24), date(2028, 2, 29), "2028-02-24T11:00:00+00:00"),
        (date(2027, 3, 27), date(2027, 4, 1), "2027-03-27T11:00:00+00:00"),
        (date(2027, 3, 28), date(2027, 4, 2), "2027-03-28T10:00:00+00:00"),
        (date(2027, 10, 31), date(2027, 11, 5), "2027-10-31T11:00:00+00:00"),
    ],
)
def test_month_ends_leap_days_and_clock_changes(
    shipped: None,
    boris: User,
    make_client: MakeClient,
    make_policy: MakePolicy,
    now: datetime,
    day: date,
    end: date,
    utc: str,
) -> None:
    client = make_client(boris.agent, "Дальний", "Пётр", phone="+79000000001", time_zone="Europe/Berlin")
    make_policy(client, product("osago", "osago"), number="D1", end=end, start_date=end - timedelta(days=364))
    plan_day(day=day, now=now)
    assert Touch.objects.get().due_at.isoformat() == utc


def test_a_renewed_policy_is_paid_from_the_start(
    shipped: None, boris: User, expiring: Any, make_policy: MakePolicy, now: datetime
) -> None:
    policy = expiring(boris.agent, "osago", days=5)
    following = make_policy(
        policy.client, policy.product, number="next", end=policy.end_date + timedelta(days=365),
        start_date=policy.end_date + timedelta(days=1), previous=policy, premium=Decimal("7000.00"),
    )  # fmt: skip
    plan_day(day=DAY, now=now)
    term = Renewal.objects.get(policy=policy)
    assert (term.state, term.next_policy, term.next_premium) == ("paid", following, Decimal("7000.00"))
    assert planned(policy) == {"base.osago-5-sms": "paid"}


def test_cancelled_and_far_policies_are_not_opened(boris: User, expiring: Any, now: datetime) -> None:
    expiring(boris.agent, "osago", days=5, status=Policy.Status.CANCELLED)
    expiring(boris.agent, "osago", days=61)
    assert open_terms(day=DAY, now=now) == 0
    assert not Renewal.objects.exists()


def test_a_bad_contact_point_is_no_channel(shipped: None, boris: User, expiring: Any, now: datetime) -> None:
    policy = expiring(boris.agent, "osago", days=5)
    ContactPoint.objects.filter(client=policy.client, kind="phone").update(bad_since=now)
    plan_day(day=DAY, now=now)
    assert Renewal.objects.get().reach == 2
    assert planned(policy) == {"base.osago-5-sms": "no_channel"}


def test_the_forecast_says_what_the_plan_will_do(
    shipped: None, anna: User, boris: User, expiring: Any, now: datetime
) -> None:
    for days in (5, 17, 30, 45):
        expiring(anna.agent, "kasko", days=days)
        expiring(boris.agent, "osago", days=days, renewal_year=days % 2)
    open_terms(day=DAY, now=now)
    said = {f.step.key: (f.going, sum(f.held.values())) for f in forecast(steps_in_force(DAY), day=DAY)}
    assert not Touch.objects.exists()
    plan_day(day=DAY, now=now)
    for key, (going, held) in said.items():
        touches = Touch.objects.filter(step__key=key)
        assert (touches.filter(reason="").count(), touches.exclude(reason="").count()) == (going, held)


def test_the_set_and_the_rule_give_the_same_reason(
    shipped: None, anna: User, expiring: Any, now: datetime
) -> None:
    """The reason in SQL and the pure rule agree on every combination of facts that matters."""
    policies = [expiring(anna.agent, "kasko", days=17) for _ in range(64)]
    open_terms(day=DAY, now=now)
    for number, policy in enumerate(policies):
        Renewal.objects.filter(policy=policy).update(
            has_project=bool(number & 1), has_quote=bool(number & 2), norm_kept=bool(number & 4),
            in_dispute=bool(number & 8), reach=15 if number & 16 else 0,
            last_opened_at=now - timedelta(days=number % 20) if number & 32 else None,
        )  # fmt: skip
    for step in steps_in_force(DAY):
        known = spec(step)

        terms = Renewal.objects.annotate(reached=F("reach").bitand(REACH_BITS[known.channel]))
        for term in terms.annotate(found=reason_case(known, today=DAY)).select_related("product", "bank"):
            assert term.found == (stop_reason(known, facts_of(term), today=DAY) or ""), (known.key, term.pk)


def test_a_failed_plan_leaves_nothing(shipped: None, boris: User, expiring: Any, now: datetime) -> None:
    expiring(boris.agent, "osago", days=5)

    def fail() -> None:
        with transaction.atomic():
            plan_day(day=DAY, now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Touch.objects.exists()
    assert not PlanDay.objects.exists()


def test_steps_have_the_published_words(shipped: None) -> None:
    texts = {step.key: step.text for step in steps_in_force(DAY)}
    assert texts["kasko-45-sms"] == (
        "{greeting}, Ваш полис КАСКО заканчивается {end_date}. Продлите полис у своего агента и оставайтесь с нами. "
        "Тел. {agent_phone}"
    )
    assert texts["osago-5-sms"] == (
        "{greeting}, Ваш полис ОСАГО № {number} заканчивается {end_date}. Продлить его Вы можете у своего агента или "
        "позвонив в {company} (тел. {short_number})"
    )
    assert len(texts) == 15
    assert {step.at_time for step in steps_in_force(DAY) if step.channel == "sms"} == {time(12)}
