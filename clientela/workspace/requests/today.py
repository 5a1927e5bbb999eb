"""Requests that wait for this person, among the calls of the day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.modules.accounts.access import Permission
from clientela.modules.clients.models import ContactPoint
from clientela.modules.requests.models import Request
from clientela.workspace.requests import words
from clientela.workspace.today.sources import ToCall


def requests_of_today(user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]:
    """A `Source`: the person's own requests that nobody has answered, the nearest promise first; then those taken."""
    if not user.can(Permission.REQUESTS_WRITE):
        return [], 0
    point = ContactPoint.objects.filter(client=OuterRef("client"), kind="phone", value=OuterRef("phone"))
    waiting = Q(state__in=(Request.State.NEW, Request.State.TAKEN), at_marketing=False)
    rows = Request.objects.filter(waiting, assignee=user.pk)
    found = rows.select_related("client__agent", "product").annotate(point=Subquery(point.values("id")[:1]))
    shown = list(found.order_by("state", "due_at", "id")[: most + 1])
    count = len(shown) if len(shown) <= most else rows.count()
    return [_to_call(one) for one in shown[:most]], count


def _to_call(row: Any) -> ToCall:
    client = {"client": row.client_id} | ({"contact_point": row.point} if row.point else {})
    detail = _("%(what)s · %(source)s · %(score)s points") % {
        "what": words.what(row), "source": words.source(row), "score": row.score,
    }  # fmt: skip
    return ToCall(
        ids={"request_id": row.pk}, verb=_("Answer the request"), client=row.client, number=row.phone, detail=detail,
        since=row.created_at, until=row.due_at if row.state == Request.State.NEW else None,
        open_url=reverse("requests:request", args=[row.pk]), close_url=reverse("requests:close", args=[row.pk]),
        dial=client if row.client_id else {"number": row.phone},
    )  # fmt: skip
