"""Facts in words and figures."""

from datetime import date
from decimal import Decimal

from django.utils.translation import pgettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.group.models import Fact, FactKind


def shown(value_type: str, value: str, unit: str = "") -> str:
    """A kept value as people read it."""
    tongue = language()
    if value_type == FactKind.Type.YES_NO:
        return pgettext("value", "yes") if value == "yes" else pgettext("value", "no")
    if value_type == FactKind.Type.AMOUNT:
        return formats.money(Decimal(value), tongue)
    if value_type == FactKind.Type.NUMBER:
        number = Decimal(value)
        text = formats.number(int(number), tongue) if number == int(number) else str(number)
        return f"{text} {unit}".strip()
    if value_type == FactKind.Type.DATE:
        return formats.full_date(date.fromisoformat(value), tongue)
    return value


def value_of(fact: Fact) -> str:
    return shown(fact.kind.value_type, fact.value, fact.kind.unit)
