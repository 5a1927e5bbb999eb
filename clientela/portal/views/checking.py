"""The public check of a document: its number, dates and state, and nothing about a person."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clientela.foundation.dates import local_today
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models import Document
from clientela.modules.products.queries import name_of


@require_safe
@never_cache
def check(request: HttpRequest, paper_token: str) -> HttpResponse:
    """Whether the policy behind a square code is ours and in force today."""
    rows = Document.objects.filter(policy__isnull=False).select_related("policy__product", "version")
    document = get_object_or_404(rows, token=paper_token)
    policy, version = document.policy, document.version
    assert policy is not None
    assert version is not None
    today = local_today(settings.TIME_ZONE, timezone.now())
    newer = Document.objects.filter(policy=policy, kind=document.kind, version__number__gt=version.number)
    context = {
        "company": {"name": settings.COMPANY_NAME},
        "document": document,
        "policy": policy,
        "product": name_of(policy.product),
        "state": _state(policy, today),
        "newer": newer.exclude(state=Document.State.FAILED).exists(),
        "short_number": settings.SHORT_NUMBER,
    }
    return render(request, "portal/check.html", context)


def _state(policy: Policy, today: date) -> str:
    if policy.status == Policy.Status.CANCELLED:
        return "cancelled"
    if policy.status == Policy.Status.SUSPENDED:
        return "suspended"
    if policy.start_date > today:
        return "coming"
    return "over" if policy.end_date < today else "in_force"
