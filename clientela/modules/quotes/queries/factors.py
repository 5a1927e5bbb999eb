"""Stored lines of a price in the language of who reads them: what is stored is in the language of the company."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from clientela.modules.products.models import Product
from clientela.modules.quotes.queries.products import definition_of

REGULAR_CODE = "REGULAR"


def regular_discount() -> Promise | str:
    """What the discount of a regular client is called."""
    return _("Regular client's discount")


def years_with_us(years: int) -> Promise | str:
    """For which year of renewal it is given."""
    return format_lazy("{words}: {years}", words=_("year of renewal"), years=years)


def factor_names(product: Product, on: date) -> dict[str, str]:
    """What the steps of the product's formula are called by their code, in the language of the page."""
    language = (get_language() or "ru")[:2]
    steps = (definition_of(product, on).get("formula") or {}).get("steps", ())
    found = {str(one["code"]): str((one.get("title") or {}).get(language) or "") for one in steps}
    return {code: name for code, name in found.items() if name} | {
        REGULAR_CODE: gettext("Regular client's discount")
    }


def named(lines: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The same lines with these names."""
    return [{**line, "title": names.get(str(line["code"])) or line["title"]} for line in lines]
