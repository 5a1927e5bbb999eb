"""Everything the first sight of a card needs, in one statement."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from clientela.foundation.dates import full_years, local_today
from clientela.modules.clients import rules
from clientela.modules.clients.models import Client, Photo
from clientela.modules.clients.rules import GONE_AFTER_DAYS
from clientela.modules.contracts.models import Policy
from clientela.workspace.clients.consent_words import CHANNELS
from clientela.workspace.clients.queries.card_rows import (
    KINDS,
    USES,
    AddressRow,
    ClaimRow,
    ConsentRow,
    DocumentRow,
    DueRow,
    FileRow,
    LastContact,
    NoteRow,
    OtherRow,
    PaymentRow,
    PersonRow,
    PointRow,
    PolicyRow,
    TagRow,
)
from clientela.workspace.clients.queries.document import decode
from clientela.workspace.clients.queries.sections import SECTIONS, sections


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
    photo = Photo.objects.filter(client=OuterRef("pk"), removed_at__isnull=True)
    client = (
        Client.objects.visible_to(user)
        .select_related("agent__user", "branch", "centre")
        .annotate(photo_token=Subquery(photo.values("token")[:1]), **sections())
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
    card.others = len(decode(OtherRow, client.j_others))  # type: ignore[attr-defined]
    card.tags = [row.name for row in decode(TagRow, client.j_tags)]  # type: ignore[attr-defined]
    return card
