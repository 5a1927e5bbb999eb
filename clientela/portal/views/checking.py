"""The public check of a document: its number, dates and state, and nothing about a person."""

import hashlib
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.foundation.dates import local_today
from clientela.foundation.private_files import LARGEST
from clientela.modules.contracts.models import Policy
from clientela.modules.documents.models import Document
from clientela.modules.products.queries import name_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def check(request: HttpRequest, paper_token: str) -> HttpResponse:
    """Whether the policy behind a square code is ours and in force today; a POST compares a file with what was made.

    The file is not kept."""
    rows = Document.objects.filter(policy__isnull=False).select_related("policy__product", "version")
    document = get_object_or_404(rows, token=paper_token)
    policy, version = document.policy, document.version
    assert policy is not None
    assert version is not None
    today = local_today(settings.TIME_ZONE, timezone.now())
    newer = Document.objects.filter(policy=policy, kind=document.kind, version__number__gt=version.number)
    signature = document.signatures.filter(request__state="signed").select_related("request").first()
    context = {
        "company": {"name": settings.COMPANY_NAME},
        "document": document,
        "policy": policy,
        "product": name_of(policy.product),
        "state": _state(policy, today),
        "newer": newer.exclude(state=Document.State.FAILED).exists(),
        "short_number": settings.SHORT_NUMBER,
        "signature": signature,
        "compared": _compared(request, document) if request.method == "POST" else "",
    }
    return render(request, "portal/check.html", context)


def _compared(request: HttpRequest, document: Document) -> str:
    """What a file is: ``same``, ``stamped`` (the copy with the stamp), ``other``; ``none`` or ``large`` was not looked at."""
    given = request.FILES.get("file")
    if given is None:
        return "none"
    if given.size is None or given.size > LARGEST:
        return "large"
    digest = hashlib.sha256()
    for chunk in given.chunks():
        digest.update(chunk)
    if digest.hexdigest() == document.digest:
        return "same"
    copies = document.signatures.exclude(stamped_digest="").values_list("stamped_digest", flat=True)
    return "stamped" if digest.hexdigest() in copies else "other"


def _state(policy: Policy, today: date) -> str:
    if policy.status == Policy.Status.CANCELLED:
        return "cancelled"
    if policy.status == Policy.Status.SUSPENDED:
        return "suspended"
    if policy.start_date > today:
        return "coming"
    return "over" if policy.end_date < today else "in_force"
