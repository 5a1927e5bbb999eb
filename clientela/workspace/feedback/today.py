"""Clients who are not content, among the calls of the day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.modules.accounts.access import Permission
from clientela.modules.quality.models import SurveyRequest
from clientela.workspace.today.sources import ToCall


def not_content(user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]:
    """A `Source`: who gave a bad score and was not called since, the nearest deadline first."""
    if not user.can(Permission.FEEDBACK_WRITE):
        return [], 0
    rows = SurveyRequest.objects.visible_to(user).to_call_back()
    found = list(rows.select_related("client__agent", "survey").order_by("call_back_by", "id")[: most + 1])
    count = len(found) if len(found) <= most else rows.count()
    return [_to_call(row) for row in found[:most]], count


def _to_call(row: SurveyRequest) -> ToCall:
    score = f"{row.survey.metric.upper()} {row.score}"
    words = " ".join(row.comment.split())
    detail = _("%(survey)s: %(score)s") % {"survey": row.survey.name, "score": score}
    return ToCall(
        ids={"feedback_id": row.pk}, verb=_("Ask what went wrong"), client=row.client, number="",
        detail=f"{detail}. «{words[:120]}»" if words else detail, since=row.answered_at or row.created_at,
        until=row.call_back_by, open_url=reverse("clients:card", args=[row.client_id]),
        close_url=reverse("feedback:settle", args=[row.pk]), dial={"client": row.client_id},
    )  # fmt: skip
