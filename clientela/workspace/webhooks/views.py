"""Pages of webhooks: addresses, what was sent to each, and sending again."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.refusals import Refusal
from clientela.foundation.webhooks import operations
from clientela.foundation.webhooks.models import Delivery, Endpoint
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.workspace.webhooks import queries
from clientela.workspace.webhooks.forms import EndpointForm, SinceForm
from clientela.workspace.webhooks.words import event_word

GREATEST = 2**63 - 1


@requires(Permission.WEBHOOKS_WRITE)
@require_GET
def endpoints(request: HttpRequest) -> HttpResponse:
    return render(request, "webhooks/list.html", {"endpoints": queries.endpoints()})


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) <= GREATEST else None


def _page(request: HttpRequest, row: Endpoint, **more: Any) -> HttpResponse:
    state = request.GET.get("state", "")
    page = queries.deliveries(row, state=state, before=_number(request, "before"))
    for one in page.rows:
        one.word = event_word(one.event)  # type: ignore[attr-defined]
    chosen, now = _number(request, "delivery"), timezone.now()
    delivery = get_object_or_404(Delivery, pk=chosen, endpoint=row) if chosen else None
    tabs = [
        ("", pgettext("webhook deliveries", "All"), None),
        ("waiting", pgettext("webhook deliveries", "Waiting"), None),
        ("failed", pgettext("webhook deliveries", "Not delivered"), queries.count_failed(row) or None),
        ("done", pgettext("webhook deliveries", "Delivered"), None),
    ]
    context = {
        "endpoint": row,
        "events": [(name, event_word(name)) for name in row.events],
        "page": page,
        "state": state,
        "tabs": [
            {"label": label, "url": f"?state={code}", "count": count, "current": code == state}
            for code, label, count in tabs
        ],
        "delivery": delivery,
        "word": event_word(delivery.event) if delivery else "",
        "days": SinceForm.DAYS,
        "hand": "hand" in request.GET,
        "quiet_until": _ahead(row.quiet_until, now),
        "old_secret_until": _ahead(row.old_secret_until, now),
    }
    part = "webhooks/parts/deliveries.html" if request.GET.get("part") else "webhooks/endpoint.html"
    return render(request, part, context | more)


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment > now else None


@requires(Permission.WEBHOOKS_WRITE)
@require_GET
def endpoint(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Deliveries at the left, the one in hand or the address at the right."""
    return _page(request, get_object_or_404(Endpoint, pk=webhook_id))


def _form(request: HttpRequest, form: EndpointForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "webhooks/form.html", context, status=422 if form.errors else 200)


def _add(form: EndpointForm, refusal: Refusal) -> None:
    form.add_error(refusal.field or None, str(refusal))


@requires(Permission.WEBHOOKS_WRITE)
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """A new address; its secret stands on the page that follows, and nowhere after it."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row, secret = operations.create_endpoint(
                actor=caller(request), now=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            _add(form, refusal)
        else:
            return _page(request, row, secret=secret)
    return _form(request, form, _("New webhook"), reverse("webhooks:list"))


@requires(Permission.WEBHOOKS_WRITE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, webhook_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    initial = {"name": row.name, "url": row.url, "events": row.events}
    form = EndpointForm(request.POST or None, initial=initial)
    back = reverse("webhooks:endpoint", args=[row.pk])
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_endpoint(
                actor=caller(request), now=timezone.now(), endpoint=row, **form.cleaned_data
            )
        except Refusal as refusal:
            _add(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return _form(request, form, row.name, back)


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def secret(request: HttpRequest, webhook_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    fresh = operations.rotate_secret(actor=caller(request), now=timezone.now(), endpoint=row)
    row.refresh_from_db()
    return _page(request, row, secret=fresh)


def _done(request: HttpRequest, webhook_id: int, act: Callable[[], Any], said: str) -> HttpResponse:
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("webhooks:endpoint", webhook_id)


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def switch(request: HttpRequest, webhook_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    on = request.POST.get("on") == "1"
    said = _("Sending goes on.") if on else _("Nothing is sent to this address any more.")
    return _done(
        request,
        webhook_id,
        lambda: operations.switch(actor=caller(request), now=timezone.now(), endpoint=row, on=on),
        said,
    )


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def test(request: HttpRequest, webhook_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    return _done(
        request,
        webhook_id,
        lambda: operations.send_test(actor=caller(request), now=timezone.now(), endpoint=row),
        _("A test message is on its way."),
    )


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Delivery.objects.select_related("endpoint"), pk=pk)
    return _done(
        request,
        row.endpoint_id,
        lambda: operations.replay(actor=caller(request), now=timezone.now(), delivery=row),
        _("It is on its way again."),
    )


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def replay_failed(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Everything that was not delivered in the last days."""
    row, form = get_object_or_404(Endpoint, pk=webhook_id), SinceForm(request.POST)
    if not form.is_valid():
        return redirect("webhooks:endpoint", webhook_id)
    try:
        count = operations.replay_failed(
            actor=caller(request), now=timezone.now(), endpoint=row, since=form.since()
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(n)d message is on its way again.", "%(n)d messages are on their way again.", count)
        messages.success(request, said % {"n": count})
    return redirect("webhooks:endpoint", webhook_id)


@requires(Permission.WEBHOOKS_WRITE)
@require_POST
def remove(request: HttpRequest, webhook_id: int) -> HttpResponse:
    row = get_object_or_404(Endpoint, pk=webhook_id)
    operations.remove_endpoint(actor=caller(request), now=timezone.now(), endpoint=row)
    messages.success(request, _("The address is removed."))
    return redirect("webhooks:list")
