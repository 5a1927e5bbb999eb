"""What a version would do on a day: the same figures as the planner's, within a person's scope."""

from datetime import timedelta
from decimal import Decimal

from django.core.cache import cache

from clientela.modules.renewals.models import Renewal, Step, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.schedules import save_step
from clientela.modules.renewals.queries.planning import steps_in_force
from clientela.workspace.schedules.queries.day_plan import counted, day_plan, met_by
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW


def counts(user, steps, day=TOMORROW):
    plan = day_plan(user, steps, day=day, today=TODAY)
    return {p.step.key: (p.going, p.held) for p in plan.steps if p.going or p.held}


def steps_of(version):
    return list(version.steps.select_related("version__schedule"))


def test_a_step_meets_the_terms_of_its_day_and_says_why_others_stay(
    centre, anna, osago, ending, renewals_manager
):
    ending(anna.agent, osago, days=31)
    ending(anna.agent, osago, days=31, norm_kept=True)
    ending(anna.agent, osago, days=31, reach=2)
    ending(anna.agent, osago, days=32)

    assert counts(renewals_manager, steps_of(centre.versions.get())) == {
        "motor-30-email": (2, {"norm_kept": 1}),
        "motor-30-vk": (0, {"norm_kept": 1, "no_channel": 2}),
        "motor-30-sms": (1, {"norm_kept": 1, "no_channel": 1}),
    }


def test_the_whole_plan_is_counted_by_channel_by_reason_and_by_client(
    centre, anna, osago, ending, renewals_manager
):
    ending(anna.agent, osago, days=31)
    ending(anna.agent, osago, days=31, norm_kept=True)

    plan = day_plan(renewals_manager, steps_of(centre.versions.get()), day=TOMORROW, today=TODAY)

    assert (plan.going, plan.people) == (2, 1)
    assert sorted(plan.channels())[:2] == [("email", 1), ("operator", 0)]
    assert plan.reasons() == [("norm_kept", 3), ("no_channel", 1)]


def test_the_figures_are_those_of_the_planner(
    shipped, anna, boris, osago, kasko, ending, renewals_manager, now
):
    for days in (6, 18, 30, 31, 46):
        for agent in (anna.agent, boris.agent):
            for product in (osago, kasko):
                ending(agent, product, days=days, has_quote=days == 6 and product == osago)
    plan_day(day=TODAY, now=now)  # today is planned, as every day
    said = {
        f"{p.step.version.schedule.code}.{p.step.key}": p.going
        for p in day_plan(renewals_manager, steps_in_force(TOMORROW), day=TOMORROW, today=TODAY).steps
    }

    plan_day(day=TOMORROW, now=now + timedelta(hours=9))

    touches = Touch.objects.filter(due_on=TOMORROW, state="planned").values_list("step_key", flat=True)
    assert {key: n for key, n in said.items() if n} == {key: list(touches).count(key) for key in set(touches)}


def test_the_evening_planning_does_not_change_the_figures(centre, anna, osago, ending, renewals_manager, now):
    ending(anna.agent, osago, days=31)
    steps = steps_of(centre.versions.get())
    before = counts(renewals_manager, steps)

    plan_day(day=TOMORROW, now=now)
    cache.clear()

    assert counts(renewals_manager, steps) == before != {}


def test_everybody_counts_only_their_own_scope(centre, anna, boris, osago, ending, renewals_manager, volga):
    ending(anna.agent, osago, days=31)
    ending(boris.agent, osago, days=31, centre=volga)
    steps = [s for s in steps_of(centre.versions.get()) if s.key == "motor-30-sms"]

    assert [counts(u, steps)["motor-30-sms"][0] for u in (anna, boris, renewals_manager)] == [1, 1, 2]
    assert {t.agent_id for t in met_by(anna, steps[0], day=TOMORROW, today=TODAY)} == {anna.agent.pk}


def test_a_version_in_force_meets_a_period_only_at_its_door(centre, anna, osago, ending, renewals_manager):
    ending(anna.agent, osago, days=18)
    ending(anna.agent, osago, days=10)
    steps = [s for s in steps_of(centre.versions.get()) if s.key == "motor-17-operator"]

    assert counts(renewals_manager, steps) == {"motor-17-operator": (1, {})}


def test_a_draft_also_takes_in_those_already_inside_a_new_period(
    draft, anna, osago, ending, renewals_manager, now
):
    ending(anna.agent, osago, days=10)
    step = save_step(
        actor=renewals_manager, now=now, version=draft, name="Звонок", day=14, until_day=2, channel="operator",
        at_time=draft.steps.first().at_time, conditions=[],
    )  # fmt: skip
    step = Step.objects.select_related("version__schedule").get(pk=step.pk)

    assert counts(renewals_manager, [step]) == {step.key: (1, {})}


def test_a_draft_does_not_count_again_whom_the_version_in_force_meets_until_then(
    draft, anna, osago, ending, renewals_manager
):
    ending(anna.agent, osago, days=19)
    ending(anna.agent, osago, days=22)
    steps = [s for s in steps_of(draft) if s.key == "motor-17-operator"]

    assert counts(renewals_manager, steps, TODAY + timedelta(days=5)) == {"motor-17-operator": (1, {})}


def test_a_term_touched_before_is_not_met_again(centre, draft, anna, osago, ending, renewals_manager, now):
    ending(anna.agent, osago, days=31)
    plan_day(day=TOMORROW, now=now)
    later = [s for s in steps_of(draft) if s.key == "motor-30-sms"]
    Step.objects.filter(pk=later[0].pk).update(day=28)
    later[0].day = 28

    assert counts(renewals_manager, later, TOMORROW + timedelta(days=2)) == {}


def test_beyond_the_open_terms_nothing_is_claimed(base, renewals_manager):
    steps = [s for s in steps_of(base.versions.get()) if s.key == "kasko-45-sms"]
    plan = day_plan(renewals_manager, steps, day=TODAY + timedelta(days=16), today=TODAY)

    assert [p.known for p in plan.steps] == [False]
    assert plan.unknown
    assert not day_plan(renewals_manager, steps, day=TODAY + timedelta(days=15), today=TODAY).unknown


def test_counts_are_kept_and_a_changed_step_is_counted_anew(
    centre, anna, osago, ending, renewals_manager, django_assert_num_queries
):
    ending(anna.agent, osago, days=31)
    steps = steps_of(centre.versions.get())
    day_plan(renewals_manager, steps, day=TOMORROW, today=TODAY)

    with django_assert_num_queries(1):  # the clients; the steps are known
        day_plan(renewals_manager, steps, day=TOMORROW, today=TODAY)
    assert len(counted(renewals_manager, steps, day=TOMORROW, today=TODAY)) == len(steps)

    steps[0].conditions = [*steps[0].conditions, {"code": "no_quote"}]
    with django_assert_num_queries(2):  # the changed step and the clients
        day_plan(renewals_manager, steps, day=TOMORROW, today=TODAY)


def test_a_new_count_sees_what_changed_in_the_portfolio(centre, anna, osago, ending, renewals_manager, now):
    term = ending(anna.agent, osago, days=31)
    steps = [s for s in steps_of(centre.versions.get()) if s.key == "motor-30-sms"]
    assert counts(renewals_manager, steps) == {"motor-30-sms": (1, {})}
    Renewal.objects.filter(pk=term.pk).update(paid_at=now, premium=Decimal(1))
    cache.clear()

    assert counts(renewals_manager, steps) == {"motor-30-sms": (0, {"paid": 1})}
