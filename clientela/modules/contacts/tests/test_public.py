"""What is written where everybody reads it: whose conversation it becomes, how it is answered, complaints."""

from datetime import timedelta

import pytest

from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.queries import NotAllowed
from clientela.modules.contacts.models import Consent, Conversation, HandOver, Message, Publication
from clientela.modules.contacts.operations import StoringInbox, deliver
from clientela.modules.contacts.operations.complaints import (
    NothingToHandOver,
    TooLateToUndo,
    hand_over,
    take_back,
)
from clientela.modules.contacts.operations.conversations import assign, finish
from clientela.modules.contacts.operations.public import NotForEverybody, NothingPublic, answer_in_public
from clientela.modules.contacts.ports import PublicPlace
from clientela.modules.contacts.rules.personal import personal_data
from clientela.modules.contacts.tests.network import Network
from clientela.modules.routing.models import WorkItem

PLACE = PublicPlace("https://vk.com/wall-77_12?reply=345", "Как мы платим по КАСКО")


@pytest.fixture
def comment(write_in):
    """``comment("Жду выплату", sender="555", at=…)``: somebody writes on the community's wall."""

    def write(text="Жду выплату", sender="555", **fields):
        fields = {"from_name": "Пётр Савельев", "place": PLACE} | fields
        return write_in(text, sender, "vk_wall", **fields)

    return write


@pytest.fixture
def vera_in_vk(vera, now):
    ContactPoint.objects.create(client=vera, kind="vk", value="1001", verified_at=now, created_at=now)
    return vera


def stranger(address="555"):
    return Conversation.objects.get(client=None, channel="vk_wall", address=address)


def test_a_stranger_gets_a_conversation_and_no_card(branch_head, comment, now):
    message = comment()
    talk = stranger()
    assert not Client.objects.exists()
    assert (talk.name, talk.state, talk.waiting_since, str(talk)) == (
        "Пётр Савельев", "open", now, "Пётр Савельев",
    )  # fmt: skip
    assert WorkItem.objects.get(ref_id=talk.pk).skills == ["channel:vk_wall", "language:ru"]
    assert (message.publication.url, message.publication.about) == (PLACE.url, PLACE.about)
    assert list(Conversation.objects.readable_by(branch_head)) == [talk]


def test_one_conversation_an_author_and_the_same_event_once(kazan, comment, now):
    comment()
    comment()
    comment("И никто не звонит", at=now + timedelta(minutes=5))
    comment("А мне заплатили", sender="556")
    assert (Message.objects.count(), Conversation.objects.count()) == (3, 2)
    assert stranger().waiting_since == now


def test_a_known_author_is_the_client_and_a_shared_account_nobody(vera_in_vk, boris_client, comment, now):
    comment(sender="1001")
    assert (vera_in_vk.conversation.channel, vera_in_vk.conversation.address) == ("vk_wall", "1001")
    ContactPoint.objects.create(client=boris_client, kind="vk", value="1001", created_at=now)
    comment("Ещё раз", sender="1001")
    assert stranger("1001").reasons == [{"why": "shared_address"}]


def test_an_edit_is_said_anew_and_a_deleted_comment_is_kept_and_marked(kazan, comment, now):
    first = comment()
    comment("Жду третью неделю", edits=first.external_id)
    inbox = StoringInbox("vk_wall", clock=lambda: now)
    inbox.withdrawn([first.external_id, "wall:-77_12_999"])
    first.refresh_from_db()
    assert (first.text, first.publication.withdrawn_at) == ("Жду выплату", now)
    assert Message.objects.get(detail=f"edits {first.external_id}").text == "Жду третью неделю"
    inbox.clock = lambda: now + timedelta(hours=1)
    inbox.withdrawn([first.external_id])
    assert Publication.objects.get(message=first).withdrawn_at == now


def test_a_stop_word_said_to_everybody_stops_nothing(vera_in_vk, comment):
    comment("стоп", sender="1001")
    assert vera_in_vk.conversation.state == "open"
    assert not Consent.objects.exclude(withdrawn_at=None).exists()


def test_who_gets_a_card_later_takes_along_what_was_written_in_public(
    kazan, comment, write_in, branch_head, now
):
    comment()
    hand_over(actor=branch_head, now=now, conversation=stranger())
    write_in("Это я писал", "555", "vk", at=now + timedelta(minutes=3), from_name="Пётр Савельев")
    client = Client.objects.get()
    assert set(Message.objects.values_list("client", flat=True)) == {client.pk}
    assert Conversation.objects.get() == client.conversation
    assert client.conversation.waiting_since == now
    assert HandOver.objects.get().client == client


def test_the_answer_goes_beside_the_comment(branch_head, comment, now):
    asked = comment()
    talk = stranger()
    answer = answer_in_public(actor=branch_head, now=now, conversation=talk, text="Разберёмся", answers=asked)
    network = Network("vk_wall")
    assert deliver("vk_wall", network, worker="w", now=now) == 1
    (gone,) = network.got
    assert (gone.to, gone.text, gone.in_reply_to) == ("555", "Разберёмся", asked.external_id)
    answer.refresh_from_db()
    talk.refresh_from_db()
    assert (answer.state, answer.contact_point, answer.client) == ("sent", None, None)
    assert (talk.waiting_since, talk.last_text, talk.assignee) == (None, "Разберёмся", branch_head)


def test_a_client_needs_no_consent_to_be_answered_there(vera_in_vk, anna, comment, now):
    asked = comment(sender="1001")
    answer_in_public(
        actor=anna, now=now, conversation=vera_in_vk.conversation, text="Уже смотрим", answers=asked
    )
    network = Network("vk_wall")
    deliver("vk_wall", network, worker="w", now=now.replace(hour=23))
    assert [one.text for one in network.got] == ["Уже смотрим"]


@pytest.mark.parametrize(
    "text",
    ["Ваш полис ХХХ 0412773905 действует", "Вера Николаевна, оплатили", "Позвоните +7 917 000-41-08", " "],
)
def test_nothing_personal_is_said_to_everybody(vera_in_vk, anna, comment, text, now):
    asked = comment(sender="1001")
    with pytest.raises(NotForEverybody):
        answer_in_public(actor=anna, now=now, conversation=vera_in_vk.conversation, text=text, answers=asked)
    assert not Message.objects.outgoing().exists()


def test_who_does_not_see_the_conversation_answers_nothing(vera_in_vk, boris, auditor, comment, now):
    asked = comment(sender="1001")
    talk = vera_in_vk.conversation
    for person, error in ((boris, NotAllowed), (auditor, PermissionDenied)):
        with pytest.raises(error):
            answer_in_public(actor=person, now=now, conversation=talk, text="Да", answers=asked)
        with pytest.raises(error):
            hand_over(actor=person, now=now, conversation=talk)
    assert not Message.objects.outgoing().exists()
    assert not HandOver.objects.exists()


def test_a_private_message_is_not_answered_in_public(vera, anna, write_in, now):
    asked = write_in()
    with pytest.raises(NothingPublic):
        answer_in_public(actor=anna, now=now, conversation=vera.conversation, text="Да", answers=asked)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Полис XXX0412773905", [("policy", "XXX0412773905")]),
        ("полис ааа № 0412773905!", [("policy", "ааа № 0412773905")]),
        ("номер 41-27 739 051", [("policy", "41-27 739 051")]),
        ("8 (917) 000 41 08", [("phone", "8 (917) 000 41 08")]),
        ("Звоните 8 800 200-09-99 или *0999", []),
        ("Для Петра Ильича и Анны Игоревны", [("name", "Петра Ильича"), ("name", "Анны Игоревны")]),
        ("Пётр, 15 дней со дня заявления, до 7 268 рублей", []),
        ("Вере Ильиничне", [("name", "Вере Ильиничне")]),
        ("Купили Москвич в Мытищах", []),
    ],
)
def test_what_counts_as_personal(text, found):
    assert personal_data(text, {"78002000999"}) == found


def test_a_complaint_is_handed_over_with_its_words(vera_in_vk, anna, comment, events, now):
    first = comment(sender="1001")
    second = comment("И никто не звонит", sender="1001", at=now + timedelta(minutes=1))
    talk = vera_in_vk.conversation
    row = hand_over(actor=anna, now=now + timedelta(minutes=2), conversation=talk)
    assert (row.by, row.client, row.urgency) == (anna, vera_in_vk, "urgent")
    assert events("ComplaintHandedOver") == [
        {
            "hand_over_id": row.pk, "conversation_id": talk.pk, "client_id": vera_in_vk.pk,
            "message_ids": [first.pk, second.pk], "excerpt": "Жду выплату\nИ никто не звонит", "urgency": "urgent",
        }
    ]  # fmt: skip
    with pytest.raises(NothingToHandOver):
        hand_over(actor=anna, now=now + timedelta(minutes=3), conversation=talk)


def test_the_next_complaint_takes_only_what_is_new(vera, anna, write_in, now):
    write_in("Жалуюсь")
    hand_over(actor=anna, now=now, conversation=vera.conversation)
    later = write_in("И ещё", at=now + timedelta(hours=1))
    row = hand_over(actor=anna, now=now + timedelta(hours=2), conversation=vera.conversation)
    assert (row.messages, row.urgency) == ([later.pk], "usual")


def test_of_what_was_answered_the_last_word_is_the_complaint(vera, anna, write_in, now):
    write_in("Спасибо")
    last = write_in("Хотя нет, жалуюсь", at=now + timedelta(hours=1))
    finish(actor=anna, now=now, conversation=vera.conversation)
    assert hand_over(actor=anna, now=now, conversation=vera.conversation).messages == [last.pk]


def test_it_may_be_taken_back_for_ten_minutes(vera, anna, write_in, events, now):
    write_in("Жалуюсь")
    row = hand_over(actor=anna, now=now, conversation=vera.conversation)
    with pytest.raises(TooLateToUndo):
        take_back(actor=anna, now=now + timedelta(minutes=11), hand_over=row)
    assert take_back(actor=anna, now=now + timedelta(minutes=9), hand_over=row)
    assert not take_back(actor=anna, now=now + timedelta(minutes=9), hand_over=row)
    assert [one["hand_over_id"] for one in events("ComplaintTakenBack")] == [row.pk]
    assert hand_over(actor=anna, now=now + timedelta(minutes=9), conversation=vera.conversation)


def test_a_strangers_conversation_can_be_given_and_finished(branch_head, renewals_manager, comment, now):
    comment()
    assign(actor=renewals_manager, now=now, conversation=stranger(), person=branch_head)
    assert finish(actor=branch_head, now=now, conversation=stranger())
    comment("Опять", at=now + timedelta(days=1))
    assert stranger().state == "open"
