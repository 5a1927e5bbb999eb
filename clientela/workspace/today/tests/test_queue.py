"""What there is to do, for whom, in which order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from clientela.modules.clients.models import Client
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.operations.conversations import finish
from clientela.modules.renewals.models import Renewal, Touch
from clientela.workspace.today import items
from clientela.workspace.today.queries import queue, waiting_for
from clientela.workspace.today.tests.conftest import TODAY


@pytest.fixture
def at(now):
    return {"today": TODAY, "now": now}


def test_calls_of_the_plan_that_are_due(anna, osago, ending, call, at):
    due, late = call(ending(anna.agent, osago, days=17)), call(ending(anna.agent, osago, days=10), ago=7)
    waiting = call(ending(anna.agent, osago, days=17), state="planned")
    call(ending(anna.agent, osago, days=17), state="done")
    call(ending(anna.agent, osago, days=17), state="dropped")
    call(ending(anna.agent, osago, days=18), ago=-1)
    call(ending(anna.agent, osago, days=17), channel="sms", step_key="x")

    found = queue.calls(anna, **at)

    assert [touch.pk for touch in found.rows] == [late.pk, due.pk, waiting.pk]
    assert found.count == 3


@pytest.mark.parametrize(
    "fields",
    [{"state": "lost"}, {"state": "paid"}, {"held_until": TODAY}, {"held_until": TODAY + timedelta(days=3)}],
)
def test_whoever_paid_is_lost_or_held_is_not_called(anna, osago, ending, call, at, now, fields):
    if fields.get("state") == "paid":
        fields = fields | {"paid_at": now}
    call(ending(anna.agent, osago, days=17, **fields))

    assert queue.calls(anna, **at).rows == []


def test_a_hold_that_is_over_holds_nothing(anna, osago, ending, call, at):
    touch = call(ending(anna.agent, osago, days=17, held_until=TODAY - timedelta(days=1)))

    assert [t.pk for t in queue.calls(anna, **at).rows] == [touch.pk]


def test_terms_that_need_a_hand(anna, osago, ending, call, project, at):
    bare = ending(anna.agent, osago, days=17)
    ending(anna.agent, osago, days=18)  # no project yet, but there is time
    quoted = ending(anna.agent, osago, days=9, state="quoted", has_quote=True)
    ending(anna.agent, osago, days=30, state="quoted", has_quote=True)
    ready = ending(anna.agent, osago, days=40, state="project", has_project=True)
    project(ready)
    sent = ending(anna.agent, osago, days=12, state="project", has_project=True)
    project(sent, "offered")
    early = ending(anna.agent, osago, days=25, state="project", has_project=True)
    project(early, "offered")
    call(ending(anna.agent, osago, days=5))  # a call is due: one task is enough

    found = queue.terms(anna, **at)

    assert {term.pk: term.kind for term in found.rows} == {
        bare.pk: "project", quoted.pk: "payment", ready.pk: "offer", sent.pk: "payment",
    }  # fmt: skip
    assert found.count == 4


def test_the_weight_in_the_database_is_that_of_the_rules(anna, osago, kasko, ending, call, project, at, now):
    for days, fields in (
        (1, {}), (5, {"premium": Decimal(60_000)}), (10, {"last_opened_at": now - timedelta(hours=30)}),
        (17, {"last_opened_at": now - timedelta(days=5)}), (16, {"state": "quoted", "has_quote": True}),
    ):  # fmt: skip
        ending(anna.agent, osago, days=days, **fields)
        call(ending(anna.agent, kasko, days=days, **fields), ago=days % 2)
    ready = ending(anna.agent, osago, days=44, state="project", has_project=True)
    project(ready)

    calls, terms = queue.calls(anna, **at), queue.terms(anna, **at)
    said = items.from_calls(calls.rows, **at) + items.from_terms(terms.rows, **at)

    for item in said:
        if item.kind == "call":
            continue
        assert item.score == next(t.score for t in terms.rows if t.pk == item.term.pk), item.weights
    assert [item.score for item in said[:5]] == sorted((item.score for item in said[:5]), reverse=True)
    assert len(said) == 11


def test_a_client_waits_until_a_person_writes(anna, vera, vera_renewal, wrote, at, now):
    message = wrote(vera, "Можно в рассрочку?")
    found = queue.answers(anna, **at)
    assert [(w.message.pk, w.term.pk) for w in found.rows] == [(message.pk, vera_renewal.pk)]

    queue_message(now=now, actor=None, client=vera, channel="sms", text="…")
    assert queue.answers(anna, **at).count == 1  # a message of the plan answers nothing

    queue_message(now=now, actor=anna, client=vera, channel="sms", text="…")
    assert queue.answers(anna, **at).count == 0


def test_an_answer_that_the_policy_stopped_answers_nothing(anna, vera, wrote, at, now):
    message = wrote(vera, "Можно в рассрочку?")
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True)
    stopped = queue_message(now=now, actor=anna, client=vera, channel="sms", text="…", in_reply_to=message)

    assert stopped.state == "dropped"
    assert queue.answers(anna, **at).count == 1


def test_only_the_last_message_of_a_client_stands_in_the_queue(anna, vera, wrote, at):
    wrote(vera, "Здравствуйте", ago=timedelta(hours=3))
    last = wrote(vera, "Можно в рассрочку?")

    assert [w.message.pk for w in queue.answers(anna, **at).rows] == [last.pk]


def test_the_longest_wait_comes_first_however_long_it_is(anna, vera, make_client, wrote, at):
    other = make_client(anna.agent, "Тестов", "Иван", phone="+79170000001")
    wrote(vera, "Сколько стоит?")
    wrote(other, "Ау", ago=timedelta(days=15))

    assert [w.message.client for w in queue.answers(anna, **at).rows] == [other, vera]


def test_a_conversation_that_is_done_waits_for_nobody(anna, vera, wrote, at, now):
    wrote(vera, "Спасибо")
    finish(actor=anna, now=now, conversation=vera.conversation)
    assert queue.answers(anna, **at).count == 0


def test_everybody_has_only_their_own_scope(
    anna, boris, team_lead, branch_head, centre_operator, renewals_manager, osago, ending, call, wrote, vera,
    boris_client, at,
):  # fmt: skip
    ours, theirs = call(ending(anna.agent, osago, days=17)), call(ending(boris.agent, osago, days=17))
    ending(anna.agent, osago, days=16)
    ending(boris.agent, osago, days=16)
    wrote(vera, "Вопрос")
    wrote(boris_client, "Вопрос")

    for person in (anna, team_lead, branch_head, centre_operator):
        assert [t.pk for t in queue.calls(person, **at).rows] == [ours.pk]
        assert queue.terms(person, **at).count == 1
        assert [w.message.client_id for w in queue.answers(person, **at).rows] == [vera.pk]
    assert [t.pk for t in queue.calls(boris, **at).rows] == [theirs.pk]
    assert queue.calls(renewals_manager, **at).count == 2
    assert queue.answers(renewals_manager, **at).count == 2


def test_a_call_made_meanwhile_leaves_a_shared_list_at_once(centre_operator, anna, osago, ending, call, at):
    first, second = (call(ending(anna.agent, osago, days=17)) for _ in range(2))
    assert len(queue.calls(centre_operator, **at).rows) == 2

    Touch.objects.filter(pk=first.pk).update(state="done")

    assert [t.pk for t in queue.calls(centre_operator, **at).rows] == [second.pk]


def test_mortgages_come_up_in_the_week_in_which_the_balance_is_asked_for(
    anna, ending, at, make_policy, osago
):
    from clientela.modules.products.models import Bank, Line, Product

    product = Product.objects.create(code="555", line=Line.MORTGAGE, name="Ипотека", message_name="ипотека")
    sber, vtb = (Bank.objects.create(code=code, name=code) for code in ("sber", "vtb"))
    shown = []
    for bank, days in ((sber, 45), (sber, 39), (vtb, 30), (vtb, 24)):
        shown.append(ending(anna.agent, product, days=days, bank=bank).pk)
    for bank, days in ((sber, 46), (sber, 38), (vtb, 31), (vtb, 23), (vtb, 45), (sber, 30)):
        ending(anna.agent, product, days=days, bank=bank)
    ending(anna.agent, product, days=44, bank=sber, state="quoted")

    assert sorted(term.pk for term in queue.mortgages(anna, today=TODAY)) == sorted(shown)


def test_the_navigation_tells_how_many_tasks_wait(
    anna, centre_operator, renewals_manager, auditor, osago, ending, call, wrote, vera
):
    call(ending(anna.agent, osago, days=17))
    ending(anna.agent, osago, days=5)
    wrote(vera, "Вопрос")

    assert [waiting_for(person) for person in (anna, centre_operator, renewals_manager, auditor)] == [
        3,
        2,
        0,
        0,
    ]


def test_a_page_of_tasks_reads_as_many_rows_whatever_there_is(
    anna, osago, ending, call, at, django_assert_num_queries
):
    for days in range(1, 15):
        call(ending(anna.agent, osago, days=days))
    anna.agent  # noqa: B018
    queue.calls(anna, **at)

    with django_assert_num_queries(2):
        queue.calls(anna, **at)
    with django_assert_num_queries(1):
        queue.terms(anna, **at)
    assert Renewal.objects.count() == 14
