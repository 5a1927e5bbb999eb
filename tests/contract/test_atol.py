"""The rented cash register: one receipt of one payment, whatever is lost on the way."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from clientela.integrations.atol.cash_register import AtolOnline, from_environment
from clientela.modules.accounts.models import User
from clientela.modules.billing import operations
from clientela.modules.billing.models import Receipt
from clientela.modules.billing.ports import Refused, Sale, Unknown
from clientela.modules.contracts.models import Policy
from tests.servers.atol import GROUP, LOGIN, PASSWORD, AtolServer

pytestmark = pytest.mark.server
SUM = Decimal("8533.99")
AT = datetime(2026, 11, 23, 7, tzinfo=UTC)
ADAPTER = "clientela.integrations.atol.cash_register.from_environment"


@pytest.fixture
def server() -> Iterator[AtolServer]:
    found = AtolServer()
    yield found
    found.stop()


def environment(server: AtolServer, **more: str) -> dict[str, str]:
    values = {
        "LOGIN": LOGIN, "PASSWORD": PASSWORD, "GROUP": GROUP, "URL": server.base_url, "INN": "7827004526",
        "EMAIL": "kassa@prichal.example", "ADDRESS": "https://prichal.example",
        "CALLBACK_URL": "https://prichal.example/atol/notices/",
    } | more  # fmt: skip
    return {f"CLIENTELA_ATOL_{name}": value for name, value in values.items()}


@pytest.fixture
def register(server: AtolServer) -> AtolOnline:
    return from_environment(environment(server))


def sale(**fields: Any) -> Sale:
    values = {
        "key": str(uuid.uuid4()), "amount": SUM, "description": "ОСАГО, страховая премия", "is_cash": False,
        "at": AT, "email": "vera.orlova@mail.example", "phone": "+79051234567",
    } | fields  # fmt: skip
    return Sale(**values)


def only(server: AtolServer) -> dict[str, Any]:
    [found] = server.documents.values()
    return found


def test_a_receipt_of_a_premium(register: AtolOnline, server: AtolServer) -> None:
    asked = sale()
    found = register.register(asked)
    assert (found.number, found.sign) == ("133", "3449555941")
    assert "1110000100238211" in found.text
    assert only(server)["operation"] == "sell"
    assert only(server)["body"] == {
        "external_id": asked.key, "timestamp": "23.11.2026 10:00:00",
        "service": {"callback_url": "https://prichal.example/atol/notices/"},
        "receipt": {
            "client": {"email": "vera.orlova@mail.example"},
            "company": {
                "email": "kassa@prichal.example", "inn": "7827004526", "sno": "osn",
                "payment_address": "https://prichal.example",
            },
            "items": [{
                "name": "ОСАГО, страховая премия", "price": 8533.99, "quantity": 1, "sum": 8533.99,
                "payment_method": "full_payment", "payment_object": "service", "vat": {"type": "none"},
            }],
            "payments": [{"type": 1, "sum": 8533.99}], "total": 8533.99,
        },
    }  # fmt: skip


def test_cash_that_goes_back_to_a_client_without_an_address(register: AtolOnline, server: AtolServer) -> None:
    register.register(sale(is_cash=True, is_return=True, email="", phone=""))
    assert only(server)["operation"] == "sell_refund"
    assert only(server)["body"]["receipt"]["payments"] == [{"type": 0, "sum": 8533.99}]
    assert only(server)["body"]["receipt"]["client"] == {"email": "kassa@prichal.example"}


def test_the_sign_of_an_agent(server: AtolServer) -> None:
    more = {
        "AGENT": "another",
        "SUPPLIER_NAME": "АО «Причал»",
        "SUPPLIER_INN": "7827004526",
        "SUPPLIER_PHONE": "+78005553535",
    }
    from_environment(environment(server, **more)).register(sale())
    [item] = only(server)["body"]["receipt"]["items"]
    assert item["agent_info"] == {"type": "another"}
    assert item["supplier_info"] == {"name": "АО «Причал»", "inn": "7827004526", "phones": ["+78005553535"]}


@pytest.mark.parametrize("fault", ["before", "after", "cut"])
def test_no_answer_then_the_same_key(register: AtolOnline, server: AtolServer, fault: str) -> None:
    asked = sale()
    server.fail(fault)
    with pytest.raises(Unknown):
        register.register(asked)
    assert register.register(asked).number == "133"
    assert len(server.documents) == 1


def test_it_waits_until_the_device_has_printed(register: AtolOnline, server: AtolServer) -> None:
    asked, server.waits = sale(), 2
    for _ in range(2):
        with pytest.raises(Unknown):
            register.register(asked)
    assert register.register(asked) == register.register(asked)
    assert len(server.documents) == 1


def test_a_token_that_expired_is_asked_for_anew(register: AtolOnline, server: AtolServer) -> None:
    register.register(sale())
    assert len(server.tokens) == 1
    register.register(sale())
    assert len(server.tokens) == 1
    server.expire()
    register.register(sale())
    assert len(server.documents) == 3


@pytest.mark.parametrize(("what", "value"), [("fails", "Чек аннулирован"), ("invalid", True)])
def test_a_refusal_says_why(register: AtolOnline, server: AtolServer, what: str, value: Any) -> None:
    setattr(server, what, value)
    with pytest.raises(Refused, match="аннулирован" if what == "fails" else "IncomingValidation"):
        register.register(sale())


def test_a_wrong_password_refuses_no_receipt(server: AtolServer) -> None:
    with pytest.raises(Unknown, match="WrongLogin"):
        from_environment(environment(server, LOGIN="other")).register(sale())
    assert server.documents == {}


def test_nobody_answers_and_a_sum_that_no_device_takes(server: AtolServer) -> None:
    with pytest.raises(Unknown):
        from_environment(environment(server, URL="http://127.0.0.1:9")).register(sale())
    with pytest.raises(Refused):
        from_environment(environment(server)).register(sale(amount=Decimal("42949672.96")))


@pytest.mark.django_db
def test_a_notice_is_believed_in_nothing_but_the_key(
    server: AtolServer, settings: Any, monkeypatch: pytest.MonkeyPatch, client: Any, anna: User, vera_policy: Policy,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    for name, value in environment(server).items():
        monkeypatch.setenv(name, value)
    settings.CASH_REGISTER = ADAPTER
    payment = operations.register_payment(
        actor=anna, now=AT, amount=SUM, method="cash", policy=vera_policy, slip="1"
    )
    receipt = Receipt.objects.get(payment=payment)
    server.waits = 2

    def tell(**told: Any) -> int:
        return int(client.post("/atol/notices/", told, content_type="application/json").status_code)

    assert operations.make_receipt(receipt, now=AT).state == "waiting"
    forged = {"status": "done", "payload": {"fiscal_document_number": 999, "fiscal_document_attribute": 1}}
    assert tell(external_id=receipt.key, **forged) == 200
    receipt.refresh_from_db()
    assert (receipt.state, receipt.number) == ("waiting", "")
    assert [tell(external_id="nobody"), tell(external_id=["x"]), tell()] == [200, 200, 200]
    assert tell(external_id=receipt.key) == 200
    receipt.refresh_from_db()
    assert (receipt.state, receipt.number, receipt.sign) == ("done", "133", "3449555941")
    assert tell(external_id=receipt.key) == 200
    assert len(server.documents) == 1
