"""What a deal may be asked for: its own fields, and the questions of its funnel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.refusals import Refusal
from clientela.modules.dialler.rules.questions import BadAnswer, Question, clean

FIELDS: dict[str, Any] = {
    "product": _("Product"),
    "subject": _("What is insured"),
    "amount": pgettext_lazy("deal", "Premium"),
    "starts_on": _("Cover begins"),
    "next_step": pgettext_lazy("deal", "Next step"),
    "next_at": _("When"),
}
NEXT_KINDS: dict[str, tuple[str, Any]] = {
    "call": ("phone", pgettext_lazy("step", "Call")),
    "meeting": ("users", pgettext_lazy("step", "Meeting")),
    "letter": ("mail", pgettext_lazy("step", "Letter")),
    "chat": ("message-2", pgettext_lazy("step", "Message")),
    "visit": ("map-pin", pgettext_lazy("step", "Inspection")),
    "wait": ("gavel", pgettext_lazy("step", "Wait for a decision")),
    "payment": ("link", pgettext_lazy("step", "Payment")),
    "robot": ("robot", pgettext_lazy("step", "Robot")),
}
# Before the key of a product's question among the answers of a deal.
OF_PRODUCT = "product."
_MOST = Decimal(10) ** 11


class BadField(Refusal):
    """A field of the deal cannot hold this."""

    message = _("This does not fit the field.")

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class FieldsMissing(Refusal):
    """The stage asks for fields that are empty; ``fields`` are their codes."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(", ".join(fields))
        self.message = _("The stage asks for fields that are still empty: %(fields)s") % {
            "fields": ", ".join(fields)
        }
        self.fields = tuple(fields)
        self.field = self.fields[0] if self.fields else ""


def missing(required: Iterable[str], filled: Mapping[str, Any]) -> list[str]:
    """Those of ``required`` that ``filled`` has nothing for."""
    return [code for code in required if filled.get(code) in (None, "")]


def as_value(code: str, text: str, *, zone: str, questions: Mapping[str, Question]) -> Any:
    """What is kept of a typed ``text``; empty text is None. Raises ``BadField``."""
    text = text.replace("\x00", "").strip()
    if code in questions:
        try:
            return clean(questions[code], text) if text else None
        except BadAnswer:
            raise BadField(code) from None
    if code.startswith(OF_PRODUCT) and not text:
        return None
    if code not in FIELDS and code != "next_kind":
        raise BadField(code)
    if not text:
        return None
    try:
        match code:
            case "amount":
                return _amount(text)
            case "starts_on":
                return date.fromisoformat(text)
            case "next_at":
                at = datetime.fromisoformat(text)
                return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
            case "next_kind" if text in NEXT_KINDS:
                return text
            case "product" if text.isascii() and text.isdigit() and len(text) < 19:
                return int(text)
            case "subject" | "next_step" if len(text) <= 200:
                return text
    except (ValueError, InvalidOperation):
        pass
    raise BadField(code)


def _amount(text: str) -> Decimal:
    text = "".join(text.replace("₽", "").split())
    amount = Decimal(text.replace(",", "") if "." in text else text.replace(",", "."))
    if not amount.is_finite() or not 0 < amount < _MOST:
        raise ValueError(text)
    return amount.quantize(Decimal("0.01"))
