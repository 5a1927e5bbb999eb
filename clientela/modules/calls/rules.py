"""What endings mean, what keys do, when a menu is open, what is said: pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

# A person's desk rings so long before the call goes on to the next.
OFFER_SECONDS = 20
CLIENT_SECONDS = 40
# Who hears the menu to its end and presses nothing is connected after this.
MENU_PAUSE = timedelta(seconds=5)
# How often those who wait hear their place.
PLACE_EVERY = timedelta(seconds=30)
# How long one waits before nobody is looked for any more: a missed call, and somebody calls back.
WAIT_MOST = timedelta(minutes=15)
KEEP_RECORDINGS = timedelta(days=365)
KEYS = "0123456789*#"
CALL_BACK_KEY = "1"


class Outcome(models.TextChoices):
    """How a call came out: the first ones follow from the network, the others are said by the person who talked."""

    TALKED = "talked", pgettext_lazy("call", "Talked")
    MISSED = "missed", pgettext_lazy("call", "Missed")
    CALL_BACK = "call_back", pgettext_lazy("call", "Asked to be called")
    BUSY = "busy", pgettext_lazy("call", "Busy")
    NO_ANSWER = "no_answer", pgettext_lazy("call", "No answer")
    REJECTED = "rejected", pgettext_lazy("call", "Declined")
    UNREACHABLE = "unreachable", pgettext_lazy("call", "Not reachable")
    WRONG_NUMBER = "wrong_number", pgettext_lazy("call", "No such number")
    FAILED = "failed", pgettext_lazy("call", "Failed")
    NOT_DIALLED = "not_dialled", pgettext_lazy("call", "Not dialled")
    CLOSED = "closed", pgettext_lazy("call", "Outside of the hours")
    AGREED = "agreed", pgettext_lazy("call", "Agreed to renew")
    THINKS = "thinks", pgettext_lazy("call", "Thinks about it")
    REFUSED = "refused", pgettext_lazy("call", "Refused")
    SOLVED = "solved", pgettext_lazy("call", "Solved")
    NOT_THE_CLIENT = "not_the_client", pgettext_lazy("call", "Not the client")


SAID_BY_PEOPLE = (
    Outcome.TALKED, Outcome.AGREED, Outcome.THINKS, Outcome.REFUSED, Outcome.SOLVED, Outcome.NOT_THE_CLIENT,
)  # fmt: skip
# By the words of ``ports.Ending``.
_NETWORK = {
    "busy": Outcome.BUSY, "no_answer": Outcome.NO_ANSWER, "rejected": Outcome.REJECTED,
    "unreachable": Outcome.UNREACHABLE, "wrong_number": Outcome.WRONG_NUMBER, "congestion": Outcome.FAILED,
    "failed": Outcome.FAILED, "normal": Outcome.NOT_DIALLED,
}  # fmt: skip


def outcome_of(ending: str) -> Outcome:
    """What a call of ours came to that nobody answered; ``ending`` as in ``ports.Ending``."""
    return _NETWORK[ending]


class Do(StrEnum):
    """What a key of a menu does."""

    OWNER = "owner"
    QUEUE = "queue"
    PERSON = "person"
    MENU = "menu"
    CALL_BACK = "call_back"
    MESSAGE = "message"


def key_of(keys: Sequence[dict[str, Any]], pressed: str) -> dict[str, Any] | None:
    """What the menu says about a key."""
    return next((one for one in keys if one.get("key") == pressed), None)


def is_open(opens: time | None, closes: time | None, local: datetime) -> bool:
    """Whether a menu is open at ``local`` time; hours may go over midnight."""
    if opens is None or closes is None or opens == closes:
        return True
    moment = local.time()
    if opens < closes:
        return opens <= moment < closes
    return moment >= opens or moment < closes
