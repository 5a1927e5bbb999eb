"""The lists of a person, and putting clients on one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.ids import id_of, ids_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.dialler.models import CallingList
from clientela.modules.dialler.operations.lists import add_clients, may_set_up
from clientela.modules.dialler.queries.lists import figures, own_day
from clientela.workspace.dialler import facts, words
from clientela.workspace.letters.sources import RENEWALS, source

MOST = 5000


@require_safe
@requires(Permission.CONTACTS_WRITE)
def home(request: HttpRequest) -> HttpResponse:
    """Every list with its figures of today."""
    user, now = caller(request), timezone.now()
    rows = CallingList.objects.visible_to(user).select_related("branch", "team", "centre")
    if not may_set_up(user):
        rows = rows.active()
    lists = list(rows)
    counted = figures(user, lists, now=now, since=facts.day_begin(now))
    context: dict[str, Any] = {
        "rows": [
            {
                "calling": one, "figures": counted[one.pk], "mode": words.mode_of(one), "place": words.place_of(one),
                "may_set_up": may_set_up(user, one),
            }
            for one in lists
        ],
        "day": own_day(user, since=facts.day_begin(now)), "may_make": may_set_up(user),
    }  # fmt: skip
    part = "part" in request.GET
    return render(request, "dialler/lists_rows.html" if part else "dialler/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONTACTS_WRITE)
def add(request: HttpRequest) -> HttpResponse:
    """Put the chosen clients, or those of a filtered list, on a calling list."""
    user, now = caller(request), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    lists = CallingList.objects.visible_to(user).active()
    ids = _people(request, given)
    if request.method == "POST" and "calling" in given:
        calling = get_object_or_404(lists, pk=id_of(given["calling"]) or 0)
        try:
            done = add_clients(
                actor=user, now=now, calling=calling, client_ids=ids, reason=given.get("reason", "")[:160]
            )
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            text = ngettext(
                "%(n)s client is on the list now.", "%(n)s clients are on the list now.", done.added
            ) % {"n": done.added}
            if done.left:
                text += " " + _("%(n)s were there already, or are not yours.") % {"n": done.left}
            messages.success(request, text)
            return redirect("dialler:work", calling.pk)
    context = {
        "lists": lists, "ids": ids, "count": len(ids), "source": given.get("source", ""),
        "query": given.get("query") or request.GET.urlencode(), "chosen": bool(given.getlist("ids")),
    }  # fmt: skip
    return render(request, "dialler/add.html", context)


def _people(request: HttpRequest, given: Any) -> list[int]:
    user = caller(request)
    chosen = ids_of(given.getlist("ids"), MOST)
    if chosen:
        return list(Client.objects.visible_to(user).filter(pk__in=chosen).values_list("pk", flat=True))
    kind = given.get("source", "")
    if not kind:
        return []
    found = source(kind, given.get("query") or request.GET.urlencode(), ())
    people = found.people(user, timezone.now())
    if kind == RENEWALS:
        return list(dict.fromkeys(client for client, _term in people["terms"]))[:MOST]
    return list(people["clients"])[:MOST]
