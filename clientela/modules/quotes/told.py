"""What a client said, as an answer to a question of the product. Pure calculation."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.identifiers import (
    InvalidIdentifier,
    normalize_body_number,
    normalize_plate,
    normalize_vin,
)
from clientela.foundation.refusals import Refusal

_YES, _NO = ("yes", "да", "true"), ("no", "нет", "false")
_MOST = Decimal(10) ** 12


class NoAnswer(Refusal):
    """The words do not answer the question of the product."""

    message = _("This does not answer the question.")
    field = "answers"


def understood(question: Mapping[str, Any], said: Any) -> Any:
    """``said`` as a calculation keeps it: the value of a choice whose title was said, a number, truth, an ISO day.

    Raises ``NoAnswer``.
    """
    text = str(said).strip()
    kind = question.get("kind", "text")
    try:
        match kind:
            case "choice":
                wanted = _folded(text)
                return next(value for value, titles in choices_of(question) if wanted in titles)
            case "bool":
                low = text.casefold()
                if low in _YES or low in _NO:
                    return low in _YES
            case "number" | "money":
                return _number(question, text)
            case "date":
                return date.fromisoformat(text).isoformat()
            case "plate":
                return str(normalize_plate(text))
            case "vin":
                return str(normalize_vin(text))
            case "body":
                return str(normalize_body_number(text))
            case "text" if 0 < len(text) <= 200:
                return text
    except (StopIteration, InvalidOperation, ValueError, InvalidIdentifier):
        pass
    raise NoAnswer


def choices_of(question: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    """The values of a choice, each with everything it may be called."""
    for one in question.get("choices", ()):
        row = one if isinstance(one, dict) else {"value": one}
        value = str(row["value"])
        yield value, {_folded(str(row.get(name) or value)) for name in ("value", "title", "title_en")}


def _folded(text: str) -> str:
    """Without case, spaces and the mark of the rouble: ``15 000 ₽`` is ``15000``."""
    return "".join(text.replace("₽", "").split()).casefold()


def _number(question: Mapping[str, Any], text: str) -> int | str:
    number = Decimal(_folded(text).replace(",", "."))
    low, high = question.get("min"), question.get("max")
    fits = (low in (None, "") or number >= Decimal(str(low))) and (
        high in (None, "") or number <= Decimal(str(high))
    )
    if not number.is_finite() or abs(number) >= _MOST or not fits:
        raise NoAnswer
    return int(number) if number == number.to_integral_value() else format(number.normalize(), "f")
