"""Experiments in the planner and in their figures: sides, repeats, ends, choosing."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, RestrictedError

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.renewals.experiments import MODULUS, bucket
from clientela.modules.renewals.models import (
    Experiment,
    PlanDay,
    Renewal,
    Schedule,
    ScheduleVersion,
    Step,
    Touch,
)
from clientela.modules.renewals.operations.experiments import (
    BadExperiment,
    ExperimentEnded,
    end_experiment,
    start_experiment,
)
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.schedules import (
    BadStart,
    VersionInForce,
    activate,
    delete_step,
    make_draft,
    retire,
    save_step,
)
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.modules.renewals.queries.experiments import results_of, terms_behind
from clientela.modules.renewals.queries.plan_view import plan_of
from clientela.modules.renewals.queries.planning import audience, slices, spec, steps_in_force
from clientela.modules.renewals.queries.splits import bucket_of, taken_by
from clientela.modules.renewals.queries.term_facts import facts_of
from clientela.modules.renewals.rules import is_audience

TODAY = date(2026, 11, 18)
FIRST = TODAY + timedelta(days=1)
BASE_SMS = "base.osago-5-sms"
# So many that a draw of the sides leaves each enough to be compared.
ENDED, OPEN = 80, 10


@pytest.fixture(autouse=True)
def _at_now(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def base(now: datetime, db: None) -> Schedule:
    load_shipped(now=now, active_from=date(2026, 1, 1))
    return Schedule.objects.get(code="base")


@pytest.fixture
def draft(base: Schedule, renewals_manager: User, now: datetime) -> ScheduleVersion:
    """Version 2 of the base schedule: the SMS of OSAGO goes four days before the end, in other words."""
    made = make_draft(actor=renewals_manager, now=now, version=base.versions.get())
    made.steps.filter(key="osago-5-sms").update(day=4, text="Продлите полис сегодня")
    return made


@pytest.fixture
def start(draft: ScheduleVersion, renewals_manager: User, now: datetime) -> Callable[..., Experiment]:
    def make(**fields: Any) -> Experiment:
        values = {"actor": renewals_manager, "now": now, "version": draft, "first_day": FIRST} | fields
        return start_experiment(**values)

    return make


@pytest.fixture
def end(renewals_manager: User, now: datetime) -> Callable[..., Experiment]:
    def make(experiment: Experiment, **fields: Any) -> Experiment:
        values = {"actor": renewals_manager, "now": now, "winner": "a", "reason": "Мало ответов"} | fields
        return end_experiment(experiment=experiment, **values)

    return make


@pytest.fixture
def ending(
    make_client: Callable[..., Any], make_policy: Callable[..., Any], make_renewal: Callable[..., Renewal],
    boris: User, osago: Any,
) -> Callable[..., list[Renewal]]:  # fmt: skip
    """``ending(40, days=6)``: terms of so many new clients, all ending in so many days."""
    numbers = iter(range(1, 10_000))

    def make(count: int, *, days: int, **fields: Any) -> list[Renewal]:
        terms = []
        for number in (next(numbers) for _ in range(count)):
            client = make_client(boris.agent, f"Клиентов{number}", "Иван", phone=f"+7902{number:07}")
            policy = make_policy(client, osago, number=f"X{number}", end=TODAY + timedelta(days=days))
            terms.append(make_renewal(policy, **fields))
        return terms

    return make


def is_b(term: Renewal, experiment: Experiment) -> bool:
    return bucket(term.client_id, experiment.pk) < experiment.share


def by_key(day: date) -> dict[int, tuple[int, str]]:
    """What was planned for the day: the version's number and the words, by term."""
    touches = Touch.objects.filter(due_on=day).select_related("step__version")
    return {t.renewal_id: (t.step.version.number, t.step.text) for t in touches if t.step}


def test_the_set_and_the_rule_put_everybody_on_the_same_side(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]]
) -> None:
    experiment = start(share=37)
    for days in (5, 6, 7):
        ending(30, days=days)
    terms = Renewal.objects.annotate(found=bucket_of(experiment.pk))
    assert {t.client_id: t.found for t in terms} == {
        t.client_id: bucket(t.client_id, experiment.pk) for t in terms
    }
    for gets_b in (True, False):
        arm = experiment.arm(gets_b=gets_b)
        chosen = set(Renewal.objects.filter(taken_by(arm)).values_list("id", flat=True))
        assert chosen == {t.pk for t in terms if arm.takes(t.client_id, t.end_date)} != set()
    for step in steps_in_force(FIRST):
        known = spec(step)
        met = set(Renewal.objects.filter(audience(known)).values_list("id", flat=True))
        loaded = Renewal.objects.select_related("product", "bank")
        assert met == {t.pk for t in loaded if is_audience(known, facts_of(t))}, known.key


def test_the_largest_ids_are_counted_alike(
    start: Callable[..., Experiment],
    ending: Callable[..., list[Renewal]],
    make_client: Callable[..., Any],
    boris: User,
) -> None:
    """No product overflows: ids near the modulus and near the end of a bigint."""
    (term,) = ending(1, days=6)
    for pk in (MODULUS - 1, MODULUS, MODULUS + 1, 2**62 + 12345, 2**63 - 1):
        make_client(boris.agent, "Далёкий", "Пётр", pk=pk)
        Renewal.objects.filter(pk=term.pk).update(client_id=pk)
        for experiment in (1, 2, 999):
            found = (
                Renewal.objects.annotate(found=bucket_of(experiment)).values_list("found", flat=True).get()
            )
            assert found == bucket(pk, experiment)


def test_each_client_is_planned_by_their_side_and_once(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> None:
    experiment = start()
    entering = ending(60, days=6)
    plan_day(day=FIRST, now=now)
    plan_day(day=FIRST + timedelta(days=1), now=now)

    first, second = by_key(FIRST), by_key(FIRST + timedelta(days=1))
    a = {t.pk for t in entering if not is_b(t, experiment)}
    b = {t.pk for t in entering if is_b(t, experiment)}
    assert (len(a) > 15, len(b) > 15) == (True, True)
    assert set(first) == a
    assert {number for number, _ in first.values()} == {1}
    assert set(second) == b
    assert set(second.values()) == {(2, "Продлите полис сегодня")}

    before = list(Touch.objects.order_by("id").values())
    for day in (FIRST, FIRST + timedelta(days=1)):
        plan_day(day=day, now=now + timedelta(hours=1))
    assert list(Touch.objects.order_by("id").values()) == before


def test_steps_that_are_the_same_stand_once(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> None:
    """The SMS thirty days before is the same in both: no split, one statement, version 1 for all."""
    start()
    keys = [s.key for s in steps_in_force(FIRST) if s.version.schedule.code == "base"]
    assert sorted(key for key in keys if keys.count(key) > 1) == ["osago-5-sms"] * 2
    terms = ending(10, days=31, renewal_year=1)
    plan_day(day=FIRST, now=now)
    assert set(by_key(FIRST)) == {t.pk for t in terms}


def test_terms_under_way_keep_their_version(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> None:
    """Five days before the end the versions first differ: who is nearer at the first day stays with version 1."""
    under_way = ending(20, days=5)
    plan_day(day=TODAY, now=now)
    experiment = start()
    assert experiment.lead_days == 5
    plan_day(day=FIRST, now=now)
    touches = Touch.objects.filter(step_key=BASE_SMS)
    assert set(touches.values_list("renewal_id", "step__version__number")) == {(t.pk, 1) for t in under_way}


def test_after_the_last_day_nobody_enters_and_those_inside_stay(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> None:
    experiment = start(last_day=FIRST)
    inside, after = ending(30, days=6), ending(30, days=7)
    for days in range(4):
        plan_day(day=FIRST + timedelta(days=days), now=now)
    found = dict(Touch.objects.filter(step_key=BASE_SMS).values_list("renewal_id", "step__version__number"))
    assert found == {t.pk: 2 if is_b(t, experiment) else 1 for t in inside} | {t.pk: 1 for t in after}


def test_stopped_early_everybody_comes_back_to_version_a(
    start: Callable[..., Experiment], end: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime,
    draft: ScheduleVersion,
) -> None:  # fmt: skip
    """A call over days that version B had left out is made up for those inside it, and for nobody twice."""
    call = {"name": "Звонок", "channel": "operator", "at_time": draft.steps.first().at_time, "conditions": []}
    control = draft.schedule.versions.get(number=1)
    Step.objects.create(version=control, key="call", day=5, until_day=1, **call)
    experiment = start()
    terms = ending(40, days=6)
    plan_day(day=FIRST, now=now)
    calls = Touch.objects.filter(step_key="base.call")
    assert set(calls.values_list("renewal_id", flat=True)) == {t.pk for t in terms if not is_b(t, experiment)}

    end(experiment)
    experiment.refresh_from_db()
    assert experiment.ended_from == FIRST + timedelta(days=1)
    plan_day(day=experiment.ended_from, now=now)
    assert sorted(calls.values_list("renewal_id", flat=True)) == sorted(t.pk for t in terms)
    assert not Touch.objects.filter(step__version__number=2).exists()
    draft.refresh_from_db()
    assert draft.state == "retired"


def test_the_chosen_version_comes_into_force_on_its_day(
    start: Callable[..., Experiment], end: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime,
    draft: ScheduleVersion, renewals_manager: User,
) -> None:  # fmt: skip
    experiment = start()
    day = FIRST + timedelta(days=3)
    end(experiment, winner="b", reason="Больше продлений", from_day=day)
    terms = ending(20, days=8)  # four days before the end on that very day
    for days in range(5):
        plan_day(day=FIRST + timedelta(days=days), now=now)
    found = dict(Touch.objects.filter(step_key=BASE_SMS).values_list("renewal_id", "step__version__number"))
    assert found == {t.pk: 2 if is_b(t, experiment) else 1 for t in terms}
    draft.refresh_from_db()
    assert (draft.state, draft.active_from, draft.activated_by) == ("active", day, renewals_manager)
    entry = Entry.objects.get(action="schedule.experiment_ended")
    assert (entry.actor, entry.reason) == (renewals_manager, "Больше продлений")
    assert entry.changes == {"winner": [None, "b"], "ended_from": [None, day.isoformat()]}


def test_people_see_the_plan_of_their_side(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> None:
    experiment = start()
    with time_machine.travel(now + timedelta(days=1), tick=False):
        for term in ending(12, days=6):
            (entry,) = plan_of(term, today=FIRST)
            assert entry.day == (4 if is_b(term, experiment) else 5)


def test_the_plan_stays_a_statement_a_step(
    start: Callable[..., Experiment], django_assert_max_num_queries: Any
) -> None:
    """One statement for the versions and one for the steps, as without an experiment."""
    start()
    with django_assert_max_num_queries(2):
        steps = steps_in_force(FIRST)
    assert len(list(slices(steps, first=FIRST, last=FIRST))) == len(steps) == 16


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"first_day": TODAY}, "first_day"),
        ({"first_day": TODAY + timedelta(days=400)}, "first_day"),
        ({"last_day": TODAY}, "last_day"),
        ({"last_day": TODAY + timedelta(days=900)}, "last_day"),
        ({"share": 0}, "share"),
        ({"share": 100}, "share"),
    ],
)
def test_wrong_values_are_refused_at_their_field(
    start: Callable[..., Experiment], draft: ScheduleVersion, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadExperiment) as refused:
        start(**fields)
    assert refused.value.field == field
    assert not Experiment.objects.exists()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_planned_day_is_too_early(start: Callable[..., Experiment], base: Schedule, now: datetime) -> None:
    plan_day(day=FIRST, now=now)
    with pytest.raises(BadExperiment, match=r"20\.11\.2026"):
        start()
    assert start(first_day=FIRST + timedelta(days=1)).pk


def test_a_version_must_be_another_one_with_steps_that_differ(
    start: Callable[..., Experiment],
    base: Schedule,
    draft: ScheduleVersion,
    renewals_manager: User,
    now: datetime,
) -> None:
    same = base.versions.get(number=1)
    draft.steps.filter(key="osago-5-sms").update(
        day=5, text=same.steps.get(key="osago-5-sms").text, name="Имя"
    )
    for version in (same, draft):
        with pytest.raises(BadExperiment) as refused:
            start(version=version)
        assert refused.value.field == "version"
    draft.steps.all().delete()
    with pytest.raises(BadExperiment) as refused:
        start()
    assert refused.value.field == "version"
    ScheduleVersion.objects.filter(pk=same.pk).update(active_from=FIRST + timedelta(days=9))
    with pytest.raises(BadExperiment):
        start()
    assert not Experiment.objects.exists()


def test_one_experiment_a_schedule_and_none_over_another(
    start: Callable[..., Experiment],
    end: Callable[..., Experiment],
    base: Schedule,
    now: datetime,
    draft: ScheduleVersion,
) -> None:
    first = start()
    with pytest.raises(BadExperiment) as refused:
        start(version=draft)
    assert refused.value.field == "first_day"
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(
            schedule=base, control=first.control, candidate=base.versions.get(number=1), first_day=FIRST, lead_days=5,
            created_at=now,
        )  # fmt: skip
    end(first, winner="a", from_day=FIRST + timedelta(days=5))
    with pytest.raises(BadExperiment, match=r"24\.11\.2026"):
        start(version=draft)
    again = start(version=draft, first_day=FIRST + timedelta(days=5))
    assert (again.candidate.number, again.candidate.state) == (
        3,
        "trial",
    )  # a copy: version 2 stays as it was


def test_a_version_on_trial_is_not_changed_and_others_do_not_start(
    start: Callable[..., Experiment],
    draft: ScheduleVersion,
    base: Schedule,
    renewals_manager: User,
    now: datetime,
) -> None:
    start()
    step = draft.steps.get(key="osago-5-sms")
    who = {"actor": renewals_manager, "now": now}
    for act in (
        lambda: save_step(**who, version=draft, step=step, day=3),
        lambda: delete_step(**who, step=step),
        lambda: activate(**who, version=draft, active_from=FIRST),
        lambda: retire(**who, version=draft),
    ):
        with pytest.raises(VersionInForce):
            act()
    other = make_draft(**who, version=base.versions.get(number=1))
    with pytest.raises(BadStart):
        activate(**who, version=other, active_from=FIRST)
    assert (other.number, draft.steps.get(key="osago-5-sms").day) == (3, 4)


def test_a_version_of_an_experiment_is_not_deleted(start: Callable[..., Experiment], base: Schedule) -> None:
    experiment = start()
    for version in (experiment.candidate, experiment.control):
        with pytest.raises(RestrictedError):
            version.delete()
    assert base.versions.count() == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"winner": ""}, "winner"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"from_day": TODAY}, "from_day"),
        ({"from_day": TODAY + timedelta(days=400)}, "from_day"),
    ],
)
def test_an_end_needs_a_version_a_day_and_a_reason(
    start: Callable[..., Experiment], end: Callable[..., Experiment], fields: dict[str, Any], field: str
) -> None:
    experiment = start()
    with pytest.raises(BadExperiment) as refused:
        end(experiment, **fields)
    assert refused.value.field == field
    experiment.refresh_from_db()
    assert experiment.ended_from is None


def test_an_experiment_is_ended_once_and_only_by_who_may(
    start: Callable[..., Experiment], end: Callable[..., Experiment], anna: User
) -> None:
    with pytest.raises(PermissionDenied):
        start(actor=anna)
    assert not Experiment.objects.exists()
    experiment = start()
    with pytest.raises(PermissionDenied):
        end(experiment, actor=anna)
    end(experiment)
    with pytest.raises(ExperimentEnded):
        end(experiment, winner="b")
    experiment.refresh_from_db()
    assert experiment.winner == "a"


@pytest.fixture
def watched(
    start: Callable[..., Experiment], ending: Callable[..., list[Renewal]], now: datetime
) -> tuple[Experiment, list[Renewal], date]:
    """An experiment ten days on: eighty terms ended, ten have not, B's messages all answered and its terms paid."""
    experiment = start()
    ended, open_ones = ending(ENDED, days=6), ending(OPEN, days=14)
    for days in range(2):
        plan_day(day=FIRST + timedelta(days=days), now=now)
    today = TODAY + timedelta(days=10)
    for term in ended:
        state = "replied" if is_b(term, experiment) else "sent"
        Touch.objects.filter(renewal=term).update(state=state, sent_at=now)
    paid = [t.pk for t in ended if is_b(t, experiment)]
    Renewal.objects.filter(pk__in=paid).update(paid_at=now, state="paid")
    late = next(t for t in ended if not is_b(t, experiment))
    Renewal.objects.filter(pk=late.pk).update(paid_at=now + timedelta(days=9), state="paid")
    return experiment, [*ended, *open_ones], today


def test_both_sides_are_counted(
    watched: tuple[Experiment, list[Renewal], date], renewals_manager: User, django_assert_num_queries: Any
) -> None:
    experiment, terms, today = watched
    b = sum(is_b(t, experiment) for t in terms)
    b_ended = sum(is_b(t, experiment) for t in terms[:ENDED])

    with django_assert_num_queries(4):  # the steps twice, terms and touches once each
        found = results_of(renewals_manager, experiment, today=today)

    assert (found.a.terms, found.b.terms, found.a.clients, found.b.clients) == (
        ENDED + OPEN - b,
        b,
        ENDED + OPEN - b,
        b,
    )
    assert (found.a.ended, found.b.ended) == (ENDED - b_ended, b_ended)
    assert (found.a.renewed, found.b.renewed) == (0, b_ended)  # paid after its end is not renewed by its end
    assert (found.a.sent, found.a.delivered, found.a.replied) == (ENDED - b_ended, 0, 0)
    assert (found.b.sent, found.b.delivered, found.b.replied) == (b_ended, b_ended, b_ended)
    assert found.renewal.is_shown
    for side, counted in (("a", found.a), ("b", found.b)):
        for what in ("terms", "sent", "delivered", "replied", "ended", "renewed"):
            behind = terms_behind(renewals_manager, experiment, side, what, today=today)
            assert behind.count() == getattr(counted, what), (side, what)


def test_everybody_counts_their_own_scope(
    watched: tuple[Experiment, list[Renewal], date], boris: User, anna: User
) -> None:
    experiment, _terms, today = watched
    assert results_of(anna, experiment, today=today).a.terms == 0
    assert results_of(boris, experiment, today=today).a.terms > 0
    assert not terms_behind(anna, experiment, "a", "terms", today=today).exists()


def test_after_the_end_only_terms_that_ended_on_their_side_are_judged(
    watched: tuple[Experiment, list[Renewal], date], end: Callable[..., Experiment], renewals_manager: User
) -> None:
    experiment, terms, today = watched
    end(experiment, from_day=FIRST + timedelta(days=2))
    experiment.refresh_from_db()
    found = results_of(renewals_manager, experiment, today=today + timedelta(days=30))
    assert (found.a.terms + found.b.terms, found.a.ended, found.b.ended) == (ENDED, 0, 0)
    assert PlanDay.objects.count() == 2
    assert Renewal.objects.filter(paid_at__isnull=False, end_date__gt=F("opened_at__date")).exists()
    assert terms
