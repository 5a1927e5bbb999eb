"""A dispute of a class: gathered, sent, answered; the class follows; nobody else's client."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Dispute, Lookup, RegistryEntry
from clientela.modules.bonus_malus.operations import (
    DisputeClosed,
    NotDisputable,
    answer_dispute,
    ask_class,
    open_dispute,
    send_dispute,
    withdraw_dispute,
)
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import attach_file

pytestmark = pytest.mark.django_db
ON = date(2026, 12, 6)
VERA = Driver("Орлова", "Вера", "Николаевна", date(1984, 4, 12), "9912345678")


@pytest.fixture
def lookup(anna: User, vera: Client, now: datetime) -> Lookup:
    RegistryEntry.objects.create(
        key=VERA.key, last_name="Орлова", first_name="Вера", birth_date=VERA.birth_date, licence=VERA.licence,
        klass="3", since=date(2026, 4, 1), client=vera,
    )  # fmt: skip
    return ask_class(VERA, ON, now=now, actor=anna, client_id=vera.pk)


@pytest.fixture
def dispute(anna: User, vera: Client, lookup: Lookup, now: datetime) -> Dispute:
    paper = attach_file(actor=anna, now=now, client=vera, file=ContentFile(b"%PDF-1.4 x"), name="полис 2024.pdf")  # fmt: skip
    return open_dispute(
        actor=anna, now=now, client=vera, lookup=lookup, claimed_klass="10", reason="Ездит без аварий с 2010 года",
        documents=[paper],
    )  # fmt: skip


def test_a_corrected_class_holds_at_once(anna: User, dispute: Dispute, lookup: Lookup, now: datetime) -> None:
    assert [one.name for one in dispute.documents.all()] == ["полис 2024.pdf"]
    send_dispute(actor=anna, now=now, dispute=dispute)
    answered = answer_dispute(actor=anna, now=now, dispute=dispute, klass="10", answer="Сведения объединены")
    lookup.refresh_from_db()
    assert (answered.state, lookup.klass, lookup.found_by, lookup.previous_klass) == (
        "corrected",
        "10",
        "dispute",
        "3",
    )
    assert RegistryEntry.objects.get().klass == "10"
    assert ask_class(VERA, ON, now=now, again=True).klass == "10"
    told = Event.objects.filter(name="bonus_malus.ClassKnown").latest("id").payload
    assert (told["klass"], told["previous_klass"]) == ("10", "3")
    actions = Entry.objects.filter(object_type="bonus_malus.dispute").values_list("action", flat=True)
    assert list(actions.order_by("id")) == [
        "class_dispute.opened",
        "class_dispute.sent",
        "class_dispute.answered",
    ]


def test_a_confirmed_class_stays(anna: User, dispute: Dispute, lookup: Lookup, now: datetime) -> None:
    send_dispute(actor=anna, now=now, dispute=dispute)
    assert answer_dispute(actor=anna, now=now, dispute=dispute, klass="3").state == "refused"
    lookup.refresh_from_db()
    assert (lookup.klass, lookup.found_by) == ("3", "current")


def test_what_is_over_does_not_move(anna: User, dispute: Dispute, now: datetime) -> None:
    with pytest.raises(DisputeClosed):
        answer_dispute(actor=anna, now=now, dispute=dispute, klass="10")  # not sent yet
    withdraw_dispute(actor=anna, now=now, dispute=dispute)
    with pytest.raises(DisputeClosed):
        send_dispute(actor=anna, now=now, dispute=dispute)
    dispute.refresh_from_db()
    assert dispute.state == "withdrawn"


def test_one_dispute_at_a_time(
    anna: User, dispute: Dispute, lookup: Lookup, vera: Client, now: datetime
) -> None:
    values = {"actor": anna, "now": now, "client": vera, "lookup": lookup, "reason": ""}
    with pytest.raises(NotDisputable):
        open_dispute(**values, claimed_klass="11")
    withdraw_dispute(actor=anna, now=now, dispute=dispute)
    with pytest.raises(NotDisputable):
        open_dispute(**values, claimed_klass="3")  # the class it is
    assert open_dispute(**values, claimed_klass="11").state == "new"


def test_nobody_disputes_for_a_foreign_client(
    boris: User, dispute: Dispute, lookup: Lookup, vera: Client, now: datetime
) -> None:
    assert not Dispute.objects.visible_to(boris).exists()
    with pytest.raises(PermissionDenied):
        send_dispute(actor=boris, now=now, dispute=dispute)
    with pytest.raises(PermissionDenied):
        open_dispute(actor=boris, now=now, client=vera, lookup=lookup, claimed_klass="9", reason="")
    dispute.refresh_from_db()
    assert dispute.state == "new"
    assert Dispute.objects.count() == 1


def test_a_foreign_file_is_not_taken(
    anna: User, vera: Client, boris: User, boris_client: Client, lookup: Lookup, now: datetime
) -> None:
    foreign = attach_file(actor=boris, now=now, client=boris_client, file=ContentFile(b"%PDF-1.4 x"), name="x.pdf")  # fmt: skip
    made = open_dispute(
        actor=anna, now=now, client=vera, lookup=lookup, claimed_klass="10", reason="", documents=[foreign]
    )
    assert not made.documents.exists()
