"""Delivery: by e-mail with receipts, by courier, at a pick-up point."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.contacts.events import MessageStateChanged
from clientela.modules.contacts.models import Message, MessageFile
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.documents import handlers, operations
from clientela.modules.documents.models import Delivery, Document, PickupPoint
from clientela.modules.documents.operations.delivering import KEPT_AT_POINT, expire_deliveries, order_trip
from clientela.modules.documents.rules_delivery import OVER, STEPS


@pytest.fixture
def paper(issued, now):
    handlers.on_policy_issued(PolicyIssued(issued.pk, issued.client_id, issued.previous_id), now=now)
    return operations.make(document_id=Document.objects.get(policy=issued).pk, now=now)


@pytest.fixture
def point(vera):
    return PickupPoint.objects.create(branch=vera.branch, name="Офис", address="ул. Баумана, 1", hours="9–19")


@pytest.fixture
def ordered(paper, anna, now):
    def order(way, **values):
        return operations.order_delivery(
            actor=anna, now=now, policy=paper.policy, way=way, documents=[paper], **values
        )

    return order


def courier(now):
    return {
        "phone": "8 917 000-41-08", "address": "Казань, ул. Баумана, 1", "day": now.date() + timedelta(days=1), "hour_from": 10, "hour_to": 14,
    }  # fmt: skip


def states(row):
    return list(row.steps.values_list("state", flat=True))


def told(row, state, now, detail=""):
    event = MessageStateChanged(
        row.message_id, row.client_id, "documents.delivery", row.pk, state, "", detail
    )
    handlers.on_message_state(event, now=now)


def test_an_email_carries_the_files_and_receipts_move_it(ordered, vera, paper, now):
    vera.contact_points.get_or_create(kind="email", value="vera@example.ru", defaults={"created_at": now})
    row = ordered("email")
    file = MessageFile.objects.get(message=row.message)
    assert (file.file.name, file.content_type, row.message.state) == (
        paper.file.name,
        "application/pdf",
        "queued",
    )
    for state in ("sent", "sent", "delivered", "sent", "failed"):  # late and twice: nothing changes
        told(row, state, now)
    row.refresh_from_db()
    assert (row.state, states(row)) == ("delivered", ["ordered", "sent", "delivered"])
    assert Event.objects.filter(name="documents.DeliveryChanged").count() == 3


def test_an_email_that_did_not_come_says_why(ordered, vera, now):
    vera.contact_points.get_or_create(kind="email", value="vera@example.ru", defaults={"created_at": now})
    row = ordered("email")
    told(row, "failed", now, detail="550 no such user")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("not_delivered", "550 no such user")


def test_without_an_address_it_is_told_at_once(ordered, vera):
    vera.contact_points.filter(kind="email").delete()
    row = ordered("email")
    assert row.state == "not_delivered"
    assert row.reason


def test_a_courier_goes_step_by_step(ordered, anna, now):
    row = ordered("courier", **courier(now))
    assert (row.phone, row.hour_from, row.hour_to) == ("+79170004108", 10, 14)
    assert order_trip(delivery_id=row.pk) == order_trip(delivery_id=row.pk) == f"D-{row.pk:06}"
    with pytest.raises(operations.WrongStep):
        operations.move_delivery(actor=anna, now=now, delivery=row, state="delivered")
    for state in ("handed_over", "on_the_way"):
        operations.move_delivery(actor=anna, now=now, delivery=row, state=state)
    with pytest.raises(operations.DeliveryIncomplete):
        operations.move_delivery(actor=anna, now=now, delivery=row, state="not_delivered")
    operations.move_delivery(
        actor=anna, now=now, delivery=row, state="not_delivered", reason="никто не открыл"
    )
    operations.move_delivery(actor=anna, now=now, delivery=row, state="on_the_way")
    operations.move_delivery(actor=anna, now=now, delivery=row, state="delivered")
    row.refresh_from_db()
    assert states(row) == ["ordered", "handed_over", "on_the_way", "not_delivered", "on_the_way", "delivered"]
    assert Entry.objects.filter(action="delivery.moved").count() == 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("phone", "1"), ("address", " "), ("day", None), ("hour_to", 10), ("hour_to", 25), ("hour_to", None)],
)
def test_what_a_courier_needs(ordered, now, field, value):
    with pytest.raises(operations.DeliveryIncomplete) as refused:
        ordered("courier", **{**courier(now), field: value})
    assert refused.value.field == field
    assert not Delivery.objects.exists()


def test_a_point_gives_out_to_who_shows_a_document(ordered, point, anna, now):
    row = ordered("pickup", point=point)
    operations.move_delivery(actor=anna, now=now, delivery=row, state="ready")
    assert "ул. Баумана, 1" in Message.objects.get(origin="documents.delivery.ready").text
    with pytest.raises(operations.DeliveryIncomplete):
        operations.move_delivery(actor=anna, now=now, delivery=row, state="issued", issued_to="Орлова Вера")
    row = operations.move_delivery(
        actor=anna,
        now=now,
        delivery=row,
        state="issued",
        issued_to="Орлова Вера",
        issued_by_document="паспорт",
    )
    assert (row.state, row.issued_to, row.issued_by_document) == ("issued", "Орлова Вера", "паспорт")


def test_what_nobody_fetches_expires_once_and_may_be_kept_on(ordered, point, anna, now):
    row = ordered("pickup", point=point)
    operations.move_delivery(actor=anna, now=now, delivery=row, state="ready")
    assert expire_deliveries(now=now + KEPT_AT_POINT) == 0
    later = now + KEPT_AT_POINT + timedelta(days=1)
    assert (expire_deliveries(now=later), expire_deliveries(now=later)) == (1, 0)
    operations.move_delivery(actor=anna, now=later, delivery=row, state="ready")
    row.refresh_from_db()
    assert row.state == "ready"
    assert row.day > later.date()


def test_the_same_is_not_ordered_twice_nor_by_others(ordered, paper, point, boris, now):
    row = ordered("pickup", point=point)
    with pytest.raises(operations.AlreadyOnItsWay):
        ordered("pickup", point=point)
    with pytest.raises(PermissionDenied):
        operations.move_delivery(actor=boris, now=now, delivery=row, state="ready")
    with pytest.raises(PermissionDenied):
        operations.order_delivery(
            actor=boris, now=now, policy=paper.policy, way="pickup", documents=[paper], point=point
        )
    assert Delivery.objects.get().state == "ordered"


def test_every_way_ends():
    for steps in STEPS.values():
        for followers in steps.values():
            assert all(state in steps or state in OVER | {"not_delivered"} for state in followers)


def sms():
    rows = Message.objects.filter(channel="sms", origin__startswith="documents.delivery").order_by("id")
    return [(row.origin.rpartition(".")[2], row.text.replace("\xa0", " ")) for row in rows]


def test_the_client_hears_when_the_courier_comes_and_that_he_did_not(ordered, anna, now):
    row = ordered("courier", **courier(now))
    link = f"/delivery/{row.token}/"
    for state in ("handed_over", "on_the_way"):
        operations.move_delivery(actor=anna, now=now, delivery=row, state=state)
    operations.move_delivery(actor=anna, now=now, delivery=row, state="not_delivered", reason="не открыли")
    first, last = sms()
    assert first[0] == "ordered"
    assert "19.11.2026, 10:00–14:00" in first[1]
    assert last[0] == "not_delivered"
    assert "не открыли" not in last[1]  # what a colleague notes is not for the client
    assert all(text.endswith(link) for _, text in (first, last))


def test_what_comes_another_day_is_not_late(ordered, anna, now):
    row = ordered("courier", **courier(now))
    assert list(Delivery.objects.late(now + timedelta(days=1))) == []
    later = now + timedelta(days=3)
    assert list(Delivery.objects.late(later)) == [row]
    for state, reason in (("handed_over", ""), ("not_delivered", "x"), ("on_the_way", "")):
        operations.move_delivery(actor=anna, now=later, delivery=row, state=state, reason=reason)
    row.refresh_from_db()
    assert row.day == later.date()
    assert list(Delivery.objects.late(later)) == []


def test_a_letter_that_did_not_leave_and_a_point_that_prepared_nothing_are_late(ordered, point, vera, now):
    vera.contact_points.get_or_create(kind="email", value="vera@example.ru", defaults={"created_at": now})
    letter, fetched = ordered("email"), ordered("pickup", point=point)
    assert set(Delivery.objects.late(now + timedelta(hours=5))) == {letter}
    assert set(Delivery.objects.late(now + timedelta(days=4))) == {letter, fetched}
    told(letter, "sent", now)
    assert set(Delivery.objects.late(now + timedelta(days=4))) == {fetched}


def test_a_letter_that_did_not_come_and_what_was_not_fetched_are_told(ordered, point, anna, vera, now):
    vera.contact_points.filter(kind="email").delete()
    vera.contact_points.create(kind="email", value="vera@example.ru", created_at=now, is_primary=True)
    told(ordered("email"), "failed", now, detail="550 no such user")
    row = ordered("pickup", point=point)
    operations.move_delivery(actor=anna, now=now, delivery=row, state="ready")
    expire_deliveries(now=now + KEPT_AT_POINT + timedelta(days=1))
    assert [state for state, _ in sms()] == ["not_delivered", "ready", "expired"]
    assert "vera@example.ru" in sms()[0][1]


def test_an_english_client_reads_english(ordered, vera, now):
    type(vera).objects.filter(pk=vera.pk).update(language="en")
    ordered("courier", **courier(now))
    assert "the courier brings your documents on 19 Nov 2026, 10:00–14:00" in sms()[0][1]
