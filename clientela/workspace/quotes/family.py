"""Who of the client's family may drive or be insured, ready to be named in the calculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clientela.foundation.dates import full_years
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import IdentityDocument
from clientela.modules.clients.relatives import relatives_of
from clientela.modules.quotes.models import Calculation

DRIVING_AGE = 18


@dataclass(frozen=True, slots=True)
class Relative:
    """One of the family: ``pk`` of the tie, what they are to the client, and a row of what is known of them."""

    pk: int
    name: str
    label: str
    row: dict[str, Any]


def insured_in_family(user: User, calculation: Calculation) -> list[Relative]:
    """The family as far as this person may see it, as rows of people insured."""
    near = [one for one in relatives_of(user, calculation.client_id) if one.is_family and one.name]
    return [
        Relative(one.relation.pk, one.name, one.label, {"name": one.name, "birth_date": one.birth_date})
        for one in near
    ]


def drivers_in_family(user: User, calculation: Calculation) -> list[Relative]:
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
        Relative(
            one.relation.pk, one.name, one.label,
            {
                "name": one.name, "birth_date": one.birth_date, "experience_since": None,
                "licence": licences.get(one.client.pk, "") if one.client else "",
            },
        )
        for one in grown
    ]  # fmt: skip


def typed_rows(data: Mapping[str, str], place: str, names: Sequence[str], most: int) -> list[dict[str, Any]]:
    """The rows of the form ``place`` as they were typed, but for empty ones."""
    count = data.get(f"{place}-TOTAL_FORMS", "")
    count_known = count.isascii() and count.isdigit() and len(count) < 4
    rows = [
        {name: data.get(f"{place}-{index}-{name}", "") for name in names}
        for index in range(min(int(count), most) if count_known else 0)
    ]
    return [row for row in rows if any(row.values())]
