"""A client calls us."""

from datetime import timedelta

from clientela.foundation.outbox.models import Event
from clientela.modules.billing.operations import register_payment
from clientela.modules.calls.models import Call, CallBack, Menu
from clientela.modules.calls.operations import acts
from clientela.modules.calls.operations.inbound import arrived_together
from clientela.modules.calls.operations.sounds import add_sound, choose_music
from clientela.modules.calls.ports import LineArrived
from clientela.modules.calls.telephone_sound import waiting_tone
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Consent, Conversation
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations.projects import prepare_project
from tests.cast import VERAS_PHONE
from tests.telephony.conftest import BRANCH, SHORT, desk

State = Call.State


def test_the_menu_leads_to_the_agent_and_they_talk(office, anna, vera):
    call = office.call_in(VERAS_PHONE)
    assert (call.client, call.state, call.agent) == (vera, State.MENU, anna.agent)
    assert "Нажмите 1" in office.phone(VERAS_PHONE).said[-1][1]
    office.dial(VERAS_PHONE, "1")
    call.refresh_from_db()
    assert (call.state, call.offered_to, call.reason) == (State.RINGING, anna, "Вопрос агенту")
    assert call.reasons[0]["why"] == "owner"
    assert office.rings(anna)
    acts.accept(actor=anna, now=office.now, call=call)
    office.settle()
    call.refresh_from_db()
    assert (call.state, call.person, call.offered_to) == (State.TALKING, anna, None)
    assert office.talk(VERAS_PHONE) == {office.phone(desk(anna)).line}
    office.settle(90)
    office.put_down(VERAS_PHONE)
    call.refresh_from_db()
    assert (call.state, call.outcome, call.seconds) == (State.ENDED, "talked", 90)
    assert office.exchange.handsets(desk(anna)) == []
    assert list(call.steps.values_list("kind", flat=True)) == [
        "arrived", "menu", "key", "offered", "answered", "ended",
    ]  # fmt: skip


def test_who_presses_nothing_is_connected(office, anna, vera):
    call = office.call_in(VERAS_PHONE)
    office.settle(10)  # the greeting is over
    office.settle(5)
    call.refresh_from_db()
    assert (call.state, call.offered_to) == (State.RINGING, anna)


def test_overflow_goes_to_the_next_and_a_caller_who_gives_up_is_to_be_called_back(
    office, anna, centre_operator, vera
):
    call = office.call_in(VERAS_PHONE)
    office.dial(VERAS_PHONE, "1")
    office.put_down(desk(anna))  # declines
    call.refresh_from_db()
    assert call.offered_to == centre_operator
    office.settle(21)  # the operator does not pick up
    call.refresh_from_db()
    assert (call.state, call.offered_to) == (State.WAITING, None)
    assert "1" in office.phone(VERAS_PHONE).said[-1][1]
    office.put_down(VERAS_PHONE)
    call.refresh_from_db()
    assert (call.state, call.outcome, call.is_missed) == (State.ENDED, "missed", True)
    back = CallBack.objects.get()
    assert (back.client, back.number, back.why, back.person) == (vera, VERAS_PHONE, "missed", anna)
    talk = Conversation.objects.get(client=vera)
    assert (talk.state, talk.last_text, talk.waiting_since) == ("open", "Пропущенный звонок", office.now)
    office.call_in(VERAS_PHONE)
    office.put_down(VERAS_PHONE)
    assert CallBack.objects.get().times == 2


def test_who_becomes_free_is_rung_for_who_waits_longest(office, anna, centre_operator, vera, make_client):
    make_client(anna.agent, "Вторая", phone="+79170005555")
    first = office.call_in(VERAS_PHONE, SHORT)
    acts.accept(actor=centre_operator, now=office.now, call=first)
    office.settle()
    second = office.call_in("+79170005555", SHORT)
    assert second.state == State.WAITING
    assert "Вы 1-й в очереди" in office.phone("+79170005555").said[-1][1]
    office.put_down(VERAS_PHONE)
    second.refresh_from_db()
    assert (second.state, second.offered_to) == (State.RINGING, centre_operator)
    assert office.rings(centre_operator)


def test_key_one_in_the_queue_asks_for_a_call_and_keeps_the_place(office, anna, vera):
    call = office.call_in(VERAS_PHONE)
    came = call.started_at
    office.dial(VERAS_PHONE, "1")
    office.put_down(desk(anna))  # nobody else is there
    call.refresh_from_db()
    assert call.state == State.WAITING
    office.dial(VERAS_PHONE, "1")
    back = CallBack.objects.get()
    assert (back.why, back.asked_at) == ("asked", came)
    office.settle(13)
    call.refresh_from_db()
    assert (call.state, call.outcome) == (State.ENDED, "call_back")


def test_the_short_number_reaches_the_centre_of_the_region_and_the_agent_keeps_the_term(
    office, anna, centre_operator, vera, vera_policy
):
    call = office.call_in(VERAS_PHONE, SHORT)
    assert call.offered_to == centre_operator
    assert call.reasons[0]["why"] == "by_skill"
    assert Policy.objects.get(pk=vera_policy.pk).agent == anna.agent
    assert Call.objects.visible_to(centre_operator).get() == call


def test_a_stranger_gets_a_card_and_may_be_called(office):
    call = office.call_in("+79991112233")
    card = Client.objects.get()
    assert (call.client, card.branch) == (card, call.our.branch)
    assert Consent.objects.get(client=card).channel == "call"


def test_a_shared_number_names_nobody_until_somebody_asks(office, anna, vera, make_client):
    other = make_client(anna.agent, "Орлов", "Пётр")
    ContactPoint.objects.create(
        client=other, kind="phone", value=VERAS_PHONE, tail="0004108", created_at=office.now
    )
    call = office.call_in(VERAS_PHONE)
    assert call.client is None
    assert str(call) == VERAS_PHONE
    call.person = anna
    call.save()
    acts.name_caller(actor=anna, now=office.now, call=call, client=other)
    call.refresh_from_db()
    assert (call.client, call.agent) == (other, anna.agent)


def test_outside_of_the_hours_the_caller_is_told_and_called_back(office, anna, vera):
    menu, local = Menu.objects.get(), office.now
    menu.opens, menu.closes = (local + timedelta(hours=2)).time(), (local + timedelta(hours=4)).time()
    menu.closed = "Мы работаем с девяти."
    menu.save()
    call = office.call_in(VERAS_PHONE)
    assert office.phone(VERAS_PHONE).said[-1][1].startswith("Мы работаем с девяти.")
    office.settle(13)
    call.refresh_from_db()
    assert (call.state, call.outcome, CallBack.objects.get().person) == (State.ENDED, "closed", anna)


def test_a_word_told_twice_counts_once(office, anna, vera):
    call = office.call_in(VERAS_PHONE)
    line = call.lines.get()
    office.desk.tell(LineArrived(line.line, VERAS_PHONE, "+78432000900", office.now))
    assert Call.objects.count() == 1


def test_a_renewal_made_by_the_centre_stays_the_agents(
    office, anna, centre_operator, vera_policy, vera_renewal
):
    project = prepare_project(actor=centre_operator, now=office.now, policy=vera_policy)
    register_payment(
        actor=centre_operator, now=office.now, amount=project.premium, method="sbp", project=project
    )
    project.refresh_from_db()
    assert project.next_policy.agent == anna.agent
    vera_renewal.refresh_from_db()
    assert vera_renewal.agent == anna.agent


def test_who_waits_hears_the_music_of_the_queue_after_the_place(
    office, centre_operator, vera, volga, administrator
):
    music = add_sound(actor=administrator, now=office.now, name="Волна", data=waiting_tone().wav)
    choose_music(actor=administrator, now=office.now, queue=f"centre:{volga.pk}", sound=music)
    centre_operator.is_active = False
    centre_operator.save()

    office.call_in(VERAS_PHONE, SHORT)
    assert "в очереди" in office.phone(VERAS_PHONE).said[-1][1]
    office.settle(15)

    assert office.phone(VERAS_PHONE).said[-1][1] == "♪ Волна"


def _arrive(office, *calls: tuple[str, str, str]) -> list[LineArrived]:
    return [LineArrived(line, from_, to, office.now) for line, from_, to in calls]


def test_calls_of_one_moment_come_out_as_one_after_another(office, anna, centre_operator, vera, make_client):
    second = make_client(anna.agent, "Вторая", phone="+79170005555")
    office.settle()
    some = _arrive(
        office, ("l1", VERAS_PHONE, SHORT), ("l2", "+79170005555", BRANCH), ("l3", "+79991112233", SHORT),
        ("l4", "", BRANCH), ("l5", "+79991112233", SHORT), ("l1", VERAS_PHONE, SHORT),
    )  # fmt: skip
    arrived_together(some, now=office.now)
    stranger = ContactPoint.objects.get(value="+79991112233").client
    calls = [Call.objects.get(lines__line=f"l{number}") for number in range(1, 6)]
    assert [call.client for call in calls] == [vera, second, stranger, None, stranger]
    assert [call.state for call in calls] == ["ringing", "menu", "waiting", "menu", "waiting"]
    assert [call.offered_to for call in calls] == [centre_operator, None, None, None, None]
    verbs = [list(call.orders.order_by("id").values_list("verb", flat=True)) for call in calls]
    assert verbs == [
        ["answer", "part", "ring"], ["answer", "play"], ["answer", "play"], ["answer", "play"], ["answer", "play"],
    ]  # fmt: skip
    kinds = [list(call.steps.order_by("id").values_list("kind", flat=True)) for call in calls]
    assert kinds == [["arrived", "offered"], *[["arrived", "menu"], ["arrived", "queued"]] * 2]
    places = [call.steps.get(kind="queued").facts["place"] for call in (calls[2], calls[4])]
    assert places == [1, 2]
    told = Event.objects.filter(name="calls.CallChanged").values_list("payload", flat=True)
    assert sorted((one["call_id"], one["people"]) for one in told) == [
        (call.pk, [centre_operator.pk] if call == calls[0] else []) for call in calls
    ]
    arrived_together(some, now=office.now)
    assert Call.objects.count() == 5


def test_twenty_calls_of_one_moment_cost_little_more_than_one(office, anna, django_assert_max_num_queries):
    some = _arrive(office, *[(f"l{n}", "", SHORT) for n in range(20)])
    with django_assert_max_num_queries(150):
        arrived_together(some, now=office.now)
    assert Call.objects.filter(state="waiting").count() == 20


def test_calls_that_cannot_be_stored_together_are_stored_alone(office, anna, vera, monkeypatch):
    from clientela.modules.calls.operations import desk as module

    whole = module.inbound.arrived_together

    def only_alone(events, *, now):
        if len(events) > 1:
            raise ValueError("not these together")
        whole(events, now=now)

    monkeypatch.setattr(module.inbound, "arrived_together", only_alone)
    others = [module._Arrival(one) for one in _arrive(office, ("l2", "", SHORT), ("l3", "", SHORT))]
    office.desk._arrivals.extend(others)
    office.desk.tell(_arrive(office, ("l1", VERAS_PHONE, SHORT))[0])
    assert list(Call.objects.values_list("lines__line", flat=True)) == ["l1"]
    assert [(one.taken, one.stored) for one in others] == [(True, False)] * 2
