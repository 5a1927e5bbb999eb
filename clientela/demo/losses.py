"""Claims under the demo policies, and the people named in them."""

import random
from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from clientela.demo.contracts import DemoClaim, DemoParticipant, Portfolio, Term
from clientela.demo.figures import FIGURES, RUB_PER_EUR_CLAIM, draw_quantile
from clientela.demo.numbers import MORTGAGE
from clientela.demo.people import Person

# Small roadside help makes most claims of the source portfolio; it is not bought here.
REPORTED_SHARE = 0.30
OPEN_DAYS = 40
DISPUTE_SHARE = 0.06
BANK_NAMES = {
    "sber": "ПАО Сбербанк", "vtb": "Банк ВТБ (ПАО)", "alfa": "АО «Альфа-Банк»", "dom": "АО «Банк ДОМ.РФ»",
    "gazprombank": "Банк ГПБ (АО)", "other": "Другой банк",
}  # fmt: skip
_MOTOR = ("Столкновение на перекрёстке", "Повреждение на парковке", "Скол лобового стекла", "Наезд на препятствие",
          "Удар сзади", "Повреждение днища", "Падение дерева", "Град")  # fmt: skip
_HOME = (
    "Залив соседями сверху",
    "Залив: прорыв трубы",
    "Пожар на кухне",
    "Кража со взломом",
    "Повреждение окна",
)


def add_losses(book: Portfolio, people: list[Person], rng: random.Random, today: date) -> None:
    """Claims of the last two years on all terms, drivers and beneficiaries on the current ones."""
    cumulative = {kind: list(accumulate(shares)) for kind, shares in FIGURES["claims_a_year"].items()}
    earliest = today - timedelta(days=730)
    for index, term in enumerate(book.terms):
        if term.end >= today:
            _participants(book, people, index, term, rng)
        if term.end < earliest or term.start >= today:
            continue
        vehicle = book.things[term.thing].vehicle
        weights = cumulative[vehicle.kind if vehicle else "motorcycle"]
        count = bisect_right(weights, rng.random() * weights[-1])
        for _ in range(count):
            if rng.random() < REPORTED_SHARE:
                _claim(book, index, term, rng, today, earliest)


def _claim(book: Portfolio, index: int, term: Term, rng: random.Random, today: date, earliest: date) -> None:
    first, last = max(term.start, earliest), min(term.end, today)
    day = first + timedelta(days=rng.randrange(max((last - first).days, 1)))
    age = (today - day).days
    status = (
        "reported" if age < rng.randrange(3, OPEN_DAYS) else ("refused" if rng.random() < 0.07 else "paid")
    )
    amount = round(draw_quantile(FIGURES["claim_cost_eur"], rng) * RUB_PER_EUR_CLAIM * 100)
    if term.sum_insured:
        amount = min(amount, term.sum_insured)
    disputed = None
    if (
        age < 120
        and index not in book.clean
        and rng.random() < DISPUTE_SHARE * (3 if status == "refused" else 1)
    ):
        disputed = day + timedelta(days=min(age, 10))
    descriptions = _MOTOR if term.product in {"kasko", "osago"} else _HOME
    reported = datetime.combine(day, time(6)) + timedelta(minutes=rng.randrange(60, 840))
    book.claims.append(DemoClaim(index, day, reported, status, amount, rng.choice(descriptions), disputed))
    term.losses += 1
    if status == "paid":
        term.loss_paid += amount


def _participants(book: Portfolio, people: list[Person], index: int, term: Term, rng: random.Random) -> None:
    client = people[term.client]
    if term.product == MORTGAGE:
        book.participants.append(DemoParticipant(index, "beneficiary", BANK_NAMES[term.bank]))
        return
    if term.product not in {"kasko", "osago"} or client.company:
        return
    if client.licence_since:
        book.participants.append(_driver(index, term.client, client))
    for neighbour in (term.client - 1, term.client + 1):
        if 0 <= neighbour < len(people) and people[neighbour].household == client.household:
            other = people[neighbour]
            if other.licence_since and rng.random() < FIGURES["second_driver_share"] * 4:
                book.participants.append(_driver(index, neighbour, other))


def _driver(index: int, place: int, person: Person) -> DemoParticipant:
    name = " ".join(part for part in (person.last, person.first, person.middle) if part)
    return DemoParticipant(index, "driver", name, place, person.born, person.licence_since)
