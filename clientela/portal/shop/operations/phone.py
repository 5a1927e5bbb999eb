"""The visitor's phone: confirmed by a one-time code, and the link to come back. Both go by the queue of messages."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from clientela.foundation.audit.operations import record
from clientela.foundation.ui.formats import full_date
from clientela.modules.contacts.operations.awaited import MASK, send_awaited
from clientela.modules.contacts.operations.one_time_codes import WrongCode, ask_code, last_code, try_code
from clientela.portal import limits
from clientela.portal.shop.cards import card_of
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations.keeping import link_of, lock

PURPOSE = "shop.phone"
LINK_ORIGIN = "shop.link"
LINK_GOES_FOR = timedelta(days=1)


@transaction.atomic
def send_code(*, now: datetime, purchase: Purchase, address: str) -> str:
    """A new code to the phone that was typed; the old one is void. Returns it, for the page of a demonstration.

    Raises ``CodeJustSent``, ``TooManyCodes``, ``TooOften``, ``NoSms``.
    """
    limits.count("code-address", address)
    limits.count("code-all")
    words = gettext("%(code)s is your code for %(company)s. Tell it to nobody.") % {
        "code": MASK, "company": settings.COMPANY_NAME,
    }  # fmt: skip
    asked = ask_code(
        now=now, purpose=PURPOSE, subject_id=purchase.pk, phone=purchase.person["phone"], words=words
    )
    Purchase.objects.filter(pk=purchase.pk).update(touched_at=now)
    return asked.digits


def code_waits(purchase: Purchase, *, now: datetime) -> bool:
    """Whether a code to the typed phone may still be typed in."""
    last = last_code(PURPOSE, purchase.pk)
    if last is None or last.used_at is not None:
        return False
    return last.address == purchase.person.get("phone") and last.expires_at > now


def confirm(*, now: datetime, purchase: Purchase, code: str) -> Purchase:
    """The phone is the visitor's: their card is found or made. Raises ``WrongCode``."""
    with transaction.atomic():
        row = lock(purchase)
        good = try_code(
            now=now, purpose=PURPOSE, subject_id=row.pk, phone=row.person.get("phone", ""), typed=code
        )
        if good:
            row.confirmed_phone = row.person["phone"]
            row.client = card_of(row, now=now)
            record(
                actor=None, now=now, action="purchase.confirmed", obj=row.client,
                changes={kind: [None, one["version"]] for kind, one in row.consents.items()}, reason="shop",
            )  # fmt: skip
            row.done = [*row.done, "code"] if "code" not in row.done else row.done
        row.touched_at = now
        row.save()
    if not good:  # the try is counted even so
        raise WrongCode
    return row


@transaction.atomic
def send_link(*, now: datetime, purchase: Purchase, where: str, address: str) -> None:
    """The link to come back, to the visitor's own phone or e-mail; shown to no colleague. Raises ``TooOften``."""
    limits.count("code-phone", where)
    limits.count("code-address", address)
    limits.count("code-all")
    words = gettext("%(company)s: go on with your insurance here: %(link)s The link holds until %(until)s.")
    told = {
        "company": settings.COMPANY_NAME, "link": MASK,
        "until": full_date(purchase.expires_at.date(), purchase.language),
    }  # fmt: skip
    channel = "email" if "@" in where else "sms"
    send_awaited(
        now=now, channel=channel, to=where, text=words % told, secret=link_of(purchase), until=now + LINK_GOES_FOR,
        origin=LINK_ORIGIN, subject=gettext("Your insurance: go on where you left") if channel == "email" else "",
    )  # fmt: skip
