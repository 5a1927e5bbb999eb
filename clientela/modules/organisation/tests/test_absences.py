"""Leave and substitutes: who sees what on which day, what is refused, and what the journal says."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from clientela.foundation.audit.models import Entry
from clientela.foundation.audit.operations import record, verify
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation import operations as verbs
from clientela.modules.organisation.models import Absence, Placement, Team
from clientela.modules.organisation.queries import (
    absence_planned_by,
    absences_visible_to,
    agents_visible_to,
    phones_shown,
    scope_of,
    substitutes_for,
)

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 27)


@pytest.fixture
def at_work(now):
    with time_machine.travel(now, tick=False) as clock:
        yield clock


def plan(actor, person, substitute, now, **values):
    days = {"first_day": FIRST, "last_day": LAST}
    return verbs.plan_absence(actor=actor, now=now, person=person, substitute=substitute, **days | values)


def on(day, zone_hour=9):
    return time_machine.travel(datetime(day.year, day.month, day.day, zone_hour - 3), tick=False)


def seen(user):
    """Surnames of the agents whose clients this person sees at this moment, as a new request would."""
    fresh = User.objects.get(pk=user.pk)
    return set(agents_visible_to(fresh).values_list("last_name", flat=True))


def test_the_substitute_sees_the_clients_on_these_days_only(anna, lilia, boris, now, at_work):
    plan(anna, anna, lilia, now)
    for day, names in [
        (FIRST - timedelta(days=1), {"Закирова"}),
        (FIRST, {"Закирова", "Соколова"}),
        (LAST, {"Закирова", "Соколова"}),
        (LAST + timedelta(days=1), {"Закирова"}),
    ]:
        with on(day):
            assert (seen(lilia), seen(anna)) == (names, {"Соколова"})


def test_the_days_begin_at_midnight_where_the_substitute_lives(anna, lilia, now, at_work):
    plan(anna, anna, lilia, now)
    with time_machine.travel(datetime(2026, 11, 19, 20, 59), tick=False):  # 23:59 in Moscow
        assert seen(lilia) == {"Закирова"}
    with time_machine.travel(datetime(2026, 11, 19, 21, 0), tick=False):
        assert seen(lilia) == {"Закирова", "Соколова"}


def test_an_absent_lead_lends_the_team(anna, lilia, team_lead, boris, make_user, kazan, now, at_work):
    other = make_user(Role.TEAM_LEAD, "Рим", "Сафин")
    left = Team.objects.create(branch=kazan, name="Казань, левый берег")
    Placement.objects.create(user=other, branch=kazan, team=left)
    plan(team_lead, team_lead, other, now)
    assert seen(other) == set()
    with on(FIRST):
        assert seen(other) == {"Закирова", "Соколова"}
        scope = scope_of(User.objects.get(pk=other.pk))
        assert scope.absent == ((anna.agent.pk, "Тимур Галиев"), (lilia.agent.pk, "Тимур Галиев"))


def test_ones_own_agents_are_nobody_elses(anna, lilia, team_lead, now, at_work):
    plan(anna, anna, team_lead, now)
    with on(FIRST):
        assert scope_of(User.objects.get(pk=team_lead.pk)).absent == ()


@pytest.mark.parametrize(("on_day", "statements", "mine"), [(FIRST, 2, 2), (LAST + timedelta(days=1), 1, 1)])
def test_the_scope_is_one_statement_and_one_more_for_who_stands_in(
    anna, lilia, now, at_work, django_assert_num_queries, on_day, statements, mine
):
    plan(anna, anna, lilia, now)
    with on(on_day):
        person = User.objects.get(pk=lilia.pk)
        with django_assert_num_queries(statements):
            assert scope_of(person).agent_ids == (anna.agent.pk, lilia.agent.pk)[-mine:]


def test_the_journal_names_who_acted_for_whom(anna, lilia, vera, vera_policy, now, at_work):
    plan(anna, anna, lilia, now)
    with on(FIRST):
        stand_in = User.objects.get(pk=lilia.pk)
        for obj in (vera, vera_policy, lilia.agent):
            record(actor=stand_in, now=now, action="client.changed", obj=obj)
        record(actor=anna, now=now, action="client.changed", obj=vera)
    said = Entry.objects.filter(action="client.changed").order_by("id")
    assert list(said.values_list("on_behalf_of", flat=True)) == ["Анна Соколова", "Анна Соколова", "", ""]
    assert verify().broken_at == ""
    said.filter(on_behalf_of="Анна Соколова").update(on_behalf_of="")
    assert verify().broken_at == f"entry {said[0].pk}"


def test_the_verb_is_journaled(anna, lilia, now, at_work):
    plan(anna, anna, lilia, now, kind="sick", note=" грипп ")
    row = Absence.objects.get()
    assert (row.kind, row.note, row.shows_phone) == ("sick", "грипп", False)
    entry = Entry.objects.get(action="absence.planned")
    assert entry.changes == {
        "substitute": [None, "Лилия Закирова"],
        "days": [None, "2026-11-20 – 2026-11-27"],
    }


def refused(field, *args, **values):
    before = Absence.objects.count()
    with pytest.raises(ValidationError) as error:
        plan(*args, **values)
    assert list(error.value.error_dict) == [field]
    assert Absence.objects.count() == before


def test_periods_that_make_no_sense(anna, lilia, now, at_work):
    refused("last_day", anna, anna, lilia, now, last_day=FIRST - timedelta(days=1))
    refused("last_day", anna, anna, lilia, now, first_day=date(2026, 11, 1), last_day=date(2026, 11, 17))
    refused("last_day", anna, anna, lilia, now, last_day=date(2030, 1, 1))


def test_an_overlap_is_refused_and_the_next_day_is_not(anna, lilia, now, at_work):
    plan(anna, anna, lilia, now)
    refused("first_day", anna, anna, lilia, now, first_day=LAST, last_day=LAST + timedelta(days=3))
    plan(anna, anna, lilia, now, first_day=LAST + timedelta(days=1), last_day=LAST + timedelta(days=3))
    assert Absence.objects.count() == 2


def test_who_is_away_stands_in_for_nobody(anna, lilia, team_lead, now, at_work):
    plan(lilia, lilia, team_lead, now)
    refused("substitute", anna, anna, lilia, now, first_day=LAST)


def test_a_circle_is_refused(anna, lilia, now, at_work):
    plan(anna, anna, lilia, now)
    refused("substitute", lilia, lilia, anna, now)


def test_nobody_leaves_whom_others_count_on(anna, lilia, team_lead, now, at_work):
    plan(anna, anna, lilia, now)
    refused("first_day", lilia, lilia, team_lead, now)
    plan(lilia, lilia, team_lead, now, first_day=LAST + timedelta(days=1), last_day=LAST + timedelta(days=2))


def test_a_substitute_is_of_the_same_branch_or_centre(
    anna, boris, lilia, team_lead, branch_head, centre_operator, make_user, volga, now, at_work
):
    for stranger in (boris, branch_head, centre_operator, anna):
        refused("substitute", anna, anna, stranger, now)
    second = make_user(Role.CENTRE_OPERATOR, "Инна", "Лис")
    Placement.objects.create(user=second, centre=volga)
    assert list(substitutes_for(centre_operator)) == [second]
    assert set(substitutes_for(anna)) == {lilia, team_lead}
    assert list(substitutes_for(branch_head)) == []


def test_who_may_enter_it(
    anna, boris, lilia, team_lead, branch_head, centre_operator, administrator, auditor, now, at_work
):
    for actor in (boris, lilia, centre_operator, auditor):
        with pytest.raises(PermissionDenied):
            plan(actor, anna, team_lead, now)
    with pytest.raises(PermissionDenied):
        plan(team_lead, boris, anna, now)
    assert not Absence.objects.exists()
    assert not Entry.objects.exists()
    assert set(absence_planned_by(team_lead)) == {anna, lilia, team_lead}
    assert set(absence_planned_by(branch_head)) == {anna, lilia, team_lead}
    assert set(absence_planned_by(administrator)) == {anna, boris, lilia, team_lead, centre_operator}
    assert set(absence_planned_by(centre_operator)) == {centre_operator}
    plan(team_lead, anna, lilia, now)


def test_back_early_and_the_past_is_kept(anna, lilia, now, at_work):
    row = plan(anna, anna, lilia, now)
    with on(FIRST + timedelta(days=3)):
        verbs.end_absence(actor=anna, now=datetime.fromisoformat("2026-11-23T09:00:00+03:00"), absence=row)
        assert seen(lilia) == {"Закирова"}
    row.refresh_from_db()
    assert row.last_day == date(2026, 11, 22)
    assert Entry.objects.last().changes == {"last_day": ["2026-11-27", "2026-11-22"]}


def test_what_has_not_begun_is_taken_away(anna, lilia, now, at_work):
    row = plan(anna, anna, lilia, now)
    with pytest.raises(PermissionDenied):
        verbs.end_absence(actor=lilia, now=now, absence=row)
    with pytest.raises(ValidationError):
        verbs.end_absence(actor=anna, now=now, absence=row, last_day=LAST)
    assert Absence.objects.count() == 1
    verbs.end_absence(actor=anna, now=now, absence=row)
    assert not Absence.objects.exists()
    assert Entry.objects.last().action == "absence.removed"


def move(administrator, person, branch, now):
    return verbs.change_agent(actor=administrator, now=now, agent=person.agent, branch=branch, team=None)


def test_a_substitute_who_moves_to_another_branch_sees_nothing_more(
    anna, lilia, boris, administrator, ulyanovsk, now, at_work
):
    row = plan(anna, anna, lilia, now, shows_phone=True)
    during = datetime(2026, 11, 23, 9, 0).astimezone()
    with on(date(2026, 11, 23)):
        assert seen(lilia) == {"Закирова", "Соколова"}
        move(administrator, lilia, ulyanovsk, during)
        assert seen(lilia) == {"Закирова"}
        assert phones_shown(during) == {}
    row.refresh_from_db()
    assert row.last_day == date(2026, 11, 22)
    entry = Entry.objects.get(action="absence.ended")
    assert (entry.actor_name, entry.changes) == ("Денис Карпов", {"last_day": ["2026-11-27", "2026-11-22"]})


def test_the_right_ends_with_the_place_itself(anna, lilia, ulyanovsk, now, at_work):
    """Whoever writes the place: the query looks where the substitute works now."""
    plan(anna, anna, lilia, now)
    type(lilia.agent).objects.filter(pk=lilia.agent.pk).update(branch=ulyanovsk)
    with on(FIRST):
        assert seen(lilia) == {"Закирова"}


def test_a_lead_who_moves_lends_and_borrows_nothing(
    anna, lilia, team_lead, administrator, ulyanovsk_team, make_user, kazan, kazan_team, now, at_work
):
    other = make_user(Role.TEAM_LEAD, "Рим", "Сафин")
    left = Team.objects.create(branch=kazan, name="Казань, левый берег")
    Placement.objects.create(user=other, branch=kazan, team=left)
    plan(team_lead, team_lead, other, now)
    verbs.place(actor=administrator, now=now, user=other, team=kazan_team)
    assert Absence.objects.count() == 1
    Placement.objects.filter(user=other).update(branch=ulyanovsk_team.branch, team=ulyanovsk_team)
    with on(FIRST):
        assert seen(other) == set()
    verbs.place(actor=administrator, now=now, user=other, team=ulyanovsk_team)
    assert not Absence.objects.exists()
    assert Entry.objects.last().action == "absence.removed"


def test_who_leaves_the_branch_takes_no_substitute_along(
    anna, lilia, boris, administrator, ulyanovsk, now, at_work
):
    plan(anna, anna, lilia, now)
    with on(FIRST):
        move(administrator, anna, ulyanovsk, datetime(2026, 11, 20, 9, 0).astimezone())
        assert seen(lilia) == {"Закирова"}
    assert not Absence.objects.exists()


def test_who_may_not_sign_in_stands_in_for_nobody(anna, lilia, administrator, now, at_work):
    row = plan(anna, anna, lilia, now)
    verbs.set_activity(actor=administrator, now=now, user=anna, active=False)
    assert Absence.objects.get() == row  # the clients of who is kept out still need somebody
    verbs.set_activity(actor=administrator, now=now, user=lilia, active=False)
    assert not Absence.objects.exists()
    assert list(Entry.objects.order_by("id").values_list("action", flat=True))[-1] == "absence.removed"


def test_a_change_within_the_branch_ends_nothing(anna, lilia, administrator, kazan, now, at_work):
    plan(anna, anna, lilia, now)
    left = Team.objects.create(branch=kazan, name="Казань, левый берег")
    verbs.change_agent(
        actor=administrator, now=now, agent=lilia.agent, team=left, agreement_number="АГД-16/0303"
    )
    verbs.place(actor=administrator, now=now, user=lilia, agent=lilia.agent)
    with on(FIRST):
        assert seen(lilia) == {"Закирова", "Соколова"}
    verbs.change_agent(actor=administrator, now=now, agent=lilia.agent, is_active=False)
    assert not Absence.objects.exists()


def test_the_phone_is_the_agents_unless_the_absence_says_otherwise(anna, lilia, team_lead, now, at_work):
    refused("shows_phone", anna, anna, team_lead, now, shows_phone=True)
    row = plan(anna, anna, lilia, now)
    first, after = now + timedelta(days=2), now + timedelta(days=10)
    assert phones_shown(first) == {}
    Absence.objects.filter(pk=row.pk).update(shows_phone=True)
    assert phones_shown(first) == {anna.agent.pk: "+79172000303"}
    assert phones_shown(after) == phones_shown(now) == {}


def test_who_sees_an_absence(anna, boris, lilia, team_lead, centre_operator, auditor, now, at_work):
    row = plan(anna, anna, lilia, now)
    for person, there in [
        (anna, [row]), (lilia, [row]), (team_lead, [row]), (auditor, [row]), (boris, []), (centre_operator, []),
    ]:  # fmt: skip
        assert list(absences_visible_to(person)) == there
