"""Requests are shared out, taken, given on, returned and closed; what was decided can be read."""

from datetime import timedelta

import pytest

from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.requests.handlers import on_work_escalated, on_work_moved
from clientela.modules.requests.models import Intake, Request
from clientela.modules.requests.operations import (
    AlreadyClosed,
    AlreadyTaken,
    ReasonMissing,
    become_deal,
    begin,
    close,
    give,
    give_back,
    hand_over,
    reopen,
    take,
)
from clientela.modules.requests.operations.setting import NoConsent, change_intake, create_intake
from clientela.modules.requests.operations.sharing import NoReason, NotAColleague
from clientela.modules.requests.queries import answered
from clientela.modules.routing.events import WorkEscalated, WorkMoved
from clientela.modules.routing.models import Desk, WorkItem
from clientela.modules.routing.operations import note_seen, set_state, tend


def kinds(request):
    return list(request.steps.order_by("id").values_list("kind", flat=True))


def test_the_rule_chooses_and_shows_whom_it_looked_at(
    ask, at_desk, anna, lilia, boris, kasko, ulyanovsk, volga, now
):
    at_desk(anna), at_desk(lilia, capacity=0), at_desk(boris, branch=ulyanovsk)
    volga.branches.add(ulyanovsk)
    made = ask(product=kasko)
    assert (made.assignee, made.why[0]["why"]) == (anna, "by_share")
    assert [(one["name"], one["place"], one["why"], one["load"], one["here"]) for one in made.candidates] == [
        (str(anna), 1, "", 0, True), (str(lilia), 0, "full", 0, True), (str(boris), 0, "elsewhere", 0, False),
    ]  # fmt: skip


def test_taking_stops_the_timer_and_keeps_the_new_client(ask, at_desk, anna, lilia, now):
    at_desk(anna)
    made = ask()
    later = now + timedelta(minutes=4)
    taken = take(actor=anna, now=later, request=made)
    assert (taken.state, taken.taken_at, taken.client.agent_id, taken.agent) == (
        "taken",
        later,
        None,
        anna.agent,
    )
    taken.client.refresh_from_db()
    assert taken.client.agent == anna.agent
    found = answered(Request.objects.all(), since=now)
    assert (found.count, found.minutes, found.in_time) == (1, 4.0, 100.0)
    assert WorkItem.objects.get().state == "held"
    begin(actor=anna, now=later, request=taken)
    closed = close(actor=anna, now=later, request=taken, reason="price", note="Дорого")
    assert (closed.state, kinds(made), Desk.objects.get().load) == (
        "closed",
        ["came", "assigned", "taken", "working", "closed"],
        0,
    )
    with pytest.raises(AlreadyClosed):
        close(actor=anna, now=later, request=closed, reason="price")
    again = reopen(actor=anna, now=later, request=closed)
    assert (again.state, again.assignee, again.reason, Desk.objects.get().load) == ("taken", anna, "", 1)


def test_who_comes_later_does_not_take_it_too(ask, at_desk, anna, lilia, team_lead, now):
    at_desk(anna), at_desk(lilia)
    made = ask()
    first, second = (anna, lilia) if made.assignee == anna else (lilia, anna)
    taken = take(actor=first, now=now, request=made)
    with pytest.raises(AlreadyTaken):
        take(actor=team_lead, now=now, request=taken)
    with pytest.raises(PermissionDenied):
        take(actor=second, now=now, request=taken)
    assert Request.objects.get().assignee == first


def test_a_person_gives_it_on_with_a_reason(ask, at_desk, anna, lilia, team_lead, auditor, now):
    at_desk(anna), at_desk(lilia)
    made = ask()
    other = lilia if made.assignee == anna else anna
    with pytest.raises(NoReason):
        give(actor=team_lead, now=now, request=made, to=other, reason=" ")
    with pytest.raises(NotAColleague):
        give(actor=team_lead, now=now, request=made, to=auditor, reason="Пусть")
    given = give(actor=team_lead, now=now, request=made, to=other, reason="Знает клиента")
    assert (given.assignee, given.moves, kinds(made)[-1]) == (other, 1, "given")
    assert given.steps.last().text == "Знает клиента"
    assert dict(Desk.objects.values_list("user", "load")) == {other.pk: 1, made.assignee_id: 0}


def test_returned_it_goes_to_somebody_else(ask, at_desk, anna, lilia, now):
    at_desk(anna), at_desk(lilia)
    made = ask()
    other = lilia if made.assignee == anna else anna
    give_back(actor=made.assignee, now=now, request=made, reason="Не мой продукт")
    on_work_moved(WorkMoved("request", [made.pk]), now=now)
    made.refresh_from_db()
    assert (made.assignee, kinds(made)) == (other, ["came", "assigned", "back", "assigned"])


def test_waiting_requests_go_out_when_somebody_comes(ask, at_desk, anna, lilia, kasko, branch_head, now):
    made = ask(product=kasko)
    assert (made.assignee, made.why[0]["why"]) == (None, "queue_of_branch")
    assert not Request.objects.visible_to(anna).exists()
    at_desk(anna)
    assert Request.objects.visible_to(anna).get() == made  # she may take it herself
    set_state(actor=anna, now=now, state="available")
    on_work_moved(WorkMoved("request", [made.pk]), now=now)
    on_work_moved(WorkMoved("request", [made.pk]), now=now)
    made.refresh_from_db()
    assert (made.assignee, kinds(made), made.candidates[0]["place"]) == (anna, ["came", "assigned"], 1)


def test_late_ones_are_told_to_the_head_once(ask, at_desk, anna, branch_head, now):
    at_desk(anna)
    made = ask()
    note_seen([anna.pk], now=made.due_at)
    assert tend(limit=10, now=made.due_at) == 1
    for _time in range(2):
        on_work_escalated(WorkEscalated("request", made.pk, branch_head.pk), now=made.due_at)
    assert kinds(made) == ["came", "assigned", "late"]


def test_marketing_keeps_it_until_it_is_handed_over(ask, at_desk, anna, marketer, kazan, now):
    at_desk(anna)
    intake = Intake.objects.create(
        key="ad", name="Реклама", title="Реклама", branch=kazan, to_marketing=True, created_at=now
    )
    made = ask(intake=intake)
    assert (made.assignee, made.at_marketing, WorkItem.objects.count()) == (None, True, 0)
    later = now + timedelta(days=1)
    note_seen([anna.pk], now=later)
    handed = hand_over(actor=marketer, now=later, request=made, note="Ждёт расчёт на Omoda")
    assert (handed.assignee, handed.at_marketing, handed.due_at) == (
        anna,
        False,
        later + timedelta(minutes=15),
    )
    assert kinds(made) == ["came", "sales", "assigned"]


def test_it_becomes_a_deal_once(ask, at_desk, anna, now):
    at_desk(anna)
    made = take(actor=anna, now=now, request=ask())
    for _time in range(2):
        deal = become_deal(actor=anna, now=now, request=made, deal_id=7, number="С-26-000007")
    assert (deal.state, deal.deal_id, kinds(made)[-2:], Desk.objects.get().load) == (
        "deal",
        7,
        ["taken", "deal"],
        0,
    )


@pytest.mark.parametrize("who", ["boris", "auditor"])
def test_strangers_to_it_change_nothing(ask, at_desk, anna, who, now, request):
    at_desk(anna)
    made, person = ask(), request.getfixturevalue(who)
    for act in (take, begin):
        with pytest.raises(PermissionDenied):
            act(actor=person, now=now, request=made)
    with pytest.raises(PermissionDenied):
        close(actor=person, now=now, request=made, reason="spam")
    made.refresh_from_db()
    assert (made.state, made.assignee) == ("new", anna)
    with pytest.raises(ReasonMissing):
        close(actor=anna, now=now, request=made, reason="bored")


def test_words_of_consent_are_kept_in_every_version(administrator, anna, kazan, now):
    values = {
        "name": "КАСКО",
        "title": "Рассчитать КАСКО",
        "branch": kazan,
        "origins": ["https://salon.example/"],
    }
    with pytest.raises(NoConsent):
        create_intake(actor=administrator, now=now, key="kasko", values=values, consent="")
    intake = create_intake(actor=administrator, now=now, key="kasko", values=values, consent="Согласен")
    for words in ("Согласен", "Согласен на звонок"):
        intake = change_intake(actor=administrator, now=now, intake=intake, values=values, consent=words)
    assert intake.origins == ["https://salon.example"]
    assert list(intake.consents.values_list("number", "text")) == [(2, "Согласен на звонок"), (1, "Согласен")]
    with pytest.raises(PermissionDenied):
        change_intake(actor=anna, now=now, intake=intake, values=values, consent="Иное")
