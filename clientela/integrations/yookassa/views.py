"""Notices of YooKassa. They carry no signature: the sender's network is looked at, and nothing but the id is believed.

What happened is read from the API. Any answer but 200 lets the notice come again, for a day.
"""

import json
import logging
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clientela.modules.billing.operations import hear, hear_refund
from clientela.modules.billing.ports import Unknown

log = logging.getLogger(__name__)

PROVIDER = "yookassa"


@csrf_exempt
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """One notice: of a payment, or of a refund."""
    if not _is_theirs(request):
        log.warning("yookassa.forged", extra={"address": request.META.get("REMOTE_ADDR")})
        return HttpResponseForbidden("forged", content_type="text/plain")
    try:
        told = json.loads(request.body)
        event, found = str(told["event"]), told["object"]
        number, of = str(found["id"]), str(found.get("payment_id", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        # Sent again it would be no better.
        log.error("yookassa.unreadable")
        return HttpResponse("unreadable", content_type="text/plain")
    now = timezone.now()
    try:
        if event.startswith("refund."):
            known = hear_refund(now=now, provider=PROVIDER, refund_id=number, payment_id=of)
        else:
            known = hear(now=now, provider=PROVIDER, payment_id=number)
    except Unknown:
        return HttpResponse("later", status=503, content_type="text/plain")
    if not known:
        log.warning("yookassa.foreign", extra={"event": event})
    return HttpResponse("ok", content_type="text/plain")


def _is_theirs(request: HttpRequest) -> bool:
    address = request.META.get("REMOTE_ADDR", "")
    if (
        settings.BEHIND_PROXY
    ):  # what our own proxy has added stands last; before it anybody writes what they like
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        sender = ip_address(address)
    except ValueError:
        return False
    return any(sender in ip_network(network) for network in settings.YOOKASSA_NETWORKS)
