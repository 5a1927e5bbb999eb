"""How often one address, one phone and one purchase may ask; the counts are shared by all processes."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal

HOUR = 3600
# name: (most, in so many seconds)
LIMITS = {
    "begin": (30, HOUR),
    "enter": (30, HOUR),
    "post": (240, HOUR),
    "code-phone": (5, HOUR),
    "code-address": (20, HOUR),
    "code-all": (2000, HOUR),
}


class TooOften(Refusal):
    """The limit is reached; it is free again within the hour."""

    message = _("Too many tries from here. Try again in an hour, or call us.")


def count(name: str, key: str = "") -> None:
    """One more; raises ``TooOften`` when it is one too many."""
    most, seconds = LIMITS[name]
    place = f"portal:{name}:{key}"
    cache.add(place, 0, seconds)
    try:
        reached = cache.incr(place)
    except ValueError:  # it ran out between the two
        cache.set(place, 1, seconds)
        reached = 1
    if reached > most:
        raise TooOften


def address_of(request: HttpRequest) -> str:
    """The address the limits count by."""
    return str(request.META.get("REMOTE_ADDR", ""))
