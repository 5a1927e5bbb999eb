"""Setting rates: by whom, one after another, never two for the same on one day; and what is shipped."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry as Told
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.commission import operations
from clientela.modules.commission.models import Rate
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


def test_a_new_rate_ends_the_one_before(renewals_manager: User, now: datetime) -> None:
    values = {"actor": renewals_manager, "now": now, "line": "osago"}
    first = operations.set_rate(percent=Decimal(10), valid_from=MARCH, reason=" Приказ 7 ", **values)
    second = operations.set_rate(percent=Decimal("9.5"), valid_from=JUNE, **values)
    first.refresh_from_db()
    assert (first.valid_until, first.reason, second.valid_until) == (date(2026, 5, 31), "Приказ 7", None)
    actions = Told.objects.filter(action__startswith="commission").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "commission.rate_set", "commission.rate_ended", "commission.rate_set",
    ]  # fmt: skip


def test_rates_of_one_key_never_share_a_day(
    renewals_manager: User, anna: User, make_rate: Any, now: datetime
) -> None:
    make_rate("osago", "10", JUNE)
    values = {"actor": renewals_manager, "now": now, "line": "osago", "percent": Decimal(12)}
    for since, until in ((MARCH, None), (JUNE, None), (MARCH, JUNE), (JUNE, JUNE)):
        with pytest.raises(operations.RateOverlaps) as refused:
            operations.set_rate(valid_from=since, valid_until=until, **values)
        assert "10 %" in str(refused.value)
        assert "01.06.2026" in str(refused.value)
    operations.set_rate(valid_from=MARCH, valid_until=date(2026, 5, 31), **values)
    operations.set_rate(valid_from=JUNE, agent=anna.agent, **values)
    operations.set_rate(valid_from=JUNE, term="new", **values)
    operations.set_rate(valid_from=JUNE, channel="broker", **values)
    assert Rate.objects.count() == 5


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("percent", {"percent": Decimal("100.001")}), ("percent", {"percent": Decimal(-1)}),
        ("percent", {"percent": Decimal("NaN")}), ("percent", {"percent": Decimal("1.0005")}),
        ("line", {"line": "boats"}), ("term", {"term": "again"}), ("channel", {"channel": "web"}),
        ("valid_until", {"valid_until": date(2026, 2, 28)}),
    ],
)  # fmt: skip
def test_a_rate_that_cannot_be(field: str, values: dict[str, Any], db: None, now: datetime) -> None:
    usual = {"line": "osago", "percent": Decimal(10), "valid_from": MARCH}
    with pytest.raises(operations.WrongRate) as refused:
        operations.set_rate(actor=None, now=now, **usual | values)
    assert refused.value.field == field
    assert not Rate.objects.exists()


def test_a_product_of_another_line(kasko: Product, now: datetime) -> None:
    with pytest.raises(operations.WrongRate):
        operations.set_rate(
            actor=None, now=now, line="osago", product=kasko, percent=Decimal(1), valid_from=MARCH
        )


def test_who_sets_no_rates(
    anna: User, branch_head: User, auditor: User, make_rate: Any, now: datetime
) -> None:
    rate = make_rate("osago", "10")
    for person in (anna, branch_head, auditor):
        with pytest.raises(PermissionDenied):
            operations.set_rate(actor=person, now=now, line="kasko", percent=Decimal(99), valid_from=MARCH)
        with pytest.raises(PermissionDenied):
            operations.end_rate(actor=person, now=now, rate=rate, valid_until=JUNE)
        with pytest.raises(PermissionDenied):
            operations.remove_rate(actor=person, now=now, rate=rate)
    assert list(Rate.objects.values_list("percent", "valid_until")) == [(Decimal(10), None)]


def test_what_was_counted_by_a_rate_keeps_it(
    renewals_manager: User, vera_policy: Policy, make_rate: Any, make_payment: Any, now: datetime
) -> None:
    rate, by = make_rate("osago", "10", MARCH), {"actor": renewals_manager, "now": now}
    payment: Payment = make_payment(vera_policy, "1000.00")
    operations.accrue_missing(now=now, first=payment.pk, last=payment.pk)
    with pytest.raises(operations.RateInUse):
        operations.remove_rate(rate=rate, **by)
    with pytest.raises(operations.WrongRate):
        operations.end_rate(rate=rate, valid_until=date(2026, 11, 17), **by)
    assert operations.end_rate(rate=rate, valid_until=date(2026, 11, 18), **by).valid_until == date(
        2026, 11, 18
    )
    with pytest.raises(operations.WrongRate):
        operations.end_rate(rate=rate, valid_until=date(2026, 12, 18), **by)
    unused = make_rate("kasko", "15")
    operations.remove_rate(rate=unused, **by)
    assert not Rate.objects.filter(pk=unused.pk).exists()


def test_shipped_rates_come_once_and_into_an_empty_table_only(now: datetime, db: None) -> None:
    assert operations.load_shipped(now=now, active_from=MARCH) == 8
    assert operations.load_shipped(now=now, active_from=JUNE) == 0
    assert sorted(Rate.objects.values_list("line", "term", "percent")) == [
        ("kasko", "new", Decimal(18)), ("kasko", "renewal", Decimal(15)), ("kasko", "rent", Decimal("7.5")),
        ("mortgage", "rent", Decimal(6)), ("osago", "", Decimal(10)), ("osago", "rent", Decimal(5)),
        ("property", "", Decimal(22)), ("property", "rent", Decimal(11)),
    ]  # fmt: skip
