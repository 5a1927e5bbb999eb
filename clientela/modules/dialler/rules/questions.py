"""What a list asks of a client: the need's questions as data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

KINDS = ("number", "choice", "date", "yes_no", "text")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = 12


class BadQuestion(Refusal):
    """A question is not whole."""

    message = _("Each question has its own key, a text and a kind; a choice has at least two answers.")
    field = "questions"


class BadAnswer(Refusal):
    """An answer does not fit its question."""

    message = _("An answer does not fit its question.")
    field = "answers"


@dataclass(frozen=True, slots=True)
class Question:
    """``label`` in Russian, ``label_en`` in English (the Russian one where it is empty); ``unit`` of a number."""

    key: str
    label: str
    kind: str
    label_en: str = ""
    unit: str = ""
    options: tuple[str, ...] = ()

    def said(self, language: str) -> str:
        return self.label_en if language.startswith("en") and self.label_en else self.label

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key, "label": self.label, "label_en": self.label_en, "kind": self.kind,
            "unit": self.unit, "options": list(self.options),
        }  # fmt: skip


def parsed(raw: Sequence[Mapping[str, Any]]) -> list[Question]:
    """The questions of a list. Raises ``BadQuestion``."""
    found = [_question(one) for one in raw]
    if len({one.key for one in found}) < len(found) or len(found) > MOST:
        raise BadQuestion
    return found


def _question(raw: Mapping[str, Any]) -> Question:
    try:
        words = {
            name: str(raw.get(name, "")).strip() for name in ("key", "label", "label_en", "kind", "unit")
        }
        options = tuple(str(one).strip()[:80] for one in raw.get("options", ()) if str(one).strip())
    except (AttributeError, TypeError):
        raise BadQuestion from None
    whole = _KEY.fullmatch(words["key"]) and 0 < len(words["label"]) <= 120 and len(words["label_en"]) <= 120
    if not whole or words["kind"] not in KINDS or len(words["unit"]) > 20 or len(options) > 12:
        raise BadQuestion
    if (words["kind"] == "choice") != (len(options) >= 2):
        raise BadQuestion
    return Question(options=options, **words)


def clean(question: Question, value: str) -> str:
    """An answer as it is kept: a number with a point, a day in ISO, yes or no. Raises ``BadAnswer``."""
    value = value.strip()
    try:
        match question.kind:
            case "number":
                number = Decimal(value.replace(" ", "").replace("\u00a0", "").replace(",", "."))
                if not number.is_finite() or abs(number) >= Decimal(10) ** 12:
                    raise BadAnswer
                return f"{number.normalize():f}"
            case "date":
                return date.fromisoformat(value).isoformat()
            case "yes_no" if value in ("yes", "no"):
                return value
            case "choice" if value in question.options:
                return value
            case "text" if len(value) <= 200:
                return value
    except (InvalidOperation, ValueError):
        pass
    raise BadAnswer
