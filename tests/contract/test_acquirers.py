"""What every acquirer must do, shown on YooKassa's API and on the bank of the demo."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest

from clientela.integrations.local.bank import LocalBank
from clientela.integrations.yookassa.acquirer import YooKassa
from clientela.modules.billing.ports import Acquirer, NotThere, Order, Refused, State, Unknown
from tests.servers.yookassa import SECRET, SHOP, YooKassaServer

pytestmark = pytest.mark.server
SUM = Decimal("8533.99")


class Bank(Protocol):
    """The side of the client who pays."""

    def pay(self, payment_id: str) -> object: ...

    def decline(self, payment_id: str) -> object: ...


@dataclass
class Case:
    acquirer: Acquirer
    bank: Bank


@pytest.fixture(params=["yookassa", "local"])
def case(request: pytest.FixtureRequest, yookassa_server: YooKassaServer, tmp_path: Path) -> Iterator[Case]:
    if request.param == "yookassa":
        yield Case(YooKassa(SHOP, SECRET, base_url=yookassa_server.base_url), yookassa_server)
    else:
        bank = LocalBank(tmp_path / "bank.sqlite3", site="https://prichal.example")
        yield Case(bank, bank)


def order(**fields: object) -> Order:
    values = {
        "key": str(uuid.uuid4()), "reference": "attempt-7", "amount": SUM, "method": "card",
        "description": "ОСАГО, Hyundai Creta", "return_url": "https://prichal.example/pay/x/",
        "email": "vera.orlova@mail.example",
    } | fields  # fmt: skip
    return Order(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["card", "sbp"])
def test_a_payment_from_order_to_money(case: Case, method: str) -> None:
    made = case.acquirer.create(order(method=method))
    assert (made.state, made.amount, made.reference) == (State.PENDING, SUM, "attempt-7")
    assert made.url.startswith("https://")
    case.bank.pay(made.id)
    assert case.acquirer.read(made.id).state == State.SUCCEEDED


def test_one_key_is_one_payment(case: Case) -> None:
    asked = order()
    first, again = case.acquirer.create(asked), case.acquirer.create(asked)
    assert (again.id, again.url) == (first.id, first.url)
    other = case.acquirer.create(order())
    assert other.id != first.id
    assert other.url != first.url


def test_a_card_without_money(case: Case) -> None:
    made = case.acquirer.create(order())
    case.bank.decline(made.id)
    found = case.acquirer.read(made.id)
    assert (found.state, found.reason) == (State.CANCELLED, "insufficient_funds")


@pytest.mark.parametrize(("act", "state"), [("capture", State.SUCCEEDED), ("cancel", State.CANCELLED)])
def test_a_sum_that_is_held(case: Case, act: str, state: State) -> None:
    made = case.acquirer.create(order(hold=True))
    case.bank.pay(made.id)
    assert case.acquirer.read(made.id).state == State.WAITING
    key = str(uuid.uuid4())
    for _ in range(2):
        done = (
            case.acquirer.capture(made.id, amount=SUM, key=key)
            if act == "capture"
            else case.acquirer.cancel(made.id, key=key)
        )
        assert done.state == state
    assert case.acquirer.read(made.id).state == state


def test_money_goes_back_in_parts_and_never_more_than_came(case: Case) -> None:
    made = case.acquirer.create(order())
    with pytest.raises(Refused):
        case.acquirer.refund(made.id, amount=SUM, key=str(uuid.uuid4()), description="x")
    case.bank.pay(made.id)
    key = str(uuid.uuid4())
    first = case.acquirer.refund(made.id, amount=Decimal("533.99"), key=key, description="Полис расторгнут")
    again = case.acquirer.refund(made.id, amount=Decimal("533.99"), key=key, description="Полис расторгнут")
    assert (first.state, first.amount, again.id) == (State.SUCCEEDED, Decimal("533.99"), first.id)
    assert case.acquirer.read_refund(first.id) == first
    with pytest.raises(Refused):
        case.acquirer.refund(made.id, amount=Decimal("8000.01"), key=str(uuid.uuid4()), description="x")
    case.acquirer.refund(made.id, amount=Decimal("8000.00"), key=str(uuid.uuid4()), description="x")
    assert case.acquirer.read(made.id).refunded == SUM


@pytest.mark.parametrize("payment_id", ["22d6d597-000f-5000-9000-145f6df21d6f", "x", "../payments", "ы"])
def test_what_nobody_made(case: Case, payment_id: str) -> None:
    with pytest.raises(NotThere):
        case.acquirer.read(payment_id)
    with pytest.raises(NotThere):
        case.acquirer.read_refund(payment_id)


@pytest.fixture
def shop(yookassa_server: YooKassaServer) -> YooKassa:
    return YooKassa(SHOP, SECRET, base_url=yookassa_server.base_url)


@pytest.mark.parametrize("fault", ["before", "after", "cut"])
def test_no_answer_then_the_same_key(shop: YooKassa, yookassa_server: YooKassaServer, fault: str) -> None:
    asked = order()
    yookassa_server.fail(fault)
    with pytest.raises(Unknown):
        shop.create(asked)
    made = shop.create(asked)
    assert list(yookassa_server.payments) == [made.id]


def test_the_key_of_another_order_is_refused(shop: YooKassa) -> None:
    asked = order()
    shop.create(asked)
    with pytest.raises(Refused):
        shop.create(order(key=asked.key, amount=Decimal(1)))


def test_a_wrong_secret_is_refused(yookassa_server: YooKassaServer) -> None:
    with pytest.raises(Refused):
        YooKassa(SHOP, "wrong", base_url=yookassa_server.base_url).create(order())
    assert yookassa_server.payments == {}


def test_nobody_answers() -> None:
    with pytest.raises(Unknown):
        YooKassa(SHOP, SECRET, base_url="http://127.0.0.1:9").create(order())


def test_the_receipt_is_free_of_vat(shop: YooKassa, yookassa_server: YooKassaServer) -> None:
    shop.create(order())
    assert yookassa_server.bodies[0]["receipt"] == {
        "customer": {"email": "vera.orlova@mail.example"},
        "items": [{
            "description": "ОСАГО, Hyundai Creta", "quantity": "1.00", "vat_code": 1,
            "amount": {"value": "8533.99", "currency": "RUB"}, "payment_mode": "full_payment",
            "payment_subject": "service",
        }],
    }  # fmt: skip
