"""Openings, clicks and unsubscribing: what the links of our messages lead to."""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.dates import local_today
from clientela.modules.contacts.models import Message, Purpose, Signal
from clientela.modules.contacts.operations import UnknownToken, message_of, register_signal
from clientela.modules.contacts.operations.compose import target_of
from clientela.modules.contacts.rules.start_links import bot_url, client_of_start

# One transparent pixel, GIF89a.
PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


def _signal(token: str, kind: str, detail: str = "") -> Message:
    try:
        return register_signal(token=token, kind=kind, now=timezone.now(), detail=detail)
    except UnknownToken as unknown:
        raise Http404 from unknown


@require_safe
@never_cache
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """The pixel of a mail: somebody reads it."""
    _signal(token, Signal.Kind.OPEN)
    return HttpResponse(PIXEL, content_type="image/gif")


@require_safe
@never_cache
def followed(request: HttpRequest, token: str, signed: str) -> HttpResponse:
    """A link of a mail: note it and go where the signed target says, and nowhere else."""
    try:
        target = target_of(signed, token)
    except BadSignature as forged:
        raise Http404 from forged
    _signal(token, Signal.Kind.CLICK, target)
    response = HttpResponseRedirect(target)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the token is the right to it
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks on GET, unsubscribes on POST: programs that only look at links must change nothing."""
    try:
        message = message_of(token)
    except UnknownToken as unknown:
        raise Http404 from unknown
    if request.method == "POST":
        _signal(token, Signal.Kind.UNSUBSCRIBE)
    language = message.client.language if message.client else settings.LANGUAGE_CODE
    with translation.override(language):
        return render(
            request,
            "portal/unsubscribe.html",
            {
                "company": {"name": settings.COMPANY_NAME},
                "done": request.method == "POST",
                "channel": message.channel,
                "is_advertising": message.purpose == Purpose.ADVERTISING,
                "agent": message.client.agent if message.client else None,
            },
        )


@require_safe
@never_cache
def telegram(request: HttpRequest, token: str) -> HttpResponse:
    """From our own address, which agents' clients may be sent, to the bot; the bot knows whose link it was."""
    known = client_of_start(token, local_today(settings.TIME_ZONE, timezone.now()))
    if known is None or not settings.TELEGRAM_BOT:
        raise Http404
    response = HttpResponseRedirect(bot_url(settings.TELEGRAM_BOT, token))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
