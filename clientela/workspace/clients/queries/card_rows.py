"""Rows of the lists on a card, named like the columns of ``sections``."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clientela.foundation.ui.formats import STEPS
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import ContactPoint, IdentityDocument
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.contracts.rules import price_change, share_passed
from clientela.modules.products.models import Line


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
        return {
            "email": "mail",
            "vk": "brand-vk",
            "telegram": "brand-telegram",
            "webchat": "message-circle",
        }.get(self.kind, "at")


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
    number: str  # sealed as the database keeps it: these rows come past the model
    valid_until: date | None

    @property
    def kind_name(self) -> str:
        if self.kind == IdentityDocument.Kind.LICENCE:
            return _("Licence")
        return str(IdentityDocument.Kind(self.kind).label)

    @property
    def masked(self) -> str:
        sealed: Any = IdentityDocument._meta.get_field("number")
        number = sealed.opened(self.number)
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


USES: dict[str, tuple[str, ...]] = {
    "phone": ("call", "sms"),
    "email": ("email",),
    "vk": ("vk",),
    "telegram": ("telegram",),
    "webchat": ("webchat",),
}
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


@dataclass(frozen=True)
class OtherRow:
    """Another source says something else of this field."""

    field: str


@dataclass(frozen=True)
class TagRow:
    """A tag."""

    name: str
