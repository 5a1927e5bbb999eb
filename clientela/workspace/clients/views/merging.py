"""Two cards of one client become one, and two again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client, Merge
from clientela.modules.clients.operations import (
    CannotMerge,
    OutdatedVersion,
    merge_clients,
    separate_clients,
)
from clientela.modules.clients.operations.golden import choices
from clientela.modules.clients.rules import GROUPS
from clientela.workspace.clients.merge_rows import LISTED, alike, effects, rows_of
from clientela.workspace.clients.views.found import client_of
from clientela.workspace.search.queries import find

MERGE = requires(Permission.CLIENTS_MERGE)
CHOICES = {*GROUPS, *LISTED}
LONGEST_NOTE = 200


def _card(request: HttpRequest, pk: int) -> Client:
    cards = Client.objects.visible_to(request.user).select_related("agent", "branch")
    return get_object_or_404(cards.prefetch_related("contact_points", "documents"), pk=pk)


@MERGE
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other card is the same client: those that look alike, or any found by name, phone or number."""
    client = _card(request, pk)
    text = request.GET.get("q", "").strip()[:100]
    found = [hit.client for hit in find(request.user, text).clients if hit.client.pk != pk] if text else []
    context = {
        "client": client, "q": text, "found": found, "alike": alike(request.user, client),
        "merges": Merge.objects.filter(kept_card=pk).in_force().select_related("made_by")[:20],
    }  # fmt: skip
    return render(request, "clients/merge_choose.html", context)


@MERGE
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, pk: int, other_id: int) -> HttpResponseBase:
    """Both cards side by side; POST makes them one."""
    kept, gone = _card(request, pk), _card(request, other_id)
    if kept.pk == gone.pk:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    ruled = choices(kept, gone)
    # What the person has not touched is as the rules choose.
    take = {
        group for group in CHOICES
        if (asked[group] == "gone" if group in asked else ruled.get(group, (False, ""))[0])
    }  # fmt: skip
    note = asked.get("note", "").strip()
    error = _("A note has at most 200 characters.") if len(note) > LONGEST_NOTE else ""
    seen = (id_of(asked.get("kept")) or kept.version, id_of(asked.get("gone")) or gone.version)
    if request.method == "POST" and not error:
        try:
            merge = merge_clients(
                actor=request.user,
                now=timezone.now(),
                kept=kept,
                gone=gone,
                versions=seen,
                take=take,
                note=note,
            )
        except (CannotMerge, OutdatedVersion) as refusal:
            error = str(refusal)
        else:
            undo = reverse("clients:separate", args=[merge.pk])
            messages.success(request, _("One card now: %(name)s") % {"name": kept.name}, extra_tags=undo)
            return redirect("clients:card", kept.pk)
    context: dict[str, Any] = {
        "kept": kept, "gone": gone, "rows": rows_of(kept, gone, take, ruled), "effects": effects(kept, gone, take),
        "note": note, "error": error,
    }  # fmt: skip
    return render(request, "clients/merge.html", context, status=422 if error else 200)


def _merge(request: HttpRequest, merge_id: int) -> Merge:
    return get_object_or_404(Merge.objects.visible_to(request.user), pk=merge_id)


@MERGE
@require_http_methods(["GET", "HEAD", "POST"])
def separate(request: HttpRequest, merge_id: int) -> HttpResponseBase:
    """What parting two cards would bring; POST parts them."""
    merge = _merge(request, merge_id)
    client = client_of(request, merge.kept_card)
    error = ""
    if request.method == "POST":
        try:
            back = separate_clients(actor=request.user, now=timezone.now(), merge=merge)
        except CannotMerge as refusal:
            error = str(refusal)
        else:
            messages.success(request, _("Two cards again: %(name)s is back.") % {"name": back.name})
            seen = Client.objects.visible_to(request.user).filter(pk=back.pk).exists()
            there = reverse("clients:card", args=[back.pk if seen else client.pk])
            return HttpResponseClientRedirect(there) if request.htmx else redirect(there)  # type: ignore[attr-defined]
    context = {"client": client, "merge": merge, "error": error}
    return render(request, "clients/separate.html", context, status=409 if error else 200)
