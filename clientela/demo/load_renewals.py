"""Writing the expiring terms of the last thirteen months and of the coming sixty days.

The product finds these rows itself day by day; here they are written at once, with the moments at
which things really happened. A test lets the product look again and find nothing to change.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from clientela.demo.bulk import write_rows
from clientela.demo.contracts import DemoQuote, Loss
from clientela.demo.load_contracts import roubles
from clientela.demo.numbers import MORTGAGE
from clientela.demo.people import Person
from clientela.modules.renewals.models import LossReason, Reach, Renewal, TermLine
from clientela.modules.renewals.operations.terms import HORIZON_DAYS

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

SEEN_DAYS = 400
_CHANNELS = ((Reach.SMS, "phone", "sms"), (Reach.EMAIL, "email", "email"), (Reach.VK, "vk", "vk"),
             (Reach.CALL, "phone", "call"))  # fmt: skip
_LINES = {"kasko": TermLine.KASKO, "osago": TermLine.OSAGO, "305": TermLine.PROPERTY, "354": TermLine.PROPERTY,
          MORTGAGE: TermLine.MORTGAGE}  # fmt: skip
_COLUMNS = (
    "policy_id", "client_id", "agent_id", "branch_id", "centre_id", "product_id", "bank_id", "line", "end_date",
    "renewal_year", "time_zone", "reach", "state", "has_project", "has_quote", "paid_at", "in_dispute", "object_sold",
    "do_not_contact", "lost_reason_id", "lost_at", "premium", "next_premium", "next_policy_id", "opened_at", "updated_at",
)  # fmt: skip


def write_renewals(company: "DemoCompany") -> int:
    """One row for each term that ended or is ending, but for an OSAGO sold with KASKO."""
    reasons = dict(LossReason.objects.values_list("code", "id"))
    return write_rows(Renewal, _COLUMNS, _rows(company, reasons))


def _rows(company: "DemoCompany", reasons: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    book, today = company.portfolio, company.today
    following = {term.previous: place for place, term in enumerate(book.terms) if term.previous >= 0}
    packages = {term.package for term in book.terms if term.package >= 0}
    projects = {project.term: project for project in book.projects if project.state != "issued"}
    quotes: dict[int, DemoQuote] = {quote.term: quote for quote in book.quotes}
    losses: dict[int, Loss] = {loss.term: loss for loss in book.losses}
    disputed = {claim.term for claim in book.claims if claim.disputed_since}
    reach = [reach_of(person) for person in company.people]
    first, last = today - timedelta(days=SEEN_DAYS), today + timedelta(days=HORIZON_DAYS)
    for place, term in enumerate(book.terms):
        if term.package >= 0 or not first <= term.end <= last:
            continue
        person = company.people[term.client]
        after = following.get(place, -1)
        loss = losses.get(place) if after < 0 else None
        project, quote = projects.get(place), quotes.get(place)
        coming = book.terms[after] if after >= 0 else project or quote
        opened = datetime.combine(term.end - timedelta(days=HORIZON_DAYS), time(1))
        yield (
            company.term_id(place), company.client_id(term.client),
            company.agents[term.agent] if term.agent >= 0 else None, company.branches[person.branch],
            company.centre_of(term.agent), company.products[term.product],
            company.banks[term.bank] if term.bank else None,
            TermLine.KASKO_OSAGO if place in packages else _LINES[term.product], term.end, term.year + 1, person.zone,
            reach[term.client], _state(after, loss, project, quote), project is not None, quote is not None,
            book.terms[after].issued_at if after >= 0 else None, place in disputed,
            book.things[term.thing].sold_on is not None, person.do_not_contact, reasons[loss.reason] if loss else None,
            loss.at if loss else None, roubles(term.premium), roubles(coming.premium) if coming else None,
            company.term_id(after) if after >= 0 else None, opened, max(opened, company.moment),
        )  # fmt: skip


def _state(after: int, *facts: object) -> str:
    if after >= 0:
        return "paid"
    return next(
        (state for state, fact in zip(("lost", "project", "quoted"), facts, strict=True) if fact), "nothing"
    )


def reach_of(person: Person) -> int:
    """Bits of the channels with a working address and a consent."""
    usable = {point.kind for point in person.points if not point.bad and not point.do_not_use}
    return sum(bit for bit, kind, channel in _CHANNELS if kind in usable and channel in person.consents)
