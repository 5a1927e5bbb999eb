"""The telephone in the browser: its window, and the account it registers with."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clientela.foundation.ui.middleware import policy
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calls.ports import ExchangeDown, Softphones


def _phones() -> Softphones | None:
    """None where the exchange has no telephones in browsers."""
    if not settings.SOFTPHONES:
        return None
    phones: Softphones = import_string(settings.SOFTPHONES)()
    return phones if phones.server else None


@require_safe
@requires(Permission.CONTACTS_WRITE)
@never_cache
def window(request: HttpRequest) -> HttpResponse:
    """A small page that stays open while the person works in others."""
    phones = _phones()
    answer = render(request, "calls/telephone.html", {"available": phones is not None})
    if phones is not None:
        server = urlsplit(phones.server)
        answer["Content-Security-Policy"] = f"{policy()} {server.scheme}://{server.netloc}"
    return answer


@require_safe
@requires(Permission.CONTACTS_WRITE)
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """The account of whoever asks, for the day; nothing where there are none."""
    phones = _phones()
    try:
        found = phones.account(str(caller(request).pk)) if phones else None
    except ExchangeDown:
        return JsonResponse({}, status=503)
    if found is None:
        return HttpResponse(status=204)
    return JsonResponse(
        {"server": found.server, "address": found.address, "user": found.user, "secret": found.secret}
    )
