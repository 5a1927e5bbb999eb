"""A merge taken back is as if it had never been, whatever hangs on the two cards."""

from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clientela.modules.calls.models import Call
from clientela.modules.clients.models import (
    Address,
    Belonging,
    ContactPoint,
    FieldValue,
    IdentityDocument,
    LifeEvent,
    Note,
    ProfileAnswer,
    Relation,
    Tag,
)
from clientela.modules.clients.operations import (
    merge_clients,
    refresh_completeness,
    separate_clients,
    update_client,
    verify_value,
)
from clientela.modules.contacts.models import Message
from clientela.workspace.clients.tests.test_merging import everything

ROWS = 500
# What is said to whom is decided anew when cards part.
TALK = {"reasons", "answer_by", "assignee"}


def _put(kind, card, n, now):
    """One row of a kind on a card; the same ``n`` on two cards says the same twice where that can be."""
    rows = {
        "note": lambda: Note(client=card, text=f"{n}", created_at=now),
        "call": lambda: Call(direction="in", client=card, number="+79170000000", state="ended", started_at=now),
        "mail": lambda: Message(
            client=card, direction="out", channel="email", address="a@mail.example", text=f"{n}", state="sent",
            not_before=now, created_at=now,
        ),
        "point": lambda: ContactPoint(client=card, kind="telegram", value=f"{n}", created_at=now),
        "paper": lambda: IdentityDocument(client=card, kind="other", number=f"{n}"),
        "address": lambda: Address(client=card, city="Самара", street=f"{n}"),
        "relation": lambda: Relation(client=card, kind="child", name=f"{n}", created_at=now),
        "belonging": lambda: Belonging(client=card, kind="flat", title=f"{n}", created_at=now),
        "event": lambda: LifeEvent(client=card, kind="car", on=now.date(), created_at=now),
        "answer": lambda: ProfileAnswer(
            client=card, key=f"k{n}", label="x", kind="text", value=f"{n}", answered_at=now
        ),
        "value": lambda: FieldValue(
            client=card, field="birth_date", value={"birth_date": "1980-01-01"}, value_key=f"{n}", state="other",
            source="import", first_seen=now, last_seen=now,
        ),
    }  # fmt: skip
    return rows[kind]()


KINDS = [
    "note",
    "call",
    "mail",
    "point",
    "paper",
    "address",
    "relation",
    "belonging",
    "event",
    "answer",
    "value",
]
spread = st.lists(st.tuples(st.sampled_from(KINDS), st.booleans()), min_size=1, max_size=25)
taken = st.none() | st.sets(
    st.sampled_from(["name", "birth_date", "sex", "place", "language", "phone", "email"])
)


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(pattern=spread, take=taken, verified=st.booleans(), changed=st.booleans())
def test_merge_and_parting_are_nothing(
    pattern, take, verified, changed, vera, make_client, anna, branch_head, now
):
    with transaction.atomic():
        other = make_client(anna.agent, "Орлова", "В", phone="+79170009999")
        other.tags.add(Tag.objects.create(name="дети"))
        if changed:
            update_client(
                actor=None,
                now=now,
                client=other,
                version=other.version,
                details={"city": "Казань"},
                source="own",
            )
        if verified:
            verify_value(actor=anna, now=now, client=other, field="name")
        rows = {}
        for n in range(ROWS):
            kind, first = pattern[n % len(pattern)]
            card = vera if first else other
            one = _put(kind, card, n // 2 if kind in ("point", "paper", "value") else n, now)
            # Two rows of one card cannot say the same.
            key = (kind, card.pk, n // 2 if kind in ("point", "paper", "value") else n)
            rows.setdefault(key, one)
        by_model = {}
        for one in rows.values():
            by_model.setdefault(type(one), []).append(one)
        for model, some in by_model.items():
            model.objects.bulk_create(some)
        refresh_completeness()
        before = everything()
        merge = merge_clients(actor=branch_head, now=now, kept=vera, gone=other, take=take)
        assert everything() != before
        separate_clients(actor=branch_head, now=now + timedelta(days=3), merge=merge)
        after = everything()
        for key, fields in before.items():
            if key[0] == "contacts.conversation":
                fields, after[key] = (
                    {k: v for k, v in one.items() if k not in TALK} for one in (fields, after[key])
                )
            assert after[key] == fields, key
        assert after.keys() == before.keys()
        transaction.set_rollback(True)
