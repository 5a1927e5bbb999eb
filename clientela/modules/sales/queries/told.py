"""Questions of the product that a talk answers, beside those of the funnel."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone

from clientela.foundation.dates import local_today
from clientela.modules.dialler.rules.questions import Question
from clientela.modules.products.models import Product
from clientela.modules.products.queries import on_sale
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.sales.models import Deal, Funnel, Script
from clientela.modules.sales.rules.fields import OF_PRODUCT

_KINDS = {
    "choice": "choice",
    "bool": "yes_no",
    "number": "number",
    "money": "number",
    "date": "date",
    "text": "text",
}


def asks_of_products(
    funnel: Funnel, product: Product | None = None, *, on: date | None = None
) -> dict[str, Question]:
    """The questions of ``product``, or of every product of the funnel's lines, by ``product.KEY``.

    They are answered in words: the title of a choice, yes or no.
    """
    day = on or local_today(settings.TIME_ZONE, timezone.now())
    products = [product] if product is not None else list(on_sale().filter(line__in=funnel.lines))
    found: dict[str, Question] = {}
    for one in products:
        for question in questions_of(definition_of(one, day), day):
            made = _question(question)
            if made is not None:
                found.setdefault(made.key, made)
    return found


def asks_of(deal: Deal) -> dict[str, Question]:
    """Everything that may be written down in a talk with this deal."""
    return deal.funnel.asks | asks_of_products(deal.funnel, deal.product)


def asks_of_script(script: Script) -> dict[str, Question]:
    """Everything that a script may write down: questions of its funnel, and of the products sold through it."""
    return script.funnel.asks | asks_of_products(script.funnel, script.product)


def told_of(deal: Deal) -> dict[str, str]:
    """What was said to the questions of the product, by question."""
    return {
        key.removeprefix(OF_PRODUCT): str(value)
        for key, value in deal.answers.items()
        if key.startswith(OF_PRODUCT) and value not in (None, "")
    }


def _question(raw: dict[str, Any]) -> Question | None:
    kind = _KINDS.get(raw.get("kind", "text"), "")
    titles = tuple(
        str(one.get("title") or one["value"]) if isinstance(one, dict) else str(one)
        for one in raw.get("choices", ())
    )
    if not kind or (kind == "choice" and len(titles) < 2):
        return None
    label = str(raw.get("title") or raw["key"])
    return Question(f"{OF_PRODUCT}{raw['key']}", label, kind, str(raw.get("title_en", "")), "", titles)
