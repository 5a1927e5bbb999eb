"""Everything the first sight of a card needs, in one statement."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clientela.foundation.dates import full_years, local_today
from clientela.foundation.ui.formats import STEPS
from clientela.modules.billing.models import Payment
from clientela.modules.clients import rules
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.clients.rules import GONE_AFTER_DAYS
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.contracts.rules import price_change, share_passed
from clientela.modules.products.models import Line
from clientela.workspace.clients.consent_words import CHANNELS
from clientela.workspace.clients.queries.document import decode
from clientela.workspace.clients.queries.sections import SECTIONS, sections


@dataclass(frozen=True)
class PointRow:
    """A contact of the client and what may be done with it."""

    id: int
    kind: str
    value: str
    label: str
    is_primary: bool
    verified_at: datetime | None
    do_not_use: bool
    bad_since: datetime | None
    bad_reason: str
    uses: str = ""

    @property
    def usable(self) -> bool:
        return not self.do_not_use and self.bad_since is None

    @property
    def icon(self) -> str:
        if self.kind == ContactPoint.Kind.PHONE:
            return "phone" if self.usable else "phone-off"
        return {"email": "mail", "vk": "brand-vk", "telegram": "brand-telegram"}.get(self.kind, "at")


@dataclass(frozen=True)
class ConsentRow:
    """A consent in force."""

    purpose: str
    channel: str
    granted_at: datetime


@dataclass(frozen=True)
class AddressRow:
    """An address as one line."""

    kind: str
    city: str
    street: str
    postal_code: str

    def __str__(self) -> str:
        return ", ".join(part for part in (self.city, self.street) if part)


@dataclass(frozen=True)
class DocumentRow:
    """An identity document; the template shows its number masked."""

    id: int
    kind: str
    number: str
    valid_until: date | None

    @property
    def kind_name(self) -> str:
        if self.kind == IdentityDocument.Kind.LICENCE:
            return _("Licence")
        return str(IdentityDocument.Kind(self.kind).label)

    @property
    def masked(self) -> str:
        number = self.number
        return f"{number[:2]} {number[2:4]} •••• {number[-2:]}" if len(number) > 6 else f"•••• {number[-2:]}"


@dataclass(frozen=True)
class PersonRow:
    """Who speaks for a company."""

    name: str
    position: str
    phone: str
    email: str


@dataclass(frozen=True)
class FileRow:
    """A file kept on the card."""

    id: int
    name: str
    size: int
    uploaded_at: datetime


@dataclass(frozen=True)
class NoteRow:
    """A note with its author's name."""

    id: int
    text: str
    author: str
    author_id: int | None
    created_at: datetime


@dataclass(frozen=True)
class PolicyRow:
    """A contract term with its object and what stands ready for the next term."""

    id: int
    number: str
    product: str
    product_en: str
    line: str
    title: str
    plate: str
    object_kind: str
    object_id: int | None
    sold_on: date | None
    bank: str
    status: str
    start_date: date
    end_date: date
    cancelled_on: date | None
    premium: Decimal
    renewal_year: int
    loss_count: int
    loss_paid: Decimal
    project_id: int | None
    project_state: str
    project_premium: Decimal | None
    quote_premium: Decimal | None
    renewed_by: int | None
    today: date = date.max

    @property
    def name(self) -> str:
        """What people call it: the product, for property the thing insured."""
        if self.line == Line.PROPERTY and self.object_kind:
            return str(InsuredObject.Kind(self.object_kind).label)
        return _name(self)

    @property
    def subject(self) -> str:
        """The thing insured, without the word that is the name already."""
        return self.title.removeprefix(f"{self.name}, ")

    @property
    def icon(self) -> str:
        if self.object_kind == "vehicle":
            return "car" if self.line == Line.KASKO else "shield-check"
        return {"flat": "building", "house": "home", "life": "heart"}.get(self.object_kind, "shield-check")

    @property
    def next_premium(self) -> Decimal | None:
        return self.project_premium if self.project_premium is not None else self.quote_premium

    @property
    def change(self) -> Decimal | None:
        """Percent between this term's price and the next one's."""
        return None if self.next_premium is None else price_change(self.premium, self.next_premium)

    @property
    def in_force(self) -> bool:
        return self.status == Policy.Status.ISSUED and self.start_date <= self.today <= self.end_date

    @property
    def ahead(self) -> bool:
        """Issued, cover not begun."""
        return self.status == Policy.Status.ISSUED and self.start_date > self.today

    @property
    def left(self) -> int:
        return (self.end_date - self.today).days

    @property
    def near(self) -> bool:
        """Within the days in which renewal is worked on."""
        return self.in_force and self.left <= max(STEPS)

    @property
    def share(self) -> int:
        """How much of the term has passed, in percent."""
        return share_passed(self.start_date, self.end_date, self.today)

    @property
    def term(self) -> tuple[str, str]:
        """First and last day, short: ``06.12.25``."""
        form = "%-d %b %y" if get_language() == "en" else "%d.%m.%y"
        return self.start_date.strftime(form), self.end_date.strftime(form)


def _name(row: Any) -> str:
    return row.product_en if get_language() == "en" and row.product_en else row.product


@dataclass(frozen=True)
class PaymentRow:
    """Money that came in."""

    id: int
    paid_at: datetime
    amount: Decimal
    method: str
    product: str
    product_en: str
    number: str

    @property
    def name(self) -> str:
        return _name(self)

    @property
    def method_name(self) -> str:
        return str(Payment.Method(self.method).label)


@dataclass(frozen=True)
class DueRow:
    """A part of a premium that is still to be paid."""

    due_on: date
    amount: Decimal
    product: str
    product_en: str
    number: str

    @property
    def name(self) -> str:
        return _name(self)


@dataclass(frozen=True)
class ClaimRow:
    """A claim that is open or in dispute."""

    id: int
    number: str
    status: str
    occurred_on: date
    disputed_since: date | None
    description: str


@dataclass(frozen=True)
class LastContact:
    """The newest message in or out."""

    channel: str
    direction: str
    created_at: datetime


USES: dict[str, tuple[str, ...]] = {"phone": ("call", "sms"), "email": ("email",), "vk": ("vk",)}
KINDS: dict[str, type] = {
    "points": PointRow,
    "consents": ConsentRow,
    "addresses": AddressRow,
    "documents": DocumentRow,
    "persons": PersonRow,
    "files": FileRow,
    "notes": NoteRow,
    "policies": PolicyRow,
    "payments": PaymentRow,
    "dues": DueRow,
    "claims": ClaimRow,
    "last": LastContact,
}


@dataclass
class Card:
    """The client with everything that stands on the card but the timeline."""

    client: Client
    now: datetime
    today: date
    points: list[PointRow] = field(default_factory=list)
    consents: list[ConsentRow] = field(default_factory=list)
    addresses: list[AddressRow] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    persons: list[PersonRow] = field(default_factory=list)
    files: list[FileRow] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    policies: list[PolicyRow] = field(default_factory=list)
    payments: list[PaymentRow] = field(default_factory=list)
    dues: list[DueRow] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)
    last: list[LastContact] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    @cached_property
    def contacts(self) -> list[PointRow]:
        """Contacts, each with what the client agreed to get there about contracts."""
        agreed = {row.channel for row in self.consents if row.purpose == "service"}
        words = {
            point.id: ", ".join(str(CHANNELS[code]) for code in USES.get(point.kind, ()) if code in agreed)
            for point in self.points
        }
        return [replace(point, uses=words[point.id] if point.usable else "") for point in self.points]

    @cached_property
    def _dated(self) -> list[PolicyRow]:
        return [replace(row, today=self.today) for row in self.policies]

    @cached_property
    def current(self) -> list[PolicyRow]:
        """Policies in force, the one that ends first on top."""
        return sorted((row for row in self._dated if row.in_force), key=lambda row: row.end_date)

    @cached_property
    def shown(self) -> list[PolicyRow]:
        """Policies in force, then those issued ahead."""
        return [*self.current, *(row for row in self._dated if row.ahead)]

    @cached_property
    def ended(self) -> list[PolicyRow]:
        """What ran out or was cancelled, the newest first."""
        shown = {row.id for row in self.shown}
        return [row for row in self._dated if row.id not in shown]

    @cached_property
    def renewable(self) -> list[PolicyRow]:
        """Policies that a next term may be made for, the one that ends first on top; the long gone are left out."""
        rows = [
            row for row in self._dated
            if row.status != Policy.Status.CANCELLED and not row.renewed_by and row.left >= -GONE_AFTER_DAYS
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (row.left < 0, row.end_date))

    @property
    def local_time(self) -> str:
        """The clock where the client lives."""
        return f"{self.now.astimezone(ZoneInfo(self.client.time_zone)):%H:%M}"

    @property
    def is_company(self) -> bool:
        return self.client.kind == Client.Kind.COMPANY

    @cached_property
    def completeness(self) -> rules.Completeness:
        client = self.client
        usable = {row.kind for row in self.points if row.usable}
        papers = {row.kind for row in self.documents}
        names = ("first_name", "birth_date", "sex", "company_name", "inn", "ogrn")
        present = {name: bool(getattr(client, name)) for name in names} | {
            "phone": "phone" in usable,
            "email": "email" in usable,
            "address": bool(client.city or self.addresses),
            "document": bool(papers & {"passport", "foreign"}),
            "contact_person": bool(self.persons),
        }
        return rules.completeness(client.kind, present)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """Codes and names of what the card lacks."""
        return [(code, str(rules.MISSING[code])) for code in self.completeness.missing]

    @property
    def freshness(self) -> rules.Freshness:
        confirmed = self.client.data_confirmed_at
        return rules.freshness(confirmed.date() if confirmed else None, self.today)

    @property
    def expiring_documents(self) -> list[DocumentRow]:
        return [row for row in self.documents if rules.document_expires(row.valid_until, self.today)]

    @property
    def age(self) -> int | None:
        born = self.client.birth_date
        return full_years(born, self.today) if born else None

    @property
    def phone(self) -> PointRow | None:
        """The phone to call: the primary one, else any that works."""
        return next((row for row in self.points if row.kind == "phone" and row.usable), None)

    @property
    def last_contact(self) -> LastContact | None:
        return self.last[0] if self.last else None

    @cached_property
    def portfolio(self) -> rules.Portfolio:
        last = self.last_contact
        return rules.Portfolio(
            in_force=len(self.current),
            first_start=min((row.start_date for row in self.policies), default=None),
            last_end=max((row.cancelled_on or row.end_date for row in self.policies), default=None),
            premium=sum((row.premium for row in self.policies), Decimal(0)),
            loss_paid=sum((row.loss_paid for row in self.policies), Decimal(0)),
            last_incoming=last.created_at.date() if last and last.direction == "in" else None,
        )

    @cached_property
    def categories(self) -> rules.Categories:
        return rules.categorise(self.portfolio, self.today)

    @property
    def loss_ratio(self) -> int | None:
        """Losses over premiums of all terms, in percent."""
        facts = self.portfolio
        return round(facts.loss_paid * 100 / facts.premium) if facts.premium else None

    @property
    def premium_in_force(self) -> Decimal:
        return sum((row.premium for row in self.current), Decimal(0))

    @property
    def service_channels(self) -> str:
        """Channels with a consent to messages about contracts, as words."""
        return self._channels("service")

    @property
    def advertising_channels(self) -> str:
        """Channels with a consent to advertising, as words."""
        return self._channels("advertising")

    def _channels(self, purpose: str) -> str:
        return ", ".join(
            str(CHANNELS.get(row.channel, row.channel)) for row in self.consents if row.purpose == purpose
        )

    @property
    def completeness_label(self) -> str:
        return _("Card complete to %(n)s percent") % {"n": self.completeness.percent}


def load_card(user: Any, client_id: int, *, now: datetime) -> Card | None:
    """The card of a visible client, or None."""
    client = (
        Client.objects.visible_to(user)
        .select_related("agent", "branch", "centre")
        .annotate(**sections())
        .filter(pk=client_id)
        .first()
    )
    if client is None:
        return None
    card = Card(client, now, local_today(client.time_zone, now))
    for name in SECTIONS:
        text = getattr(client, f"j_{name}")
        if name in KINDS:
            setattr(card, name, decode(KINDS[name], text))
    card.tags = [row.name for row in decode(_Tag, client.j_tags)]  # type: ignore[attr-defined]
    return card


@dataclass(frozen=True)
class _Tag:
    name: str
