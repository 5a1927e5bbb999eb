"""The journal's chain: any edited, removed or inserted entry shows up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clientela.foundation.audit.models import Entry, Seal
from clientela.foundation.audit.operations import changed, record, record_many, seal, verify


@pytest.fixture
def chain(anna, now, monkeypatch):
    """Seven entries in three seals, and one not sealed yet."""
    monkeypatch.setattr("clientela.foundation.audit.operations.SEAL_SIZE", 3)
    for number in range(7):
        record(
            actor=anna, now=now + timedelta(seconds=number), action="client.changed", obj=anna,
            changes={"premium": [Decimal("1.10"), Decimal(number)], "при": [None, now]},
            address=["10.0.0.7", "2001:DB8::1", "::ffff:1.2.3.4", None][number % 4],
        )  # fmt: skip
    assert seal(now=now) == 7
    record(actor=None, now=now, action="sign_in.failed", object_type="accounts.user")
    return list(Entry.objects.order_by("id").values_list("id", flat=True))


def test_an_untouched_chain_is_whole(chain):
    told = []
    verdict = verify(tell=told.append)
    assert (verdict.entries, verdict.seals, verdict.broken_at, told) == (8, 3, "", [3, 6, 7])
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue() == "whole: 8 entries, 3 seals\n"


@pytest.mark.parametrize(
    "fields",
    [
        {"actor_name": "Other"}, {"action": "x"}, {"object_id": 1_000_000}, {"object_name": "Other"},
        {"object_type": "x"}, {"changes": {"a": [1, 2]}}, {"reason": "x"}, {"address": "10.0.0.8"},
        {"at": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [4, 7])
def test_an_edited_entry_shows(chain, fields, place):
    Entry.objects.filter(pk=chain[place]).update(**fields)
    assert verify().broken_at == f"entry {chain[place]}"


def test_an_edited_digest_shows_in_the_seal(chain):
    row = Entry.objects.get(pk=chain[1])
    Entry.objects.filter(pk=row.pk).update(digest="0" * 64)
    assert verify().broken_at == f"entry {row.pk}"


def test_a_removed_entry_shows(chain):
    Entry.objects.filter(pk=chain[4]).delete()
    assert verify().broken_at == f"seal {Seal.objects.order_by('last_id')[1].pk}"
    with pytest.raises(CommandError, match="broken at seal"):
        call_command("verify_audit")


def test_a_removed_seal_shows(chain):
    middle = Seal.objects.order_by("last_id")[1]
    middle.delete()
    assert verify().broken_at.startswith("seal")


def test_an_entry_put_back_in_time_shows(chain, anna, now):
    gap = Entry.objects.get(pk=chain[2])
    gap.delete()
    forged = record(actor=anna, now=now, action="x")
    Entry.objects.filter(pk=forged.pk).update(id=chain[2])
    assert verify().broken_at.startswith("seal")


def test_sealing_twice_seals_nothing_new(chain, now):
    assert seal(now=now) == 1
    assert seal(now=now) == 0
    assert verify().broken_at == ""


def test_many_entries_are_written_in_one_statement(anna, boris, now, django_assert_num_queries):
    record(actor=anna, now=now, action="x").delete()  # for whom the actor stands in is known from now on
    with django_assert_num_queries(1):
        count = record_many(
            [anna, boris], actor=anna, now=now, action="x", changes=lambda user: {"role": [None, user.role]}
        )
    assert count == 2
    assert list(Entry.objects.order_by("id").values_list("object_id", "changes")) == [
        (anna.pk, {"role": [None, "agent"]}), (boris.pk, {"role": [None, "agent"]}),
    ]  # fmt: skip
    assert verify().broken_at == ""


def test_only_what_differs_is_a_change(anna):
    assert changed(anna, {"first_name": "Анна", "last_name": "Орлова"}) == {
        "last_name": ["Соколова", "Орлова"]
    }
