"""Writing insured things, policies, quotes, projects, claims, instalments and payments."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from clientela.demo.bulk import write_rows
from clientela.foundation.identifiers import policy_number_key
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.claims.models import Claim
from clientela.modules.claims.rules import due_day
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project, Quote

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

SECOND_INSTALMENT_DAYS = 182
LATE_SHARE = 0.04
METHODS = ("link", "sbp", "sbp", "card", "card", "cash", "bank")
QUOTE_DAYS = 30


def roubles(kopecks: int) -> str:
    """Whole kopecks as the database takes money."""
    return f"{kopecks // 100}.{kopecks % 100:02d}"


def write_things(company: "DemoCompany") -> int:
    columns = ("id", "client_id", "kind", "title", "plate", "vin", "make", "model", "year", "power", "value", "address",
               "sold_on")  # fmt: skip
    return write_rows(InsuredObject, columns, _things(company))


def _things(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    first = company.first["thing"]
    for place, thing in enumerate(company.portfolio.things):
        car = thing.vehicle
        facts = (
            (car.plate, car.vin, car.make, car.model, car.year, f"{car.power}.0")
            if car
            else ("", "", "", "", None, None)
        )
        yield (first + place, company.client_id(thing.client), thing.kind, thing.title, *facts, roubles(thing.value),
               thing.address, thing.sold_on)  # fmt: skip


def write_policies(company: "DemoCompany") -> int:
    columns = (
        "id", "number", "number_key", "product_id", "client_id", "agent_id", "branch_id", "centre_id",
        "insured_object_id", "bank_id", "package_id", "previous_id", "renewal_year", "status", "start_date", "end_date",
        "premium", "sum_insured", "instalments", "sales_channel", "loss_count", "loss_paid", "issued_at", "created_at",
        "updated_at",
    )  # fmt: skip
    return write_rows(Policy, columns, _policies(company))


def _policies(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    things = company.first["thing"]
    centres = [company.centre_of(agent) for agent in range(len(company.staff.agents))]
    for place, term in enumerate(company.portfolio.terms):
        yield (
            company.term_id(place), term.number, policy_number_key(term.number), company.products[term.product],
            company.client_id(term.client), company.agents[term.agent] if term.agent >= 0 else None,
            company.branches[company.people[term.client].branch], centres[term.agent] if term.agent >= 0 else None,
            things + term.thing, company.banks[term.bank] if term.bank else None,
            company.term_id(term.package) if term.package >= 0 else None,
            company.term_id(term.previous) if term.previous >= 0 else None, term.year, "issued", term.start, term.end,
            roubles(term.premium), roubles(term.sum_insured) if term.sum_insured else None, term.instalments,
            term.channel, term.losses, roubles(term.loss_paid), term.issued_at, term.issued_at, term.issued_at,
        )  # fmt: skip


def write_participants(company: "DemoCompany") -> int:
    columns = ("policy_id", "role", "client_id", "name", "birth_date", "experience_since")
    rows = (
        (company.term_id(person.term), person.role, company.client_id(person.client) if person.client >= 0 else None,
         person.name, person.born, person.experience_since)
        for person in company.portfolio.participants
    )  # fmt: skip
    return write_rows(Participant, columns, rows)


def write_quotes(company: "DemoCompany") -> int:
    columns = ("policy_id", "premium", "note", "valid_until", "created_by_id", "created_at")
    rows = (
        (company.term_id(quote.term), roubles(quote.premium), quote.note,
         quote.created_at.date() + timedelta(days=QUOTE_DAYS), _user(company, quote.by_agent), quote.created_at)
        for quote in company.portfolio.quotes
    )  # fmt: skip
    return write_rows(Quote, columns, rows)


def write_projects(company: "DemoCompany") -> int:
    columns = ("id", "policy_id", "state", "start_date", "end_date", "premium", "carried_premium", "adjustment_reason",
               "pay_token", "next_policy_id", "created_by_id", "created_at", "updated_at", "client_id", "product_id",
               "agent_id", "branch_id", "centre_id", "bank_id", "insured_object_id", "sum_insured", "instalments",
               "sales_channel", "terms", "calculation_number")  # fmt: skip
    return write_rows(Project, columns, _projects(company))


def _projects(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    terms = company.portfolio.terms
    centres = [company.centre_of(agent) for agent in range(len(company.staff.agents))]
    for place, project in enumerate(company.portfolio.projects):
        term = terms[project.term]
        start = term.end + timedelta(days=1)
        end = (
            start.replace(year=start.year + 1, day=min(start.day, 28))
            if start.month == 2
            else start.replace(year=start.year + 1)
        )
        yield (
            company.first["project"] + place, company.term_id(project.term), project.state, start, end - timedelta(days=1),
            roubles(project.premium), roubles(project.carried), project.reason, f"{company.rng.getrandbits(128):032x}",
            company.term_id(project.next_term) if project.next_term >= 0 else None, _user(company, project.by_agent),
            project.created_at, project.created_at,
            company.client_id(term.client), company.products[term.product],
            company.agents[term.agent] if term.agent >= 0 else None, company.branches[company.people[term.client].branch],
            centres[term.agent] if term.agent >= 0 else None, company.banks[term.bank] if term.bank else None,
            company.first["thing"] + term.thing, roubles(term.sum_insured) if term.sum_insured else None,
            term.instalments, term.channel, {}, "",
        )  # fmt: skip


_KINDS = {
    "Залив": "water", "Пожар": "fire", "Кража": "burglary", "Скол": "glass", "Град": "nature", "Падение": "nature",
    "Столкновение": "collision", "Удар": "collision", "Наезд": "collision",
}  # fmt: skip


def _kind(description: str) -> str:
    return next((kind for word, kind in _KINDS.items() if description.startswith(word)), "other")


def write_claims(company: "DemoCompany") -> int:
    columns = ("number", "policy_id", "client_id", "occurred_on", "reported_at", "status", "disputed_since", "amount",
               "description", "kind", "due_on")  # fmt: skip
    terms = company.portfolio.terms
    rows = (
        (f"У-{claim.occurred_on:%y}-{place + 1:06d}", company.term_id(claim.term),
         company.client_id(terms[claim.term].client), claim.occurred_on, claim.reported_at, claim.status,
         claim.disputed_since, roubles(claim.amount), claim.description, _kind(claim.description),
         due_day(terms[claim.term].product, claim.occurred_on))
        for place, claim in enumerate(company.portfolio.claims)
    )  # fmt: skip
    return write_rows(Claim, columns, rows)


def write_instalments(company: "DemoCompany") -> int:
    columns = ("policy_id", "number", "due_on", "amount", "paid")
    rows = (
        (company.term_id(place), number, due, roubles(amount), roubles(paid))
        for place, number, due, amount, paid, _ in _due(company)
    )
    return write_rows(Instalment, columns, rows)


def write_payments(company: "DemoCompany") -> int:
    columns = ("client_id", "policy_id", "amount", "method", "paid_at", "external_id", "created_at")
    return write_rows(Payment, columns, _payments(company))


def _payments(company: "DemoCompany") -> Iterator[tuple[Any, ...]]:
    terms = company.portfolio.terms
    for place, number, due, _, paid, late in _due(company):
        if paid:
            term = terms[place]
            at = term.issued_at if number == 1 else datetime.combine(due, time(9)) + timedelta(days=late - 2)
            method = METHODS[place * 7 % len(METHODS)]
            yield (company.client_id(term.client), company.term_id(place), roubles(paid), method, at,
                   f"demo-{place}-{number}", at)  # fmt: skip


def _due(company: "DemoCompany") -> Iterator[tuple[int, int, Any, int, int, int]]:
    """Instalments of current and coming terms: place, number, due day, amount, paid, days late."""
    for place, term in enumerate(company.portfolio.terms):
        if term.end < company.today:
            continue
        half = term.premium // 2 if term.instalments == 2 else 0
        yield place, 1, term.start, term.premium - half, term.premium - half, 0
        if half:
            due = term.start + timedelta(days=SECOND_INSTALMENT_DAYS)
            # A fixed share pays late or not yet: place decides, so that both passes agree.
            late = 20 if place * 13 % 1000 < LATE_SHARE * 1000 else 0
            yield place, 2, due, half, half if due + timedelta(days=late) < company.today else 0, late


def _user(company: "DemoCompany", agent: int) -> int | None:
    return company.users[agent] if agent >= 0 else None


STEPS = {
    "insured objects": write_things,
    "policies": write_policies,
    "participants": write_participants,
    "quotes": write_quotes,
    "projects": write_projects,
    "claims": write_claims,
    "instalments": write_instalments,
    "payments": write_payments,
}
