"""Fields that take what people type: dates with or without dots, plates in any alphabet, phones in any form."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clientela.foundation import identifiers, phones
from clientela.foundation.ui import formats

_NOT_DIGITS = re.compile(r"\D+")


class DayField(forms.CharField):
    """A day as 5.12.2026, 05122026, 05/12/26 or 2026-12-05; its value is the ISO day."""

    def __init__(self, *, past: bool = False, autocomplete: str = "off", **kwargs: Any) -> None:
        self.past = past
        widget = forms.TextInput(attrs={
            "inputmode": "numeric", "autocomplete": autocomplete, "placeholder": _("DD.MM.YYYY"), "maxlength": 20,
        })  # fmt: skip
        super().__init__(max_length=20, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return f"{value[8:]}.{value[5:7]}.{value[:4]}"
        return value

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").strip()
        if not text:
            return ""
        day = _day(text)
        if day is None or not 1900 <= day.year <= 2100:
            raise ValidationError(_("Write the day like 12.04.1984."))
        if self.past and day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day.isoformat()


def _day(text: str) -> date | None:
    parts = [part for part in _NOT_DIGITS.split(text) if part]
    if len(parts) == 1 and len(parts[0]) in (6, 8):
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
    if len(parts) != 3 or any(len(part) > 4 for part in parts):
        return None
    if len(parts[0]) == 4:
        parts.reverse()
    day, month, year = (int(part) for part in parts)
    if len(parts[2]) == 2:
        year += 2000 if 2000 + year <= timezone.localdate().year + 1 else 1900
    try:
        return date(year, month, day)
    except ValueError:
        return None


class KnownField(forms.CharField):
    """A number with rules of its own: plate, VIN, licence, passport; ``rule`` gives it as stored or refuses."""

    def __init__(
        self, rule: Callable[[str], str], *, placeholder: str = "", numeric: bool = False, **kwargs: Any
    ) -> None:
        self.rule = rule
        attrs = {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "placeholder": placeholder,
        }
        if numeric:
            attrs["inputmode"] = "numeric"
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").strip()
        if not text:
            return ""
        try:
            return self.rule(text)
        except identifiers.InvalidIdentifier as refused:
            raise ValidationError(str(refused)) from None


class PhoneField(forms.CharField):
    """A phone in any form; its value is E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "tel", "autocomplete": "tel", "placeholder": "+7 900 000-00-00", "type": "tel"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return (
            phones.format_phone(value)
            if isinstance(value, str) and re.fullmatch(r"\+\d{11,15}", value)
            else value
        )

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").strip()
        if not text:
            return ""
        number = phones.normalize(text)
        if number is None:
            raise ValidationError(_("Write the number with its code, such as +7 917 000-00-00."))
        return number


class AmountField(forms.CharField):
    """A whole or decimal number as people write it: 1 500 000, 123,5; its value is plain text of digits."""

    def __init__(self, *, least: str = "", most: str = "", **kwargs: Any) -> None:
        self.least, self.most = least, most
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        text = re.sub(r"[\s\u00a0\u202f₽]", "", super().to_python(value) or "").replace(",", ".")
        if not text:
            return ""
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text):
            raise ValidationError(_("Write a number."))
        if (self.least and float(text) < float(self.least)) or (self.most and float(text) > float(self.most)):
            told = {"least": _grouped(self.least), "most": _grouped(self.most)}
            raise ValidationError(_("From %(least)s to %(most)s.") % told)
        return text.lstrip("0") or "0"


def _grouped(bound: str) -> str:
    """A bound as people read it: 30 000 000; a year stays in one piece."""
    return (
        formats.number(Decimal(bound), get_language() or "ru")
        if len(bound) > 4 and bound.isdigit()
        else bound
    )
