"""The words of an explanation in the reader's language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from clientela.foundation.ui import formats


def said(words: Mapping[str, str], language: str = "") -> str:
    """The text in this language, in Russian where there is no other."""
    return words.get(language or get_language() or "ru") or words.get("ru", "")


def filled(template: str, facts: Mapping[str, Any], language: str) -> str:
    """``{age} лет`` with the facts put in; a part before ``: `` that turns out empty is left out."""
    text = template.format_map(_Shown(facts, language)) if "{" in template else template
    return text.removeprefix(": ").strip()


class _Shown(dict[str, Any]):
    def __init__(self, facts: Mapping[str, Any], language: str) -> None:
        super().__init__(facts)
        self.language = language

    def __missing__(self, key: str) -> str:
        return ""

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and value >= 10_000:
            return formats.number(value, language=self.language)
        return value
