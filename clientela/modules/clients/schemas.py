"""Shapes of clients in the API."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.foundation.api.many import ManyOut
from clientela.foundation.api.pagination import Id
from clientela.foundation.api.values import Clock
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.clients.operations.cards import masked
from clientela.modules.clients.rules import hidden

Kind = Literal["person", "company"]
PointKind = Literal["phone", "email", "vk", "telegram"]
DocumentKind = Literal["passport", "licence", "foreign", "other"]
Group = Literal[
    "name", "birth_date", "sex", "inn", "snils", "bank", "owner", "place", "language", "preferred_channel", "hours",
    "phone", "email",
]  # fmt: skip
Word = Annotated[str, Field(max_length=255)]


class Details(Schema):
    """Fields of a card. Those left out keep their value."""

    last_name: Annotated[str, Field(max_length=120)] | None = None
    first_name: Annotated[str, Field(max_length=80)] | None = None
    middle_name: Annotated[str, Field(max_length=80)] | None = None
    company_name: Word | None = None
    birth_date: date | None = None
    sex: Literal["", "m", "f"] | None = None
    language: Literal["ru", "en"] | None = None
    city: Annotated[str, Field(max_length=120)] | None = None
    region_code: Annotated[str, Field(max_length=6)] | None = None
    inn: Annotated[str, Field(max_length=14)] | None = None
    kpp: Annotated[str, Field(max_length=12)] | None = None
    ogrn: Annotated[str, Field(max_length=18)] | None = None
    snils: Annotated[str, Field(max_length=16)] | None = None
    bank_bic: Annotated[str, Field(max_length=12)] | None = None
    bank_account: Annotated[str, Field(max_length=26)] | None = None
    preferred_channel: Annotated[str, Field(max_length=10)] | None = None
    contact_from: Clock | None = None
    contact_to: Clock | None = None
    is_key: bool | None = None
    is_internal: bool | None = None
    is_cross: bool | None = None

    def given(self) -> dict[str, Any]:
        """Only what the caller sent."""
        return self.model_dump(exclude_unset=True, include=set(Details.model_fields))


class AddressIn(Schema):
    city: Annotated[str, Field(min_length=1, max_length=120)]
    street: Annotated[str, Field(max_length=200)] = ""
    postal_code: Annotated[str, Field(max_length=10)] = ""
    region_code: Annotated[str, Field(max_length=6)] = ""


class AddressOut(AddressIn):
    kind: str
    time_zone: str


class PointIn(Schema):
    kind: PointKind
    value: Annotated[str, Field(min_length=1, max_length=254)]
    label: Annotated[str, Field(max_length=60)] = ""
    is_primary: bool | None = None


class PointChange(Schema):
    label: Annotated[str, Field(max_length=60)] | None = None
    is_primary: bool | None = None
    do_not_use: bool | None = None


class PointOut(Schema):
    id: int
    kind: str
    value: str
    label: str
    is_primary: bool
    verified_at: datetime | None
    do_not_use: bool
    bad_since: datetime | None
    bad_reason: str


class DocumentIn(Schema):
    kind: DocumentKind
    number: Annotated[str, Field(min_length=1, max_length=40)]
    issued_on: date | None = None
    issued_by: Annotated[str, Field(max_length=200)] = ""
    unit_code: Annotated[str, Field(max_length=7)] = ""
    valid_until: date | None = None


class DocumentOut(Schema):
    """``number`` is masked; the full one is a resource of its own, and reading it is journalled."""

    id: int
    kind: str
    number: str
    issued_on: date | None
    valid_until: date | None

    @staticmethod
    def resolve_number(row: IdentityDocument) -> str:
        return masked(row.number)


class FullDocumentOut(Schema):
    id: int
    kind: str
    number: str
    issued_on: date | None
    issued_by: str
    unit_code: str
    valid_until: date | None


class ClientIn(Details):
    kind: Kind = "person"
    contacts: Annotated[list[PointIn], Field(max_length=20)] = []
    documents: Annotated[list[DocumentIn], Field(max_length=10)] = []
    address: AddressIn | None = None
    agent_id: Id | None = None
    branch_id: Id | None = None


class ClientChange(Details):
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class ClientRow(Schema):
    """A client in a list."""

    id: int
    kind: str
    name: str
    city: str
    agent_id: int | None
    branch_id: int
    loyalty: str
    temperature: str
    profitability: str
    policies_in_force: int
    premium_in_force: Decimal
    next_end_date: date | None
    completeness: int
    data_confirmed_at: datetime | None
    do_not_contact: bool
    updated_at: datetime
    version: int


class NumbersOut(Schema):
    """The personal numbers of a card whole; reading them is journalled."""

    inn: str
    snils: str


class ClientOut(ClientRow):
    """The full card; reading it is journalled. A person's INN and SNILS are masked: whole they are at ``/numbers``."""

    last_name: str
    first_name: str
    middle_name: str
    company_name: str
    birth_date: date | None
    sex: str
    language: str
    inn: str
    kpp: str
    ogrn: str
    snils: str
    bank_bic: str
    bank_account: str
    region_code: str
    time_zone: str
    preferred_channel: str
    contact_from: time | None
    contact_to: time | None
    do_not_contact_reason: str
    is_key: bool
    is_internal: bool
    is_cross: bool
    client_since: date | None
    contacts: list[PointOut]
    addresses: list[AddressOut]
    documents: list[DocumentOut]
    tags: list[str]

    @staticmethod
    def resolve_inn(row: Client) -> str:
        return row.inn if row.kind == Client.Kind.COMPANY else hidden(row.inn)

    @staticmethod
    def resolve_snils(row: Client) -> str:
        return hidden(row.snils)

    @staticmethod
    def resolve_contacts(row: Client) -> list[ContactPoint]:
        return list(row.contact_points.all())

    @staticmethod
    def resolve_tags(row: Client) -> list[str]:
        return [tag.name for tag in row.tags.all()]


class Reason(Schema):
    reason: Annotated[str, Field(max_length=200)] = ""


class Tags(Schema):
    names: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=50)]


class TagMany(Schema):
    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]
    client_ids: Annotated[list[Id], Field(min_length=1, max_length=5000)]


class Tagged(ManyOut):
    """``refused``: not found within the caller's scope, or ``unchanged``, having the tag already."""

    tagged: int


class PhotoOut(Schema):
    client_id: int
    uploaded_at: datetime


class ParentIn(Schema):
    """The company it belongs to; null takes it out of its holding."""

    parent_id: Id | None


class MemberOut(Schema):
    """A company of a holding; the name is empty where the caller may not see the card."""

    client_id: int
    parent_id: int | None
    depth: int
    name: str


class NoteIn(Schema):
    text: Annotated[str, Field(min_length=1, max_length=5000)]


class NoteOut(Schema):
    id: int
    text: str
    author_id: int | None
    created_at: datetime


class FileOut(Schema):
    id: int
    name: str
    size: int
    sha256: str
    uploaded_at: datetime
    uploaded_by_id: int | None


class TypedIn(Schema):
    """What is known of a client that may be in the base already."""

    last_name: Word = ""
    first_name: Word = ""
    middle_name: Word = ""
    company_name: Word = ""
    birth_date: date | None = None
    phone: Annotated[str, Field(max_length=40)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    inn: Annotated[str, Field(max_length=14)] = ""
    passport: Annotated[str, Field(max_length=20)] = ""


class DuplicateOut(Schema):
    client: ClientRow
    matches: list[str]
    percent: int


class ProfileAnswerOut(Schema):
    """What the client told: ``value`` is as ``kind`` says, a number with a point, an ISO day, yes or no, else words."""

    key: str
    label: str
    label_en: str
    kind: str
    value: str
    unit: str
    source: str
    answered_at: datetime
    answered_by_id: int | None


class MergeIn(Schema):
    """``version`` and ``gone_version`` are those of the cards as they were read."""

    gone_client_id: Id
    version: int
    gone_version: int
    take: Annotated[list[Group], Field(max_length=20)] | None = None
    note: Annotated[str, Field(max_length=200)] = ""


class MergeOut(Schema):
    id: int
    kept_client_id: int = Field(alias="kept_card")
    gone_client_id: int = Field(alias="gone_card")
    gone_name: str
    note: str
    made_at: datetime
    made_by_id: int | None
    separated_at: datetime | None
