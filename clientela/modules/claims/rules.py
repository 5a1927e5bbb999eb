"""What a line knows of losses: kinds of events, photos that are wanted, and how many days there are to decide."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.hours import is_public_holiday
from clientela.modules.products.models import Line


class EventKind(models.TextChoices):
    """What happened; which of these a line knows is in ``KINDS``."""

    COLLISION = "collision", _("Collision")
    THEFT = "theft", _("Theft of the car")
    GLASS = "glass", _("Broken glass")
    WATER = "water", _("Flooding")
    FIRE = "fire", _("Fire")
    BURGLARY = "burglary", _("Burglary")
    NATURE = "nature", _("Forces of nature")
    ILLNESS = "illness", _("Illness or injury on the way")
    BAGGAGE = "baggage", _("Lost or damaged baggage")
    DELAY = "delay", _("Delay or cancellation")
    INJURY = "injury", pgettext_lazy("accident", "Injury")
    OTHER = "other", pgettext_lazy("loss", "Something else")


class View(models.TextChoices):
    """What a photo shows."""

    FRONT = "front", pgettext_lazy("photo", "From the front")
    BACK = "back", pgettext_lazy("photo", "From behind")
    DAMAGE = "damage", pgettext_lazy("photo", "The damage close by")
    SCENE = "scene", pgettext_lazy("photo", "The place of the accident")
    GENERAL = "general", pgettext_lazy("photo", "The whole room")
    CAUSE = "cause", pgettext_lazy("photo", "Where it came from")
    RECEIPTS = "receipts", pgettext_lazy("photo", "Receipts and bills")
    PAPERS = "papers", pgettext_lazy("photo", "Papers")


class Payout(models.TextChoices):
    """How the client is made good."""

    BANK = "bank", _("Money to a bank account")
    REPAIR = "repair", _("Repair at a garage")


K, V = EventKind, View

KINDS: dict[str, tuple[EventKind, ...]] = {
    Line.OSAGO: (K.COLLISION, K.OTHER),
    Line.KASKO: (K.COLLISION, K.THEFT, K.GLASS, K.NATURE, K.OTHER),
    Line.PROPERTY: (K.WATER, K.FIRE, K.BURGLARY, K.NATURE, K.OTHER),
    Line.MORTGAGE: (K.WATER, K.FIRE, K.NATURE, K.INJURY, K.OTHER),
    Line.TRAVEL: (K.ILLNESS, K.BAGGAGE, K.DELAY, K.OTHER),
    Line.ACCIDENT: (K.INJURY, K.OTHER),
}
VIEWS: dict[str, tuple[View, ...]] = {
    Line.OSAGO: (V.FRONT, V.BACK, V.DAMAGE, V.SCENE, V.PAPERS),
    Line.KASKO: (V.FRONT, V.BACK, V.DAMAGE, V.SCENE, V.PAPERS),
    Line.PROPERTY: (V.GENERAL, V.DAMAGE, V.CAUSE, V.PAPERS),
    Line.MORTGAGE: (V.GENERAL, V.DAMAGE, V.CAUSE, V.PAPERS),
    Line.TRAVEL: (V.DAMAGE, V.RECEIPTS, V.PAPERS),
    Line.ACCIDENT: (V.RECEIPTS, V.PAPERS),
}
MOTOR = (Line.OSAGO, Line.KASKO)
# Law on OSAGO, article 12, paragraph 21: twenty calendar days, public holidays not counted. Others as the company
# promises in its terms: ``CLAIM_DAYS`` of the settings says otherwise.
DAYS: dict[str, int] = {Line.OSAGO: 20}
DAYS_OF_OTHERS = 30
WITHOUT_HOLIDAYS = (Line.OSAGO,)


def kinds_of(line: str) -> tuple[EventKind, ...]:
    """What may happen under a policy of this line."""
    return KINDS.get(line, (K.OTHER,))


def views_of(line: str) -> tuple[View, ...]:
    """Which photos are wanted, the most telling first."""
    return VIEWS.get(line, (V.DAMAGE, V.PAPERS))


def ways_of(line: str) -> tuple[Payout, ...]:
    """How the client may be made good: only cars are sent to a garage."""
    return (Payout.BANK, Payout.REPAIR) if line in MOTOR else (Payout.BANK,)


def days_of(line: str) -> int:
    """How many days there are from the notice to the money."""
    told: dict[str, int] = settings.CLAIM_DAYS
    return told.get(line) or DAYS.get(line, DAYS_OF_OTHERS)


def due_day(line: str, reported: date) -> date:
    """The last day to decide and pay: the day of the notice does not count, nor do public holidays by law."""
    left, day = days_of(line), reported
    while left:
        day += timedelta(days=1)
        if line not in WITHOUT_HOLIDAYS or not is_public_holiday(day):
            left -= 1
    return day
