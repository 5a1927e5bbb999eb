"""Refunds by hand, receipts, requisites, invoices sent."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Payee, Payment, Receipt, Refund
from clientela.modules.billing.queries import payee_now
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import prepare_project

PREMIUM = Decimal("8533.99")
REQUISITES = {
    "name": "АО «Причал Страхование»", "inn": "7827004526", "kpp": "", "account": "40702810900000002851",
    "bank_name": "АО «Банк»", "bic": "044030827", "correspondent_account": "30101810200000000827",
}  # fmt: skip


@pytest.fixture
def payment(anna: User, vera_policy: Policy, now: datetime) -> Payment:
    return operations.register_payment(
        actor=anna, now=now, amount=PREMIUM, method="card", policy=vera_policy, slip=" 0042 "
    )


def test_a_readable_receipt_once(payment: Payment, settings: Any, now: datetime) -> None:
    receipt = Receipt.objects.get(payment=payment)
    assert (payment.slip, receipt.state) == ("0042", "waiting")
    settings.CASH_REGISTER = ""
    assert operations.make_waiting_receipts(now=now) == 0
    settings.CASH_REGISTER = "clientela.integrations.local.cash_register.from_environment"
    assert operations.make_waiting_receipts(now=now) == 1
    assert operations.make_waiting_receipts(now=now) == 0
    receipt.refresh_from_db()
    assert (receipt.state, receipt.made_at) == ("done", now)
    for words in ("Приход", "Без НДС", "8 533,99 ₽", "Безналичными", receipt.number, receipt.sign):
        assert words in receipt.text.replace("\xa0", " "), words


def test_part_of_a_payment_goes_back_by_hand(anna: User, payment: Payment, now: datetime) -> None:
    values = {"actor": anna, "now": now, "payment": payment, "reason": "Ошибка в сумме"}
    refund = operations.refund_payment(amount=Decimal("33.99"), way="cash", slip="РКО-7", **values)
    assert (refund.state, refund.done_at, refund.slip) == ("done", now, "РКО-7")
    assert Receipt.objects.get(refund=refund).state == "waiting"
    with pytest.raises(operations.MoreThanPaid):
        operations.refund_payment(amount=Decimal("8500.01"), way="cash", **values)
    with pytest.raises(operations.OtherWay):
        operations.refund_payment(amount=Decimal(1), way="same", **values)
    with pytest.raises(operations.InvalidAmount):
        operations.refund_payment(amount=Decimal(0), way="cash", **values)
    with pytest.raises(operations.ReasonMissing):
        operations.refund_payment(amount=Decimal(1), way="cash", **values | {"reason": " "})
    assert [row.amount for row in Refund.objects.all()] == [Decimal("33.99")]


@pytest.mark.parametrize("stranger", ["boris", "auditor"])
def test_strangers_return_nothing(
    stranger: str, payment: Payment, now: datetime, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(PermissionDenied):
        operations.refund_payment(
            actor=request.getfixturevalue(stranger), now=now, payment=payment, amount=Decimal(1), way="cash", reason="x",
        )  # fmt: skip
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("inn", "7827004525"), ("account", "40702810900000002852"), ("bic", "944030827"), ("kpp", "12"),
        ("correspondent_account", "30101810200000000828"), ("name", " "), ("bank_name", "Б" * 46),
    ],
)  # fmt: skip
def test_requisites_are_checked(administrator: User, now: datetime, field: str, value: str) -> None:
    with pytest.raises(operations.InvalidPayee) as refused:
        operations.set_payee(actor=administrator, now=now, values=REQUISITES | {field: value})
    assert refused.value.field == field
    assert not Payee.objects.exists()


def test_requisites_are_one_row_in_the_journal(administrator: User, anna: User, now: datetime) -> None:
    spaced = REQUISITES | {"account": "4070 2810 9000 0000 2851"}
    for values in (spaced, REQUISITES, REQUISITES | {"name": "АО «Причал»"}):
        operations.set_payee(actor=administrator, now=now, values=values)
    payee = payee_now()
    assert payee is not None
    assert (payee.name, payee.account) == ("АО «Причал»", REQUISITES["account"])
    assert Entry.objects.filter(action="payee.changed").count() == 2
    with pytest.raises(PermissionDenied):
        operations.set_payee(actor=anna, now=now, values=REQUISITES)


def test_the_link_is_sent_and_the_project_is_offered(anna: User, vera_policy: Policy, now: datetime) -> None:
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    bill = operations.bill_project(actor=anna, now=now, project=project)
    assert operations.bill_project(actor=anna, now=now, project=project) == bill
    message = operations.send_invoice(actor=anna, now=now, invoice=bill, channel="sms")
    assert message.state != Message.State.DROPPED
    assert f"/pay/{project.pay_token}/" in message.text
    assert "8 533,99 ₽" in message.text.replace("\xa0", " ")
    assert Project.objects.get().state == "offered"
    with pytest.raises(operations.BadChannel):
        operations.send_invoice(actor=anna, now=now, invoice=bill, channel="pigeon")


def test_a_client_without_consent_is_sent_nothing(anna: User, vera_policy: Policy, now: datetime) -> None:
    vera_policy.client.consents.all().delete()
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    bill = operations.bill_project(actor=anna, now=now, project=project)
    message = operations.send_invoice(actor=anna, now=now, invoice=bill, channel="sms")
    assert (message.state, Project.objects.get().state) == ("dropped", "open")
