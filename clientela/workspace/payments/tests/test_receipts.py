"""Receipts on the screen: of refunds too, and sent once more."""

import pytest

from clientela.modules.billing.models import Payment, Receipt, Refund
from clientela.modules.contacts.models import Message

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def refund(vera_policy, now):
    payment = Payment.objects.create(
        client=vera_policy.client, policy=vera_policy, amount=100, method="cash", paid_at=now, created_at=now
    )
    made = Refund.objects.create(
        payment=payment,
        amount=40,
        state="done",
        way="cash",
        reason="лишнее",
        key="r",
        created_at=now,
        done_at=now,
    )
    told = {"state": "done", "sign": "77", "created_at": now}
    Receipt.objects.create(payment=payment, key="a", number="101", text="ЧЕК ПРИХОДА", **told)
    Receipt.objects.create(refund=made, key="b", number="102", text="ЧЕК ВОЗВРАТА", **told)
    return made


def test_a_receipt_of_a_refund_is_shown_and_sent(sign_in, anna, boris, refund):
    page, path = sign_in(anna), f"/payments/refunds/{refund.pk}/receipt/"
    assert path in page.get("/payments/?show=refunds").content.decode()
    shown = page.get(path, **HTMX).content.decode()
    assert "ЧЕК ВОЗВРАТА" in shown
    assert f"{path}sending/" in shown
    assert "vera.orlova@mail.example" in page.get(f"{path}sending/", **HTMX).content.decode()
    answer = page.post(f"{path}sending/", {"to": "никуда"}, **HTMX)
    assert answer.status_code == 422
    assert "никуда" in answer.content.decode()
    assert not Message.objects.exists()
    assert page.post(f"{path}sending/", {"to": "buh@mail.example"}, **HTMX).status_code < 300
    assert Message.objects.get().address == "buh@mail.example"
    assert sign_in(boris).get(path).status_code == 404
    assert sign_in(boris).post(f"{path}sending/", {"to": "a@b.example"}).status_code == 404


def test_who_only_reads_sees_no_button(sign_in, auditor, refund):
    answer = sign_in(auditor).get(f"/payments/{refund.payment_id}/receipt/", **HTMX)
    assert "ЧЕК ПРИХОДА" in answer.content.decode()
    assert "sending" not in answer.content.decode()
