"""Receipts of what came and went back, and sent once more."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import InvalidData
from clientela.modules.clients.tests.calling import Call, call
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy

__all__ = ["call"]


@pytest.fixture
def refund(vera_policy: Policy, anna: User, now: datetime, settings: Any) -> Refund:
    """Вера paid in cash and got a part back; both receipts are registered."""
    settings.CASH_REGISTER = "clientela.integrations.local.cash_register.from_environment"
    payment = operations.register_payment(
        actor=anna, now=now, policy=vera_policy, amount=Decimal("8533.99"), method="cash",
        paid_at=now,
    )  # fmt: skip
    Receipt.objects.get_or_create(payment=payment, defaults={"key": "k1", "created_at": now})
    made = operations.refund_payment(
        actor=anna, now=now, payment=payment, amount=Decimal("33.99"), way="cash", reason="лишнее"
    )
    operations.make_waiting_receipts(now=now)
    return made


def receipt_of(refund: Refund) -> Receipt:
    return Receipt.objects.get(refund=refund)


def test_what_went_back_has_its_own_receipt(refund: Refund, settings: Any) -> None:
    back, paid = receipt_of(refund), Receipt.objects.get(payment=refund.payment)
    assert (back.state, paid.state) == ("done", "done")
    assert back.number != paid.number
    assert "Возврат прихода" in back.text or "Возврат" in back.text
    assert "33,99 ₽" in back.text
    assert "8 533,99 ₽" in paid.text
    local = paid.created_at.astimezone(ZoneInfo(settings.TIME_ZONE))
    assert f"{local:%d.%m.%Y %H:%M}" in paid.text  # the company's clock, not that of Greenwich


def test_to_a_known_and_to_a_new_address(refund: Refund, anna: User, vera: Client, now: datetime) -> None:
    back = receipt_of(refund)
    first = operations.send_receipt(actor=anna, now=now, receipt=back, to="Vera.Orlova@mail.example")
    assert (first.channel, first.address, first.text) == ("email", "vera.orlova@mail.example", back.text)
    count = vera.contact_points.count()
    second = operations.send_receipt(actor=anna, now=now, receipt=back, to=" buh@mail.example ")
    assert second.address == "buh@mail.example"
    added = vera.contact_points.get(value="buh@mail.example")
    assert (vera.contact_points.count(), added.is_primary) == (count + 1, False)
    operations.send_receipt(actor=anna, now=now, receipt=back, to="buh@mail.example")
    assert (vera.contact_points.count(), Message.objects.filter(origin="billing.receipt").count()) == (
        count + 1,
        3,
    )
    assert Entry.objects.filter(action="receipt.sent").count() == 3


def test_a_phone_gets_the_number_and_the_sign(refund: Refund, anna: User, now: datetime) -> None:
    back = receipt_of(refund)
    message = operations.send_receipt(actor=anna, now=now, receipt=back, to="8 917 000-41-08")
    text = message.text.replace("\xa0", " ")
    assert message.channel == "sms"
    assert f"возвращено 33,99 ₽, чек {back.number}, фискальный признак {back.sign}" in text


def test_what_is_refused(
    refund: Refund, anna: User, boris: User, auditor: User, vera: Client, now: datetime
) -> None:
    back = receipt_of(refund)
    for address in ("@", "12", "никуда"):
        with pytest.raises(InvalidData):
            operations.send_receipt(actor=anna, now=now, receipt=back, to=address)
    for stranger in (boris, auditor):
        with pytest.raises(PermissionDenied):
            operations.send_receipt(actor=stranger, now=now, receipt=back, to="x@mail.example")
    vera.consents.all().delete()
    with pytest.raises(operations.ReceiptNotSent):
        operations.send_receipt(actor=anna, now=now, receipt=back, to="new@mail.example")
    assert not vera.contact_points.filter(
        value="new@mail.example"
    ).exists()  # nothing is left of what did not go
    Receipt.objects.update(state="waiting")
    back.refresh_from_db()
    with pytest.raises(operations.ReceiptNotMade):
        operations.send_receipt(actor=anna, now=now, receipt=back, to="x@mail.example")
    assert not Message.objects.filter(origin="billing.receipt").exists()


def test_over_the_api(call: Call, refund: Refund, anna: User, boris: User) -> None:
    path = f"/refunds/{refund.pk}/receipt"
    status, told = call(anna, "get", path)
    assert (status, told["refund_id"], told["state"]) == (200, refund.pk, "done")
    assert call(boris, "get", path)[0] == 404
    assert call(boris, "post", f"{path}/sending", {"to": "x@mail.example"})[0] == 404
    status, sent = call(anna, "post", f"{path}/sending", {"to": "x@mail.example"})
    assert (status, sent["channel"], sent["address"]) == (200, "email", "x@mail.example")
    assert call(anna, "post", f"{path}/sending", {"to": "никуда"})[0] == 422
    payment = Payment.objects.get()
    assert call(anna, "post", f"/payments/{payment.pk}/receipt/sending", {"to": "x@mail.example"})[0] == 200
