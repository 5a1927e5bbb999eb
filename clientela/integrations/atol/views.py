"""Notices of ATOL Online. They carry no signature: nothing but the key is believed, and the receipt is asked for again."""

import json

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clientela.modules.billing.models import Receipt
from clientela.modules.billing.operations import make_receipt

LONGEST_KEY = 36


@csrf_exempt
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """One document came to its end. A notice of nothing of ours is answered alike."""
    try:
        key = str(json.loads(request.body)["external_id"])
    except (ValueError, TypeError, KeyError, RecursionError, RawPostDataException):
        return HttpResponse("unreadable", content_type="text/plain")
    found = None
    if len(key) <= LONGEST_KEY and "\x00" not in key:
        found = Receipt.objects.filter(key=key, state=Receipt.State.WAITING).first()
    if found is not None:
        make_receipt(found, now=timezone.now())
    return HttpResponse("ok", content_type="text/plain")
