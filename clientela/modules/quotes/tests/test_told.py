"""What the client was told in a calculation of a renewal is the quote of the next term."""

from datetime import datetime, timedelta
from decimal import Decimal

from clientela.foundation.outbox.operations import deliver
from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy, Quote
from clientela.modules.contracts.operations import make_quote
from clientela.modules.quotes import operations
from clientela.modules.quotes.models import Calculation


def happen(now: datetime) -> None:
    while deliver(worker="one", now=now, lease=timedelta(minutes=1)):
        pass


def standing(policy: Policy) -> list[Decimal]:
    rows = Quote.objects.filter(policy=policy, withdrawn_at=None)
    return list(rows.order_by("pk").values_list("premium", flat=True))


def test_nobody_was_told_a_price_that_was_only_calculated(
    calculation: Calculation, family: Policy, now: datetime
) -> None:
    happen(now)
    assert standing(family) == []


def test_a_price_sent_is_a_quote_and_follows_the_choice(
    calculation: Calculation, family: Policy, anna: User, now: datetime
) -> None:
    by_hand = make_quote(actor=anna, now=now, policy=family, premium=Decimal("9100"))
    operations.make_page(actor=anna, now=now, calculation=calculation)
    happen(now)
    happen(now + timedelta(minutes=1))
    assert standing(family) == [by_hand.premium, Decimal("8533.99")]
    quote = Quote.objects.get(calculation_number=calculation.number)
    calculation.refresh_from_db()
    assert (quote.created_by, quote.valid_until) == (anna, calculation.valid_until)
    half = calculation.variants.get(place=2)
    operations.accept(now=now, calculation=calculation, variant=half)
    happen(now)
    assert standing(family) == [by_hand.premium, half.premium]


def test_an_offer_that_ran_out_takes_its_quote_back(
    calculation: Calculation, family: Policy, anna: User, now: datetime
) -> None:
    operations.make_page(actor=anna, now=now, calculation=calculation)
    happen(now)
    assert standing(family)
    later = now + timedelta(days=40)
    operations.run_out(now=later)
    happen(later)
    assert standing(family) == []
