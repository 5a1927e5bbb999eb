"""What is known of a client from sister companies, as screens show it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.modules.clients.models import Client
from clientela.modules.group.models import Fact, FactKind, Refused, SisterCompany, Waiting


@dataclass(frozen=True, slots=True)
class Known:
    """A fact with where it is from. ``is_fresh``: it may still be relied on."""

    fact: Fact
    is_fresh: bool


def _today(now: datetime) -> date:
    return local_today(settings.TIME_ZONE, now)


def known_of(client: Client, *, now: datetime) -> list[Known]:
    """The current facts about one client, by kind and then the most trusted company; one statement."""
    today = _today(now)
    rows = Fact.objects.filter(client=client).current(today).select_related("kind", "company", "consent")
    rows = rows.order_by("kind__position", "kind_id", "-company__trust", "company_id")
    return [Known(one, one.old_on > today) for one in rows]


def spoken_of(client_ids: Iterable[int], kinds: Collection[str], *, now: datetime) -> dict[int, list[Fact]]:
    """Client → fresh facts of these kinds that may be used in offers; one statement."""
    if not kinds:
        return {}
    rows = Fact.objects.filter(client_id__in=listed(client_ids), kind__code__in=kinds).for_offers(_today(now))
    found: dict[int, list[Fact]] = {}
    for one in rows.select_related("kind", "company").order_by("-company__trust", "id"):
        found.setdefault(one.client_id, []).append(one)
    return found


def speaking(code: str, *, now: datetime) -> "QuerySet[Fact]":
    """Facts of one kind that say yes today: a condition on clients by ``Exists``."""
    return Fact.objects.filter(kind__code=code).for_offers(_today(now))


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    """A sister company with what stands in the base from it and what was not taken in the last 30 days."""

    company: SisterCompany
    facts: int
    clients: int
    waiting: int
    refused: dict[str, int]


def figures(*, since: date) -> list[CompanyFigures]:
    """Every company; four statements."""
    facts = {
        pk: (facts, clients)
        for pk, facts, clients in Fact.objects.order_by()
        .values_list("company")
        .annotate(Count("id"), Count("client_id", distinct=True))
    }
    waiting = dict(Waiting.objects.order_by().values_list("company").annotate(Count("id")))
    refused: dict[int, dict[str, int]] = {}
    rows = Refused.objects.filter(on__gte=since).order_by().values_list("company", "why")
    for company_id, why, number in rows.annotate(Sum("facts")):
        refused.setdefault(company_id, {})[why] = number
    return [
        CompanyFigures(one, *facts.get(one.pk, (0, 0)), waiting.get(one.pk, 0), refused.get(one.pk, {}))
        for one in SisterCompany.objects.select_related("feeder")
    ]


def waiting_for(user: Any, *, now: datetime) -> "QuerySet[Waiting]":
    """Reports to decide by hand of which this person sees at least one candidate."""
    seen = Client.objects.visible_to(user).values("pk")
    rows = Waiting.objects.filter(
        candidates__client__in=seen, gone_on__gt=_today(now), company__is_active=True
    )
    return rows.distinct().select_related("company").order_by("received_at", "id")


def kinds_by_code(codes: Collection[str] | None = None) -> dict[str, FactKind]:
    """Kinds in use by code."""
    rows = FactKind.objects.filter(is_active=True)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    return {one.code: one for one in rows}
