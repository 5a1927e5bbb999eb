"""What a client is told of a delivery, by SMS, in their language: when it comes, that it waits, that it did not come."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, override

from clientela.foundation.ui.formats import full_date
from clientela.modules.contacts.operations import queue_message
from clientela.modules.documents.models import Delivery, DeliveryStep

State, Way = Delivery.State, Delivery.Way


def link_of(row: Delivery) -> str:
    """Where the client sees how the delivery stands; empty for those from before there was such a page."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/delivery/{row.token}/" if row.token else ""


def tell_client(row: Delivery, step: DeliveryStep, *, origin: str, now: datetime) -> None:
    """Send what this step means for the client; most steps mean nothing to them. Told once a step."""
    with override(row.client.language):
        text = _text(row)
        if not text:
            return
        text = f"{settings.COMPANY_NAME}: {text}" + (f" {link_of(row)}" if row.token else "")
    queue_message(
        now=now, actor=None, client=row.client, channel="sms", text=text, origin=f"{origin}.{row.state}", origin_id=step.pk,
    )  # fmt: skip


def _text(row: Delivery) -> str:
    language = row.client.language
    values = {
        "day": full_date(row.day, language) if row.day else "", "first": row.hour_from, "last": row.hour_to,
        "point": row.point, "hours": row.point.hours if row.point else "", "number": settings.SHORT_NUMBER,
        "email": row.email,
    }  # fmt: skip
    match row.way, row.state:
        case Way.COURIER, State.ORDERED:
            return gettext("the courier brings your documents on %(day)s, %(first)s:00–%(last)s:00.") % values
        case Way.COURIER, State.NOT_DELIVERED:
            return (
                gettext(
                    "the courier could not hand over your documents. Ring %(number)s to agree on another time."
                )
                % values
            )
        case Way.PICKUP, State.READY:
            return (
                gettext("your documents wait at %(point)s, %(hours)s, until %(day)s. Bring your passport.")
                % values
            )
        case Way.PICKUP, State.EXPIRED:
            return (
                gettext("your documents were not fetched. Ring %(number)s and we keep them for you.") % values
            )
        case Way.EMAIL, State.NOT_DELIVERED if row.email:
            return (
                gettext(
                    "the letter with your documents did not come to %(email)s. Ring %(number)s to give another address."
                )
                % values
            )
    return ""
