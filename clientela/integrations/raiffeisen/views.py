"""Notices of Raiffeisenbank's SBP: signed with the merchant's key, and nothing but the number of the code is believed.

What happened is read from the API. Any answer but 200 lets the notice come again, for a day.
"""

import hashlib
import hmac
import json
import logging
import os

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.request import RawPostDataException
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clientela.modules.billing.operations import hear
from clientela.modules.billing.ports import Unknown

log = logging.getLogger(__name__)

PROVIDER = "raiffeisen"
SIGNED = ("amount", "sbpMerchantId", "order", "paymentStatus", "transactionDate")


@csrf_exempt
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """One notice of a payment."""
    try:
        told = json.loads(request.body, parse_float=str, parse_int=str)
        number, line = str(told["qrId"]), "|".join(str(told[name]) for name in SIGNED)
    except (
        ValueError,
        TypeError,
        KeyError,
        RawPostDataException,
    ):  # the last: a form with a file, read before us
        log.warning("raiffeisen.unreadable")
        return HttpResponse("unreadable", status=400, content_type="text/plain")
    if not _is_theirs(line, request.headers.get("X-Api-Signature-SHA256", "")):
        log.warning("raiffeisen.forged", extra={"address": request.META.get("REMOTE_ADDR")})
        return HttpResponseForbidden("forged", content_type="text/plain")
    try:
        known = hear(now=timezone.now(), provider=PROVIDER, payment_id=number)
    except Unknown:
        return HttpResponse("later", status=503, content_type="text/plain")
    if not known:
        log.warning("raiffeisen.foreign")
    return HttpResponse("ok", content_type="text/plain")


def _is_theirs(line: str, signature: str) -> bool:
    secret = os.environ.get("CLIENTELA_RAIFFEISEN_SECRET", "")
    if not secret:
        return False
    wanted = hmac.new(secret.encode(), line.encode(), hashlib.sha256).hexdigest()
    return constant_time_compare(wanted, signature.strip().lower())
