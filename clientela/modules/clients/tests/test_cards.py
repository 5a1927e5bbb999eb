"""Making and changing cards."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.organisation.models import Branch

LIDIA = {
    "last_name": "Смирнова",
    "first_name": "Лидия",
    "middle_name": "Павловна",
    "birth_date": date(1990, 2, 3),
}


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_create_fills_what_follows(anna: User, now: datetime) -> None:
    client = operations.create_client(
        actor=anna, now=now,
        details=LIDIA | {"city": "Самара", "inn": "760307073214"},
        contacts=[("phone", "8 (917) 000-41-08"), ("email", "Lidia@Mail.Example"), ("phone", "+7 917 000 41 09")],
        documents=[{"kind": "passport", "number": "92 08 410041", "issued_on": date(2010, 5, 6)}],
        address={"city": "Самара", "street": "Ленинская, 12–3"},
    )  # fmt: skip
    client.refresh_from_db()
    assert (client.name, client.name_key, client.sex) == (
        "Смирнова Лидия Павловна",
        "смирнова лидия павловна",
        "f",
    )
    assert (client.agent, client.branch, client.centre) == (anna.agent, anna.agent.branch, anna.agent.centre)
    assert (client.time_zone, client.inn, client.version, client.completeness) == (
        "Europe/Samara", "760307073214", 1, 100,
    )  # fmt: skip
    points = list(client.contact_points.order_by("id").values_list("kind", "value", "tail", "is_primary"))
    assert points == [
        ("phone", "+79170004108", "0004108", True),
        ("email", "lidia@mail.example", "", True),
        ("phone", "+79170004109", "0004109", False),
    ]
    assert IdentityDocument.objects.get(client=client).number == "9208410041"
    entry = Entry.objects.get()
    assert (entry.action, entry.object_id, entry.changes) == (
        "client.created", client.pk, {"name": [None, "Смирнова Лидия Павловна"]},
    )  # fmt: skip
    assert events() == ["clients.ClientChanged", "clients.ContactabilityChanged"]


def test_every_error_comes_at_once_and_nothing_is_kept(anna: User, now: datetime) -> None:
    with pytest.raises(operations.InvalidData) as raised:
        operations.create_client(
            actor=anna, now=now,
            details={"first_name": "Bера", "birth_date": date(2030, 1, 1), "inn": "760307073215", "shoe": 41},
            contacts=[("phone", "+7 917 000-41-0"), ("email", "vera@")],
            documents=[{"kind": "passport", "number": "92 08"}],
        )  # fmt: skip
    assert set(raised.value.errors) == {
        "last_name", "first_name", "birth_date", "inn", "shoe", "phone", "email", "passport",
    }  # fmt: skip
    assert not Client.objects.exists()
    assert not Entry.objects.exists()
    assert not events()


def test_company(anna: User, now: datetime) -> None:
    client = operations.create_client(
        actor=anna, now=now, kind="company",
        details={"company_name": "ООО «Кама-Проект»", "inn": "7827004526", "ogrn": "1027812400868",
                 "bank_bic": "044030827", "bank_account": "40702810900000002851"},
    )  # fmt: skip
    client.refresh_from_db()
    assert (client.name_key, client.completeness) == ("ооо кама проект", 45)


def test_staff_without_a_branch_must_name_an_agent(renewals_manager: User, anna: User, now: datetime) -> None:
    with pytest.raises(operations.AgentRequired):
        operations.create_client(actor=renewals_manager, now=now, details=LIDIA)
    assert not Client.objects.exists()
    client = operations.create_client(actor=renewals_manager, now=now, details=LIDIA, agent=anna.agent)
    assert client.agent == anna.agent


def test_a_client_may_not_be_made_outside_the_own_scope(
    branch_head: User, boris: User, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        operations.create_client(actor=branch_head, now=now, details=LIDIA, agent=boris.agent)
    assert not Client.objects.exists()
    assert not Entry.objects.exists()


def test_branch_head_makes_a_client_of_the_branch(branch_head: User, kazan: Branch, now: datetime) -> None:
    client = operations.create_client(actor=branch_head, now=now, details=LIDIA)
    assert (client.agent, client.branch, client.time_zone) == (None, kazan, "Europe/Moscow")


def test_update_writes_only_what_differs(anna: User, vera: Client, now: datetime) -> None:
    details = {"last_name": "Егорова", "first_name": "Вера", "city": "Владивосток", "region_code": "RU-PRI"}
    client = operations.update_client(actor=anna, now=now, client=vera, version=1, details=details)
    assert (client.name_key, client.version, client.time_zone) == (
        "егорова вера николаевна",
        2,
        "Asia/Vladivostok",
    )
    assert Entry.objects.get().changes == {
        "last_name": ["Орлова", "Егорова"],
        "city": ["Казань", "Владивосток"],
        "region_code": ["RU-TA", "RU-PRI"],
        "time_zone": ["Europe/Moscow", "Asia/Vladivostok"],
    }
    assert events() == ["clients.ClientChanged", "clients.ContactabilityChanged"]


def test_update_without_a_difference_is_silent(anna: User, vera: Client, now: datetime) -> None:
    details = {"last_name": "Орлова", "contact_from": None}
    client = operations.update_client(actor=anna, now=now, client=vera, version=1, details=details)
    assert client.version == 1
    assert not Entry.objects.exists()
    assert not events()


def test_an_outdated_version_changes_nothing(anna: User, vera: Client, now: datetime) -> None:
    operations.update_client(actor=anna, now=now, client=vera, version=1, details={"contact_from": time(11)})
    with pytest.raises(operations.OutdatedVersion):
        operations.update_client(
            actor=anna, now=now, client=vera, version=1, details={"contact_from": time(9)}
        )
    vera.refresh_from_db()
    assert (vera.contact_from, vera.version, Entry.objects.count()) == (time(11), 2, 1)


@pytest.mark.parametrize("change", [
    lambda who, now, client: operations.update_client(
        actor=who, now=now, client=client, version=1, details={"last_name": "Иная"}),
    lambda who, now, client: operations.set_do_not_contact(actor=who, now=now, client=client, value=True),
    lambda who, now, client: operations.confirm_data(actor=who, now=now, client=client),
    lambda who, now, client: operations.add_contact_point(
        actor=who, now=now, client=client, kind="phone", value="+79170004199"),
    lambda who, now, client: operations.remove_contact_point(
        actor=who, now=now, contact_point=client.contact_points.first()),
    lambda who, now, client: operations.verify_contact_point(
        actor=who, now=now, contact_point=client.contact_points.first()),
    lambda who, now, client: operations.add_note(actor=who, now=now, client=client, text="тайна"),
    lambda who, now, client: operations.set_tags(actor=who, now=now, client=client, names=["своя"]),
    lambda who, now, client: operations.set_address(actor=who, now=now, client=client, address={"city": "Москва"}),
    lambda who, now, client: operations.add_document(
        actor=who, now=now, client=client, kind="passport", number="9208410041"),
])  # fmt: skip
@pytest.mark.parametrize("who", ["boris", "marketer"])
def test_strangers_and_readers_change_nothing(
    change: Callable[..., Any], who: str, request: pytest.FixtureRequest, vera: Client, now: datetime
) -> None:
    stranger = request.getfixturevalue(who)
    before = Client.objects.values().get(pk=vera.pk)
    points = list(ContactPoint.objects.order_by("id").values())
    with pytest.raises(PermissionDenied):
        change(stranger, now, vera)
    assert Client.objects.values().get(pk=vera.pk) == before
    assert list(ContactPoint.objects.order_by("id").values()) == points
    assert (vera.notes.count(), vera.tags.count(), vera.addresses.count(), vera.documents.count()) == (
        0,
        0,
        0,
        0,
    )
    assert not Entry.objects.exists()
    assert not events()


def test_do_not_contact_is_told_once(anna: User, vera: Client, now: datetime) -> None:
    for _ in range(2):
        operations.set_do_not_contact(
            actor=anna, now=now, client=vera, value=True, reason="просила не беспокоить"
        )
    vera.refresh_from_db()
    assert (vera.do_not_contact, vera.do_not_contact_reason) == (True, "просила не беспокоить")
    assert events() == ["clients.ContactabilityChanged", "clients.ClientChanged"]
    operations.set_do_not_contact(actor=anna, now=now, client=vera, value=False)
    vera.refresh_from_db()
    assert (vera.do_not_contact, vera.do_not_contact_reason) == (False, "")


def test_confirming_data(anna: User, vera: Client, now: datetime) -> None:
    operations.confirm_data(actor=anna, now=now, client=vera)
    vera.refresh_from_db()
    assert vera.data_confirmed_at == now
    assert Entry.objects.get().action == "client.confirmed"


def test_address_moves_the_time_zone(anna: User, vera: Client, now: datetime) -> None:
    address = {
        "city": "Екатеринбург",
        "region_code": "RU-SVE",
        "street": "Малышева, 1",
        "postal_code": "620000",
    }
    operations.set_address(actor=anna, now=now, client=vera, address=address)
    vera.refresh_from_db()
    assert (vera.city, vera.time_zone, vera.version) == ("Екатеринбург", "Asia/Yekaterinburg", 2)
    assert Entry.objects.get().changes == {"address": [None, "620000, Екатеринбург, Малышева, 1"]}
    operations.set_address(actor=anna, now=now, client=vera, address=address)
    assert Entry.objects.count() == 1


def test_documents_are_masked_in_the_journal(anna: User, vera: Client, now: datetime) -> None:
    passport = operations.add_document(
        actor=anna, now=now, client=vera, kind="passport", number="92 08 410041"
    )
    assert Entry.objects.get().changes == {"passport": [None, "92 08 •••• 41"]}
    with pytest.raises(operations.DocumentTaken):
        operations.add_document(actor=anna, now=now, client=vera, kind="passport", number="9208 410041")
    operations.remove_document(actor=anna, now=now, document=passport)
    assert not vera.documents.exists()
    assert Entry.objects.count() == 2


def test_completeness_statement_agrees_with_the_rule(anna: User, vera: Client, now: datetime) -> None:
    operations.refresh_completeness([vera.pk])
    vera.refresh_from_db()
    assert vera.completeness == 85
    operations.mark_contact_point_bad(
        now=now, contact_point=vera.contact_points.get(kind="email"), reason="550 no such user"
    )
    vera.refresh_from_db()
    assert vera.completeness == 70
