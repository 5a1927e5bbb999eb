"""From the client's button to a policy in force, by notices that come twice, late, out of order, forged or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.integrations.yookassa.acquirer import YooKassa
from clientela.modules.billing import operations
from clientela.modules.billing.models import Invoice, PayAttempt, Payment, Receipt, Refund
from clientela.modules.billing.operations.attempts import KEY_LIVES
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import prepare_new, reprice_project, withdraw_project
from clientela.modules.products.models import Product
from tests.servers.yookassa import SECRET, SHOP, YooKassaServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
SUM = Decimal("8533.99")
ADAPTER = "clientela.integrations.yookassa.acquirer.from_environment"


class Shop:
    """A new contract with its invoice, the acquirer, and who brings its notices."""

    def __init__(self, server: YooKassaServer, url: str, invoice: Invoice) -> None:
        self.server, self.url, self.invoice = server, url, invoice

    def start(self, method: str = "card") -> PayAttempt:
        return operations.start_attempt(now=timezone.now(), invoice=self.invoice, method=method)

    def paid(self) -> str:
        """The client pays; the id of the payment there. Nobody has told us yet."""
        found = self.start().external_id
        assert found is not None
        self.server.pay(found)
        return found

    def tell(self, event: str, found: str) -> int:
        return self.server.bring(self.url, self.server.notice(event, found))

    @property
    def issued(self) -> list[Policy]:
        return list(Policy.objects.filter(issued_from=self.invoice.project_id))


@pytest.fixture
def shop(
    yookassa_server: YooKassaServer, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch,
    vera: Client, osago: Product,
) -> Shop:  # fmt: skip
    monkeypatch.setenv("CLIENTELA_YOOKASSA_SHOP", SHOP)
    monkeypatch.setenv("CLIENTELA_YOOKASSA_SECRET", SECRET)
    monkeypatch.setenv("CLIENTELA_YOOKASSA_URL", yookassa_server.base_url)
    settings.ACQUIRERS = {"card": ADAPTER, "sbp": ADAPTER}
    settings.YOOKASSA_NETWORKS = ["127.0.0.0/8"]
    now = timezone.now()
    project = prepare_new(
        actor=None, now=now, client=vera, product=osago, premium=SUM, sales_channel="web",
        start_date=now.date() + timedelta(days=5), end_date=now.date() + timedelta(days=369),
    )  # fmt: skip
    invoice = operations.invoice_of(project.pay_token, now=now)
    return Shop(yookassa_server, live_server.url + reverse("yookassa:notice"), invoice)


def test_paid_on_the_web_is_issued_without_a_person(shop: Shop) -> None:
    attempt = shop.start()
    assert (attempt.state, attempt.url) == (
        "pending", shop.server.payments[attempt.external_id or ""]["confirmation"]["confirmation_url"],
    )  # fmt: skip
    assert shop.server.bodies[0]["confirmation"]["return_url"].endswith(f"/pay/{shop.invoice.token}/")
    assert shop.start().pk == attempt.pk

    shop.server.pay(attempt.external_id or "")
    assert [shop.tell("payment.succeeded", attempt.external_id or "") for _ in range(3)] == [200] * 3

    [policy] = shop.issued
    payment = Payment.objects.get()
    assert (policy.status, policy.premium, policy.sales_channel, policy.previous) == (
        "issued", SUM, "web", None,
    )  # fmt: skip
    assert (payment.policy, payment.amount, payment.method, payment.registered_by) == (
        policy, SUM, "link", None,
    )  # fmt: skip
    assert payment.external_id == f"yookassa:{attempt.external_id}"
    shop.invoice.refresh_from_db()
    assert shop.invoice.paid_at is not None
    assert not Receipt.objects.exists()  # YooKassa writes it


def test_an_old_notice_after_the_end_changes_nothing(shop: Shop) -> None:
    found = shop.start().external_id or ""
    early = shop.server.notice("payment.succeeded", found)  # forged or out of order: it is still pending
    assert shop.server.bring(shop.url, early) == 200
    assert not Payment.objects.exists()
    shop.server.pay(found)
    late = shop.server.notice("payment.succeeded", found) | {"event": "payment.canceled"}
    late["object"]["status"] = "canceled"
    assert shop.server.bring(shop.url, late) == 200
    assert shop.server.bring(shop.url, late) == 200
    assert (len(shop.issued), Payment.objects.count(), PayAttempt.objects.get().state) == (1, 1, "paid")


def test_strangers_are_turned_away(shop: Shop, settings: Any) -> None:
    found = shop.paid()
    settings.YOOKASSA_NETWORKS = ["185.71.76.0/27"]
    assert shop.tell("payment.succeeded", found) == 403
    assert not Payment.objects.exists()
    settings.BEHIND_PROXY = True
    assert shop.tell("payment.succeeded", found) == 403


@pytest.mark.parametrize(
    "notice",
    [
        b"", b"[]", b'{"event": 5}', {"event": "payment.succeeded", "object": {"id": "../../v3/payments"}},
        {"event": "payment.succeeded", "object": {"id": "22d6d597-000f-5000-9000-145f6df21d6f"}},
        {"event": "refund.succeeded", "object": {"id": "x", "payment_id": "y"}},
    ],
)  # fmt: skip
def test_junk_pays_nothing(shop: Shop, notice: Any) -> None:
    shop.start()
    assert shop.server.bring(shop.url, notice) == 200
    assert not Payment.objects.exists()


def test_a_payment_of_somebody_else_of_the_same_shop(shop: Shop) -> None:
    """A real payment that is none of ours: its notice is true, and still nobody gets a policy."""
    other = shop.server._create(
        {"amount": {"value": "8533.99", "currency": "RUB"}, "capture": True, "description": "", "metadata": {}}
    )  # fmt: skip
    shop.start()
    shop.server.pay(other["id"])
    assert shop.tell("payment.succeeded", other["id"]) == 200
    assert not Payment.objects.exists()


def test_no_answer_of_the_bank_makes_the_notice_come_again(shop: Shop) -> None:
    found = shop.paid()
    shop.server.fail("before")
    assert shop.tell("payment.succeeded", found) == 503
    assert shop.tell("payment.succeeded", found) == 200
    assert len(shop.issued) == 1


@pytest.mark.parametrize("fault", ["before", "after", "cut"])
def test_the_button_without_an_answer_then_one_payment(shop: Shop, fault: str) -> None:
    shop.server.fail(fault)
    attempt = shop.start()
    assert (attempt.state, attempt.url) == ("new", "")
    again = shop.start()
    assert (again.pk, again.state) == (attempt.pk, "pending")
    assert len(shop.server.payments) == 1


def test_killed_after_the_answer_of_the_bank(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank has the payment, the client pays, and we died before we stored its id: the job finishes it, once."""
    whole = YooKassa.create

    def dies(self: YooKassa, order: Any) -> Any:
        whole(self, order)
        raise KeyboardInterrupt

    monkeypatch.setattr(YooKassa, "create", dies)
    with pytest.raises(KeyboardInterrupt):
        shop.start()
    monkeypatch.undo()
    monkeypatch.setenv("CLIENTELA_YOOKASSA_SHOP", SHOP)
    monkeypatch.setenv("CLIENTELA_YOOKASSA_SECRET", SECRET)
    monkeypatch.setenv("CLIENTELA_YOOKASSA_URL", shop.server.base_url)
    assert PayAttempt.objects.get().external_id is None
    [found] = shop.server.payments
    shop.server.pay(found)
    for hours in (1, 2, 3):
        operations.look_after(now=timezone.now() + timedelta(hours=hours))
    assert len(shop.server.payments) == 1
    assert (len(shop.issued), Payment.objects.count()) == (1, 1)


def test_killed_between_the_notice_and_our_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    found = shop.paid()

    def dies(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("clientela.modules.billing.operations.payments.publish", dies)
        with pytest.raises(KeyboardInterrupt):
            operations.hear(now=timezone.now(), provider="yookassa", payment_id=found)
    assert not Payment.objects.exists()
    assert not shop.issued
    assert shop.tell("payment.succeeded", found) == 200
    assert (len(shop.issued), Payment.objects.count()) == (1, 1)


def test_nobody_tells_and_the_job_finds_out(shop: Shop) -> None:
    shop.paid()
    found = operations.look_after(now=timezone.now() + timedelta(minutes=10))
    assert found == {"paid": 1, "hang": 0}
    assert len(shop.issued) == 1
    assert operations.look_after(now=timezone.now() + timedelta(days=2)) == {"hang": 0}


def test_what_nobody_ever_answered_is_told_and_ended(shop: Shop) -> None:
    shop.server.fail("before")
    attempt = shop.start()
    found = operations.look_after(now=attempt.created_at + KEY_LIVES)
    attempt.refresh_from_db()
    assert (found["cancelled"], attempt.reason, len(shop.server.payments)) == (1, "never begun", 0)
    hangs = shop.start()
    later = hangs.created_at + timedelta(days=1, minutes=1)
    assert operations.look_after(now=later) == {"pending": 1, "hang": 1}


def test_a_card_without_money_then_another_try(shop: Shop) -> None:
    first = shop.start()
    shop.server.decline(first.external_id or "")
    assert shop.tell("payment.canceled", first.external_id or "") == 200
    first.refresh_from_db()
    assert (first.state, first.reason) == ("cancelled", "insufficient_funds")
    second = shop.start("sbp")
    assert second.pk != first.pk
    shop.server.pay(second.external_id or "")
    shop.tell("payment.succeeded", second.external_id or "")
    assert (len(shop.issued), Payment.objects.get().method) == (1, "sbp")


def test_a_held_sum_is_taken_or_let_go(shop: Shop) -> None:
    held = shop.start()
    shop.server.payments[held.external_id or ""]["_capture"] = False
    shop.server.pay(held.external_id or "")
    assert shop.tell("payment.waiting_for_capture", held.external_id or "") == 200
    assert (len(shop.issued), Payment.objects.get().amount) == (1, SUM)


def test_a_held_sum_for_a_contract_that_was_withdrawn_goes_back(shop: Shop) -> None:
    held = shop.start()
    shop.server.payments[held.external_id or ""]["_capture"] = False
    project = Project.objects.get()
    withdraw_project(actor=None, now=timezone.now(), project=project)
    shop.server.pay(held.external_id or "")
    shop.tell("payment.waiting_for_capture", held.external_id or "")
    assert shop.server.payments[held.external_id or ""]["status"] == "canceled"
    assert not Payment.objects.exists()


def test_money_for_a_price_that_changed_is_kept_as_credit(shop: Shop) -> None:
    found = shop.start().external_id or ""
    reprice_project(actor=None, now=timezone.now(), project=Project.objects.get(), premium=Decimal(8000), reason="…")  # fmt: skip
    shop.server.pay(found)
    shop.tell("payment.succeeded", found)
    assert Payment.objects.get().amount == SUM
    assert [policy.premium for policy in shop.issued] == [Decimal(8000)]


@pytest.mark.parametrize("fault", ["", "before", "after", "cut"])
def test_a_refund_is_done_once(shop: Shop, anna: Any, fault: str) -> None:
    shop.tell("payment.succeeded", shop.paid())
    if fault:
        shop.server.fail(fault)
    now, payment = timezone.now(), Payment.objects.get()
    refund = operations.refund_payment(
        actor=anna, now=now, payment=payment, amount=Decimal(500), way="same", reason="Полис расторгнут"
    )
    assert refund.state == ("sent" if fault else "done")
    if fault:
        assert operations.look_after_refunds(now=now + timedelta(minutes=6)) == 1
    refund.refresh_from_db()
    assert (refund.state, len(shop.server.refunds)) == ("done", 1)
    assert shop.tell("refund.succeeded", next(iter(shop.server.refunds))) == 200
    with pytest.raises(operations.MoreThanPaid):
        operations.refund_payment(
            actor=anna, now=now, payment=payment, amount=SUM - 499, way="same", reason="x"
        )  # fmt: skip
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(("fault", "state"), [("after", "done"), ("before", "refused")])
def test_a_refund_whose_key_is_forgotten_is_never_asked_twice(
    shop: Shop, anna: Any, fault: str, state: str
) -> None:
    shop.tell("payment.succeeded", shop.paid())
    shop.server.fail(fault)
    refund = operations.refund_payment(
        actor=anna, now=timezone.now(), payment=Payment.objects.get(), amount=Decimal(500), way="same", reason="x"
    )  # fmt: skip
    operations.look_after_refunds(now=timezone.now() + KEY_LIVES + timedelta(hours=1))
    refund.refresh_from_db()
    assert (refund.state, len(shop.server.refunds)) == (state, int(fault == "after"))
