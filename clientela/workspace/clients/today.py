"""Events of clients' lives to speak about, among the calls of the day."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_moment, local_today
from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import ContactPoint, LifeEvent
from clientela.workspace.today.sources import ToCall


def life_events(user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]:
    """A `Source`: the own clients of an agent whose event's day has come, the oldest first."""
    if not (user.can(Permission.CLIENTS_WRITE) and user.can(Permission.CONTACTS_WRITE)):
        return [], 0
    today = local_today(user.time_zone, now)
    due = LifeEvent.objects.visible_to(user).filter(
        client__agent__user=user, client__do_not_contact=False, remind_on__lte=today, done_at__isnull=True
    )
    phone = ContactPoint.objects.filter(
        client=OuterRef("client"), kind="phone", do_not_use=False, bad_since=None
    )
    rows = due.select_related("client__agent").annotate(
        point=Subquery(phone.values("id")[:1]), number=Subquery(phone.values("value")[:1])
    )
    shown = list(rows.order_by("remind_on", "id")[: most + 1])
    count = len(shown) if len(shown) <= most else due.count()
    return [_to_call(row) for row in shown[:most]], count


def _to_call(row: Any) -> ToCall:
    begun = local_moment(row.remind_on, time(9), row.client.time_zone)
    return ToCall(
        ids={"life_event_id": row.pk}, verb=_("Speak about it"), client=row.client, number=row.number or "",
        detail=f"{row}: {row.note}" if row.note else str(row), since=begun,
        until=local_moment(row.remind_on, time(20), row.client.time_zone),
        open_url=reverse("clients:household", args=[row.client_id]), close_url=reverse("clients:close_life_event", args=[row.pk]),
        dial={"client": row.client_id} | ({"contact_point": row.point} if row.point else {}),
    )  # fmt: skip
