"""What ends soon comes first, then everything else that this client has."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clientela.foundation.dates import local_today
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.quotes.operations.renewal_prices import is_priced
from clientela.modules.renewals.operations.alone import AHEAD, OPEN, renewable
from clientela.portal.own.access import OwnRequest, common, signed_in

MOST = 50


@require_safe
@signed_in
def home(request: OwnRequest) -> HttpResponse:
    """Terms to renew with their prices, policies in force."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    due = _due(request.owner, today)
    known = {row["policy"].pk for row in due}
    context = common(request) | {
        "due": due, "others": [one for one in _in_force(request.owner, today) if one.pk not in known],
        "agent": request.owner.agent, "today": today,
    }  # fmt: skip
    return render(request, "own/home.html", context)


def _due(owner: Client, today: date) -> list[dict[str, Any]]:
    policies = list(renewable(owner, today)[:MOST])
    projects = {
        one.policy_id: one
        for one in Project.objects.filter(policy__in=policies, state__in=OPEN)
        if is_priced(one)
    }
    return [
        {
            "policy": policy, "project": projects.get(policy.pk), "days": (policy.end_date - today).days,
            "share": round(100 * (policy.end_date - today).days / AHEAD.days),
            "moved": projects[policy.pk].premium - policy.premium if policy.pk in projects else None,
        }
        for policy in policies
    ]  # fmt: skip


def _in_force(owner: Client, today: date) -> list[Policy]:
    rows = Policy.objects.filter(client=owner, status=Policy.Status.ISSUED, end_date__gte=today)
    return list(rows.select_related("product", "insured_object").order_by("end_date", "pk")[:MOST])
