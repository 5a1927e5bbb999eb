"""The command, and writing rows in bulk."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from clientela.demo.bulk import write_rows
from clientela.modules.clients.models import Client, ContactPoint, Tag

TODAY = date(2026, 11, 18)


@pytest.mark.django_db
def test_the_command_fills_an_empty_base():
    out = StringIO()
    call_command("load_demo", clients=400, agents=20, seed=3, today=TODAY, stdout=out)
    assert Client.objects.count() == 400 + 2 + 18  # two strangers wrote, others asked for a policy
    assert "as of 18.11.2026" in out.getvalue()
    assert "a.sokolova@prichal.example" in out.getvalue()
    assert ContactPoint.objects.filter(kind="phone", tail="").count() == 0


@pytest.mark.django_db
def test_bulk_rows_keep_every_character():
    names = ["кавычка ' и %s", "табуляция\tи\nстрока", "черта \\N \\", "ёж"]
    assert write_rows(Tag, ("name",), ((name,) for name in names)) == 4
    assert set(Tag.objects.values_list("name", flat=True)) == set(names)


@pytest.mark.django_db
def test_a_column_without_default_must_be_given():
    with pytest.raises(ValueError, match="has no default"):
        write_rows(Client, ("last_name",), [("Иванов",)])
    assert not Client.objects.exists()
