"""The list of payments: conditions, pages, totals, the file."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.billing.finding import PaymentFilter
from clientela.modules.billing.models import Instalment, Payment, Receipt, Refund
from clientela.modules.contracts.models import Policy
from clientela.workspace.payments import listing
from clientela.workspace.payments.weeks import instalments_by_week

SignIn = Callable[[User], Browser]
NOON = datetime(2026, 11, 10, 9, tzinfo=UTC)


def pay(policy: Policy, amount: str, *, days: int = 0, method: str = "card", slip: str = "") -> Payment:
    at = NOON + timedelta(days=days)
    return Payment.objects.create(
        client=policy.client, policy=policy, amount=Decimal(amount), method=method, slip=slip, paid_at=at,
        created_at=at,
    )  # fmt: skip


@pytest.fixture
def three(vera_policy: Policy) -> list[Payment]:
    return [
        pay(vera_policy, "100.00", slip="0042"),
        pay(vera_policy, "2500.50", days=1, method="cash"),
        pay(vera_policy, "9000.00", days=2, method="sbp"),
    ]


def found(user: User, query: str) -> list[Decimal]:
    wanted = PaymentFilter.read(QueryDict(query))
    return [one.amount for one in listing.page(user, wanted).rows]


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("", ["9000.00", "2500.50", "100.00"]),
        ("method=cash", ["2500.50"]),
        ("since=2026-11-11&until=2026-11-11", ["2500.50"]),
        ("least=100,01", ["9000.00", "2500.50"]),
        ("most=2 500.50", ["2500.50", "100.00"]),
        ("text=0042", ["100.00"]),
        ("state=returned", ["9000.00"]),
        ("state=no_receipt", ["100.00"]),
        ("branch=999999", []),
        ("method=gold&state=x&since=never&least=NaN&agent=x", ["9000.00", "2500.50", "100.00"]),
    ],
)
def test_conditions(anna: User, three: list[Payment], query: str, amounts: list[str]) -> None:
    Refund.objects.create(
        payment=three[2], amount=Decimal(1000), state="done", reason="x", key="k", created_at=NOON
    )
    Receipt.objects.create(payment=three[0], key="r", created_at=NOON)
    assert found(anna, query) == [Decimal(amount) for amount in amounts]


def test_a_name_is_found_by_its_beginning(anna: User, three: list[Payment]) -> None:
    name = three[0].client.name
    assert len(found(anna, f"text={name[:4].lower()}")) == 3
    assert found(anna, "text=zzzz") == []


def test_totals_tell_what_went_back(anna: User, three: list[Payment]) -> None:
    Refund.objects.create(
        payment=three[2], amount=Decimal(1000), state="done", reason="x", key="k", created_at=NOON
    )
    Refund.objects.create(payment=three[1], amount=Decimal(7), reason="x", key="l", created_at=NOON)
    assert listing.totals(anna, PaymentFilter()) == {
        "count": 3, "sum": Decimal("11600.50"), "returned": Decimal("1000.00"),
    }  # fmt: skip


def test_another_persons_payments_are_not_seen(sign_in: SignIn, boris: User, three: list[Payment]) -> None:
    assert found(boris, "") == []
    assert listing.totals(boris, PaymentFilter())["count"] == 0
    assert "9\xa0000,00" not in sign_in(boris).get("/payments/").content.decode()


def test_pages_go_there_and_back_in_as_many_queries(
    sign_in: SignIn, anna: User, vera_policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 8):
        pay(vera_policy, f"{number}.00", days=number // 3)
    monkeypatch.setattr(listing, "PAGE", 3)
    wanted, seen, after = PaymentFilter(), [], ""
    for _ in range(3):
        page = listing.page(anna, wanted, after=after)
        seen += [int(one.amount) for one in page.rows]
        last, after = page, page.after
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert after == ""
    assert [int(one.amount) for one in listing.page(anna, wanted, before=last.before).rows] == [4, 3, 2]
    browser, counts = sign_in(anna), []
    for size in (1, 7):
        monkeypatch.setattr(listing, "PAGE", size)
        browser.get("/payments/")
        with CaptureQueriesContext(connection) as spent:
            assert browser.get("/payments/?method=card&after=zzz").status_code == 200
        counts.append(len(spent))
    assert counts[0] == counts[1]


def test_the_file_and_who_took_it(
    sign_in: SignIn, anna: User, branch_head: User, three: list[Payment]
) -> None:
    answer = sign_in(branch_head).get("/payments/export/csv/?method=cash")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "2500,50" in text
    assert "9000" not in text
    assert Entry.objects.get(action="payments.exported").changes == {"format": [None, "csv"]}
    sheet = sign_in(branch_head).get("/payments/export/xlsx/")
    assert sheet.status_code == 200
    assert b"".join(sheet.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
    assert sign_in(branch_head).get("/payments/export/pdf/").status_code == 404


def test_refunds_go_page_by_page(
    sign_in: SignIn, anna: User, boris: User, three: list[Payment], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        Refund.objects.create(
            payment=three[2],
            amount=Decimal(number + 1),
            reason=f"причина {number}",
            key=f"k{number}",
            created_at=NOON,
        )
    monkeypatch.setattr(listing, "PAGE", 2)
    first = listing.refunds(anna)
    assert [int(one.amount) for one in first.rows] == [5, 4]
    browser = sign_in(anna)
    page = browser.get("/payments/?show=refunds").content.decode()
    assert "причина 4" in page
    assert "причина 2" not in page
    assert f"?show=refunds&amp;after={first.after}" in page
    assert "причина 2" in browser.get(f"/payments/?show=refunds&after={first.after}").content.decode()
    assert listing.refunds(boris).rows == []
    assert listing.invoices(anna).rows == listing.unanswered(anna, now=NOON).rows == []


def test_instalments_by_week(sign_in: SignIn, anna: User, boris: User, vera_policy: Policy) -> None:
    for number, (day, amount, paid) in enumerate(
        [
            (date(2026, 11, 16), "1000", "1000"),
            (date(2026, 11, 22), "3000", "500"),
            (date(2026, 12, 1), "2000", "0"),
        ],
        1,
    ):
        Instalment.objects.create(
            policy=vera_policy, number=number, due_on=day, amount=Decimal(amount), paid=Decimal(paid)
        )
    weeks = {one.monday: one for one in instalments_by_week(anna, today=date(2026, 11, 18))}
    assert len(weeks) == 21
    now = weeks[date(2026, 11, 16)]
    assert (now.due, now.paid, now.left, now.height, now.filled, now.is_now) == (
        4000,
        1500,
        2500,
        "100.0",
        "37.5",
        True,
    )
    assert (weeks[date(2026, 11, 30)].height, weeks[date(2026, 11, 23)].due) == ("50.0", 0)
    assert not any(one.due for one in instalments_by_week(boris, today=date(2026, 11, 18)))
    assert sign_in(anna).get("/payments/?show=instalments").status_code == 200
