"""Rooms: who sees which, how people come and go. The matrix of doors is in workspace/chat."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.chat.models import Membership, Room
from clientela.modules.chat.operations import rooms
from clientela.modules.chat.queries import colleagues, names_of, rooms_of, unread_of


def seen_by(*people):
    return {
        person.last_name: sorted(Room.objects.visible_to(person).values_list("kind", flat=True))
        for person in people
    }


def test_who_sees_which_room(
    direct, group, about_vera, anna, lilia, boris, team_lead, branch_head, centre_operator, administrator
):
    assert seen_by(anna, lilia, boris, team_lead, branch_head, centre_operator, administrator) == {
        "Соколова": ["direct", "group", "record"],
        "Закирова": ["direct", "group"],
        "Ершов": ["group"],
        "Галиев": ["record"],
        "Власова": ["record"],
        "Панин": ["record"],
        "Карпов": ["record"],
    }


def test_who_left_the_company_sees_nothing(direct, group, about_vera, anna):
    anna.is_active = False

    assert seen_by(anna) == {"Соколова": []}


def test_a_discussion_is_lost_with_its_record(about_vera, say, team_lead, vera, boris):
    say(team_lead, about_vera)
    assert rooms_of(team_lead).count() == 1

    vera.agent, vera.branch, vera.centre = boris.agent, boris.agent.branch, None
    vera.save()

    assert seen_by(team_lead, boris) == {"Галиев": [], "Ершов": ["record"]}
    assert rooms_of(team_lead).count() == 0
    assert unread_of(team_lead) == 0
    with pytest.raises(PermissionDenied):
        say(team_lead, about_vera, "Ещё")
    assert about_vera.messages.count() == 1


def test_every_kind_of_record_is_seen_by_who_sees_the_record(
    vera_policy, vera_renewal, anna, boris, marketer, now
):
    for kind, record in (("policy", vera_policy), ("renewal", vera_renewal)):
        rooms.open_record(actor=anna, now=now, record_type=kind, record_id=record.pk)
        with pytest.raises(PermissionDenied):
            rooms.open_record(actor=boris, now=now, record_type=kind, record_id=record.pk)
    with pytest.raises(PermissionDenied):
        rooms.open_record(actor=anna, now=now, record_type="user", record_id=anna.pk)

    assert Room.objects.visible_to(marketer).count() == 2
    titles = sorted(one.title for one in names_of(anna, Room.objects.all()).values())
    assert titles == [
        "Возобновление: Орлова Вера Николаевна, ОСАГО",
        "ОСАГО ХХХ 0412773905 · Орлова Вера Николаевна",
    ]


def test_a_room_of_two_is_made_once(direct, anna, lilia, now):
    assert rooms.open_direct(actor=lilia, now=now, person=anna) == direct
    assert names_of(anna, [direct])[direct.pk].person == lilia
    with pytest.raises(rooms.NoSuchPerson):
        rooms.open_direct(actor=anna, now=now, person=anna)


def test_a_group_takes_in_and_its_owner_takes_out(group, anna, lilia, boris, team_lead, now):
    rooms.add_people(actor=lilia, now=now, room=group, people=[team_lead.pk])
    with pytest.raises(rooms.OnlyOwner):
        rooms.remove_person(actor=lilia, now=now, room=group, person=boris)
    with pytest.raises(rooms.OnlyOwner):
        rooms.rename(actor=lilia, now=now, room=group, title="Другое")
    with pytest.raises(PermissionDenied):
        rooms.add_people(
            actor=team_lead, now=now, room=rooms.open_direct(actor=anna, now=now, person=lilia), people=[1]
        )
    rooms.remove_person(actor=anna, now=now, room=group, person=boris)

    assert rooms.people_in(group) == {anna.pk, lilia.pk, team_lead.pk}
    assert list(Entry.objects.filter(action__startswith="chat.").order_by("id").values_list("action", flat=True)) == [
        "chat.group_made", "chat.joined", "chat.removed",
    ]  # fmt: skip


def test_the_owner_who_leaves_hands_the_group_over(group, anna, lilia, boris, now):
    Membership.objects.filter(room=group, user=lilia).update(joined_at=now - timedelta(days=1))
    rooms.leave(actor=anna, now=now, room=group)

    group.refresh_from_db()
    assert group.owner == lilia
    assert not Room.objects.visible_to(anna).exists()


@pytest.mark.parametrize(
    ("title", "people", "error"),
    [("  ", [], rooms.Untitled), ("x", [10**9], rooms.NoSuchPerson)],
)
def test_a_group_that_is_not_made(anna, now, title, people, error):
    with pytest.raises(error):
        rooms.create_group(actor=anna, now=now, title=title, people=people)
    assert not Room.objects.exists()


def test_an_inactive_person_is_no_colleague(anna, lilia, now):
    lilia.is_active = False
    lilia.save()

    assert not colleagues(anna).exists()


def test_unread_is_counted_and_read_away(group, say, anna, lilia, now):
    for number in range(3):
        say(anna, group, f"{number}")
    assert (unread_of(lilia), unread_of(anna)) == (3, 0)

    group.refresh_from_db()
    rooms.mark_read(actor=lilia, now=now, room=group, number=2)
    assert unread_of(lilia) == 1
    rooms.mark_read(actor=lilia, now=now, room=group, number=1)
    assert unread_of(lilia) == 1
    rooms.mute(actor=lilia, now=now, room=group, muted=True)
    assert unread_of(lilia) == 0


def test_a_draft_is_kept_until_it_is_sent(group, say, lilia, now):
    rooms.keep_draft(actor=lilia, now=now, room=group, text="Нач")
    row = Membership.objects.get(room=group, user=lilia)
    assert row.draft == "Нач"

    say(lilia, group, "Начато")
    row.refresh_from_db()
    assert row.draft == ""
