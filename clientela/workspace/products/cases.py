"""Past calculations on which a new version of a tariff is checked."""

from collections.abc import Iterator

from clientela.modules.quotes.models import Variant
from clientela.modules.quotes.queries.facts import facts_of
from clientela.modules.rating.operations.regression import MOST_CASES, Case


def past_calculations(product: str) -> Iterator[Case]:
    """The newest priced calculations of a product, by their chosen variant, else the first."""
    variants = (
        Variant.objects.filter(calculation__product__code=product, premium__isnull=False)
        .select_related("calculation__client", "calculation__policy")
        .order_by("-calculation_id", "-is_chosen", "place")
    )
    seen = None
    for variant in variants[: 2 * MOST_CASES].iterator():
        calculation = variant.calculation
        if calculation.pk == seen:
            continue
        seen = calculation.pk
        title = str(calculation.subject.get("title") or calculation.client)
        yield Case(calculation.number, title, facts_of(calculation, variant))
