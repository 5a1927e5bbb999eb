"""SBP of a bank: from the client's button to a policy in force, and what a line that breaks, or a forged notice, changes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.integrations.raiffeisen.sbp import RaiffeisenSbp
from clientela.modules.billing import operations
from clientela.modules.billing.models import Invoice, PayAttempt, Payment, Refund
from clientela.modules.billing.operations.attempts import KEY_LIVES
from clientela.modules.billing.ports import NotThere, Order, Refused, State, Unknown
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.contracts.operations import prepare_new
from clientela.modules.products.models import Product
from tests.servers.raiffeisen import MERCHANT, SECRET, RaiffeisenServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
SUM = Decimal("8533.99")
ADAPTER = "clientela.integrations.raiffeisen.sbp.from_environment"
ORDER = Order("key-1", "attempt-7", SUM, "sbp", "ОСАГО, Hyundai Creta", "https://prichal.example/pay/x/")


@pytest.fixture
def bank(raiffeisen_server: RaiffeisenServer) -> RaiffeisenSbp:
    return RaiffeisenSbp(MERCHANT, SECRET, base_url=raiffeisen_server.base_url)


class Shop:
    """A new contract with its invoice, and the bank that tells of its payment."""

    def __init__(self, server: RaiffeisenServer, url: str, invoice: Invoice) -> None:
        self.server, self.url, self.invoice = server, url, invoice

    def start(self) -> PayAttempt:
        return operations.start_attempt(now=timezone.now(), invoice=self.invoice, method="sbp")

    def paid(self) -> str:
        """The client pays; the number of the code. Nobody has told us yet."""
        number = self.start().external_id
        assert number is not None
        self.server.pay(number)
        return number

    def tell(self, number: str, signature: str = "") -> int:
        body, right = self.server.notice(number)
        return self.server.bring(self.url, body, signature or right)

    @property
    def issued(self) -> list[Policy]:
        return list(Policy.objects.filter(issued_from=self.invoice.project_id))


@pytest.fixture
def shop(
    raiffeisen_server: RaiffeisenServer, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch,
    vera: Client, osago: Product,
) -> Shop:  # fmt: skip
    monkeypatch.setenv("CLIENTELA_RAIFFEISEN_MERCHANT", MERCHANT)
    monkeypatch.setenv("CLIENTELA_RAIFFEISEN_SECRET", SECRET)
    monkeypatch.setenv("CLIENTELA_RAIFFEISEN_URL", raiffeisen_server.base_url)
    settings.ACQUIRERS = {"card": "", "sbp": ADAPTER}
    now = timezone.now()
    project = prepare_new(
        actor=None, now=now, client=vera, product=osago, premium=SUM, sales_channel="web",
        start_date=now.date() + timedelta(days=5), end_date=now.date() + timedelta(days=369),
    )  # fmt: skip
    invoice = operations.invoice_of(project.pay_token, now=now)
    return Shop(raiffeisen_server, live_server.url + reverse("raiffeisen:notice"), invoice)


def test_a_code_from_order_to_money(bank: RaiffeisenSbp, raiffeisen_server: RaiffeisenServer) -> None:
    made = bank.create(ORDER)
    assert (made.state, made.amount, made.reference) == (State.PENDING, SUM, "attempt-7")
    assert made.url.startswith("https://qr.nspk.")
    assert bank.read(made.id) == made
    raiffeisen_server.pay(made.id)
    found = bank.read(made.id)
    assert (found.state, found.amount, found.reference) == (State.SUCCEEDED, SUM, "attempt-7")
    with pytest.raises(Refused):
        bank.create(ORDER)


@pytest.mark.parametrize(
    ("act", "reason"), [("decline", "declined"), ("expire", "expired"), ("", "cancelled")]
)
def test_what_is_not_paid_any_more(
    bank: RaiffeisenSbp, raiffeisen_server: RaiffeisenServer, act: str, reason: str
) -> None:
    made = bank.create(ORDER)
    if act:
        getattr(raiffeisen_server, act)(made.id)
        found = bank.read(made.id)
    else:
        found = bank.cancel(made.id, key="k")
    assert (found.state, found.reason) == (State.CANCELLED, reason)


@pytest.mark.parametrize("fault", ["before", "after", "cut"])
def test_a_lost_answer_leaves_at_most_a_code_that_nobody_has_seen(
    bank: RaiffeisenSbp, raiffeisen_server: RaiffeisenServer, fault: str
) -> None:
    raiffeisen_server.fail(fault)
    with pytest.raises(Unknown):
        bank.create(ORDER)
    raiffeisen_server.pay(bank.create(ORDER).id)
    assert sum(code["payment"] == "SUCCESS" for code in raiffeisen_server.codes.values()) == 1


def test_money_goes_back_in_parts_and_never_more_than_came(
    bank: RaiffeisenSbp, raiffeisen_server: RaiffeisenServer
) -> None:
    made = bank.create(ORDER)
    raiffeisen_server.pay(made.id)
    asked = {"amount": Decimal("533.99"), "key": "refund-1", "description": "Полис расторгнут"}
    first, again = bank.refund(made.id, **asked), bank.refund(made.id, **asked)  # type: ignore[arg-type]
    assert (first.state, again.state, again.id) == (State.PENDING, State.SUCCEEDED, first.id)
    assert len(raiffeisen_server.refunds) == 1
    with pytest.raises(Refused):
        bank.refund(made.id, amount=Decimal("8000.01"), key="refund-2", description="x")
    bank.refund(made.id, amount=Decimal(8000), key="refund-3", description="x")


@pytest.mark.parametrize("number", ["AD1F2CD7212E48FA919AB52EF0AEFB33", "x", "../refund", "ы", "9" * 400])
def test_what_nobody_made(bank: RaiffeisenSbp, number: str) -> None:
    for read in (bank.read, bank.read_refund):
        with pytest.raises(NotThere):
            read(number)


def test_cards_holds_and_wrong_keys_are_refused(raiffeisen_server: RaiffeisenServer) -> None:
    right, wrong = (
        RaiffeisenSbp(MERCHANT, key, base_url=raiffeisen_server.base_url) for key in (SECRET, "wrong")
    )
    made = right.create(ORDER)
    for act in (
        lambda: right.create(Order(**vars(ORDER) | {"method": "card"})),
        lambda: right.create(Order(**vars(ORDER) | {"hold": True})),
        lambda: wrong.read(made.id),
        lambda: RaiffeisenSbp("MA1", SECRET, base_url=raiffeisen_server.base_url).create(ORDER),
    ):
        with pytest.raises(Refused):
            act()


def test_paid_by_sbp_is_issued_without_a_person(shop: Shop) -> None:
    attempt = shop.start()
    assert attempt.url == shop.server.codes[attempt.external_id or ""]["payload"]
    assert shop.start().pk == attempt.pk
    shop.server.pay(attempt.external_id or "")
    assert [shop.tell(attempt.external_id or "") for _ in range(3)] == [200] * 3
    [policy] = shop.issued
    payment = Payment.objects.get()
    assert (payment.policy, payment.amount, payment.method) == (policy, SUM, "sbp")


def test_a_forged_notice_changes_nothing(shop: Shop) -> None:
    number = shop.start().external_id or ""
    shop.server.codes[number]["payment"] = "SUCCESS"
    body, right = shop.server.notice(number)
    shop.server.codes[number]["payment"] = "NO_INFO"
    assert shop.tell(number, "0" * 64) == 403
    assert shop.server.bring(shop.url, body.replace(b"8533.99", b"1.00"), right) == 403
    for junk in (b"", b"{}", b"[]", b'{"qrId": 1}', b"\xff"):
        assert shop.server.bring(shop.url, junk, right) == 400
    assert shop.server.bring(shop.url, body, right) == 200, "signed, but the bank itself knows of no payment"
    assert not Payment.objects.exists()


def test_a_notice_that_cannot_be_read_again_comes_once_more(shop: Shop) -> None:
    number = shop.paid()
    shop.server.fail("before")
    assert [shop.tell(number), shop.tell(number)] == [503, 200]
    assert len(shop.issued) == 1


def test_nobody_tells_and_the_job_finds_out(shop: Shop) -> None:
    shop.paid()
    assert operations.look_after(now=timezone.now() + timedelta(minutes=10)) == {"paid": 1, "hang": 0}
    assert len(shop.issued) == 1


@pytest.mark.parametrize("fault", ["", "before", "after", "cut"])
def test_a_refund_is_done_once_however_late_it_is_looked_at(shop: Shop, anna: Any, fault: str) -> None:
    shop.tell(shop.paid())
    if fault:
        shop.server.fail("", "", fault)  # the key is looked for, the order read, then it is asked for
    refund = operations.refund_payment(
        actor=anna, now=timezone.now(), payment=Payment.objects.get(), amount=Decimal(500), way="same", reason="x"
    )  # fmt: skip
    assert refund.state == "sent"
    operations.look_after_refunds(now=timezone.now() + KEY_LIVES + timedelta(hours=1))
    operations.look_after_refunds(now=timezone.now() + KEY_LIVES + timedelta(days=1))
    refund.refresh_from_db()
    assert (refund.state, len(shop.server.refunds), Refund.objects.count()) == ("done", 1, 1)
