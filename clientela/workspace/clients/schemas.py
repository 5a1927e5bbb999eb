"""Shapes of the list of clients in the API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import QueryDict
from ninja import Schema
from pydantic import Field

from clientela.foundation.api.pagination import Id
from clientela.modules.clients.models import Client
from clientela.modules.clients.schemas import ClientRow as Facts
from clientela.workspace.clients.filters import MOST_VALUES, ClientFilter
from clientela.workspace.clients.queries.rows import ClientRow

Ids = Annotated[list[Id], Field(max_length=MOST_VALUES)]
Name = Annotated[str, Field(min_length=1, max_length=40)]
Loyalty = Literal["prospect", "occasional", "regular", "loyal"]
Temperature = Literal["cold", "warm", "hot"]
Line = Literal["kasko", "osago", "property", "mortgage", "other"]
Order = Literal[
    "name", "-name", "end", "-end", "premium", "-premium", "policies", "-policies", "completeness", "-completeness",
]  # fmt: skip
Column = Literal[
    "loyalty", "profitability", "policies", "premium", "end", "last", "completeness", "confirmed", "phone", "city",
    "agent", "branch", "tags", "since",
]  # fmt: skip
# Where the address of the screen has another name for the same condition.
IN_ADDRESS = {"agent_id": "agent", "branch_id": "branch", "holding_id": "holding"}


class ClientConditions(Schema):
    """The conditions of the list; those left out mean any. Several values of one condition: any of them; all tags.

    ``q`` is what people type: a name, phone, e-mail, policy number, plate, INN. ``ending``: the next end within so many
    days; ``silent``: no message for so many days; ``holding_id`` is the head of a holding.
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
    kind: Literal["person", "company"] | None = None
    holding_id: Id | None = None
    order: Order = "name"

    def wanted(self) -> ClientFilter:
        """The filter of the screen: what these conditions mean is decided there."""
        query = QueryDict(mutable=True)
        for name in ClientConditions.model_fields:
            value = getattr(self, name)
            values = value if isinstance(value, list) else [value]
            query.setlist(IN_ADDRESS.get(name, name), [str(one) for one in values if one is not None])
        return ClientFilter.read(query)


class ListedClientOut(Facts):
    """A client as a row of the list. ``last_*`` is the newest message either way; ``phone`` the one to call."""

    temperature: str
    freshness: str
    phone: str
    tags: list[str]
    client_since: date | None
    last_channel: str
    last_at: datetime | None


def row_out(client: Client, row: ClientRow) -> dict[str, Any]:
    """A row from the record and from what the list reads besides."""
    facts = {name: getattr(client, name) for name in (*Facts.model_fields, "client_since")}
    more = ("freshness", "phone", "tags", "last_channel", "last_at")
    return facts | {name: getattr(row, name) for name in more}


class ClientCountOut(Schema):
    """``count`` stops at 1,000: ``is_more`` says so. It is null where counting would take too long."""

    count: int | None
    is_more: bool


class ClientExportIn(ClientConditions):
    """``client_ids`` are exported instead of what the conditions let through; ``columns`` in the order of the list."""

    format: Literal["csv", "xlsx"] = "csv"
    client_ids: Annotated[list[Id], Field(max_length=5000)] = []
    columns: Annotated[list[Column], Field(max_length=20)] = []
