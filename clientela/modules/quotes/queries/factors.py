"""Stored lines of a price in the language of who reads them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from clientela.modules.contracts.price_words import (
    REGULAR_CODE,
    Words,
    regular_discount,
    worded,
    words_of,
    years_with_us,
)
from clientela.modules.products.models import Product

Names = Words


def factor_names(product: Product, on: date) -> Names:
    """What the steps of the product's formula say in the language of the page, by code and any of their titles.

    Steps of one code stand for each other and have titles of their own: one for named drivers, one for any driver.
    """
    return words_of(product.code, on)


def named(lines: Sequence[Mapping[str, Any]], names: Names) -> list[dict[str, Any]]:
    """The same lines with these words; a title that the formula no longer has stays as it is stored."""
    return worded(lines, names)


__all__ = ["REGULAR_CODE", "Names", "factor_names", "named", "regular_discount", "years_with_us"]
