"""What ends soon comes first, then everything else that this client has."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.private_files import private_download
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.documents.models import Document, Kind
from clientela.modules.quotes.operations.renewal_prices import is_priced
from clientela.modules.renewals.operations.alone import AHEAD, OPEN, renewable
from clientela.portal.own.access import OwnRequest, common, signed_in
from clientela.portal.papers import newest_policy_paper

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


@require_safe
@signed_in
def policy_file(request: OwnRequest, policy_id: int) -> HttpResponseBase:
    """A policy of this client as PDF."""
    policy = get_object_or_404(Policy.objects.filter(client=request.owner), pk=policy_id)
    found = newest_policy_paper(policy.pk)
    if found is None:
        raise Http404
    return private_download(found.file, _("policy.pdf"))


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
    papers = Document.objects.filter(policy=OuterRef("pk"), kind=Kind.POLICY, state=Document.State.READY)
    rows = Policy.objects.filter(client=owner, status=Policy.Status.ISSUED, end_date__gte=today)
    rows = rows.annotate(has_paper=Exists(papers.order_by()))
    return list(rows.select_related("product", "insured_object").order_by("end_date", "pk")[:MOST])
