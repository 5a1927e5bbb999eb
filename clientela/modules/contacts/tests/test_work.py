"""Conversations through routing: who gets them, and what routing does by itself afterwards."""

from datetime import timedelta

import pytest

from clientela.modules.clients.models import Client
from clientela.modules.contacts.handlers import on_work_moved
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.conversations import assign, finish, look, reopen
from clientela.modules.contacts.queries.conversations import WORK
from clientela.modules.organisation.models import Absence
from clientela.modules.routing.events import WorkMoved
from clientela.modules.routing.models import Queue, Station, WorkItem
from clientela.modules.routing.operations import note_seen, route_waiting, tend


@pytest.fixture
def away(anna, team_lead, now):
    """Anna's days off, with nobody at her place: the substitute left the company."""
    team_lead.is_active = False
    team_lead.save()
    return Absence.objects.create(
        person=anna, substitute=team_lead, first_day=now.date(), last_day=now.date(), created_at=now
    )


@pytest.fixture
def work(vera):
    return lambda: WorkItem.objects.get(kind=WORK, ref_id=Conversation.objects.get(client=vera).pk)


def test_with_no_owner_at_work_it_goes_to_who_is_free(vera, away, centre_operator, write_in, work, now):
    note_seen([centre_operator.pk], now=now)
    write_in()
    assert vera.conversation.assignee == centre_operator
    assert vera.conversation.reasons == [
        {"why": "by_skill", "skills": ["channel:sms", "language:ru"], "load": 0, "of": 100}
    ]  # fmt: skip
    assert (work().state, work().load, work().due_at) == ("offered", 10, now + timedelta(hours=1))


def test_who_comes_to_work_later_gets_it_and_the_talk_follows_once(
    vera, away, centre_operator, write_in, events, now
):
    write_in()
    assert vera.conversation.assignee is None
    note_seen([centre_operator.pk], now=now)
    assert route_waiting(limit=5, now=now + timedelta(seconds=5)) == 1
    for _ in range(2):
        on_work_moved(WorkMoved(WORK, [vera.conversation.pk]), now=now)
    vera.conversation.refresh_from_db()
    assert (vera.conversation.assignee, vera.conversation.reasons[0]["why"]) == (centre_operator, "by_skill")
    told = [one["people"] for one in events("ConversationChanged")]
    assert told.count([centre_operator.pk]) == 1


def test_a_call_that_moved_is_nothing_to_a_talk_of_the_same_number(vera, anna, write_in, now):
    write_in()
    WorkItem.objects.update(assignee=None)
    on_work_moved(WorkMoved("call", [vera.conversation.pk]), now=now)
    vera.conversation.refresh_from_db()
    assert vera.conversation.assignee == anna


def test_looking_takes_it_up_answering_ends_it_and_a_new_question_begins(vera, anna, write_in, work, now):
    write_in()
    look(actor=anna, now=now, conversation=vera.conversation)
    assert work().state == "held"
    queue_message(now=now, actor=anna, client=vera, channel="sms", text="Да")
    assert (work().state, work().due_at) == ("done", None)
    write_in("И ещё", at=now + timedelta(minutes=1))
    assert (work().state, work().assignee) == ("offered", anna)
    assert [one["why"] for one in work().decisions] == ["owner", "accepted", "answered", "owner"]


def test_done_frees_the_operator_and_open_again_takes_up_the_question(
    vera, away, centre_operator, write_in, work, now
):
    note_seen([centre_operator.pk], now=now)
    write_in()
    finish(actor=centre_operator, now=now, conversation=vera.conversation)
    assert (Station.objects.get().load, work().state) == (0, "done")
    reopen(actor=centre_operator, now=now, conversation=vera.conversation)
    assert (work().assignee, work().state) == (centre_operator, "offered")


def test_given_by_hand_the_work_goes_along(vera, anna, team_lead, write_in, work, now):
    write_in()
    assign(actor=anna, now=now, conversation=vera.conversation, person=team_lead)
    assert (work().assignee, work().due_at) == (team_lead, vera.conversation.answer_by)
    assert [one["why"] for one in work().decisions] == ["owner", "given"]


def test_an_owner_silent_past_the_deadline_is_told_of_or_loses_it(
    vera, anna, team_lead, centre_operator, volga, write_in, work, now
):
    Queue.objects.create(key=f"centre:{volga.pk}", takes_back_letters=True)
    write_in()
    due = vera.conversation.answer_by
    note_seen([centre_operator.pk], now=due)
    tend(limit=5, now=due)
    on_work_moved(WorkMoved(WORK, [vera.conversation.pk]), now=due)
    vera.conversation.refresh_from_db()
    assert (vera.conversation.assignee, work().escalated_to) == (centre_operator, team_lead)
    assert [reason["why"] for reason in vera.conversation.reasons] == ["escalated", "taken_back", "by_skill"]


def test_a_client_with_another_language_waits_for_who_speaks_it(vera, away, centre_operator, write_in, now):
    Client.objects.filter(pk=vera.pk).update(language="tt")
    note_seen([centre_operator.pk], now=now)
    write_in()
    assert vera.conversation.assignee is None
