"""Sources of values, values that lost, and the rules between them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.imports.models import Change, ImportRun
from clientela.modules.clients import golden, operations
from clientela.modules.clients.models import Client, FieldValue, GoldenRules
from clientela.modules.clients.operations.golden import choices, current_rules, current_values
from clientela.modules.clients.operations.golden_imports import note_import

pytestmark = pytest.mark.django_db
State = FieldValue.State


def held(text, source="unknown", *, verified=False, seen=None):
    more = {"seen": seen} if seen else {}
    return golden.Held({"birth_date": text}, source, verified=verified, **more)


def test_rules_in_their_order(now):
    rule = golden.SHIPPED["birth_date"]
    assert golden.chooses_other("birth_date", rule, held("a", "import"), held("b", "agent")) == (
        True,
        "trust",
    )
    assert golden.chooses_other("birth_date", rule, held("a", "agent"), held("b", "import")) == (
        False,
        "trust",
    )
    assert golden.chooses_other("birth_date", rule, held("a", "agent"), held("b", "import", verified=True)) == (
        True, "verified",
    )  # fmt: skip
    assert golden.chooses_other("birth_date", rule, held(""), held("b")) == (True, "only")
    assert golden.chooses_other("birth_date", rule, held("a"), held("")) == (False, "")
    newer = held("b", "import", seen=now)
    older = held("a", "import", seen=now - timedelta(days=1))
    assert golden.chooses_other("birth_date", rule, older, newer) == (True, "newest")
    assert golden.chooses_other("birth_date", rule, newer, older) == (False, "newest")
    assert golden.chooses_other("birth_date", rule, newer, held("c", "import", seen=now)) == (False, "kept")
    place = golden.SHIPPED["place"]
    assert golden.chooses_other("place", place, held("a", "own", seen=now - timedelta(days=9)), newer) == (
        True, "newest",
    )  # fmt: skip


def test_a_name_in_full_beats_an_initial():
    full = golden.Held({"last_name": "Орлова", "first_name": "Вера"}, "message")
    short = golden.Held({"last_name": "Орлова", "first_name": "В."}, "agent")
    assert golden.chooses_other("name", golden.SHIPPED["name"], short, full) == (True, "fuller")


def made(anna, now, **more):
    details = {"last_name": "Смирнова", "first_name": "Лидия", "birth_date": date(1990, 2, 3)} | more
    return operations.create_client(actor=anna, now=now, details=details)


def test_every_writer_says_where_from(anna, now):
    card = made(anna, now)
    assert {name: (row.source, row.by) for name, row in current_values(card).items()}["name"] == (
        "agent",
        anna,
    )
    later = now + timedelta(days=1)
    card = operations.update_client(
        actor=None,
        now=later,
        client=card,
        version=card.version,
        details={"birth_date": date(1991, 2, 3)},
        source="own",
    )
    born = current_values(card)["birth_date"]
    assert (born.source, born.first_seen, born.value) == ("own", later, {"birth_date": "1991-02-03"})
    other = FieldValue.objects.get(client=card, state=State.OTHER)
    assert (other.source, other.value) == ("agent", {"birth_date": "1990-02-03"})
    operations.update_client(
        actor=None,
        now=later,
        client=card,
        version=card.version,
        details={"birth_date": date(1992, 2, 3)},
        source="own",
    )
    operations.set_address(
        actor=None, now=later, client=card, address={"city": "Казань", "street": "Баумана"}, source="shop"
    )
    card.refresh_from_db()
    assert current_values(card)["place"].source == "web"


def test_a_card_of_old_has_its_own_origin(vera):
    FieldValue.objects.filter(client=vera).delete()
    row = current_values(vera)["name"]
    assert (row.pk, row.first_seen) == (None, vera.created_at)


def test_take_and_take_back(anna, now):
    card = made(anna, now)
    card = operations.update_client(
        actor=None,
        now=now,
        client=card,
        version=card.version,
        details={"birth_date": date(1991, 2, 3)},
        source="own",
    )
    other = FieldValue.objects.get(client=card, state=State.OTHER)
    stood = operations.take_value(actor=anna, now=now, value=other)
    card.refresh_from_db()
    assert (card.birth_date, stood.value) == (date(1990, 2, 3), {"birth_date": "1991-02-03"})
    assert Entry.objects.filter(action="client.value_taken").count() == 1
    with pytest.raises(operations.ValueGone):
        operations.take_value(actor=anna, now=now, value=other)
    operations.take_value(actor=anna, now=now, value=stood)
    card.refresh_from_db()
    assert card.birth_date == date(1991, 2, 3)
    operations.mark_value(actor=anna, now=now, value=other)
    assert FieldValue.objects.get(pk=other.pk).state == State.WRONG
    operations.mark_value(actor=anna, now=now, value=other, wrong=False)
    assert FieldValue.objects.get(pk=other.pk).state == State.OTHER


def test_who_may_not(auditor, anna, boris, now):
    card = made(anna, now)
    row = FieldValue.objects.filter(client=card).first()
    for who in (auditor, boris):
        with pytest.raises(PermissionDenied):
            operations.take_value(actor=who, now=now, value=row)
        with pytest.raises(PermissionDenied):
            operations.verify_value(actor=who, now=now, client=card, field="name")
    with pytest.raises(PermissionDenied):
        operations.set_rules(actor=anna, now=now, rules={})


def test_rules_have_versions(administrator, now):
    rules = {"sex": {"trust": {"import": 1, "agent": 9}, "verified_first": False, "newest_first": False}}
    version = operations.set_rules(actor=administrator, now=now, rules=rules, note="так решили")
    assert current_rules()["sex"].trust["import"] == 1
    assert current_rules()["name"] == golden.SHIPPED["name"]
    assert (version.made_by, GoldenRules.objects.count()) == (administrator, 1)
    assert list(Entry.objects.get(action="client.golden_rules").changes) == ["sex"]
    for wrong in ({"x": {}}, {"sex": {"trust": {"agent": 0}}}, {"sex": {"trust": {"moon": 1}}}):
        with pytest.raises(operations.WrongRules):
            operations.set_rules(actor=administrator, now=now, rules=wrong)


def test_a_merge_chooses_by_the_rules_and_keeps_the_rest(anna, branch_head, now):
    kept = made(anna, now)
    gone = operations.create_client(
        actor=anna,
        now=now,
        details={"last_name": "Смирнова", "first_name": "Лидия", "birth_date": date(1990, 3, 2)},
    )
    operations.verify_value(actor=anna, now=now, client=gone, field="birth_date")
    assert choices(kept, gone)["birth_date"] == (True, "verified")
    merge = operations.merge_clients(actor=branch_head, now=now, kept=kept, gone=gone)
    kept.refresh_from_db()
    assert kept.birth_date == date(1990, 3, 2)
    assert current_values(kept)["birth_date"].verified_at == now
    assert FieldValue.objects.get(client=kept, state=State.OTHER).value == {"birth_date": "1990-02-03"}
    operations.separate_clients(actor=branch_head, now=now, merge=merge)
    kept.refresh_from_db(), gone.refresh_from_db()
    assert (kept.birth_date, gone.birth_date) == (date(1990, 2, 3), date(1990, 3, 2))
    assert not FieldValue.objects.exclude(state=State.CURRENT).exists()


def test_a_file_says_what_it_brought(anna, now):
    card = made(anna, now)
    run = ImportRun.objects.create(
        target="portfolio", source="1С", file_name="a.csv", file_sha256="0" * 64, file_size=1, created_at=now
    )
    Client.objects.filter(pk=card.pk).update(birth_date=date(1995, 5, 5))
    Change.objects.create(
        run=run, table="clients_client", object_id=card.pk, before={"birth_date": "1990-02-03"},
        after={"birth_date": "1995-05-05"},
    )  # fmt: skip
    for _again in range(2):
        assert note_import(run) == 1
        card.refresh_from_db()
        born = current_values(card)["birth_date"]
        assert (born.source, born.source_name) == ("import", "1С")
        other = FieldValue.objects.get(client=card, state=State.OTHER)
        assert (other.value, other.source) == ({"birth_date": "1990-02-03"}, "agent")
