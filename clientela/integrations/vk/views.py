"""Events of VK: stored with their outbox entry, then answered; the worker does the rest.

VK repeats an event until it hears "ok", so an error of the database is answered with an error, and nothing is lost.
"""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clientela.integrations.vk.wall import lookup_from
from clientela.integrations.vk.webhooks import Forged, receive, settings_from
from clientela.modules.contacts.operations import StoringInbox

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def callback(request: HttpRequest) -> HttpResponse:
    """One event. Nobody signs in here: the secret inside the body tells VK from strangers."""
    settings = settings_from()
    if settings is None:
        raise Http404
    lookup = lookup_from()
    try:
        answer = receive(
            request.body,
            settings,
            StoringInbox("vk"),
            StoringInbox("vk_wall"),
            *([lookup.words] if lookup else []),
        )
    except Forged as forged:
        log.warning("vk.forged", extra={"detail": str(forged)})
        return HttpResponseForbidden("forged", content_type="text/plain")
    finally:
        if lookup is not None:
            lookup.close()
    return HttpResponse(answer, content_type="text/plain")
