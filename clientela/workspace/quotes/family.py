"""Who of the client's family may drive, ready to be named in the calculation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clientela.foundation.dates import full_years
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import IdentityDocument
from clientela.modules.clients.relatives import relatives_of
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.changing import DRIVER_FIELDS
from clientela.modules.quotes.rules import MOST_DRIVERS

DRIVING_AGE = 18


@dataclass(frozen=True, slots=True)
class PossibleDriver:
    """Somebody who may drive: ``pk`` of the tie, what they are to the client, and a driver's row of what is known."""

    pk: int
    name: str
    label: str
    row: dict[str, Any]


def drivers_in_family(user: User, calculation: Calculation) -> list[PossibleDriver]:
    """Grown-ups of the family whom this person may see; those of unknown age too. Three statements at the most."""
    near = [one for one in relatives_of(user, calculation.client_id) if one.is_family and one.name]
    grown = [
        one
        for one in near
        if one.birth_date is None or full_years(one.birth_date, calculation.starts_on) >= DRIVING_AGE
    ]
    cards = [one.client.pk for one in grown if one.client]
    papers = IdentityDocument.objects.filter(client__in=cards, kind=IdentityDocument.Kind.LICENCE)
    licences = dict(papers.order_by("pk").values_list("client_id", "number")) if cards else {}
    return [
        PossibleDriver(
            one.relation.pk, one.name, one.label,
            {
                "name": one.name, "birth_date": one.birth_date, "experience_since": None,
                "licence": licences.get(one.client.pk, "") if one.client else "",
            },
        )
        for one in grown
    ]  # fmt: skip


def typed_drivers(data: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of the form as they were typed, but for empty ones."""
    count = data.get("drivers-TOTAL_FORMS", "")
    most = min(int(count), MOST_DRIVERS) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    rows = [
        {name: data.get(f"drivers-{place}-{name}", "") for name in DRIVER_FIELDS} for place in range(most)
    ]
    return [row for row in rows if any(row.values())]
