"""One pass over a file: who is matched, what is filled, what is written."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from clientela.foundation.imports.models import Change, RowError
from clientela.foundation.imports.operations import working
from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument, SourceLink
from clientela.modules.clients.operations import refresh_completeness
from clientela.modules.contracts.imports.tests.helpers import base, bring_in, check, outcomes
from clientela.modules.contracts.models import InsuredObject, Participant, Policy
from clientela.modules.contracts.operations import refresh_portfolio_facts

pytestmark = pytest.mark.django_db

VERA = {
    "id": "17", "name": "ОРЛОВА ВЕРА НИКОЛАЕВНА", "born": "12.04.1984", "phone": "8 (917) 000-41-08, 8 843 292-17-22",
    "email": "Vera.Orlova@Mail.Example", "passport": "92 08 123441", "city": "Казань", "street": "Баумана, 5",
    "thing": "Hyundai Creta", "plate": "p418to116", "vin": "XWEH2812BJ0001234", "year": "2021",
    "number": "ххх № 0412773905", "product": "ОСАГО", "start": "06.12.2025", "end": "2026-12-05 00:00:00",
    "premium": "8 533,99 ₽", "driving": "20.05.2004",
}  # fmt: skip


def known_rows(table: str) -> int:
    """How many rows of a table the database's planner counts on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
        else:
            cursor.execute("SELECT max(stat + 0) FROM sqlite_stat1 WHERE tbl = %s", [table])
        return int(cursor.fetchone()[0])


def test_the_planner_is_told_of_a_large_import(kazan, osago, monkeypatch):
    """Else it may still plan for the empty table that it last saw, and undo joins every row with every row."""
    monkeypatch.setattr(working, "ANALYZE_FROM", 30)
    rows = [VERA | {"id": str(n), "name": f"Орлова {n}", "number": f"N{n}"} for n in range(70)]
    bring_in(rows[:10], chunk=10)
    bring_in(rows, chunk=10)
    assert known_rows("contracts_policy") >= 60


def test_new_client_with_policy(kazan, osago, now):
    run = bring_in([VERA], now=now)
    client = Client.objects.get()
    assert client.name == "Орлова Вера Николаевна"
    assert client.name_key == "орлова вера николаевна"
    assert (client.sex, client.birth_date, client.city) == ("f", date(1984, 4, 12), "Казань")
    assert (client.branch, client.agent, client.time_zone) == (kazan, None, "Europe/Moscow")
    assert (client.policies_in_force, client.premium_in_force) == (1, Decimal("8533.99"))
    assert (client.next_end_date, client.client_since) == (date(2026, 12, 5), date(2025, 12, 6))
    assert (client.loyalty, client.completeness) == ("occasional", 100)
    assert sorted(ContactPoint.objects.values_list("kind", "value", "tail", "is_primary")) == [
        ("email", "vera.orlova@mail.example", "", True),
        ("phone", "+78432921722", "2921722", False),
        ("phone", "+79170004108", "0004108", True),
    ]
    assert list(Address.objects.values_list("city", "street", "is_primary")) == [
        ("Казань", "Баумана, 5", True)
    ]
    assert list(IdentityDocument.objects.values_list("kind", "number")) == [("passport", "9208123441")]
    assert list(SourceLink.objects.values_list("source", "external_id")) == [("test", "17")]
    thing = InsuredObject.objects.get()
    assert (thing.kind, thing.title, thing.plate, thing.vin, thing.year) == (
        "vehicle", "Hyundai Creta", "Р418ТО116", "XWEH2812BJ0001234", 2021,
    )  # fmt: skip
    policy = Policy.objects.get()
    assert (policy.number, policy.number_key) == ("ххх № 0412773905", "XXX0412773905")
    assert (policy.product, policy.client, policy.insured_object) == (osago, client, thing)
    assert (policy.start_date, policy.end_date) == (date(2025, 12, 6), date(2026, 12, 5))
    assert (policy.premium, policy.status, policy.sales_channel) == (Decimal("8533.99"), "issued", "agent")
    driver = Participant.objects.get()
    assert (driver.name, driver.experience_since) == ("Орлова Вера Николаевна", date(2004, 5, 20))
    assert outcomes(run.counts) == {"created": 1}
    assert {row.import_run for row in (client, policy, thing)} == {run}
    assert Event.objects.filter(name="contracts.PortfolioImported").count() == 1


def test_facts_of_new_cards_agree_with_the_rules(kazan, osago, now):
    rows = [
        VERA,
        VERA | {"id": "18", "name": "Зимин Глеб Петрович", "phone": "", "email": "", "passport": "", "born": "",
                "number": "A1", "start": "01.02.2019", "end": "31.01.2020", "paid": "9000"},
        VERA | {"id": "18", "name": "Зимин Глеб Петрович", "phone": "", "email": "", "passport": "", "born": "",
                "number": "A2", "start": "01.02.2022", "end": "31.01.2023", "cancelled": "05.02.2022"},
        VERA | {"id": "19", "name": "Власова Ирина", "passport": "", "number": "A3", "start": "01.02.2019", "end": "31.01.2027"},
        VERA | {"id": "20", "name": "ООО «Ремтех»", "inn": "7827004526", "phone": "", "passport": "", "number": "", "start": "",
                "end": "", "premium": "", "product": ""},
    ]  # fmt: skip
    bring_in(rows, now=now)
    filled = list(Client.objects.order_by("id").values_list("completeness", flat=True))
    assert refresh_portfolio_facts(now=now) == 0
    refresh_completeness()
    assert list(Client.objects.order_by("id").values_list("completeness", flat=True)) == filled
    assert list(Client.objects.order_by("id").values_list("kind", "loyalty", "temperature", "profitability")) == [
        ("person", "occasional", "", "profitable"), ("person", "prospect", "warm", "profitable"),
        ("person", "loyal", "", "profitable"), ("company", "prospect", "cold", ""),
    ]  # fmt: skip


def test_repeating_changes_nothing(kazan, osago, now):
    rows = [
        VERA,
        VERA
        | {"id": "", "name": "Без Ключа Иванович", "phone": "", "email": "", "passport": "", "number": "N2"},
    ]
    bring_in(rows, now=now)
    before = base()
    run = bring_in(rows, now=now)
    assert outcomes(run.counts) == {"same": 2}
    assert base() == before
    assert Change.objects.count() == 0
    assert Client.objects.filter(version=1).count() == 2


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"name": "Орлова Вера Николаевна", "phone": "+79170004108"}, True),
        ({"name": "орлова вера николаевна", "phone": "", "email": "vera.orlova@mail.example"}, True),
        ({"name": "Орлова Вера Николаевна", "phone": "+79170004108", "born": "12.04.1984"}, True),
        ({"name": "Орлова Вера Николаевна", "phone": "+79170004108", "born": "13.04.1984"}, False),
        ({"name": "Орлов Иван Николаевич", "phone": "+79170004108"}, False),
        ({"name": "Орлова Вера Николаевна", "born": "12.04.1984"}, False),
        ({"name": "Орлова Вера Николаевна", "number": "ХХХ 0412773905"}, True),
        ({"name": "Другая Анна", "number": "XXX0412773905"}, False),
    ],
)
def test_who_is_the_same_client(vera, vera_policy, row, found):
    full = {
        "name": "",
        "phone": "",
        "email": "",
        "born": "",
        "number": "",
        "start": "",
        "end": "",
        "premium": "",
    } | row
    if full["number"]:
        full |= {"start": "06.12.2026", "end": "05.12.2027", "premium": "9000"}
    bring_in([full])
    assert Client.objects.count() == (1 if found else 2)


def test_inn_and_passport_find_the_card(vera, osago):
    vera.inn = "760307073214"
    vera.save()
    IdentityDocument.objects.create(client=vera, kind="passport", number="9208123441")
    bring_in(
        [{"name": "Орлова В. Н.", "inn": "760307073214"}, {"name": "Петрова Вера", "passport": "9208 123441"}]
    )
    assert Client.objects.count() == 1


def test_row_without_a_name_goes_to_the_owner_of_its_policy(vera_policy, osago):
    row = {"number": "ХХХ 0412773905", "start": "05.12.2025", "end": "05.12.2026", "premium": "9100"}
    run = bring_in([row, row | {"number": "ХХХ 0000000001"}])
    vera_policy.refresh_from_db()
    assert vera_policy.premium == Decimal("9100.00")
    assert outcomes(run.counts) == {"changed": 1, "refused": 1}
    error = RowError.objects.get()
    assert (error.row_number, error.code, error.fatal) == (3, "no_name", True)


def test_rows_without_a_name_come_after_those_that_make_their_cards(kazan, osago):
    """By the best key they have, whatever the order of the file; and so again when the file comes again."""
    term = {"start": "01.01.2024", "end": "31.12.2024", "premium": "100"}
    rows = [
        {"number": "N3"} | term,
        {"number": "N3", "passport": "9208123441"} | term | {"start": "01.01.2025", "end": "31.12.2025"},
        {"number": "N2", "inn": "760307073214", "passport": "9208123441"} | term,
        {"number": "N1", "id": "17", "inn": "760307073214"} | term,
        {"name": "Орлова Вера Николаевна", "id": "17"},
        {"number": "N4", "id": "18", "inn": "760307073214"} | term,
    ]
    for outcome in ("created", "same"):
        run = bring_in(rows, chunk=2)
        # The first row of the card makes it; a key that the source has not named before belongs to nobody.
        assert outcomes(run.counts) == {outcome: 5, "refused": 1}
        assert RowError.objects.get(run=run, fatal=True).row_number == 7
        client = Client.objects.get()
        assert (client.name, client.inn) == ("Орлова Вера Николаевна", "760307073214")
        assert sorted(Policy.objects.values_list("number", "start_date__year", "client")) == [
            ("N1", 2024, client.pk), ("N2", 2024, client.pk), ("N3", 2024, client.pk), ("N3", 2025, client.pk),
        ]  # fmt: skip


def test_fill_leaves_what_is_there(vera, osago):
    bring_in([{"name": "Орлова Вера Николаевна", "phone": "+79170004108", "born": "12.04.1984", "inn": "760307073214",
               "city": "Самара", "email": "new@mail.example"}])  # fmt: skip
    vera.refresh_from_db()
    assert (vera.inn, vera.city, vera.version) == ("760307073214", "Казань", 2)
    change = Change.objects.get(table="clients_client")
    assert (change.before, change.after) == ({"inn": ""}, {"inn": "760307073214"})
    assert sorted(vera.contact_points.values_list("value", "is_primary")) == [
        ("+79170004108", True), ("new@mail.example", False), ("vera.orlova@mail.example", True),
    ]  # fmt: skip


def test_update_replaces_and_keep_does_not_touch(vera, osago):
    row = {
        "name": "Орлова Вера Николаевна",
        "phone": "+79170004108",
        "city": "Самара",
        "email": "new@mail.example",
    }
    bring_in([row], existing="keep")
    vera.refresh_from_db()
    assert (vera.city, vera.version, vera.contact_points.count()) == ("Казань", 1, 2)
    bring_in([row], existing="update")
    vera.refresh_from_db()
    assert (vera.city, vera.time_zone, vera.contact_points.count()) == ("Самара", "Europe/Samara", 3)


def test_policy_goes_to_the_agent_of_the_card_and_agents_of_the_file_come_first(vera, anna, boris, osago):
    row = {"name": "Орлова Вера Николаевна", "phone": "+79170004108", "start": "01.01.2026", "end": "31.12.2026",
           "premium": "100"}  # fmt: skip
    bring_in([row | {"number": "N1", "agent": ""}, row | {"number": "N2", "agent": "ag-002"},
              row | {"number": "N3", "agent": "никто"}])  # fmt: skip
    assert sorted(Policy.objects.values_list("number", "agent__code", "branch__code")) == [
        ("N1", "AG-001", "kazan"), ("N2", "AG-002", "ulyanovsk"), ("N3", "AG-001", "kazan"),
    ]  # fmt: skip
    assert RowError.objects.get().fatal is False


def test_branch_head_sees_other_branches_only_as_owners(
    branch_head, boris_client, boris_policy, kazan, osago
):
    row = {"name": "Зимин Глеб Петрович", "phone": "+79020007301", "inn": "760307073214", "number": "N1",
           "start": "01.01.2026", "end": "31.12.2026", "premium": "100"}  # fmt: skip
    other = row | {"number": "ХХХ 0412779999", "start": "05.12.2025", "end": "05.12.2026", "premium": "1"}
    bring_in([row, other], actor=branch_head)
    boris_client.refresh_from_db()
    boris_policy.refresh_from_db()
    assert (boris_client.inn, boris_client.version) == ("", 1)
    assert boris_policy.premium == Decimal("8533.99")
    assert Policy.objects.get(number="N1").branch == boris_client.branch
    assert sorted(RowError.objects.values_list("code", "fatal")) == [("foreign_client", False)] * 2


def test_same_thing_is_found_again(vera, osago):
    row = {"name": "Орлова Вера Николаевна", "phone": "+79170004108", "thing": "Creta", "plate": "Р418ТО116"}
    bring_in([row, row | {"vin": "XWEH2812BJ0001234"}, row | {"plate": "", "vin": "XWEH2812BJ0001234"},
              row | {"plate": "А001АА16", "vin": "XWEH2812BJ0009999"}, row | {"plate": "", "thing": "Дача"}])  # fmt: skip
    assert sorted(InsuredObject.objects.values_list("title", "plate", "vin")) == [
        ("Creta", "А001АА16", "XWEH2812BJ0009999"), ("Creta", "Р418ТО116", "XWEH2812BJ0001234"), ("Дача", "", ""),
    ]  # fmt: skip


def test_things_are_told_apart_by_vin(vera, osago):
    row = {"name": "Орлова Вера Николаевна", "phone": "+79170004108", "thing": "Creta", "number": "N1"}
    first, second, third = (f"XWEH2812BJ000{n}" for n in (1001, 1002, 1003))
    days = {"start": "01.01.2025", "end": "31.12.2025", "premium": "100"}
    bring_in([row | days | {"vin": first}])
    again = {"start": "01.01.2026", "end": "31.12.2026", "premium": "100"}
    bring_in([
        row | again | {"vin": first}, row | days | {"vin": second, "number": "N2"},
        row | days | {"vin": third, "plate": "Р418ТО116", "number": "N3"},
        row | again | {"vin": second, "number": "N2"},
    ])  # fmt: skip
    bring_in([row | again | {"plate": "Р418ТО116", "number": "N4"}])
    told = Policy.objects.order_by("number", "start_date").values_list("number", "insured_object__vin")
    assert list(told) == [
        ("N1", first), ("N1", first), ("N2", second), ("N2", second), ("N3", third), ("N4", third)
    ]  # fmt: skip
    assert InsuredObject.objects.filter(client=vera).count() == 3
    chains = Policy.objects.filter(previous__isnull=False).values_list("number", "previous__number")
    assert sorted(chains) == [("N1", "N1"), ("N2", "N2"), ("N4", "N3")]


def test_chain_of_renewals_in_any_order(vera, osago):
    row = {"name": "Орлова Вера Николаевна", "phone": "+79170004108", "plate": "Р418ТО116", "premium": "100"}
    third = row | {"number": "N3", "start": "01.01.2026", "end": "31.12.2026"}
    first = row | {"number": "N1", "start": "01.01.2024", "end": "31.12.2024"}
    second = row | {"number": "N1", "start": "01.01.2025", "end": "31.12.2025"}
    late = row | {"number": "N9", "start": "01.06.2027", "end": "31.05.2028"}
    for rows in ([third], [first], [second, late]):
        bring_in(rows)
    chain = {
        policy.number + str(policy.start_date.year): policy
        for policy in Policy.objects.select_related("previous")
    }
    assert [chain[key].renewal_year for key in ("N12024", "N12025", "N32026", "N92027")] == [0, 1, 2, 0]
    assert chain["N32026"].previous == chain["N12025"]
    assert chain["N12025"].previous == chain["N12024"]
    assert chain["N92027"].previous is None


def test_file_may_name_the_policy_it_renews(vera, osago):
    row = {"name": "Орлова Вера Николаевна", "phone": "+79170004108", "premium": "100"}
    bring_in([row | {"number": "A-1", "start": "01.01.2025", "end": "31.12.2025"},
              row | {"number": "B-7", "start": "15.03.2026", "end": "14.03.2027", "previous": "a1"}])  # fmt: skip
    assert Policy.objects.get(number="B-7").previous.number == "A-1"


def test_rehearsal_tells_the_same_and_writes_nothing(vera, vera_policy, osago, now):
    rows = [
        VERA | {"phone": "+79170004108", "number": "NEW"}, VERA | {"id": "18", "name": "Зимин Глеб"},
        VERA | {"id": "18", "name": "Зимин Глеб", "phone2": "+79020007301"}, VERA | {"id": "19", "start": "31.02.2026"},
        {"name": "Орлова Вера Николаевна", "phone": "+79170004108"},
    ]  # fmt: skip
    before = base()
    checked = check(rows, now=now, chunk=2)
    assert base() == before
    run = bring_in(rows, now=now, chunk=2)
    assert (
        outcomes(checked.check_result)
        == outcomes(run.counts)
        == {"created": 2, "changed": 1, "same": 1, "refused": 1}
    )
    assert {k: v for k, v in checked.check_result.items() if k in run.counts} == run.counts
    shown = {row["row"]: row for row in checked.check_result["rows_shown"]}
    assert shown[5]["outcome"] == "refused"
    assert shown[5]["wrong"] == {"policy.start_date": "date_none"}
    assert shown[5]["values"]["policy.start_date"] == "31.02.2026"
    assert shown[4]["cells"] == {"client.phone": "new"}


def test_same_key_twice_in_one_file(kazan, osago):
    """A duplicate row is the same; a later price of the same term wins; other names under one key stay out."""
    rows = [VERA, VERA, VERA | {"premium": "9000"}, VERA | {"name": "Орлова-Котова Вера Николаевна"}]
    run = bring_in(rows)
    assert outcomes(run.counts) == {"created": 1, "same": 2, "changed": 1}
    assert Policy.objects.get().premium == Decimal("8533.99")
