"""One-time codes by SMS: the one way to prove that a phone is in somebody's hands.

For every part of the product that needs it (the shop confirms a buyer's phone; a signature by code names what is
signed in ``bound_to``). In short::

    asked = ask_code(now=now, purpose="shop.phone", subject_id=purchase.pk, phone=phone, words=words)
    with transaction.atomic():
        good = try_code(now=now, purpose="shop.phone", subject_id=purchase.pk, phone=phone, typed=typed)
        if good: ...  # what the code allows, in the same transaction
    if not good:
        raise WrongCode

A code goes by the queue of messages (`operations.awaited`), never within a request. It fits once, for ten minutes, for
five tries; a new one makes the old one void and may be asked for after a minute, six an hour for one phone.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from clientela.foundation.claims import one_at_a_time
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Awaited, Message, OneTimeCode
from clientela.modules.contacts.operations.awaited import MASK, send_awaited
from clientela.modules.contacts.queries.facts import can_be_written

LASTS = timedelta(minutes=10)
AGAIN = timedelta(seconds=60)
MOST_TRIES = 5
MOST_AN_HOUR = 6
ORIGIN = "contacts.code"
_KEPT = timedelta(days=30)


class WrongCode(Refusal):
    """Not the code that was sent, or it is too old."""

    message = _("The code does not fit. Look at the last SMS, or ask for a new code.")
    field = "code"


class CodeJustSent(Refusal):
    """The last one may still be on its way."""

    message = _("A code was sent a moment ago. A new one can be asked for in a minute.")


class TooManyCodes(Refusal):
    """The phone got as many as one may get in an hour."""

    message = _("Too many codes were sent to this phone. Try again in an hour, or call us.")


class NoSms(Refusal):
    """The number takes no SMS."""

    message = _("An SMS does not come to this number. Write a mobile phone.")
    field = "phone"


@dataclass(frozen=True, slots=True)
class Asked:
    """The stored code, and the digits themselves: for a demonstration's page and for nothing else."""

    row: OneTimeCode
    digits: str


@transaction.atomic
def ask_code(
    *, now: datetime, purpose: str, subject_id: int, phone: str, words: str, bound_to: str = "",
    client: Client | None = None,
) -> Asked:  # fmt: skip
    """A new code to ``phone`` (E.164) by SMS. ``words`` are the text with `MASK` in the place of the code.

    ``bound_to`` is what the code will confirm, such as the digest of a file: it fits nothing else. Raises ``NoSms``,
    ``CodeJustSent``, ``TooManyCodes``.
    """
    if not can_be_written("sms", phone):
        raise NoSms
    one_at_a_time(f"contacts.code.{phone}")
    last = last_code(purpose, subject_id)
    if last is not None and last.created_at > now - AGAIN and last.address == phone and last.used_at is None:
        raise CodeJustSent
    lately = OneTimeCode.objects.filter(address=phone, created_at__gt=now - timedelta(hours=1))
    if lately.count() >= MOST_AN_HOUR:
        raise TooManyCodes
    if last is not None and last.message_id is not None:  # nobody waits for the old one any more
        Awaited.objects.filter(message=last.message_id).update(until=now - timedelta(seconds=1), sealed="")
    digits = f"{secrets.randbelow(1_000_000):06}"
    message = send_awaited(
        now=now,
        channel="sms",
        to=phone,
        text=words,
        secret=digits,
        until=now + LASTS,
        origin=ORIGIN,
        client=client,
    )
    row = OneTimeCode.objects.create(
        purpose=purpose, subject_id=subject_id, address=phone, message=message, created_at=now, expires_at=now + LASTS,
        digest=_digest(purpose, subject_id, phone, bound_to, digits),
    )  # fmt: skip
    return Asked(row, digits)


@transaction.atomic
def try_code(
    *, now: datetime, purpose: str, subject_id: int, phone: str, typed: str, bound_to: str = ""
) -> bool:
    """Whether the code fits; every try counts, so let the transaction end before you refuse with ``WrongCode``."""
    rows = OneTimeCode.objects.select_for_update().filter(purpose=purpose, subject_id=subject_id)
    row = rows.order_by("-id").first()
    if row is None:
        return False
    row.tries = min(row.tries + 1, MOST_TRIES + 1)
    digits = "".join(char for char in typed if char.isdigit())
    fits = constant_time_compare(_digest(purpose, subject_id, phone, bound_to, digits), row.digest)
    good = fits and row.used_at is None and row.expires_at > now and row.tries <= MOST_TRIES
    row.used_at = now if good else row.used_at
    row.save(update_fields=["tries", "used_at"])
    return good


def last_code(purpose: str, subject_id: int) -> OneTimeCode | None:
    """The code that counts."""
    rows = OneTimeCode.objects.filter(purpose=purpose, subject_id=subject_id)
    return rows.select_related("message").order_by("-id").first()


def did_not_go(code: OneTimeCode) -> bool:
    """Whether the network refused it: a new one is needed."""
    return code.message is not None and code.message.state in (Message.State.FAILED, Message.State.DROPPED)


def forget_codes(*, now: datetime) -> int:
    """Delete codes that are long over."""
    return OneTimeCode.objects.filter(created_at__lt=now - _KEPT).delete()[0]


def _digest(purpose: str, subject_id: int, phone: str, bound_to: str, digits: str) -> str:
    salted = signing.Signer(salt=f"contacts.code.{purpose}.{subject_id}").signature(
        f"{phone}:{bound_to}:{digits}"
    )
    return hashlib.sha256(salted.encode()).hexdigest()


__all__ = [
    "MASK", "Asked", "CodeJustSent", "NoSms", "TooManyCodes", "WrongCode", "ask_code", "did_not_go", "forget_codes",
    "last_code", "try_code",
]  # fmt: skip
