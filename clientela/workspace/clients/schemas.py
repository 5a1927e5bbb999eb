"""Shapes of the list of clients in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import QueryDict
from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.clients.models import Client
from clientela.modules.clients.schemas import ClientRow as Facts
from clientela.modules.clients.schemas import Details
from clientela.workspace.clients.filters import MOST_VALUES, ClientFilter
from clientela.workspace.clients.queries.card import Card
from clientela.workspace.clients.queries.rows import ClientRow

Ids = Annotated[list[Id], Field(max_length=MOST_VALUES)]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Loyalty = Literal["prospect", "occasional", "regular", "loyal"]
Temperature = Literal["cold", "warm", "hot"]
Line = Literal["kasko", "osago", "property", "mortgage", "travel", "accident", "other"]
Consented = Literal[
    "service-sms", "service-email", "service-vk", "service-telegram", "service-call", "advertising-sms",
    "advertising-email", "advertising-vk", "advertising-telegram", "advertising-call",
]  # fmt: skip
Order = Literal[
    "name", "-name", "end", "-end", "premium", "-premium", "policies", "-policies", "completeness", "-completeness",
]  # fmt: skip
Column = Literal[
    "advice", "loyalty", "profitability", "policies", "premium", "end", "last", "completeness", "confirmed", "phone", "city",
    "agent", "branch", "tags", "since",
]  # fmt: skip
# Where the address of the screen has another name for the same condition.
IN_ADDRESS = {"agent_id": "agent", "branch_id": "branch", "holding_id": "holding"}


Knowledge = Literal[
    "birth_date", "phone", "email", "document", "address", "consent", "fresh", "channel", "hours", "interests",
    "household", "profit", "offer", "at_risk",
]  # fmt: skip


class ClientConditions(Schema):
    """The conditions of the list; those left out mean any.

    Of several values of a condition any will do, but all the tags and all the consents are asked for. ``q`` is what
    people type: a name, phone, e-mail, policy number, plate, INN. ``ending``: the next end within so many days;
    ``silent``: no message for so many days; ``holding_id`` is the head of a holding; ``advised``: a line that the rules of
    advice say to offer, as found last night, to who may be contacted (``sales.read``; empty without it); ``knows`` and
    ``lacks``: what is, or is not, known of the client, all of them asked for; ``told``: a kind of fact that a sister
    company says yes to (``group.read``; empty without it).
    """

    q: Annotated[str, Field(max_length=80)] = ""
    agent_id: Ids = []
    branch_id: Ids = []
    loyalty: Annotated[list[Loyalty], Field(max_length=4)] = []
    temperature: Annotated[list[Temperature], Field(max_length=3)] = []
    profitability: Literal["profitable", "unprofitable"] | None = None
    line: Annotated[list[Line], Field(max_length=5)] = []
    ending: Annotated[int, Field(ge=1, le=366)] | None = None
    tag: Annotated[list[Name], Field(max_length=MOST_VALUES)] = []
    fresh: Literal["fresh", "ageing", "stale", "unknown"] | None = None
    silent: Annotated[int, Field(ge=1, le=3650)] | None = None
    consent: Annotated[list[Consented], Field(max_length=8)] = []
    kind: Literal["person", "company"] | None = None
    holding_id: Id | None = None
    advised: Line | None = None
    knows: Annotated[list[Knowledge], Field(max_length=14)] = []
    lacks: Annotated[list[Knowledge], Field(max_length=14)] = []
    told: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_-]+$")] | None = None
    order: Order = "name"

    def wanted(self) -> ClientFilter:
        """The filter of the screen: what these conditions mean is decided there."""
        query = QueryDict(mutable=True)
        for name in ClientConditions.model_fields:
            value = getattr(self, name)
            values = value if isinstance(value, list) else [value]
            query.setlist(IN_ADDRESS.get(name, name), [str(one) for one in values if one is not None])
        return ClientFilter.read(query)


class ListedAdviceOut(Schema):
    """Open advice; ``why`` is the sentence of its rule. ``POST /advice/{id}/deals`` opens a deal of it."""

    id: int
    line: str
    state: str
    why: str


class ListedClientOut(Facts):
    """A client as a row of the list. ``last_*`` is the newest message either way; ``phone`` the one to call.

    ``advice`` is filled where the list was asked for ``advised``, with that line's.
    """

    temperature: str
    freshness: str
    phone: str
    tags: list[str]
    client_since: date | None
    last_channel: str
    last_at: datetime | None
    advice: list[ListedAdviceOut]


def row_out(client: Client, row: ClientRow) -> dict[str, Any]:
    """A row from the record and from what the list reads besides."""
    facts = {name: getattr(client, name) for name in (*Facts.model_fields, "client_since")}
    more = ("freshness", "phone", "tags", "last_channel", "last_at")
    advice = [
        {"id": one.pk, "line": one.line, "state": one.state, "why": str(one.rule or "")} for one in row.advice
    ]
    return facts | {name: getattr(row, name) for name in more} | {"advice": advice}


class PastContactOut(Schema):
    kind: str
    value: str
    label: str
    is_primary: bool
    do_not_use: bool
    bad_since: datetime | None


class PastPolicyOut(Schema):
    """A term that had begun by then; ``in_force`` on that day."""

    id: int
    number: str
    product: str
    title: str
    status: str
    start_date: date
    end_date: date
    cancelled_on: date | None
    premium: Decimal
    in_force: bool


class PastPaymentOut(Schema):
    id: int
    paid_at: datetime
    amount: Decimal
    method: str
    number: str


class PastNoteOut(Schema):
    id: int
    text: str
    author_id: int | None
    created_at: datetime


class PastFileOut(Schema):
    id: int
    name: str
    size: int
    uploaded_at: datetime


class PastCardOut(Schema):
    """A card as it was at the end of ``day``. Fields that an import changed since keep today's value."""

    day: date
    client_id: int
    kind: str
    name: str
    details: dict[str, Any]
    do_not_contact: bool
    tags: list[str]
    contacts: list[PastContactOut]
    policies: list[PastPolicyOut]
    payments: list[PastPaymentOut]
    notes: list[PastNoteOut]
    files: list[PastFileOut]

    @classmethod
    def of(cls, card: Card, day: date) -> "PastCardOut":
        client = card.client
        return cls(
            day=day, client_id=client.pk, kind=client.kind, name=client.name, do_not_contact=client.do_not_contact,
            details={name: getattr(client, name) for name in Details.model_fields}, tags=card.tags,
            contacts=[PastContactOut.from_orm(row) for row in card.points],
            policies=[PastPolicyOut.from_orm(row) for row in (*card.shown, *card.ended)],
            payments=[PastPaymentOut.from_orm(row) for row in card.payments],
            notes=[PastNoteOut.from_orm(row) for row in card.notes],
            files=[PastFileOut.from_orm(row) for row in card.files],
        )  # fmt: skip


class ClientCountOut(Schema):
    """``count`` stops at 1,000: ``is_more`` says so. It is null where counting would take too long."""

    count: int | None
    is_more: bool


class ClientExportIn(ClientConditions):
    """``client_ids`` are exported instead of what the conditions let through; ``columns`` in the order of the list."""

    format: Literal["csv", "xlsx"] = "csv"
    client_ids: Annotated[list[Id], Field(max_length=5000)] = []
    columns: Annotated[list[Column], Field(max_length=20)] = []
