"""Numbers of identity documents stand nowhere in the base as they are (SE-2)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser

from clientela.foundation import keyring
from clientela.foundation.bulk import insert_missing, read_rows
from clientela.foundation.imports.models import Change, RowError
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.bonus_malus.operations import ask_class
from clientela.modules.bonus_malus.operations.asking import Asked, ask_later
from clientela.modules.clients.models import Client, FieldValue, IdentityDocument
from clientela.modules.clients.operations import add_document, create_client, update_client
from clientela.modules.clients.operations.golden import take_value
from clientela.modules.clients.operations.merging import merge_clients, separate_clients
from clientela.modules.clients.queries import by_document, documents_by_number
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contracts.imports.tests.helpers import bring_in, check, undo
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.products.models import Product
from clientela.modules.quotes.operations import change, start
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.portal.shop.models import Purchase
from clientela.workspace.search.queries import find
from tests.personal.looking import in_files_of_the_base, places_of

PASSPORT, SECOND, LICENCE, OTHERS = "9208104141", "9208555123", "9912345678", "9977654321"
INN, SNILS, SNILS_NOW = "760307073214", "08765430300", "11223344595"
NUMBERS = (PASSPORT, SECOND, LICENCE, OTHERS, INN, SNILS, SNILS_NOW)
SPOKEN = ("104141", "555123", "345678", "654321", "7073214", "65430300", "23344595")
HALVES = ("92 08 104141", "9208 104141", "99 12 345678", "9912 345678", "087-654-303 00")
Make = Callable[..., Client]


@pytest.fixture
def lidia(anna: User, now: datetime) -> Client:
    """A card made with every number a person has."""
    return create_client(
        actor=anna, now=now, contacts=[("phone", "+79170005566")],
        details={"last_name": "Смирнова", "first_name": "Лидия", "middle_name": "Павловна", "inn": INN, "snils": SNILS},
        documents=[{"kind": "passport", "number": "92 08 104141"}, {"kind": "licence", "number": "99 12 345678"}],
    )  # fmt: skip


def nowhere() -> None:
    assert places_of(*NUMBERS, *HALVES, *SPOKEN) == set()


def test_a_card_with_its_history(lidia: Client, vera: Client, call: Call, anna: User, now: datetime) -> None:
    assert {one.kind: one.number for one in lidia.documents.all()} == {
        "passport": PASSPORT,
        "licence": LICENCE,
    }
    row = update_client(
        actor=anna, now=now, client=lidia, version=lidia.version, details={"snils": SNILS_NOW}
    )
    assert (row.snils, Client.objects.get(pk=row.pk).snils) == (SNILS_NOW, SNILS_NOW)
    past = FieldValue.objects.get(client=row, field="snils", value_key__gt="", state="past")
    assert past.value == {"snils": SNILS}
    take_value(actor=anna, now=now, value=past)
    assert Client.objects.get(pk=row.pk).snils == SNILS
    status, made = call(anna, "post", f"/clients/{vera.pk}/documents", {"kind": "passport", "number": SECOND})
    assert (status, made["number"]) == (201, "92 08 •••• 23")
    add_document(actor=anna, now=now, client=vera, kind="licence", number=OTHERS)
    nowhere()


def test_cards_that_were_one_and_are_two(
    lidia: Client, vera: Client, team_lead: User, anna: User, now: datetime
) -> None:
    for number in (PASSPORT, SECOND):
        add_document(actor=anna, now=now, client=vera, kind="passport", number=number)
    lidia.refresh_from_db()
    merge = merge_clients(actor=None, now=now, kept=vera, gone=lidia, take={"snils"})
    kept = Client.objects.get(pk=vera.pk)
    assert (kept.inn, kept.snils, kept.inn_index) == (INN, SNILS, lidia.inn_index)
    assert documents_by_number(PASSPORT).get().client_id == vera.pk
    nowhere()
    back = separate_clients(actor=None, now=now, merge=merge)
    assert (back.inn, back.snils, back.inn_index) == (INN, SNILS, lidia.inn_index)
    assert Client.objects.get(pk=vera.pk).inn_index == ""
    assert sorted(one.client_id for one in documents_by_number(PASSPORT)) == sorted([vera.pk, lidia.pk])
    nowhere()


@pytest.mark.usefixtures("osago")
def test_a_file_of_clients_and_taking_it_back(lidia: Client, vera: Client, anna: User, now: datetime) -> None:
    rows: Sequence[dict[str, str]] = [
        {"id": "1", "name": "Смирнова Лидия Павловна", "passport": "92 08 104141", "inn": "", "phone": "", "born": "01.02.1990"},
        {"id": "2", "name": "Орлова Вера Николаевна", "passport": SECOND, "inn": INN[:11] + "9", "phone": "+79170004108", "born": ""},
        {"id": "3", "name": "Юдина Инна Олеговна", "passport": "92 08 55512", "inn": "", "phone": "+79990001122", "born": ""},
        {"id": "4", "name": "Новый Олег Ильич", "passport": "", "inn": INN, "phone": "", "born": "31.02.1979"},
    ]  # fmt: skip
    known = {"existing": "update"}
    run = check(rows, now=now, **known)
    assert run.check_result["created"] == 1
    run = bring_in(rows, now=now, **known)
    assert documents_by_number(PASSPORT, "passport").get().client_id == lidia.pk
    assert {one.value for one in RowError.objects.filter(run=run)} >= {"31.02.1979"}
    assert places_of(*NUMBERS, "104141", "55512", "7073219") == set()
    undo(run)
    assert documents_by_number(SECOND).count() == 0


@pytest.mark.usefixtures("osago")
def test_a_known_card_changed_by_a_file(vera: Client, anna: User, now: datetime) -> None:
    update_client(actor=anna, now=now, client=vera, version=vera.version, details={"inn": INN})
    definition = {
        "fields": {
            "client.full_name": {"from": "name"}, "client.inn": {"from": "inn"}, "client.snils": {"from": "snils"},
        }
    }  # fmt: skip
    rows = [{"name": "Орлова Вера Николаевна", "inn": INN, "snils": SNILS}]
    run = bring_in(rows, now=now, existing="update", definition=definition)
    vera.refresh_from_db()
    assert (vera.snils, run.counts["changed"]) == (SNILS, 1)
    assert [(one.before, one.after) for one in Change.objects.filter(table="clients_client")] == [
        ({"snils": ""}, {"snils": SNILS})
    ]
    nowhere()
    undo(run)
    vera.refresh_from_db()
    assert (vera.snils, vera.inn) == ("", INN)


def test_drivers_of_a_price_a_contract_and_a_purchase(
    vera_policy: Policy, lidia: Client, anna: User, osago: Product, now: datetime
) -> None:
    load_shipped(now=now)
    row = start(actor=anna, now=now, client=lidia, product=osago)
    people = [
        {"name": lidia.name, "birth_date": date(1990, 2, 3), "experience_since": date(2012, 5, 20), "licence": LICENCE},
        {"name": "Юдин Олег Ильич", "birth_date": date(1991, 2, 3), "experience_since": date(2013, 5, 20), "licence": OTHERS},
    ]  # fmt: skip
    change(actor=anna, now=now, calculation=row, drivers=people)
    row.refresh_from_db()
    assert [one["licence"] for one in row.drivers] == [LICENCE, OTHERS]
    assert {one.licence for one in Lookup.objects.all()} == {LICENCE, OTHERS}
    project = Project.objects.create(
        client=lidia, product=osago, participants=people_of(people), start_date=now.date(), end_date=now.date(),
        premium=1, carried_premium=1, pay_token="t", created_at=now, updated_at=now, agent=lidia.agent, branch=lidia.branch,
    )  # fmt: skip
    assert Project.objects.get(pk=project.pk).participants == people_of(people)
    Purchase.objects.create(
        token="t", product=osago, line="osago", drivers=people_of(people), person={"passport": PASSPORT},
        created_at=now, touched_at=now, expires_at=now,
    )  # fmt: skip
    assert Purchase.objects.get().person == {"passport": PASSPORT}
    driver = Driver("Юдин", "Олег", "Ильич", date(1991, 2, 3), OTHERS, LICENCE)
    assert ask_class(driver, date(2027, 1, 1), now=now).previous_licence == LICENCE
    assert ask_later([Asked(driver, date(2027, 2, 1), lidia.pk)], now=now) == 1
    assert Lookup.objects.get(on=date(2027, 2, 1)).licence == OTHERS
    found = read_rows(Lookup, ("id", "licence"), "id", [Lookup.objects.get(on=date(2027, 2, 1)).pk])
    assert found[0][1] == OTHERS
    nowhere()


def people_of(people: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"role": "driver", "name": one["name"], "licence": one["licence"]} for one in people]


@pytest.mark.django_db(transaction=True)
def test_the_file_of_the_base_holds_no_number(lidia: Client, vera: Client, anna: User, now: datetime) -> None:
    add_document(actor=anna, now=now, client=vera, kind="passport", number=SECOND)
    merge_clients(actor=None, now=now, kept=vera, gone=lidia)
    nowhere()
    if connection.vendor == "sqlite":
        assert in_files_of_the_base([*NUMBERS, *HALVES, "Смирнова"]) == {"Смирнова"}


def test_a_number_is_found_by_whom_it_may_be(lidia: Client, vera: Client, anna: User, boris: User) -> None:
    assert [hit.client.pk for hit in find(anna, "92 08 104141").clients] == [lidia.pk]
    assert [hit.client.pk for hit in find(anna, INN).clients] == [lidia.pk]
    assert find(boris, "92 08 104141").clients == []
    assert list(by_document(anna, LICENCE)) == [lidia]
    assert documents_by_number(PASSPORT, "licence").count() == 0


def test_equal_numbers_look_different(lidia: Client, vera: Client, anna: User, now: datetime) -> None:
    add_document(actor=anna, now=now, client=vera, kind="passport", number=PASSPORT)
    add_document(actor=anna, now=now, client=vera, kind="foreign", number=PASSPORT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, number_index FROM clients_identitydocument")
        rows = cursor.fetchall()
    assert len({number for number, _ in rows}) == 4
    # Of one kind and number the index is one; of another kind it tells nothing.
    assert len({index for _, index in rows}) == 3


def test_a_sealed_value_is_of_no_use_in_another_place(lidia: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clients_client SET snils = (SELECT number FROM clients_identitydocument LIMIT 1)"
        )
    with pytest.raises(keyring.Unreadable):
        Client.objects.get(pk=lidia.pk)


def test_nobody_asks_a_sealed_column_by_mistake(lidia: Client) -> None:
    with pytest.raises(TypeError):
        Client.objects.filter(snils=SNILS).exists()
    with pytest.raises(Exception, match="Unsupported lookup"):
        Client.objects.filter(snils__startswith="0").exists()
    with pytest.raises(TypeError):
        insert_missing(IdentityDocument, [{"client": lidia.pk, "kind": "passport", "number": SECOND}])
    assert Client.objects.exclude(snils="").get() == lidia


def test_the_full_number_is_shown_once_and_journalled(
    lidia: Client, anna: User, boris: User, sign_in: Callable[[User], Browser]
) -> None:
    from clientela.foundation.audit.models import Entry

    paper = documents_by_number(PASSPORT).get()
    page = sign_in(anna).get(f"/clients/{lidia.pk}/").content.decode()
    assert PASSPORT not in page
    assert "04141" not in page
    assert Entry.objects.filter(action="client.read", object_id=lidia.pk, actor=anna).count() == 1
    shown = sign_in(anna).get(f"/clients/documents/{paper.pk}/number/")
    if shown.status_code == 405:
        shown = sign_in(anna).post(f"/clients/documents/{paper.pk}/number/")
    assert PASSPORT in shown.content.decode()
    journal = Entry.objects.filter(action="client.read_document", object_id=lidia.pk)
    assert [one.actor for one in journal] == [anna]
    assert sign_in(boris).get(f"/clients/documents/{paper.pk}/number/").status_code in (404, 405)
    assert journal.count() == 1


def test_personal_numbers_whole_only_where_it_is_journalled(
    lidia: Client,
    call: Call,
    anna: User,
    boris: User,
    sign_in: Callable[[User], Browser],
) -> None:
    from clientela.foundation.audit.models import Entry

    _status, card = call(anna, "get", f"/clients/{lidia.pk}")
    assert (card["inn"], card["snils"]) == ("•••• 14", "•••• 00")
    assert call(boris, "get", f"/clients/{lidia.pk}/numbers")[0] == 404
    assert not Entry.objects.filter(action="client.read_numbers").exists()
    assert call(anna, "get", f"/clients/{lidia.pk}/numbers") == (200, {"inn": INN, "snils": SNILS})
    values = call(anna, "get", f"/clients/{lidia.pk}/values")[1]
    assert INN not in str(values)
    assert SNILS not in str(values)
    assert INN in sign_in(anna).get(f"/clients/{lidia.pk}/edit/").content.decode()
    assert Entry.objects.filter(action="client.read_numbers", object_id=lidia.pk, actor=anna).count() == 2
