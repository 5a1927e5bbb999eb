"""Whether the value that was typed for a car is a usual one, so that nobody has to be asked about it."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from statistics import median

from django.core.cache import cache

from clientela.modules.contracts.models import Policy
from clientela.portal.shop.models import Purchase

# Own policies speak only when there are so many, of as many clients: one car never shows through.
ENOUGH = 5
_SAMPLE = 200
_LOWER, _UPPER = Decimal("0.7"), Decimal("1.3")
# Without them: what the cheapest and the dearest new cars cost, and the least and the most that a year leaves of it.
CHEAPEST, DEAREST = Decimal(900_000), Decimal(12_000_000)
_LEFT_LEAST, _LEFT_MOST = Decimal("0.80"), Decimal("0.95")


def usual_values(age: int, known: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """From which to which value a car of ``age`` full years is a usual one, in roubles.

    ``known`` are the sums that cars like it are insured for: 30 % around their median when there are enough of them.
    """
    if len(known) >= ENOUGH:
        middle = median(known)
        return middle * _LOWER, middle * _UPPER
    return CHEAPEST * _LEFT_LEAST**age, DEAREST * _LEFT_MOST**age


def is_odd(purchase: Purchase) -> bool:
    """Whether a colleague has to look at the value: it is far from what such cars are insured for."""
    typed, year = purchase.told("sum_insured"), purchase.told("year")
    if purchase.line != "kasko" or not typed or not year or purchase.starts_on is None:
        return False
    age = max(purchase.starts_on.year - int(year), 0)
    least, most = usual_values(age, _known(purchase, int(year)))
    return not least <= Decimal(str(typed)) <= most


def _known(purchase: Purchase, year: int) -> list[Decimal]:
    make, model, day = str(purchase.told("make") or ""), str(purchase.told("model") or ""), purchase.starts_on
    if not model or day is None:
        return []
    key = f"shop:values:{make}:{model}:{year}:{day:%Y%m}".lower().replace(" ", "_")[:200]
    found = cache.get(key)
    if found is None:
        rows = Policy.objects.filter(
            product__line="kasko", sum_insured__gt=0, start_date__gt=day - timedelta(days=365),
            insured_object__make__iexact=make, insured_object__model__iexact=model,
            insured_object__year__range=(year - 1, year + 1),
        )  # fmt: skip
        of_client = dict(rows.order_by("start_date").values_list("client", "sum_insured")[:_SAMPLE])
        found = [str(one) for one in of_client.values()]
        cache.set(key, found, 3600)
    return [Decimal(one) for one in found]
