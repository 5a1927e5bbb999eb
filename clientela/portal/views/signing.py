"""The client's page of a signature: the documents, what signing means, and the code from an SMS."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.private_files import private_download
from clientela.foundation.refusals import Refusal
from clientela.modules.contacts.operations.one_time_codes import AGAIN, last_code
from clientela.modules.documents.evidence import mask_phone
from clientela.modules.documents.models import SignRequest
from clientela.modules.documents.operations import note_opened, send_sign_code, sign
from clientela.modules.documents.operations.signing import PURPOSE, digest_now

_DEMO_CODE = "sign-demo-code"


def _found(token: str) -> SignRequest:
    rows = SignRequest.objects.select_related("client__agent", "policy__product", "project__product")
    return get_object_or_404(rows, token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def signing(request: HttpRequest, sign_token: str) -> HttpResponseBase:
    """A POST asks for a code, or signs by the one that was typed. The phone is the card's and is never asked for."""
    found, now = _found(sign_token), timezone.now()
    with translation.override(found.client.language):
        refused, field = "", ""
        if request.method == "POST":
            try:
                _act(request, found)
            except Refusal as refusal:
                refused, field = str(refusal), refusal.field
            else:
                return redirect("portal:sign", sign_token=sign_token)
            found.refresh_from_db()
        elif request.method == "GET" and found.is_open(now):
            note_opened(now=now, request=found)
        context = _context(request, found) | {"refused": refused, "at_code": field == "code"}
        return render(request, "portal/sign.html", context, status=422 if refused else 200)


def _act(request: HttpRequest, found: SignRequest) -> None:
    now = timezone.now()
    if "ask" in request.POST:
        asked = send_sign_code(now=now, request=found)
        if settings.DEMO:
            request.session[_DEMO_CODE] = [found.pk, asked.digits]
        return
    sign(
        now=now, request=found, typed=request.POST.get("code", "")[:20], ip=str(request.META.get("REMOTE_ADDR", "")),
        user_agent=request.headers.get("User-Agent", ""),
    )  # fmt: skip


def _context(request: HttpRequest, found: SignRequest) -> dict[str, Any]:
    now = timezone.now()
    code = last_code(PURPOSE, found.pk)
    waits = code is not None and code.used_at is None and code.expires_at > now
    shown = request.session.get(_DEMO_CODE) if settings.DEMO else None
    return {
        "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER, "request_": found,
        "client": found.client, "agent": found.client.agent, "papers": list(found.papers.select_related("document")),
        "open": found.is_open(now), "signed": found.state == SignRequest.State.SIGNED, "phone": mask_phone(found.phone),
        "waits": waits, "again_in": _seconds(code.created_at + AGAIN - now) if code and waits else 0,
        "demo_code": shown[1] if shown and shown[0] == found.pk and waits else "",
    }  # fmt: skip


def _seconds(left: Any) -> int:
    return max(0, int(left.total_seconds()))


@require_safe
@never_cache
def paper(request: HttpRequest, sign_token: str, signed_document_id: int) -> FileResponse:
    """A document of the request, as it is signed; with the stamp once it is there."""
    found = _found(sign_token)
    if not found.is_open(timezone.now()) and found.state != SignRequest.State.SIGNED:
        raise Http404
    one = get_object_or_404(found.papers.select_related("document"), document_id=signed_document_id)
    if not one.stamped and digest_now(one.document) != one.digest:
        raise Http404
    return private_download(one.stamped or one.document.file, f"{one.document}.pdf".replace("/", "-"))
