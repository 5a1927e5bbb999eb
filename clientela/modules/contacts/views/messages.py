"""Why a message went, waits or did not go; files that came with a message."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contacts.models import Message, MessageFile
from clientela.modules.contacts.rules import Verdict, describe, headline
from clientela.modules.contacts.rules.inert import inert

KINDS = {"send": "go", "wait": "wait", "drop": "no"}
State = Message.State


@require_safe
@requires(Permission.CLIENTS_READ)
def verdict(request: HttpRequest, message_id: int) -> HttpResponse:
    """The stored verdict of a message in words; a fragment for drawers."""
    messages = Message.objects.visible_to(request.user).select_related("client", "author")
    message = get_object_or_404(messages, pk=message_id)
    return render(request, "contacts/verdict.html", {"message": message} | _words(message))


def _words(message: Message) -> dict[str, Any]:
    title = message.subject or message.text[:80]
    if not message.verdict:
        return {"kind": "done", "word": message.get_state_display(), "title": title, "checks": [], "text": ""}
    stored = Verdict.from_json(message.verdict)
    kind, word, text = KINDS[stored.decision], str(headline(stored)), ""
    if message.state == State.FAILED:
        kind, word, text = "fail", pgettext("message", "Not delivered"), message.detail
    elif message.state == State.DROPPED and message.fault == "guard":
        kind, text = "no", _("Whoever asked for it does not need it any more")
        word = pgettext("message", "Not sent")
    elif message.state not in (State.QUEUED, State.DROPPED):
        kind, word = "done", message.get_state_display()
    checks = [
        {"state": _mark(check.passed, stored.decision), "text": describe(check)} for check in stored.checks
    ]
    return {"kind": kind, "word": word, "title": title, "checks": checks, "text": text, "stored": stored}


def _mark(passed: bool, decision: str) -> str:
    if passed:
        return "yes"
    return "wait" if decision == "wait" else "no"


@require_safe
@requires(Permission.CLIENTS_READ)
def as_it_came(request: HttpRequest, message_id: int) -> HttpResponse:
    """A client's HTML mail, made inert; ``pictures=1`` lets its pictures be fetched from where they lie."""
    message = get_object_or_404(Message.objects.visible_to(request.user).exclude(html=""), pk=message_id)
    pictures = request.GET.get("pictures") == "1"
    body, left_out = inert(message.html, pictures=pictures)
    context = {"message": message, "body": body, "left_out": left_out}
    response = render(request, "contacts/as_it_came.html", context)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; style-src 'self'; "
        f"img-src {'https: http:' if pictures else chr(39) + 'none' + chr(39)}; sandbox allow-popups "
        "allow-popups-to-escape-sandbox"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@requires(Permission.CLIENTS_READ)
def download(request: HttpRequest, message_file_id: int) -> FileResponse:
    """A file of a visible client's message; always saved, never shown by the browser."""
    visible = Message.objects.visible_to(request.user)
    row = get_object_or_404(MessageFile.objects.filter(message__in=visible), pk=message_file_id)
    try:
        stored = row.file.open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    response = FileResponse(stored, as_attachment=True, filename=row.name)
    response.headers["Content-Type"] = "application/octet-stream"
    return response
