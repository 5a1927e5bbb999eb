"""Who and what may be insured at all: conditions of a product, asked before its tables of rules."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from clientela.modules.rating.rules.conditions import holds
from clientela.modules.rating.rules.premium import Reason

_NOTHING: tuple[Any, ...] = (None, "", [])


def refusals(
    conditions: Any, known: Mapping[str, Any], called: Callable[[str, str], str], language: str
) -> Iterator[Reason]:
    """A declining reason for each condition that a known answer does not meet; an unknown one says nothing."""
    for fact, wanted in conditions.items() if isinstance(conditions, Mapping) else ():
        answer = known.get(fact)
        if answer in _NOTHING or holds(wanted, answer):
            continue
        title = called(fact, language)
        if isinstance(answer, (int, float, Decimal)) and not isinstance(answer, bool):
            title = f"{title} — {answer}"
        with override(language):
            text = _("By its conditions the product does not suit: %s.") % title
        yield Reason("decline", text, "", 0)
