"""What the household page shows: the graph, who is insured with whom, what the family has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from clientela.foundation.names import split_full_name
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import Client
from clientela.modules.clients.relatives import Relative
from clientela.modules.contracts.models import InsuredObject, Participant, Policy

WIDTH, HEIGHT, MIDDLE = 300, 236, 116
MOST_SHOWN = 9
MOST_ROWS = 50


@dataclass(frozen=True)
class Node:
    """A relative in the picture: the middle of the circle, and whether its line is thick (family)."""

    one: Relative
    x: float
    y: float
    short: str

    @property
    def name_y(self) -> float:
        """Above the circle in the upper half, below it in the lower: the line to the middle stays free."""
        return self.y - 34 if self.y < MIDDLE - 30 else self.y + 28

    @property
    def kind_y(self) -> float:
        return self.name_y + 11


def graph(relatives: Sequence[Relative]) -> dict[str, Any]:
    """Circles around the client; those who find no place are counted."""
    shown = relatives[:MOST_SHOWN]
    nodes = []
    for place, one in enumerate(shown):
        turn = 2 * math.pi * place / len(shown) - math.pi / 2
        x, y = WIDTH / 2 + math.cos(turn) * 100, MIDDLE + math.sin(turn) * 74
        nodes.append(Node(one, round(x, 1), round(y, 1), _short(one)))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "x": WIDTH / 2,
        "y": float(MIDDLE),
        "nodes": nodes,
        "more": len(relatives) - len(shown),
    }


def _short(one: Relative) -> str:
    """A name that fits under a circle."""
    if one.hidden:
        return ""
    first = one.client.first_name if one.client else split_full_name(one.name).first
    return (first or one.name)[:14]


def insured_together(
    user: Any, client: Client, relatives: Sequence[Relative], today: date
) -> list[dict[str, Any]]:
    """Policies in force of the client and of those relatives that this person may see, by person."""
    if not user.can(Permission.CONTRACTS_READ):
        return []
    people = [client, *(one.client for one in relatives if one.client and one.is_family)]
    rows = (
        Policy.objects.visible_to(user)
        .in_force(on=today)
        .filter(client__in=[person.pk for person in people])
        .select_related("product", "insured_object")
        .order_by("end_date", "id")[:MOST_ROWS]
    )
    found: dict[int, list[Policy]] = {person.pk: [] for person in people}
    for row in rows:
        found[row.client_id].append(row)
    return [{"person": person, "policies": found[person.pk]} for person in people]


def things(client_id: int) -> list[InsuredObject]:
    """What we insure, or insured, and is not sold."""
    return list(InsuredObject.objects.filter(client=client_id, sold_on=None).order_by("kind", "-id")[:20])


def named_with(user: Any, client_id: int) -> list[int]:
    """Clients who stand in one policy with this one: as drivers, owners, beneficiaries."""
    if not user.can(Permission.CONTRACTS_READ):
        return []
    rows = Participant.objects.filter(client__isnull=False)
    mine = rows.filter(policy__client=client_id).exclude(client=client_id).values_list("client", flat=True)
    theirs = Policy.objects.visible_to(user).filter(participants__client=client_id).exclude(client=client_id)
    return list(dict.fromkeys([*mine[:20], *theirs.values_list("client", flat=True)[:20]]))


def why_words(reasons: Sequence[str]) -> str:
    """«the same phone, in one policy»."""
    words = {
        "phone": _("the same phone"),
        "address": _("the same address and surname"),
        "policy": _("in one policy"),
    }
    return ", ".join(words[code] for code in reasons)


def birthdays(relatives: Sequence[Relative], today: date) -> list[dict[str, Any]]:
    """The next birthdays of the family, within two months."""
    rows = [(one.birthday_in(today), one) for one in relatives if one.is_family]
    near = sorted(
        ((days, one) for days, one in rows if days is not None and days <= 60), key=lambda row: row[0]
    )
    return [{"days": days, "one": one} for days, one in near]
