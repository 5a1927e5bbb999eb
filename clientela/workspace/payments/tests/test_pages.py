"""Money on the screen: an invoice sent, a payment returned, requisites, and the day."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Instalment, Invoice, Payee, Payment, Refund
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_project
from clientela.workspace.payments.today import overdue_parts

SignIn = Callable[[User], Browser]


def text_of(answer: object) -> str:
    return answer.content.decode().replace("\xa0", " ")  # type: ignore[attr-defined]


@pytest.fixture
def payment(anna: User, vera_policy: Policy, now: datetime) -> Payment:
    return operations.register_payment(
        actor=anna, now=now, amount=Decimal("8533.99"), method="card", policy=vera_policy, slip="0042"
    )


def test_an_invoice_is_made_and_sent(sign_in: SignIn, anna: User, vera_policy: Policy) -> None:
    now = timezone.now()
    Policy.objects.update(end_date=now.date() + timedelta(days=20))
    vera_policy.refresh_from_db()
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    browser, path = sign_in(anna), f"/payments/of/{vera_policy.client_id}/invoice/"
    assert "8 533,99 ₽" in text_of(browser.get(path))
    answer = browser.post(path, {"target": f"project-{project.pk}", "channel": "sms"})
    assert answer.status_code == 302
    assert f"/pay/{project.pay_token}/" in Message.objects.get().text
    page = text_of(browser.get("/payments/?show=invoices"))
    assert f"/pay/{project.pay_token}/" in page
    browser.post(f"/payments/invoices/{Invoice.objects.get().pk}/withdrawal/")
    assert Invoice.objects.get().withdrawn_at is not None


def test_the_policy_of_contact_has_the_last_word(sign_in: SignIn, anna: User, vera_policy: Policy) -> None:
    now = timezone.now()
    Policy.objects.update(end_date=now.date() + timedelta(days=20))
    vera_policy.refresh_from_db()
    vera_policy.client.consents.all().delete()
    project = prepare_project(actor=anna, now=now, policy=vera_policy)
    path = f"/payments/of/{vera_policy.client_id}/invoice/"
    answer = sign_in(anna).post(path, {"target": f"project-{project.pk}", "channel": "sms"})
    assert answer.status_code == 422
    assert "Правила связи не пропускают" in text_of(answer) or "не пропуск" in text_of(answer)


def test_a_payment_goes_back(sign_in: SignIn, anna: User, payment: Payment) -> None:
    browser = sign_in(anna)
    assert "Карта (терминал), 0042" in text_of(browser.get("/payments/")) or "0042" in text_of(
        browser.get("/payments/")
    )
    path = f"/payments/{payment.pk}/refund/"
    form = {"amount": "9000", "way": "bank", "reason": "Ошибка"}
    assert browser.post(path, form).status_code == 422
    assert browser.post(path, form | {"amount": "1000"}).status_code == 302
    assert Refund.objects.get().state == "done"
    assert "Возвращено: Ошибка" in text_of(browser.get("/payments/?show=refunds"))


def test_what_is_due_back_is_returned_or_dropped(
    sign_in: SignIn, anna: User, payment: Payment, now: datetime
) -> None:
    browser = sign_in(anna)
    operations.owe_refund(now=now, policy=payment.policy, amount=Decimal(100), reason="a", origin="version:1")  # type: ignore[arg-type]
    operations.owe_refund(now=now, policy=payment.policy, amount=Decimal(200), reason="b", origin="version:2")  # type: ignore[arg-type]
    first, second = Refund.objects.order_by("amount")
    assert browser.post(f"/payments/refunds/{first.pk}/", {"way": "cash", "slip": "7"}).status_code == 302
    assert browser.post(f"/payments/refunds/{second.pk}/drop/", {"reason": "Договорились"}).status_code == 302
    assert [row.state for row in Refund.objects.order_by("amount")] == ["done", "dropped"]


def test_strangers_see_and_change_nothing(sign_in: SignIn, boris: User, payment: Payment) -> None:
    browser = sign_in(boris)
    assert "Орлова" not in text_of(browser.get("/payments/"))
    for path in (f"/payments/{payment.pk}/refund/", f"/payments/of/{payment.client_id}/invoice/"):
        assert browser.get(path).status_code == 404
    assert not Refund.objects.exists()


def test_requisites(sign_in: SignIn, administrator: User, anna: User) -> None:
    values = {
        "name": "АО «Причал»", "inn": "7827004526", "kpp": "", "account": "4070 2810 9000 0000 2852",
        "bank_name": "АО «Банк»", "bic": "044030827", "correspondent_account": "30101810200000000827",
    }  # fmt: skip
    browser = sign_in(administrator)
    assert browser.post("/payments/requisites/", values).status_code == 422
    assert not Payee.objects.exists()
    answer = browser.post("/payments/requisites/", values | {"account": "4070 2810 9000 0000 2851"})
    assert answer.status_code == 302
    assert Payee.objects.get().account == "40702810900000002851"
    assert sign_in(anna).get("/payments/requisites/").status_code == 403


def test_who_owes_a_part_is_called(anna: User, boris: User, vera_policy: Policy, now: datetime) -> None:
    Instalment.objects.create(
        policy=vera_policy, number=2, due_on=date(2026, 11, 10), amount=Decimal(500), paid=Decimal(100)
    )
    [row], count = overdue_parts(anna, now=now, most=5)
    assert (count, row.client, row.key) == (
        1,
        vera_policy.client,
        f"instalment-{Instalment.objects.get().pk}",
    )
    assert "400,00 ₽" in row.detail.replace("\xa0", " ")
    assert overdue_parts(boris, now=now, most=5) == ([], 0)
