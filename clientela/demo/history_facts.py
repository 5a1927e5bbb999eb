"""Expiring terms with everything the history needs to know of them, read in a few statements."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from clientela.demo.contracts import DemoProject, DemoQuote
from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import ContactPoint
from clientela.modules.organisation.models import RenewalCentre
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.rules import TermFacts

if TYPE_CHECKING:
    from clientela.demo.load import DemoCompany

GRACE_DAYS = 30
CHANNEL_OF = {"phone": "sms", "email": "email", "vk": "vk"}


@dataclass(slots=True)
class Known:
    """One expiring term. Moments are naive UTC; ``points`` is (id, value) by channel."""

    renewal: int
    client: int
    end: date
    zone: str
    facts: TermFacts
    product_name: str
    values: dict[str, str]
    points: dict[str, tuple[int, str]]
    paid_at: datetime | None
    lost_at: datetime | None
    project_at: datetime | None
    quote_at: datetime | None
    sold_on: date | None
    disputed_since: date | None
    clean: bool


def known_terms(company: "DemoCompany", days: int) -> Iterator[Known]:
    """Terms that ended at most a month ago or end in the coming ``days`` days, in order of their id."""
    book = company.portfolio
    prepared: dict[int, list[DemoProject | DemoQuote]] = {}
    for project in book.projects:
        prepared.setdefault(project.term, []).append(project)
    for quote in book.quotes:
        prepared.setdefault(quote.term, []).append(quote)
    disputed = {claim.term: claim.disputed_since for claim in book.claims if claim.disputed_since}
    points = _points()
    centres = {pk: format_phone(phone) for pk, phone in RenewalCentre.objects.values_list("id", "phone")}
    first = company.today - timedelta(days=GRACE_DAYS)
    rows = Renewal.objects.filter(end_date__range=(first, company.today + timedelta(days=days))).order_by("id").values_list(
        "id", "policy_id", "client_id", "line", "end_date", "product__code", "product__message_name", "bank__code",
        "renewal_year", "centre_id", "reach", "norm_kept", "do_not_contact", "time_zone", "paid_at", "lost_at",
    )  # fmt: skip
    for row in rows.iterator(5000):
        place = row[1] - company.first["term"]
        yield _known(company, row, place, prepared.get(place, []), disputed.get(place), points, centres)


def _known(
    company: "DemoCompany", row: tuple[Any, ...], place: int, prepared: list[Any], disputed: date | None,
    points: dict[int, dict[str, tuple[int, str]]], centres: dict[int, str],
) -> Known:  # fmt: skip
    (renewal, _, client, line, end, code, product, bank, year, centre, reach, norm_kept, blocked, zone, paid_at,
     lost_at) = row  # fmt: skip
    facts = TermFacts(
        end_date=end, line=line, product=code, bank=bank, renewal_year=year, centre_supported=centre is not None,
        reach=reach, do_not_contact=blocked, norm_kept=norm_kept, client_id=client,
    )  # fmt: skip
    term = company.portfolio.terms[place]
    person = company.people[term.client]
    agent = company.staff.agents[term.agent] if term.agent >= 0 else None
    centre_phone = centres.get(centre, settings.SHORT_NUMBER)
    values = {
        "greeting": person.company or " ".join(part for part in (person.first, person.middle) if part),
        "number": term.number,
        "end_date": f"{end:%d.%m.%y}",
        "agent_name": f"{agent.first} {agent.last}" if agent else "",
        "agent_phone": format_phone(agent.phone) if agent else centre_phone,
        "centre_phone": centre_phone,
        "company": settings.COMPANY_NAME,
        "short_number": settings.SHORT_NUMBER,
    }
    return Known(
        renewal, client, end, zone, facts, product, values, points.get(client, {}), _naive(paid_at), _naive(lost_at),
        min((made.created_at for made in prepared if isinstance(made, DemoProject)), default=None),
        min((made.created_at for made in prepared if isinstance(made, DemoQuote)), default=None),
        company.portfolio.things[term.thing].sold_on, disputed, place in company.portfolio.clean,
    )  # fmt: skip


def _points() -> dict[int, dict[str, tuple[int, str]]]:
    found: dict[int, dict[str, tuple[int, str]]] = {}
    usable = ContactPoint.objects.filter(do_not_use=False, bad_since__isnull=True, kind__in=CHANNEL_OF)
    rows = usable.order_by("is_primary", "-id").values_list("client_id", "kind", "id", "value")
    for client, kind, point, value in rows.iterator(20_000):
        found.setdefault(client, {})[CHANNEL_OF[kind]] = (point, value)
    return found


def _naive(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None
