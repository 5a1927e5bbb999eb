"""A POST that is sent twice acts once: its answer is kept under the caller's Idempotency-Key.

The key is first claimed in a transaction of its own. The operation and its answer are then one
transaction, so a crash leaves either both or neither; a claim older than ``LEASE`` without an answer
belongs to a dead process and may be taken over. Only success is kept: an error changed nothing.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.errors import HttpError

from clientela.foundation.api.models import IdempotentAnswer
from clientela.foundation.api.problems import problem_response

HEADER = "Idempotency-Key"
LEASE = 2 * settings.CLAIM_LEASE
Authenticate = Callable[[HttpRequest], Any]
Run = Callable[..., HttpResponseBase]


def idempotent(authenticate: Authenticate) -> Callable[[Run], Run]:
    """Decorator of every operation: claims the key of a POST, or answers from it."""

    def decorate(run: Run) -> Run:
        @wraps(run)
        def once(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return run(request, *args, **kwargs)
            try:
                user = authenticate(request)
            except HttpError:
                user = None
            if user is None:
                return run(request, *args, **kwargs)
            key = request.headers.get(HEADER, "").strip()
            if not 1 <= len(key) <= 128:
                return problem_response(
                    400,
                    "idempotency_key_required",
                    _("Send a header Idempotency-Key of 1 to 128 characters."),
                )
            return _act_once(request, user, key, lambda: run(request, *args, **kwargs))

        return once

    return decorate


def _act_once(
    request: HttpRequest, user: Any, key: str, act: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    now = timezone.now()
    fingerprint = _fingerprint(request)
    try:
        with transaction.atomic():
            claim = IdempotentAnswer.objects.create(
                user=user, key=key, fingerprint=fingerprint, created_at=now
            )
    except IntegrityError:
        earlier = IdempotentAnswer.objects.get(user=user, key=key)
        answer = _answer_from(earlier, fingerprint, now)
        if answer is not None:
            return answer
        claim = earlier
        claim.created_at = now
    mine = IdempotentAnswer.objects.filter(pk=claim.pk, created_at=now, status=None)
    with transaction.atomic():
        response = act()
        kept = response if isinstance(response, HttpResponse) and response.status_code < 400 else None
        if kept is None:
            transaction.set_rollback(True)
        elif not mine.update(status=kept.status_code, body=kept.content.decode()):
            transaction.set_rollback(True)
            return _busy()
    if kept is None:
        mine.delete()
    return response


def _answer_from(earlier: IdempotentAnswer, fingerprint: str, now: datetime) -> HttpResponse | None:
    """The answer to a repeated key; None when the first caller died and this one took the claim over."""
    if earlier.fingerprint != fingerprint:
        return problem_response(
            422, "idempotency_key_reused", _("This Idempotency-Key was used for another request.")
        )
    if earlier.status is not None:
        response = HttpResponse(earlier.body, status=earlier.status, content_type="application/json")
        response.headers["Idempotency-Replayed"] = "true"
        return response
    stale = IdempotentAnswer.objects.filter(
        pk=earlier.pk, status=None, created_at=earlier.created_at, created_at__lt=now - LEASE
    )
    return None if stale.update(created_at=now) else _busy()


def _busy() -> HttpResponse:
    return problem_response(
        409, "in_progress", _("The first request with this key is still being worked on.")
    )


def _fingerprint(request: HttpRequest) -> str:
    """Method, path and body; of a multipart body its fields and files, since its boundary changes."""
    total = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        total.update(request.body)
        return total.hexdigest()
    for name in sorted(request.POST):
        total.update(repr((name, request.POST.getlist(name))).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            total.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                total.update(chunk)
            file.seek(0)
    return total.hexdigest()
