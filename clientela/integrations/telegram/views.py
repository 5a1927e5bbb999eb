"""Updates of Telegram: stored with their outbox entry, then answered; the worker does the rest.

Telegram repeats an update until it is answered with 200, so an error of the database is answered with an error.
"""

import hmac
import logging
import os
from contextlib import ExitStack, closing

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clientela.integrations.telegram.settings import webhook_from
from clientela.modules.contacts.operations import StoringInbox

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """One update. Nobody signs in here: the secret in the header tells Telegram from strangers."""
    known = webhook_from()
    if known is None:
        raise Http404
    if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), known.secret.encode()):
        log.warning("telegram.forged")
        return HttpResponseForbidden("forged", content_type="text/plain")
    _take(request.body)
    return HttpResponse("ok", content_type="text/plain")


def _take(body: bytes) -> None:
    # aiogram takes a second to load, and most installations of the pages never need it.
    from aiogram.types import Update
    from pydantic import ValidationError

    from clientela.integrations.telegram.client import API_URL, TelegramClient
    from clientela.integrations.telegram.updates import read_update

    try:
        update = Update.model_validate_json(body)
    except ValidationError as error:
        # Sent again it would be no better, and everything behind it would wait.
        log.error("telegram.unreadable", extra={"faults": error.error_count()})
        return

    def fetch(file_id: str) -> bytes:
        client = TelegramClient(
            os.environ["CLIENTELA_TELEGRAM_TOKEN"],
            base_url=os.environ.get("CLIENTELA_TELEGRAM_API_URL") or API_URL,
        )
        return stack.enter_context(closing(client)).download(file_id)

    with ExitStack() as stack:
        message = read_update(update, fetch)
    if message is not None:
        StoringInbox("telegram").incoming([message])
