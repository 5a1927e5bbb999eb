"""What sellers have done about the terms that are ending: quotes, projects, paid renewals, reasons of loss."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from clientela.demo.company import DemoAgent
from clientela.demo.contracts import DemoProject, DemoQuote, Loss, Portfolio, Term
from clientela.demo.numbers import MORTGAGE, Numbers
from clientela.foundation.dates import add_years

HORIZON = 60
GRACE = 30
# Reasons of loss with weights; codes are those the renewals module ships.
REASONS = {
    "too-dear": 30,
    "elsewhere": 28,
    "unreachable": 16,
    "no-need": 8,
    "sold": 11,
    "bad-claim": 4,
    "total-loss": 3,
}
MORTGAGE_REASONS = {"loan-closed": 45, "elsewhere": 30, "too-dear": 25}


def settle(
    book: Portfolio, agents: list[DemoAgent], rng: random.Random, today: date, numbers: Numbers,
    region_number: Callable[[int], str],
) -> None:  # fmt: skip
    """Give every ending or just ended term its state; nothing is done to the clean ones."""
    renewed = {term.previous for term in book.terms if term.previous >= 0}
    desk = _Desk(book, agents, rng, today, numbers, region_number)
    for index in range(len(book.terms)):
        term = book.terms[index]
        days = (term.end - today).days
        if index in renewed or index in book.clean or days > HORIZON or term.package >= 0:
            continue
        if days < 0:
            desk.lose(index, days)
        else:
            desk.work(index, days)


class _Desk:
    def __init__(
        self, book: Portfolio, agents: list[DemoAgent], rng: random.Random, today: date, numbers: Numbers,
        region_number: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._book, self._agents, self._rng, self._today = book, agents, rng, today
        self._numbers, self._region_number = numbers, region_number
        self._companions = {term.package: place for place, term in enumerate(book.terms) if term.package >= 0}

    def lose(self, index: int, days: int) -> None:
        """The term ended and nobody renewed it: most reasons are known, fresh ones often are not yet."""
        if days < -GRACE or self._rng.random() < 0.5:
            self._lost(index, max(days + 2, days // 2) if days > -GRACE else days + 12)

    def work(self, index: int, days: int) -> None:
        """An ending term: the nearer the end and the better the seller, the further it has come."""
        term, rng = self._book.terms[index], self._rng
        rate = self._agents[term.agent].rates["motor"] if term.agent >= 0 else 0.5
        steps = (
            (rate * max(0.0, 0.62 - days * 0.016), self._pay),
            (0.13 if days <= 35 else 0.05, self._prepare),
            (0.17 if days <= 40 else 0.06, self._quote),
            (0.02 if days <= 30 else 0.004, lambda place: self._lost(place, -rng.randrange(1, 12))),
        )
        share = rng.random()
        for part, act in steps:
            if share < part:
                act(index)
                return
            share -= part

    def _pay(self, index: int) -> None:
        paid_days_ago = self._rng.randrange(0, 9)
        moment = self._moment(-paid_days_ago)
        next_main = self._next_term(index, moment, -1)
        self._project(index, moment - timedelta(days=3), "issued", next_main)
        other = self._companions.get(index)
        if other is not None:
            following = self._next_term(other, moment, next_main)
            self._project(other, moment - timedelta(days=3), "issued", following)

    def _next_term(self, index: int, moment: datetime, package: int) -> int:
        old = self._book.terms[index]
        start = old.end + timedelta(days=1)
        same_number = old.product == MORTGAGE
        number = old.number if same_number else self._numbers.next(
            old.product, self._region_number(old.client), start.year
        )  # fmt: skip
        following = Term(
            number, old.product, old.client, old.agent, old.thing, start, add_years(old.end, 1),
            self._repriced(old.premium), old.year + 1, moment, old.bank, package, index, old.sum_insured,
            old.instalments, old.channel,
        )  # fmt: skip
        self._book.terms.append(following)
        return len(self._book.terms) - 1

    def _prepare(self, index: int) -> None:
        moment = self._moment(-self._rng.randrange(0, 14))
        self._project(index, moment, "offered" if self._rng.random() < 0.6 else "open", -1)

    def _project(self, index: int, moment: datetime, state: str, next_term: int) -> None:
        old = self._book.terms[index]
        premium = self._book.terms[next_term].premium if next_term >= 0 else self._repriced(old.premium)
        reason = "Изменился класс бонус-малус" if premium < old.premium else "Новый тариф"
        self._book.projects.append(
            DemoProject(index, premium, old.premium, state, moment, old.agent, next_term, reason)
        )

    def _quote(self, index: int) -> None:
        old = self._book.terms[index]
        moment = self._moment(-self._rng.randrange(0, 16))
        self._book.quotes.append(DemoQuote(index, self._repriced(old.premium), moment, old.agent))
        if self._rng.random() < 0.2:
            cheaper = round(old.premium * 0.88)
            self._book.quotes.append(
                DemoQuote(index, cheaper, moment + timedelta(minutes=6), old.agent, "С франшизой 15 000 ₽")
            )

    def _lost(self, index: int, days_from_today: int) -> None:
        term = self._book.terms[index]
        reasons = MORTGAGE_REASONS if term.product == MORTGAGE else REASONS
        reason = self._rng.choices(list(reasons), list(reasons.values()))[0]
        at = self._moment(min(days_from_today, 0))
        self._book.losses.append(Loss(index, reason, at))
        other = self._companions.get(index)
        if other is not None:
            self._book.losses.append(Loss(other, reason, at))
        if reason == "sold":
            self._book.things[term.thing].sold_on = min(at.date(), self._today)

    def _repriced(self, premium: int) -> int:
        return round(premium * self._rng.uniform(0.93, 1.13))

    def _moment(self, days: int) -> datetime:
        hour = datetime.combine(self._today + timedelta(days=days), time(4, 30))
        return hour + timedelta(minutes=self._rng.randrange(0, 90 if days == 0 else 600))
