"""What is said: calls, answers, changes, files, search."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.foundation.refusals import FileRefused
from clientela.modules.chat.models import CHANGEABLE, Membership, Message, MessageFile
from clientela.modules.chat.operations import messages, rooms
from clientela.modules.chat.queries import file_of, message_of, people_for, search


def test_messages_count_within_their_room(group, direct, say, anna, lilia):
    said = [say(anna, group), say(lilia, group), say(anna, direct)]

    assert [one.number for one in said] == [1, 2, 1]
    group.refresh_from_db()
    assert (group.last_number, group.last_text, group.last_author) == (2, "Привет", lilia)


def test_people_in_the_room_hear_of_it_in_parts(anna, make_user, say, now):
    people = [make_user("agent", "Имя", f"Ф{number}").pk for number in range(45)]
    room = rooms.create_group(actor=anna, now=now, title="Все", people=people)
    say(anna, room)

    events = Event.objects.filter(name="chat.MessagePosted").order_by("id")
    assert [len(event.payload["people"]) for event in events] == [20, 20, 5]
    assert sorted(pk for event in events for pk in event.payload["people"]) == people
    assert max(len(event.topics) for event in events) <= 400
    assert all(f"room:{room.pk}" in event.topics.split() for event in events)


def test_who_is_called_must_see_the_room(about_vera, say, anna, team_lead, boris):
    message = say(anna, about_vera, "@Тимур Галиев и @Ершов, гляньте")

    assert message.called == [[team_lead.pk, "Тимур Галиев"]]
    row = Membership.objects.select_related("room").get(room=about_vera, user=team_lead)
    assert (row.unread, row.is_called) == (1, True)
    assert rooms.people_in(about_vera) == {anna.pk, team_lead.pk}


def test_whom_the_list_offers(about_vera, group, anna, lilia, team_lead, boris):
    assert people_for(about_vera, anna, "г") == [team_lead]
    assert people_for(about_vera, anna, "ершов") == []
    assert people_for(group, anna, "") == [boris, lilia]
    assert people_for(group, anna, "галиев") == []


def test_an_answer_stays_in_its_room(group, direct, say, anna, lilia):
    asked = say(lilia, group)
    assert say(anna, group, "Ответ", reply_to=asked.pk).reply_to == asked
    with pytest.raises(messages.OtherRoom):
        say(anna, direct, "Ответ", reply_to=asked.pk)


def test_nothing_is_not_said(group, say, anna):
    with pytest.raises(messages.NothingSaid):
        say(anna, group, " \n ")
    assert not Message.objects.exists()


def test_own_words_are_changed_within_the_hour_and_the_journal_keeps_them_private(group, say, anna, now):
    message = say(anna, group, "Скидка 10 %")
    later = now + CHANGEABLE - timedelta(seconds=1)
    messages.edit(actor=anna, now=later, message=message, text="Скидка 15 %")
    with pytest.raises(messages.TooLate):
        messages.edit(actor=anna, now=now + CHANGEABLE, message=message, text="Скидка 20 %")

    message.refresh_from_db()
    assert (message.text, message.edited_at) == ("Скидка 15 %", later)
    entry = Entry.objects.get(action="chat.message_edited")
    assert entry.changes == {"number": [1, 1]}
    group.refresh_from_db()
    assert group.last_text == "Скидка 15 %"


def test_nobody_changes_what_others_said(group, say, anna, lilia, administrator, now):
    message = say(lilia, group)
    for who in (anna, administrator):
        with pytest.raises(PermissionDenied):
            messages.edit(actor=who, now=now, message=message, text="Иначе")
        with pytest.raises(PermissionDenied):
            messages.delete(actor=who, now=now, message=message)
    message.refresh_from_db()
    assert (message.text, message.deleted_at) == ("Привет", None)


def test_deleted_words_are_neither_shown_nor_found_and_come_back(group, say, anna, now):
    message = say(anna, group, "Пароль от сейфа", files=[ContentFile(b"x", "scan.pdf")])
    file = message.files.get()
    assert messages.delete(actor=anna, now=now, message=message)
    assert not messages.delete(actor=anna, now=now, message=message)
    group.refresh_from_db()
    assert group.last_text == ""
    assert search(anna, "пароль", now=now) == []
    assert file_of(anna, file.pk) is None

    assert messages.restore(actor=anna, now=now, message=message)
    assert search(anna, "пароль", now=now) == [message]
    assert file_of(anna, file.pk) == file


def test_search_finds_within_what_one_may_read(group, about_vera, say, anna, lilia, boris, team_lead, now):
    here, there = (
        say(lilia, group, "Ёлочные игрушки застрахованы"),
        say(team_lead, about_vera, "Игрушки? Елка цела"),
    )
    found = {one.last_name: search(one, "ЕЛ игрушки", now=now) for one in (anna, boris, team_lead)}

    # Анна sees the discussion but does not follow it.
    assert found == {"Соколова": [here], "Ершов": [here], "Галиев": [there]}
    assert search(anna, "x", now=now) == []
    assert search(anna, "игрушки", now=now + timedelta(days=400)) == []


@pytest.mark.parametrize(("name", "data"), [("virus.exe", b"x"), ("empty.pdf", b""), ("noname", b"x")])
def test_files_that_are_not_kept(group, say, anna, name, data):
    with pytest.raises(FileRefused):
        say(anna, group, "Вот", files=[ContentFile(b"x", "good.pdf"), ContentFile(data, name)])
    assert not Message.objects.exists()


def test_too_many_files(group, say, anna):
    with pytest.raises(FileRefused):
        say(anna, group, files=[ContentFile(b"x", "x.pdf")] * 11)


def test_a_file_goes_to_who_reads_the_room(group, say, anna, lilia, team_lead):
    message = say(anna, group, "", files=[ContentFile(b"scan", r"C:\docs\Полис Орловой.pdf")])
    file = MessageFile.objects.get()

    with file.file.open("rb") as stored:
        assert stored.read() == b"scan"
    assert (file.name, file.size) == ("Полис Орловой.pdf", 4)
    assert "Полис" not in file.file.name
    assert (file_of(lilia, file.pk), file_of(team_lead, file.pk)) == (file, None)
    assert (message_of(lilia, message.pk), message_of(team_lead, message.pk)) == (message, None)
    group.refresh_from_db()
    assert group.last_text == "Полис Орловой.pdf"
