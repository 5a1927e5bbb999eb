"""What PostgreSQL does for a page of the inbox where there are many conversations: through an index, never over all."""

from datetime import timedelta

import pytest
from django.db import connection

from clientela.modules.contacts.models import Conversation
from clientela.workspace.inbox.filters import InboxFilter
from clientela.workspace.inbox.queries import ORDERS, PAGE, listed

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan of PostgreSQL")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (InboxFilter(box="team"), "contacts_talk_recent"),
        (InboxFilter(box="done"), "contacts_talk_recent"),
        (InboxFilter(box="team", order="due"), "contacts_talk_due"),
        (InboxFilter(box="done", channel="webchat"), "contacts_talk_channel"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.query,
)
def test_a_page_is_read_in_its_order_through_an_index(wanted, index, renewals_manager, anna, kazan, now):
    rows = [
        Conversation(
            branch=kazan, channel="webchat" if n % 1000 == 0 else "sms", address=f"+7917{n:07}",
            state="open" if n % 4 == 0 else "done", assignee=anna if n % 8 else None, created_at=now,
            last_at=now - timedelta(minutes=n * 7919 % 20_000),
            answer_by=now + timedelta(minutes=n * 7907 % 20_000) if n % 12 == 0 else None,
        )
        for n in range(20_000)
    ]  # fmt: skip
    Conversation.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_conversation")
    names = [f"{'-' if key.descending else ''}{key.name}" for key in ORDERS[wanted.order]]
    plan = listed(renewals_manager, wanted).order_by(*names)[: PAGE + 1].explain()
    assert f"using {index}" in plan
    assert "Sort" not in plan
