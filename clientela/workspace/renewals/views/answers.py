"""Answers that every screen of renewals gives: a dialog or its page, and the end of an act."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event
from django_htmx.middleware import HtmxDetails


def htmx(request: HttpRequest) -> HtmxDetails:
    """What htmx told about the request; false when the browser asks by itself."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return details


def dialog(request: HttpRequest, context: dict[str, Any], *, refused: bool = False) -> HttpResponse:
    """``part`` in a dialog, or on a page of its own without scripts; 422 when a form was refused."""
    template = "renewals/dialogs/modal.html" if htmx(request) else "renewals/dialogs/page.html"
    return render(request, template, context, status=422 if refused else 200)


def go(request: HttpRequest, url: str) -> HttpResponseBase:
    """Leave for another address, the whole page of it."""
    return HttpResponseClientRedirect(url) if htmx(request) else HttpResponseRedirect(url)


def finished(
    request: HttpRequest,
    *,
    text: str,
    back: str,
    kind: str = "good",
    undo_url: str = "",
    events: tuple[str, ...] = (),
) -> HttpResponseBase:
    """Close the dialog, say what happened, and let the drawer and the list look again."""
    if not htmx(request):
        level = messages.WARNING if kind == "warn" else messages.SUCCESS
        messages.add_message(request, level, text, undo_url)
        return HttpResponseRedirect(back)
    response = HttpResponse(status=204)
    toast = {"text": text, "kind": kind} | ({"undo_url": undo_url} if undo_url else {})
    trigger_client_event(response, "toast", toast)
    for event in ("close-modal", "renewal-changed", *events):
        trigger_client_event(response, event, {})
    return response
