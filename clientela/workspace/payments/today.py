"""Parts of premiums that were not paid in time, among the calls of the day."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission
from clientela.modules.billing.models import Instalment
from clientela.modules.billing.queries import overdue
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.queries import name_of
from clientela.workspace.today.sources import ToCall


def overdue_parts(user: Any, *, now: datetime, most: int) -> tuple[Sequence[ToCall], int]:
    """A `Source`: who owes a part of a premium, the longest wait first."""
    if not user.can(Permission.PAYMENTS_WRITE):
        return [], 0
    rows = overdue(local_today(settings.TIME_ZONE, now)).filter(scope_of(user).q("policy__client__"))
    shown = list(
        rows.select_related("policy__client__agent", "policy__product").order_by("due_on", "id")[: most + 1]
    )
    count = len(shown) if len(shown) <= most else rows.count()
    return [_to_call(part) for part in shown[:most]], count


def _to_call(part: Instalment) -> ToCall:
    policy, client = part.policy, part.policy.client
    detail = _("%(product)s %(number)s: %(sum)s were due on %(day)s") % {
        "product": name_of(policy.product), "number": policy.number,
        "sum": formats.money(part.amount - part.paid, language()), "day": formats.full_date(part.due_on, language()),
    }  # fmt: skip
    due = local_moment(part.due_on, time(18), client.time_zone)
    return ToCall(
        ids={"instalment_id": part.pk}, verb=_("Remind of the payment"), client=client, number="", detail=detail,
        since=due, until=due, open_url=reverse("clients:policy", args=[policy.pk]),
        close_url=f"{reverse('clients:payment', args=[client.pk])}?target=policy-{policy.pk}",
        dial={"client": client.pk},
    )  # fmt: skip
