"""Phones, e-mail addresses and accounts."""

from datetime import datetime

import pytest

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client, ContactPoint


def rows(client: Client, kind: str = "phone") -> list[tuple[str, bool]]:
    return list(client.contact_points.filter(kind=kind).order_by("id").values_list("value", "is_primary"))


def test_add(anna: User, vera: Client, now: datetime) -> None:
    operations.add_contact_point(
        actor=anna, now=now, client=vera, kind="phone", value="8 843 000-12-77", label="дом"
    )
    assert rows(vera) == [("+79170004108", True), ("+78430001277", False)]
    assert Entry.objects.get().changes == {"phone": [None, "+78430001277"]}
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        "clients.ContactabilityChanged",
        "clients.ClientChanged",
    ]


def test_add_as_primary_takes_the_mark_over(anna: User, vera: Client, now: datetime) -> None:
    operations.add_contact_point(
        actor=anna, now=now, client=vera, kind="phone", value="+79170005500", is_primary=True
    )
    assert rows(vera) == [("+79170004108", False), ("+79170005500", True)]


@pytest.mark.parametrize(("kind", "typed", "stored"), [
    ("email", " V.Orlova@Mail.Example ", "v.orlova@mail.example"),
    ("vk", "https://vk.com/Id0000418", "id0000418"),
    ("telegram", "@VOrlova", "vorlova"),
])  # fmt: skip
def test_kinds(anna: User, vera: Client, now: datetime, kind: str, typed: str, stored: str) -> None:
    assert (
        operations.add_contact_point(actor=anna, now=now, client=vera, kind=kind, value=typed).value == stored
    )


def test_the_same_contact_is_not_added_twice(anna: User, vera: Client, now: datetime) -> None:
    with pytest.raises(operations.ContactTaken) as raised:
        operations.add_contact_point(actor=anna, now=now, client=vera, kind="phone", value="8 917 000 41 08")
    assert raised.value.contact_point == vera.contact_points.get(kind="phone")
    assert rows(vera) == [("+79170004108", True)]
    assert not Event.objects.exists()


def test_a_wrong_number_says_how_many_digits(anna: User, vera: Client, now: datetime) -> None:
    with pytest.raises(operations.InvalidData) as raised:
        operations.add_contact_point(actor=anna, now=now, client=vera, kind="phone", value="+7 917 000-41-0")
    assert [str(text) for text in raised.value.errors["value"]] == [
        "В номере 10 цифр, нужно 11. Проверьте последние."
    ]


def test_update(anna: User, vera: Client, now: datetime) -> None:
    phone = vera.contact_points.get(kind="phone")
    operations.update_contact_point(
        actor=anna, now=now, contact_point=phone, do_not_use=True, label="мобильный"
    )
    phone.refresh_from_db()
    assert (phone.do_not_use, phone.label, phone.usable) == (True, "мобильный", False)
    assert Entry.objects.get().changes == {
        "contact": ["+79170004108", "+79170004108"], "label": ["", "мобильный"], "do_not_use": [False, True],
    }  # fmt: skip
    operations.update_contact_point(actor=anna, now=now, contact_point=phone, do_not_use=True)
    assert Entry.objects.count() == 1


def test_bad_is_marked_once_and_cleared_by_verification(anna: User, vera: Client, now: datetime) -> None:
    phone = vera.contact_points.get(kind="phone")
    assert (
        operations.mark_contact_point_bad(now=now, contact_point=phone, reason="unknown subscriber") is True
    )
    assert operations.mark_contact_point_bad(now=now, contact_point=phone, reason="again") is False
    phone.refresh_from_db()
    assert (phone.bad_since, phone.bad_reason, phone.usable) == (now, "unknown subscriber", False)
    assert Entry.objects.get().actor_name == "system"
    operations.verify_contact_point(actor=anna, now=now, contact_point=phone)
    phone.refresh_from_db()
    assert (phone.bad_since, phone.verified_at, phone.usable) == (None, now, True)


def test_remove_hands_the_primary_mark_on(anna: User, vera: Client, now: datetime) -> None:
    operations.add_contact_point(actor=anna, now=now, client=vera, kind="phone", value="+79170005500")
    first = vera.contact_points.get(value="+79170004108")
    operations.remove_contact_point(actor=anna, now=now, contact_point=first)
    assert rows(vera) == [("+79170005500", True)]
    assert ContactPoint.objects.filter(client=vera).count() == 2
    operations.remove_contact_point(actor=anna, now=now, contact_point=first)
    assert Entry.objects.filter(action="client.contact_removed").count() == 1
