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


Names = Mapping[tuple[str, str], str]


def factor_names(product: Product, on: date) -> Names:
    """What the steps of the product's formula are called in the language of the page, by code and any of their titles.

    Steps of one code stand for each other and have titles of their own: one for named drivers, one for any driver.
    """
    language = (get_language() or "ru")[:2]
    steps = (definition_of(product, on).get("formula") or {}).get("steps", ())
    return {
        (str(one["code"]), str(title)): str(titles[language])
        for one in steps
        if (titles := one.get("title") or {}).get(language)
        for title in titles.values()
    }


def named(lines: Sequence[Mapping[str, Any]], names: Names) -> list[dict[str, Any]]:
    """The same lines with these names; a title that the formula no longer has stays as it is stored."""
    return [{**line, "title": _name(line, names)} for line in lines]


def _name(line: Mapping[str, Any], names: Names) -> str:
    code, title = str(line["code"]), str(line["title"])
    return gettext("Regular client's discount") if code == REGULAR_CODE else names.get((code, title), title)
