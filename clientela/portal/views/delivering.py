"""How documents on their way stand, for the client who was sent the link."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clientela.modules.documents.models import Delivery
from clientela.modules.documents.rules_delivery import OVER, WRONG


@require_safe
@never_cache
def delivery(request: HttpRequest, delivery_token: str) -> HttpResponse:
    """The steps so far, when and where; neither names nor the client's address."""
    rows = Delivery.objects.select_related("client__agent", "policy", "point").prefetch_related(
        "steps", "documents"
    )
    row = get_object_or_404(rows, token=delivery_token)
    with translation.override(row.client.language):
        context = {
            "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER, "delivery": row,
            "policy": row.policy, "steps": list(row.steps.all()), "papers": list(row.documents.all()),
            "wrong": row.state in WRONG, "over": row.state in OVER, "zone": row.client.time_zone,
            "late": Delivery.objects.filter(pk=row.pk).late(timezone.now()).exists(),
            "good": row.state in ("delivered", "issued"), "agent": row.client.agent,
        }  # fmt: skip
        return render(request, "portal/delivery.html", context)
