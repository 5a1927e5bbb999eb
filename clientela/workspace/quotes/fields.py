"""Fields as people fill them: numbers, and the numbers of a car."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy

from clientela.foundation.identifiers import InvalidIdentifier
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language

LONGEST, GROUPED = 14, 10_000  # years and counts stay as they are


class Figure(forms.DecimalField):
    """A number as people type it: ``1 500,5``."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=widget, max_digits=14, **kwargs)
        self.error_messages |= {"invalid": gettext_lazy("Write a number like 12 or 1 500.50.")}
        for validator in self.validators:
            if isinstance(validator, MinValueValidator):
                validator.message = gettext_lazy("At least %(limit_value)s.")
            elif isinstance(validator, MaxValueValidator):
                validator.message = gettext_lazy("At most %(limit_value)s.")

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = "".join(value.replace("₽", "").split()).replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """Sums are shown in groups of three: 3 000 000; what is no such sum stays as it was typed."""
        text = str(value).removesuffix(".00")
        if text.isascii() and text.isdecimal() and len(text) <= LONGEST and int(text) >= GROUPED:
            return formats.number(int(text), language())
        return value


class NumberOfCar(forms.CharField):
    """A plate, a VIN or a body number, checked and stored as it is written everywhere."""

    def __init__(self, normalize: Callable[[str], str], **kwargs: Any) -> None:
        self.normalize = normalize
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        try:
            return str(self.normalize(text)) if text else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error.message)) from None
