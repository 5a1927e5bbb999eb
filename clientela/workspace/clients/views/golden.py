"""Where values come from, values of other sources, and the rules of choosing between them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, caller, ensure, requires
from clientela.modules.clients import golden, operations
from clientela.modules.clients.models import FieldValue, GoldenRules
from clientela.modules.clients.operations.golden import current_rules
from clientela.workspace.clients.merge_rows import group_labels
from clientela.workspace.clients.provenance import lines
from clientela.workspace.clients.views.acting import done
from clientela.workspace.clients.views.found import client_of

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)


@READ
def sources(request: HttpRequest, pk: int) -> HttpResponse:
    """Every field with its source, and what other sources say."""
    client = client_of(request, pk)
    may_write = caller(request).can(Permission.CLIENTS_WRITE)
    context = {"client": client, "lines": lines(client), "may_write": may_write}
    template = "clients/sources.html" if request.htmx else "clients/sources_page.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _value(request: HttpRequest, value_id: int) -> FieldValue:
    rows = FieldValue.objects.visible_to(request.user).select_related("client")
    return get_object_or_404(rows, pk=value_id)


@WRITE
@require_POST
def take(request: HttpRequest, value_id: int) -> HttpResponse:
    value = _value(request, value_id)
    try:
        stood = operations.take_value(actor=request.user, now=timezone.now(), value=value)
    except operations.ValueGone as refusal:
        return done(request, value.client, str(refusal))
    undo = reverse("clients:take_value", args=[stood.pk]) if any(stood.value.values()) else ""
    return done(request, value.client, _("The value is on the card"), undo_url=undo)


@WRITE
@require_POST
def wrong(request: HttpRequest, value_id: int) -> HttpResponse:
    value = _value(request, value_id)
    try:
        operations.mark_value(actor=request.user, now=timezone.now(), value=value)
    except operations.ValueGone as refusal:
        return done(request, value.client, str(refusal))
    undo = reverse("clients:value_back", args=[value.pk])
    return done(request, value.client, _("Marked wrong"), undo_url=undo)


@WRITE
@require_POST
def back(request: HttpRequest, value_id: int) -> HttpResponse:
    value = _value(request, value_id)
    try:
        operations.mark_value(actor=request.user, now=timezone.now(), value=value, wrong=False)
    except operations.ValueGone as refusal:
        return done(request, value.client, str(refusal))
    return done(request, value.client, _("The value is back"))


@WRITE
@require_POST
def verify(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    client = client_of(request, pk)
    if field not in golden.COLUMNS:
        raise Http404
    try:
        operations.verify_value(actor=request.user, now=timezone.now(), client=client, field=field)
    except operations.ValueGone as refusal:
        return done(request, client, str(refusal))
    return done(request, client, _("Compared with a document"))


@requires(Permission.ORGANISATION_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The rules as a table, with their versions; POST makes a new version."""
    may_write = caller(request).can(Permission.ORGANISATION_WRITE)
    now, error, note = golden.written(current_rules()), "", ""
    if request.method == "POST":
        ensure(caller(request), Permission.ORGANISATION_WRITE)
        now, note = _posted(request), request.POST.get("note", "").strip()[:200]
        try:
            operations.set_rules(actor=request.user, now=timezone.now(), rules=now, note=note)
        except operations.WrongRules as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("The rules are in force"))
            return redirect("clients:golden_rules")
    labels = group_labels() | {"phone": _("Main phone"), "email": _("Main e-mail")}
    rows: list[dict[str, Any]] = [
        {"name": name, "label": labels[name], **one, "ranks": [(code, words, one["trust"][code]) for code, words in golden.SOURCES.items()]}
        for name, one in now.items()
    ]  # fmt: skip
    context = {
        "rows": rows, "sources": golden.SOURCES, "may_write": may_write, "error": error, "note": note,
        "versions": GoldenRules.objects.select_related("made_by")[:20],
    }  # fmt: skip
    return render(request, "clients/golden_rules.html", context, status=422 if error else 200)


def _posted(request: HttpRequest) -> dict[str, Any]:
    said = request.POST
    return {
        name: {
            "trust": {code: id_of(said.get(f"{name}.{code}")) or 0 for code in golden.SOURCES},
            "verified_first": f"{name}.verified" in said,
            "newest_first": f"{name}.newest" in said,
        }
        for name in golden.FIELDS
    }
