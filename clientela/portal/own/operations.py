"""Coming in by a one-time code, and going out."""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.names import name_key
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations import verify_contact_point
from clientela.modules.contacts.operations.awaited import MASK
from clientela.modules.contacts.operations.one_time_codes import WrongCode, ask_code, last_code, try_code
from clientela.modules.contracts.models import Policy
from clientela.portal import limits
from clientela.portal.own.models import Visit

PURPOSE = "own.enter"
TOUCH_EVERY = timedelta(minutes=5)
KEPT = timedelta(days=30)


class NobodyFound(Refusal):
    """The phone is the visitor's, but no card has it together with this birth date or policy."""

    message = _("With this phone and this birth date or policy we find nobody. Look at both, or call us.")


@transaction.atomic
def enter(*, now: datetime, phone: str, told: dict[str, str], address: str) -> tuple[Visit, str]:
    """Begin a visit and send the code; returns the code too, for the page of a demonstration.

    Whether anybody is known by this phone shows only when the code has fitted. Raises ``TooOften``, ``NoSms``,
    ``TooManyCodes``.
    """
    limits.count("enter", address)
    visit = Visit.objects.create(
        key=secrets.token_urlsafe(32), phone=phone, told=told, created_at=now, touched_at=now
    )
    return visit, send_code(now=now, visit=visit, address=address)


@transaction.atomic
def send_code(*, now: datetime, visit: Visit, address: str) -> str:
    """A new code; the old one is void. Raises ``CodeJustSent``, ``TooManyCodes``, ``TooOften``, ``NoSms``."""
    limits.count("code-address", address)
    limits.count("code-all")
    words = gettext("%(code)s is your code for %(company)s. Tell it to nobody.") % {
        "code": MASK, "company": settings.COMPANY_NAME,
    }  # fmt: skip
    return ask_code(
        now=now, purpose=PURPOSE, subject_id=visit.pk, phone=visit.phone, words=words, bound_to=visit.key
    ).digits


def code_waits(visit: Visit, *, now: datetime) -> bool:
    """Whether a code may still be typed in."""
    last = last_code(PURPOSE, visit.pk)
    return last is not None and last.used_at is None and last.expires_at > now


def confirm(*, now: datetime, visit: Visit, code: str) -> Visit:
    """The phone is the visitor's; the card is looked for now. Raises ``WrongCode``, ``NobodyFound``."""
    with transaction.atomic():
        row = Visit.objects.select_for_update().get(pk=visit.pk)
        good = try_code(
            now=now, purpose=PURPOSE, subject_id=row.pk, phone=row.phone, typed=code, bound_to=row.key
        )
        if good:
            row.key, row.confirmed_at, row.touched_at = secrets.token_urlsafe(32), now, now
            row.client = _card_of(row)
            row.save()
            if row.client is not None:
                _entered(row, now=now)
    if not good:  # the try is counted even so
        raise WrongCode
    if row.client is None:
        raise NobodyFound
    return row


def _entered(visit: Visit, *, now: datetime) -> None:
    point = ContactPoint.objects.filter(client=visit.client_id, kind="phone", value=visit.phone).first()
    if point is not None and point.verified_at is None:
        verify_contact_point(actor=None, now=now, contact_point=point)
    record(actor=None, now=now, action="client.entered", obj=visit.client, changes={})


def _card_of(visit: Visit) -> Client | None:
    """The card with this phone and this birth date or policy; people of two names give nobody's away.

    Of two cards of one name, which nobody has joined yet, it is the one whose cover ends last.
    """
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value=visit.phone, do_not_use=False)
    cards = Client.objects.filter(_told(visit.told), pk__in=points.values("client"))
    found = list(
        cards.annotate(last=Max("policies__end_date")).order_by(F("last").desc(nulls_last=True), "pk")[:5]
    )
    names = {name_key(f"{one.last_name} {one.first_name} {one.company_name}") for one in found}
    return found[0] if len(names) == 1 else None


def _told(told: dict[str, str]) -> Q:
    if told.get("number"):
        holders = Policy.objects.filter(number_key=policy_number_key(told["number"]))
        return Q(pk__in=holders.values("client"))
    return Q(kind=Client.Kind.PERSON, birth_date=date.fromisoformat(told["birth_date"]))


def touch(visit: Visit, *, now: datetime) -> None:
    """Somebody is here: written down every five minutes at the most."""
    if visit.touched_at < now - TOUCH_EVERY:
        Visit.objects.filter(pk=visit.pk).update(touched_at=now)


def leave(*, now: datetime, visit: Visit) -> None:
    """The visit is over, in whichever browser."""
    Visit.objects.filter(pk=visit.pk).update(left_at=now)


def forget(*, now: datetime) -> int:
    """Delete visits that are long over."""
    return Visit.objects.filter(touched_at__lt=now - KEPT).delete()[0]
