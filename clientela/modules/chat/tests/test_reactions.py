"""Signs under messages: one of a kind a person, toggled, only where one may read."""

import pytest

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.access import PermissionDenied
from clientela.modules.chat.models import Reaction
from clientela.modules.chat.operations import messages, rooms
from clientela.modules.chat.operations.reactions import NoSuchReaction, react


@pytest.fixture
def said(anna, lilia, now):
    room = rooms.open_direct(actor=anna, now=now, person=lilia)
    return messages.say(actor=anna, now=now, room=room, text="Продлили!")


def test_one_of_a_kind_a_person_and_the_same_again_takes_it_away(anna, lilia, said, now):
    assert react(actor=lilia, now=now, message=said, emoji="👍")
    assert react(actor=anna, now=now, message=said, emoji="👍")
    assert react(actor=lilia, now=now, message=said, emoji="🎉")
    assert not react(actor=lilia, now=now, message=said, emoji="👍")
    assert list(Reaction.objects.values_list("user", "emoji")) == [(anna.pk, "👍"), (lilia.pk, "🎉")]
    changed = Event.objects.filter(name="chat.RoomChanged").latest("id")
    assert changed.payload == {"room_id": said.room_id, "people": sorted([anna.pk, lilia.pk])}


@pytest.mark.parametrize("emoji", ["💩", "", "<b>", "👍👍"])
def test_only_the_few(lilia, said, emoji, now):
    with pytest.raises(NoSuchReaction):
        react(actor=lilia, now=now, message=said, emoji=emoji)
    assert not Reaction.objects.exists()


def test_not_under_a_deleted_message(anna, lilia, said, now):
    messages.delete(actor=anna, now=now, message=said)
    with pytest.raises(NoSuchReaction):
        react(actor=lilia, now=now, message=said, emoji="👍")


def test_who_does_not_read_the_room_reacts_to_nothing(boris, said, now):
    with pytest.raises(PermissionDenied):
        react(actor=boris, now=now, message=said, emoji="👍")
    assert not Reaction.objects.exists()
