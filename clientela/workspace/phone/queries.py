"""What the demo's phone shows: whose phones there are, what came, and what can be paid."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, IntegerField, Q, Value, When

from clientela.foundation.regions import REGIONS
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Project
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.operations.terms import OPEN_PROJECT

APPS = {"sms": "message-2", "email": "mail", "vk": "brand-vk", "telegram": "brand-telegram", "site": "world"}
LAST_MESSAGES = 30
# Days before the end at which something happens, and how many phones of each day are offered.
OFFERED_DAYS = (30, 17, 5, 45)
WAKING = range(9, 20)


def offered(user: Any, *, today: date, now: datetime) -> list[Renewal]:
    """A few terms worth trying: reachable, not renewed, of agents below the norm, where it is daytime now."""
    awake = [
        zone
        for zone in {z for region in REGIONS for z in region.zones}
        if now.astimezone(ZoneInfo(zone)).hour in WAKING
    ]
    found: list[Renewal] = []
    for days in OFFERED_DAYS:
        terms = (
            Renewal.objects.visible_to(user)
            .filter(end_date=today + timedelta(days=days), state=Renewal.State.NOTHING, do_not_contact=False)
            .filter(norm_kept=False, reach__gte=3)
            .annotate(
                asleep=Case(When(time_zone__in=awake, then=Value(0)), default=1, output_field=IntegerField())
            )
            .select_related("client", "product", "agent")
            .order_by("asleep", "-reach", "id")
        )
        found += terms[:2]
    return found


def main_term(client: Client, *, today: date) -> Renewal | None:
    """The client's term that ends next, the unpaid ones first."""
    terms = Renewal.objects.filter(client=client, end_date__gte=today)
    return (
        terms.select_related("client", "product", "bank", "agent", "centre", "policy__insured_object")
        .order_by(Case(When(paid_at__isnull=True, then=Value(0)), default=1), "end_date", "id")
        .first()
    )


@dataclass(frozen=True)
class App:
    """One application of the phone with the number of messages not read yet."""

    code: str
    icon: str
    name: str
    unread: int
    current: bool


def unread(client: Client) -> dict[str, int]:
    """Messages by channel that came to the phone and were not opened."""
    came = Message.objects.filter(
        client=client, direction="out", state__in=["sent", "delivered"], opened_at=None
    )
    return dict(came.values_list("channel").annotate(n=Count("id")).order_by())


def messages(client: Client, channel: str) -> list[Message]:
    """What the phone holds of one channel, newest first; only what the network took."""
    shown = Q(direction="in") | Q(state__in=["sent", "delivered", "read"])
    return list(
        Message.objects.filter(shown, client=client, channel=channel).order_by("-created_at", "-id")[
            :LAST_MESSAGES
        ]
    )


def open_project(client: Client) -> Project | None:
    """The prepared contract the client could pay now."""
    return (
        Project.objects.filter(client=client, state__in=OPEN_PROJECT)
        .select_related("policy", "product", "agent", "insured_object")
        .order_by("start_date")
        .first()
    )


def paid_project(client: Client, *, since: datetime) -> Project | None:
    """The next term issued lately: the receipt the client sees after paying."""
    return (
        Project.objects.filter(client=client, state=Project.State.ISSUED, updated_at__gte=since)
        .select_related("next_policy__product")
        .order_by("-updated_at")
        .first()
    )
