"""What may be known of a client beyond the name: conditions by code, for the list and for the adoption of the base."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.clients.models import ProfileAnswer, Relation
from clientela.modules.clients.queries import presence
from clientela.modules.clients.rules import STALE_AFTER_DAYS
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.renewals.models import Renewal
from clientela.modules.sales.models import Advice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

DATA = ("birth_date", "phone", "email", "document", "address")
WORDS: "dict[str, _StrPromise]" = {
    "birth_date": _("Birth date"),
    "phone": _("Phone that works"),
    "email": _("E-mail that works"),
    "document": _("Passport"),
    "address": _("Address"),
    "consent": _("Consent to service messages"),
    "fresh": _("Data confirmed within a year"),
    "channel": _("Preferred channel"),
    "hours": _("Preferred hours"),
    "interests": _("Interests"),
    "household": _("Family and ties"),
    "profit": _("Profitability"),
    "offer": pgettext_lazy("client", "Something to offer"),
    "at_risk": _("Ends within 30 days, nothing done"),
}
LAPSE_DAYS = 30


def conditions(today: date) -> dict[str, Q]:
    """Code → the condition that it is known, as of ``today``; for ``at_risk``: that it is so."""
    filled = presence()
    mine = {"client": OuterRef("pk")}
    in_force = Consent.objects.filter(purpose=Purpose.SERVICE, withdrawn_at__isnull=True, **mine)
    untouched = Renewal.objects.filter(
        state=Renewal.State.NOTHING,
        end_date__gte=today,
        end_date__lte=today + timedelta(days=LAPSE_DAYS),
        **mine,
    )
    return {code: filled[code] for code in DATA} | {
        "consent": Q(Exists(in_force.order_by())),
        "fresh": Q(data_confirmed_at__date__gte=today - timedelta(days=STALE_AFTER_DAYS)),
        "channel": ~Q(preferred_channel=""),
        "hours": Q(contact_from__isnull=False) | Q(contact_to__isnull=False),
        "interests": Q(Exists(ProfileAnswer.objects.filter(key="interests", **mine).order_by())),
        "household": Q(Exists(Relation.objects.filter(client=OuterRef("pk")).order_by()))
        | Q(Exists(Relation.objects.filter(other=OuterRef("pk")).order_by())),
        "profit": ~Q(profitability=""),
        "offer": Q(Exists(Advice.objects.open().filter(**mine).order_by())),
        "at_risk": Q(Exists(untouched.order_by())),
    }
