"""Answers that every screen of deals gives: a dialog or its page, and the end of an act."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event


def htmx(request: HttpRequest) -> bool:
    """Whether htmx asks."""
    return bool(request.htmx)  # type: ignore[attr-defined]


def dialog(request: HttpRequest, context: dict[str, Any], *, refused: bool = False) -> HttpResponse:
    """``part`` in a dialog, or on a page of its own without scripts; 422 when a form was refused."""
    template = "deals/modal.html" if htmx(request) else "deals/modal_page.html"
    context = {"part": "deals/parts/form.html"} | context
    return render(request, template, context, status=422 if refused else 200)


def go(request: HttpRequest, url: str) -> HttpResponseBase:
    """Leave for another address."""
    return HttpResponseClientRedirect(url) if htmx(request) else HttpResponseRedirect(url)


def finished(
    request: HttpRequest, *, text: str, back: str, kind: str = "good", undo_url: str = "", events: tuple[str, ...] = ()
) -> HttpResponseBase:  # fmt: skip
    """Close the dialog, say what happened (nothing where it is seen anyway), let drawer and board look again."""
    if not htmx(request) and not text:
        return HttpResponseRedirect(back)
    if not htmx(request):
        level = messages.WARNING if kind == "warn" else messages.SUCCESS
        messages.add_message(request, level, text, undo_url)
        return HttpResponseRedirect(back)
    response = HttpResponse(status=204)
    if text:
        toast = {"text": text, "kind": kind} | ({"undo_url": undo_url} if undo_url else {})
        trigger_client_event(response, "toast", toast)
    for event in ("close-modal", "deal-changed", *events):
        trigger_client_event(response, event, {})
    return response
