"""Past calculations on which a new version of a tariff is checked."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.queries.facts import facts_of
from clientela.modules.rating.operations import checking
from clientela.modules.rating.operations.regression import Case


def past_calculations(product: str, before: int | None = None) -> Iterator[Case]:
    """The newest priced calculations of a product, by their chosen variant, else the first; those older than ``before``."""
    variants = (
        Variant.objects.filter(calculation__product__code=product, premium__isnull=False)
        .select_related("calculation__client", "calculation__policy")
        .order_by("-calculation_id", "-is_chosen", "place")
    )
    if before is not None:
        variants = variants.filter(calculation_id__lt=before)
    seen = None
    for variant in variants.iterator(chunk_size=200):
        calculation = variant.calculation
        if calculation.pk == seen:
            continue
        seen = calculation.pk
        title = str(calculation.subject.get("title") or calculation.client)
        yield Case(calculation.number, title, facts_of(calculation, variant), calculation.pk)


def chunk(product: str, before: int | None, most: int) -> list[Case]:
    """As many of them as asked for, at once: nothing is read while others write."""
    found = past_calculations(product, before)
    return [case for _, case in zip(range(most), found, strict=False)]


def priced(product: str) -> int:
    """How many there are."""
    rows = Calculation.objects.filter(product__code=product, variants__premium__isnull=False)
    return rows.values("pk").distinct().count()


def run_check(run: Run) -> dict[str, Any]:
    """The job."""
    return checking.work(run, now=timezone.now, cases=chunk, total=priced)
