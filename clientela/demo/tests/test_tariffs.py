"""Drafts in the hands of product managers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clientela.demo import tariffs
from clientela.modules.accounts.rules import Role
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.shipped import load_shipped

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_a_corridor_is_a_draft_and_a_product_waits_for_the_second_person(make_user: Any) -> None:
    assert tariffs.write(NOW) == 0
    load_shipped(now=NOW - timedelta(days=30))
    author = make_user(Role.PRODUCT_MANAGER, "Тимур", "Ахметов", email=tariffs.AUTHOR)
    assert tariffs.write(NOW) == 2
    draft = TableVersion.objects.get(state="draft")
    assert (draft.table.code, draft.author) == ("osago.tb", author)
    waiting = ProductVersion.objects.get(state="proposed")
    assert (waiting.product.code, waiting.regression["failed"], waiting.created_by) == ("accident", 0, author)
