"""States over time, and how soon conversations were answered."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.organisation.models import Absence
from clientela.modules.routing.history import Answered, answers, spells_of
from clientela.modules.routing.models import Answer, StateChange, Station
from clientela.modules.routing.operations import (
    WrongStation,
    answered,
    note_seen,
    offer,
    release,
    set_state,
    set_state_of,
)
from clientela.modules.routing.rules.spells import Spell, spells, staffed, times
from clientela.modules.routing.shifts import on_shift


def later(now, minutes):
    return now + timedelta(minutes=minutes)


def test_states_are_kept_with_their_moments_and_an_absence_is_dated_back(anna, now):
    note_seen([anna.pk], now=now)
    note_seen([anna.pk], now=later(now, 1))
    set_state(actor=anna, now=later(now, 1), state="break")
    note_seen([anna.pk], now=later(now, 11))  # the page was closed for ten minutes
    set_state(actor=anna, now=later(now, 12), state="available")
    kept = [((row.at - now).total_seconds() / 60, row.state) for row in StateChange.objects.all()]
    assert kept == [(0, "available"), (1, "break"), (1, "offline"), (11, "break"), (12, "available")]
    found = spells_of([anna.pk], begin=now, end=later(now, 60), now=later(now, 20))[anna.pk]
    lasted = {state: time.total_seconds() / 60 for state, time in times(found).items()}
    assert lasted == {"available": 1, "offline": 18, "break": 1}  # not seen since the twelfth minute
    assert staffed(found) == timedelta(minutes=1)


def test_states_between_two_moments(now):
    changes = [(later(now, -5), "available"), (later(now, 10), "busy"), (later(now, 90), "break")]
    assert spells(changes, now, later(now, 60)) == [
        Spell("available", now, later(now, 10)), Spell("busy", later(now, 10), later(now, 60)),
    ]  # fmt: skip
    assert spells([], now, later(now, 1)) == [Spell("offline", now, later(now, 1))]


def test_a_head_sends_somebody_to_a_break_and_says_why(branch_head, anna, at_work, now):
    at_work(anna)
    set_state_of(actor=branch_head, now=now, person=anna, state="break", reason="Обед сдвинут")
    change = StateChange.objects.latest("id")
    assert (Station.objects.get(user=anna).state, change.state, change.by, change.reason) == (
        "break", "break", branch_head, "Обед сдвинут",
    )  # fmt: skip
    assert Entry.objects.get(action="station.state_of").changes == {
        "state": ["available", "break"], "reason": [None, "Обед сдвинут"],
    }  # fmt: skip


@pytest.mark.parametrize(("state", "reason"), [("break", " "), ("asleep", "so")])
def test_without_a_reason_or_for_no_such_state_nothing_changes(
    branch_head, anna, at_work, now, state, reason
):
    at_work(anna)
    with pytest.raises(WrongStation):
        set_state_of(actor=branch_head, now=now, person=anna, state=state, reason=reason)
    assert Station.objects.get(user=anna).state == "available"


def test_nobody_declares_the_state_of_strangers(branch_head, boris, anna, lilia, at_work, now):
    at_work(boris)
    at_work(lilia)
    for actor, person in ((branch_head, boris), (anna, lilia)):
        with pytest.raises(PermissionDenied):
            set_state_of(actor=actor, now=now, person=person, state="break", reason="so")
        assert Station.objects.get(user=person).state == "available"


def test_first_answers_are_kept_with_their_promise(vera, anna, at_work, need, now):
    at_work(anna)
    by = later(now, 60)
    offer([need(vera, 1, media="letter", due_at=by), need(vera, 2, media="letter", due_at=by)], now=now)
    offer([need(vera, 3, media="letter", due_at=by)], now=now)
    assert answered("call", [1], now=later(now, 10)) == 1
    assert answered("call", [2], now=later(now, 80)) == 1
    assert answered("call", [2], now=later(now, 81)) == 0
    release("call", [3], now=later(now, 5))  # done without an answer
    assert Answer.objects.count() == 2
    day = {"begin": now, "end": later(now, 600)}
    assert answers(Q(branch=vera.branch), **day) == Answered(2, 1, timedelta(minutes=45))
    assert answers(Q(branch=0), **day).share is None


def test_the_shift_is_the_working_day_of_who_is_not_absent(
    centre_operator, volga, anna, lilia, kazan, at_work, branch_head, now
):
    at_work(centre_operator)
    at_work(branch_head, serves=True)
    type(centre_operator).objects.filter(pk=centre_operator.pk).update(time_zone="Europe/Samara")
    moscow, today = ZoneInfo("Europe/Moscow"), now.date()
    centre = on_shift(f"centre:{volga.pk}", None, today, moscow)
    assert [slot for slot in range(48) if centre[slot]] == list(range(16, 34))  # 9–18 in Samara
    branch = on_shift(f"branch:{kazan.pk}", None, today, moscow)
    assert (branch[17], branch[18], branch[35], branch[36]) == (0, 3, 3, 0)
    Absence.objects.create(person=anna, substitute=lilia, first_day=today, last_day=today, created_at=now)
    assert on_shift(f"branch:{kazan.pk}", None, today, moscow)[18] == 2
    assert sum(on_shift(f"branch:{kazan.pk}", None, today + timedelta(days=3), moscow)) == 0
    assert on_shift(f"branch:{kazan.pk}", centre_operator, today, moscow)[18] == 0
