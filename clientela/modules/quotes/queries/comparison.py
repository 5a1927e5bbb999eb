"""A calculation as its client reads it: what each variant costs and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.queries.facts import answers_of, drivers_of
from clientela.modules.quotes.queries.products import definition_of


@dataclass(frozen=True)
class Offered:
    """A variant with its price."""

    variant: Variant
    title: str
    lines: list[str]
    premium: Decimal
    chosen: bool


def columns(found: Calculation) -> list[Offered]:
    """The variants that have a price, in their order."""
    return [
        Offered(
            one,
            one.title or _("Variant %(n)s") % {"n": one.place},
            lines_of(found, one),
            one.premium,
            one.is_chosen,
        )
        for one in found.variants.order_by("place")
        if one.premium is not None
    ]


def lines_of(found: Calculation, variant: Variant) -> list[str]:
    """Who drives, how many months, what each coverage is for."""
    answers, lines = answers_of(found, variant), []
    if found.drivers:
        people = ", ".join(one.get("first_name") or one["name"] for one in drivers_of(found, variant))
        lines.append(_("anybody may drive") if answers.get("unlimited") is True else people)
        months = int(answers.get("months_of_use") or found.months)
        lines.append(
            _("the whole year")
            if months >= 12
            else ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
        )
    language = (get_language() or "ru")[:2]
    covers = {
        one["code"]: one for one in definition_of(found.product, found.starts_on).get("coverages") or ()
    }
    return lines + [_cover(part, covers, language) for part in variant.explanation.get("parts", [])]


def _cover(part: Mapping[str, Any], covers: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """What the product calls the coverage in the reader's language; the stored words where it does not know it."""
    known = covers.get(str(part.get("code", "")), {})
    return str((known.get("title_en") if language == "en" else "") or known.get("title") or part["title"])
