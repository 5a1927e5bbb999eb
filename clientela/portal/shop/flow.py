"""The order of the steps."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.portal.shop.models import Purchase

FLOW = {
    "osago": ("facts", "drivers", "price", "you", "code", "check"),
    "kasko": ("facts", "drivers", "price", "you", "code", "check"),
    "travel": ("facts", "people", "price", "you", "code", "check"),
    "property": ("facts", "price", "you", "code", "check"),
}
TITLES = {
    "osago": _("Your car"), "kasko": _("Your car"), "travel": _("Your journey"), "property": _("Your home"),
    "drivers": _("Who drives"), "people": _("Who travels"), "price": _("Your price"), "you": _("Who buys"),
    "code": _("Confirm your phone"), "check": _("Check and pay"), "call": pgettext_lazy("shop", "We call you"),
    "later": _("Go on later"), "done": _("Your policy"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where one is: for the bar over the form and the way back."""

    title: str | Promise
    number: int
    count: int
    back: str

    @property
    def share(self) -> int:
        return self.number * 100 // self.count


def place_of(line: str, step: str) -> Place:
    steps = FLOW[line]
    title = TITLES[line] if step == "facts" else TITLES[step]
    if step not in steps:
        return Place(title, len(steps), len(steps), "price")
    number = steps.index(step)
    back = steps[number - 1] if number else ""
    return Place(title, number + 1, len(steps), "you" if back == "code" else back)


def next_of(line: str, step: str) -> str:
    steps = FLOW[line]
    return steps[steps.index(step) + 1]


def first_open(purchase: Purchase) -> str:
    """The first step that is not filled in; the last one when all are."""
    for step in FLOW[purchase.line]:
        if step == "code":
            if not purchase.is_confirmed:
                return step
        elif step not in purchase.done:
            return step
    return "check"


def may_open(purchase: Purchase, step: str) -> bool:
    """Nobody jumps over a step."""
    steps = FLOW[purchase.line]
    return step not in steps or steps.index(step) <= steps.index(first_open(purchase))
