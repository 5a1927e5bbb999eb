"""Missed calls and call-backs asked for, among the calls of the day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.modules.accounts.access import Permission
from clientela.modules.calls.models import CallBack
from clientela.modules.clients.models import ContactPoint
from clientela.workspace.today.sources import ToCall


def call_backs(user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]:
    """A `Source`: who waits for this person, the nearest hour first."""
    if not user.can(Permission.CONTACTS_WRITE):
        return [], 0
    point = ContactPoint.objects.filter(client=OuterRef("client"), kind="phone", value=OuterRef("number"))
    rows = CallBack.objects.for_person(user, now)
    found = rows.select_related("client__agent", "call").annotate(point=Subquery(point.values("id")[:1]))
    shown = list(found.order_by("call_by", "id")[: most + 1])
    count = len(shown) if len(shown) <= most else rows.count()
    return [_to_call(back) for back in shown[:most]], count


def _to_call(back: Any) -> ToCall:
    client = {"client": back.client_id} | ({"contact_point": back.point} if back.point else {})
    return ToCall(
        ids={"call_back_id": back.pk}, verb=_("Call back"), client=back.client, number=back.number, detail=why(back),
        since=back.asked_at, until=back.call_by,
        open_url=reverse("calls:call", args=[back.call_id]) if back.call_id else reverse("calls:list"),
        close_url=reverse("calls:call_back_done", args=[back.pk]),
        dial=client if back.client_id else {"number": back.number},
    )  # fmt: skip


def why(back: CallBack) -> str:
    """«Missed call, 2 times: Renewal of the policy»."""
    parts = [str(back.get_why_display())]
    if back.times > 1:
        parts.append(ngettext("%(n)s time", "%(n)s times", back.times) % {"n": back.times})
    reason = back.call.reason if back.call else ""
    return ", ".join(parts) + (f": {reason}" if reason else "")
