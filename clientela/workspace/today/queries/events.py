"""What happens in the lives of an agent's clients: reasons to be in touch that are not an end of a term."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from clientela.foundation.dates import add_years, anniversary
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Line

WEEK = 7
MOST = 40
GUARANTEE_YEARS = 3


@dataclass(frozen=True)
class Birthday:
    """A client's birthday this week; ``age`` is what the client becomes."""

    client: Client
    day: date
    age: int


def birthdays(user: Any, *, today: date) -> list[Birthday]:
    """Birthdays of the seven days from today of people with policies in force, today's first.

    Only for the portfolio of agents: nobody congratulates a whole branch.
    """
    days = [today + timedelta(days=n) for n in range(WEEK)]
    wanted = Q()
    for day in days:
        wanted |= Q(birth_date__month=day.month, birth_date__day=day.day)
        if (day.month, day.day) == (2, 28) and anniversary(date(2024, 2, 29), day.year) == day:
            wanted |= Q(birth_date__month=2, birth_date__day=29)
    rows = (
        Client.objects.visible_to(user)
        .filter(wanted, kind=Client.Kind.PERSON, policies_in_force__gt=0, do_not_contact=False)
        .only(
            "last_name", "first_name", "middle_name", "kind", "company_name", "birth_date", "client_since",
            "policies_in_force", "agent_id",
        )[:MOST]
    )  # fmt: skip
    found = []
    for client in rows:
        assert client.birth_date is not None
        day = min(
            d for d in (anniversary(client.birth_date, y) for y in {d.year for d in days}) if d >= today
        )
        found.append(Birthday(client, day, day.year - client.birth_date.year))
    return sorted(found, key=lambda one: (one.day, one.client.last_name, one.client.pk))


@dataclass(frozen=True)
class CarAge:
    """A car whose maker's guarantee ends this week: insured as new three years ago."""

    client: Client
    title: str
    day: date


def cars(user: Any, *, today: date) -> list[CarAge]:
    """Cars that were new when their first KASKO policy began, three years ago this week, and are not sold."""
    first = add_years(today, -GUARANTEE_YEARS)
    rows = (
        Policy.objects.visible_to(user)
        .filter(
            product__line=Line.KASKO, renewal_year=0, previous__isnull=True, start_date__gte=first,
            start_date__lt=first + timedelta(days=WEEK),
            # the index of policies begins with their end
            end_date__gte=first, end_date__lt=first + timedelta(days=WEEK + 366),
            insured_object__kind=InsuredObject.Kind.VEHICLE, insured_object__sold_on__isnull=True,
            insured_object__year__gte=F("start_date__year") - 1, client__do_not_contact=False,
        )
        .select_related("client", "insured_object")
        .order_by("start_date", "id")[:MOST]
    )  # fmt: skip
    return [CarAge(p.client, str(p.insured_object), add_years(p.start_date, GUARANTEE_YEARS)) for p in rows]


def claims_paid(user: Any, *, now: datetime) -> list[Claim]:
    """Claims paid in the last seven days, the latest first: a good moment to ask whether all went well."""
    rows = Claim.objects.filter(
        client__in=Client.objects.visible_to(user).filter(do_not_contact=False), status=Claim.Status.PAID,
        settled_at__gt=now - timedelta(days=WEEK), settled_at__lte=now, disputed_since=None,
    )  # fmt: skip
    return list(rows.select_related("client", "policy__product").order_by("-settled_at", "-id")[:MOST])


def has_events(user: Any) -> bool:
    """Whether the person's scope is a portfolio of agents."""
    return bool(scope_of(user).agent_ids)
