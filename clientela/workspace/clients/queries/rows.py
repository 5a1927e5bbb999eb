"""Rows of the list of clients: typed, paged by key, every count bounded."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from clientela.foundation.dates import full_years
from clientela.modules.clients import rules
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Message
from clientela.modules.sales.models import Advice
from clientela.workspace.clients.filters import ClientFilter
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
BOUND = 1000
COUNT_TIMEOUT_MS = 700
PAGE_TIMEOUT_MS = 4000
NEVER = date(9999, 12, 31)

_ORDERS: dict[str, tuple[str, type]] = {
    "name": ("name_key", str),
    "premium": ("premium_in_force", Decimal),
    "policies": ("policies_in_force", int),
    "completeness": ("completeness", int),
    "end": ("end_or_never", date),
}


@dataclass(frozen=True)
class ClientRow:
    """A client as one line. Fields of columns that are not shown stay empty."""

    id: int
    name: str
    is_company: bool
    age: int | None
    loyalty: str
    loyalty_label: str
    loyalty_kind: str
    profitability: str
    profitability_label: str
    policies: int
    premium: Decimal
    next_end: date | None
    days_left: int | None
    completeness: int
    freshness: str
    confirmed_at: datetime | None
    city: str
    agent: str
    branch: str
    client_since: date | None
    do_not_contact: bool
    last_channel: str = ""
    last_at: datetime | None = None
    phone: str = ""
    tags: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()


_LOYALTY_KINDS = {"loyal": "info", "regular": "", "occasional": "", "prospect": "line"}


def listed(user: Any, wanted: ClientFilter, today: date) -> QuerySet[Client]:
    """Visible clients that the filter lets through, not yet ordered."""
    return wanted.apply(Client.objects.visible_to(user), user=user, today=today)


def order_keys(wanted: ClientFilter) -> list[Key]:
    """The keys of the list's order, the last one unique. Where all have a next end, its index is used."""
    name, kind = _ORDERS[wanted.order.removeprefix("-")]
    descending = wanted.order.startswith("-")
    if name == "end_or_never" and wanted.ending:
        name = "next_end_date"
    if name == "name_key":
        return [Key("name_key", str, descending), Key("id", int, descending)]
    return [Key(name, kind, descending), Key("id", int, descending)]


def ordered(clients: QuerySet[Client], wanted: ClientFilter) -> QuerySet[Client]:
    """The annotation that an order needs; clients without a policy come after all that end."""
    if wanted.order.removeprefix("-") == "end" and not wanted.ending:
        never = NEVER if wanted.order == "end" else date(1, 1, 1)
        return clients.annotate(end_or_never=Coalesce("next_end_date", Value(never)))
    return clients


def page(
    user: Any, wanted: ClientFilter, *, today: date, columns: Collection[str], after: str = "", before: str = "",
    size: int = PAGE,
) -> KeyPage[ClientRow]:  # fmt: skip
    """A page of rows: two statements, and one more for each of phone, tags and advice when shown. ``TooSlow`` after 4 s."""
    clients = ordered(listed(user, wanted, today), wanted)
    with time_limit(PAGE_TIMEOUT_MS):
        found: KeyPage[Client] = page_of(
            clients, order_keys(wanted), shown=shown(columns), after=after, before=before, size=size
        )
    rows = rows_of(found.rows, today, columns, advised=wanted.advised)
    return KeyPage(rows, found.after, found.before)


def shown(columns: Collection[str]) -> QuerySet[Client]:
    """Clients with what their rows need besides."""
    clients = Client.objects.select_related("agent", "branch")
    return with_last_contact(clients) if "last" in columns else clients


def rows_of(
    clients: Sequence[Client], today: date, columns: Collection[str], *, advised: str = ""
) -> list[ClientRow]:
    """Rows of clients that are already read, from ``shown``; of their advice only the line ``advised`` if it is named."""
    ids = [client.pk for client in clients]
    phones = _phones(ids) if "phone" in columns else {}
    tags = _tags(ids) if "tags" in columns else {}
    advice = _advice(ids, advised) if "advice" in columns else {}
    return [
        replace(_row(client, today, phones, tags), advice=advice.get(client.pk, ())) for client in clients
    ]


def _row(client: Client, today: date, phones: dict[int, str], tags: dict[int, list[str]]) -> ClientRow:
    confirmed = client.data_confirmed_at
    shown = client.temperature if client.loyalty == "prospect" and client.temperature else client.loyalty
    label = (
        client.get_temperature_display()
        if shown == client.temperature and shown
        else client.get_loyalty_display()
    )
    kind = {"hot": "warn", "warm": "line", "cold": "line"}.get(shown) or _LOYALTY_KINDS.get(shown, "")
    return ClientRow(
        id=client.pk,
        name=client.name,
        is_company=client.kind == Client.Kind.COMPANY,
        age=full_years(client.birth_date, today) if client.birth_date else None,
        loyalty=client.loyalty,
        loyalty_label=str(label),
        loyalty_kind=kind,
        profitability=client.profitability,
        profitability_label=str(client.get_profitability_display()) if client.profitability else "",
        policies=client.policies_in_force,
        premium=client.premium_in_force,
        next_end=client.next_end_date,
        days_left=(client.next_end_date - today).days if client.next_end_date else None,
        completeness=client.completeness,
        freshness=rules.freshness(confirmed.date() if confirmed else None, today),
        confirmed_at=confirmed,
        city=client.city,
        agent=f"{client.agent.last_name} {client.agent.first_name}".strip() if client.agent else "",
        branch=client.branch.name,
        client_since=client.client_since,
        do_not_contact=client.do_not_contact,
        last_channel=getattr(client, "last_channel", None) or "",
        last_at=getattr(client, "last_at", None),
        phone=phones.get(client.pk, ""),
        tags=tuple(tags.get(client.pk, ())),
    )


def with_last_contact(clients: QuerySet[Client]) -> QuerySet[Client]:
    """Channel and moment of the newest message of each client; one probe of an index a client."""
    newest = (
        Message.objects.filter(client=OuterRef("pk"))
        .exclude(state__in=[Message.State.DROPPED, Message.State.QUEUED])
        .order_by("-created_at")
    )
    return clients.annotate(
        last_channel=Subquery(newest.values("channel")[:1]), last_at=Subquery(newest.values("created_at")[:1])
    )


def _phones(ids: Sequence[int]) -> dict[int, str]:
    points = ContactPoint.objects.filter(
        client__in=ids, kind=ContactPoint.Kind.PHONE, do_not_use=False, bad_since__isnull=True
    )
    phones: dict[int, str] = {}
    for client_id, value in points.order_by("-is_primary", "id").values_list("client_id", "value"):
        phones.setdefault(client_id, value)
    return phones


def _tags(ids: Sequence[int]) -> dict[int, list[str]]:
    through = Client.tags.through.objects.filter(client_id__in=ids).order_by("tag__name")
    tags: dict[int, list[str]] = {}
    for client_id, name in through.values_list("client_id", "tag__name"):
        tags.setdefault(client_id, []).append(name)
    return tags


def _advice(ids: Sequence[int], line: str) -> dict[int, tuple[Advice, ...]]:
    rows = Advice.objects.open().filter(client__in=ids).select_related("rule").order_by("id")
    found: dict[int, tuple[Advice, ...]] = {}
    for one in rows.filter(line=line) if line else rows:
        found[one.client_id] = (*found.get(one.client_id, ()), one)
    return found


@dataclass(frozen=True)
class Bounded:
    """A count that stops at a thousand; ``None`` when even that took too long."""

    value: int | None

    @property
    def is_more(self) -> bool:
        return self.value is not None and self.value > BOUND


class TooSlow(Exception):
    """The condition would read too much of the base; a narrower one will do."""


@contextmanager
def time_limit(milliseconds: int) -> Iterator[None]:
    """Statements inside are stopped after this long, on a server that can; ``TooSlow`` then."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise TooSlow from None
        raise


def bounded_count(rows: QuerySet[Any]) -> Bounded:
    """How many rows, looking at no more than a thousand and one, and no longer than 0.7 s."""
    try:
        with time_limit(COUNT_TIMEOUT_MS):
            return Bounded(rows.order_by().values("pk")[: BOUND + 1].count())
    except TooSlow:
        return Bounded(None)


@dataclass(frozen=True)
class Neighbours:
    """The card before and after this one in a list, and its place, when it is among the first thousand."""

    previous_id: int | None
    next_id: int | None
    position: int | None
    total: Bounded


def neighbours(user: Any, wanted: ClientFilter, client: Client, *, today: date) -> Neighbours:
    """Where a client stands in a list; four bounded statements."""
    rows = ordered(listed(user, wanted, today), wanted)
    keys = order_keys(wanted)
    mine = rows.filter(pk=client.pk).first()
    total = bounded_count(rows)
    if mine is None:
        return Neighbours(None, None, None, total)
    first, last = keys
    value = getattr(mine, first.name)

    def side(later: bool) -> QuerySet[Client]:
        up = later != first.descending
        word, order = ("gt", "") if up else ("lt", "-")
        beyond = rows.filter(**{f"{first.name}__{word}": value}) | rows.filter(
            **{first.name: value, f"{last.name}__{word}": mine.pk}
        )
        return beyond.order_by(f"{order}{first.name}", f"{order}{last.name}")

    before = bounded_count(side(False))
    place = before.value + 1 if before.value is not None and before.value < BOUND else None
    return Neighbours(_first(side(False)), _first(side(True)), place, total)


def _first(rows: QuerySet[Client]) -> int | None:
    return rows.values_list("pk", flat=True).first()
