"""Disputes of classes, what the registry owes us, the yearly step, and the class on a client's card."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.bonus_malus import operations
from clientela.modules.bonus_malus.models import Dispute, Lookup, Recalculation
from clientela.modules.bonus_malus.queries import class_of, driver_of
from clientela.modules.clients.models import Client
from clientela.workspace.bonus_malus.forms import AnswerForm, AskForm, DisputeForm, class_words
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import client_of, posted

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
ROWS = 50
KINDS = {
    Dispute.State.NEW: "warn",
    Dispute.State.SENT: "info",
    Dispute.State.CORRECTED: "good",
    Dispute.State.REFUSED: "bad",
    Dispute.State.WITHDRAWN: "line",
}
BOXES = ("open", "closed", "asked")


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _disputes(request: HttpRequest) -> "QuerySet[Dispute]":
    return Dispute.objects.visible_to(request.user).select_related("client", "lookup", "created_by")


def _dispute(request: HttpRequest, dispute_id: int) -> Dispute:
    return get_object_or_404(_disputes(request), pk=dispute_id)


@require_safe
@READ
def home(request: HttpRequest) -> HttpResponse:
    """Open disputes, closed ones, or the classes that are still asked for."""
    box = request.GET.get("box", "")
    box = box if box in BOXES else BOXES[0]
    rows: QuerySet[Any]
    if box == "asked":
        pending = Lookup.objects.visible_to(request.user).exclude(state=Lookup.State.KNOWN)
        rows = pending.select_related("client").order_by("-id")
    else:
        states = [Dispute.State.NEW, Dispute.State.SENT]
        disputes = _disputes(request)
        rows = disputes.filter(state__in=states) if box == "open" else disputes.exclude(state__in=states)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    shown: list[Any] = list(page)
    words = {
        "open": pgettext("disputes", "Open"),
        "closed": pgettext("disputes", "Closed"),
        "asked": _("Being asked"),
    }
    context = {
        "box": box,
        "page": page,
        "rows": [{"row": row, "kind": KINDS.get(row.state, "warn")} for row in shown],
        "boxes": [{"label": words[code], "url": f"?box={code}", "current": code == box} for code in BOXES],
        "years": Recalculation.objects.all()[:5],
    }
    return render(request, "bonus_malus/home.html", context)


@require_safe
@READ
def dispute(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """One dispute: what is claimed, by which documents, how far it is."""
    row = _dispute(request, dispute_id)
    facts = [
        {"label": _("Class we were told"), "value": class_words(row.klass)},
        {"label": _("The client holds to be right"), "value": class_words(row.claimed_klass)},
        {"label": _("How it was found"), "value": row.lookup.get_found_by_display()},
    ]
    if row.answered_klass:
        facts.append({"label": _("Class in the answer"), "value": class_words(row.answered_klass)})
    context = {
        "row": row,
        "kind": KINDS[Dispute.State(row.state)],
        "facts": facts,
        "documents": row.documents.order_by("id"),
        "may_write": caller(request).can(Permission.CLIENTS_WRITE),
    }
    return render(request, "bonus_malus/dispute.html", context)


@require_safe
@READ
def of_client(request: HttpRequest, client_id: int) -> HttpResponse:
    """The class on the client's card."""
    client = client_of(request, client_id)
    lookup = class_of(client.pk)
    disputes = _disputes(request).filter(client=client)[:3]
    context = {
        "client": client,
        "driver": driver_of(client),
        "lookup": lookup,
        "words": class_words(lookup.klass) if lookup and lookup.klass else "",
        "disputes": [{"row": row, "kind": KINDS[Dispute.State(row.state)]} for row in disputes],
        "disputed": any(row.is_open for row in disputes),
        "may_write": caller(request).can(Permission.CLIENTS_WRITE),
        "may_ask": caller(request).can(Permission.CONTRACTS_READ),
    }
    return render(request, "bonus_malus/of_client.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.CLIENTS_READ, Permission.CONTRACTS_READ)
def ask(request: HttpRequest, client_id: int) -> HttpResponse:
    """Ask the client's class for a day."""
    client = client_of(request, client_id)
    known = class_of(client.pk)
    driver = driver_of(client)
    initial = {
        "on": local_today(client.time_zone, timezone.now()),
        "previous_licence": (driver.previous_licence if driver else "")
        or (known.previous_licence if known else ""),
        "previous_last_name": known.previous_last_name if known else "",
    }
    form = AskForm(posted(request), initial=initial)

    def run(data: dict[str, Any]) -> Lookup:
        on = data.pop("on")
        asked = driver_of(client, **data)
        if asked is None:
            raise operations.NotDisputable(
                _("Write the birth date into the card first: the registry asks for it.")
            )
        return operations.ask_class(asked, on, **_who(request), client_id=client.pk, again=True)

    said = Act(_("Class of the driver"), _("Ask the registry"), _("Asked"), run)
    return act(request, form, said, client=client)


@require_http_methods(["GET", "POST"])
@WRITE
def open_one(request: HttpRequest, lookup_id: int) -> HttpResponse:
    """The client holds the class to be wrong."""
    visible = Client.objects.visible_to(request.user)
    lookup = get_object_or_404(Lookup.objects.select_related("client"), pk=lookup_id, client__in=visible)
    client = lookup.client
    assert client is not None
    form = DisputeForm(posted(request), client_id=client.pk)

    def run(data: dict[str, Any]) -> Dispute:
        return operations.open_dispute(**_who(request), client=client, lookup=lookup, **data)

    intro = (
        _("The registry says class %(klass)s.") % {"klass": class_words(lookup.klass)} if lookup.klass else ""
    )
    said = Act(_("The class is wrong"), _("Keep the dispute"), _("The dispute is kept"), run, intro)
    return act(request, form, said, client=client)


@WRITE
@require_POST
def send(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """The dispute went to the registry."""
    row = _dispute(request, dispute_id)
    operations.send_dispute(**_who(request), dispute=row)
    return _moved(request, row, _("Sent to the registry"))


@require_http_methods(["GET", "POST"])
@WRITE
def answer(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Write down what the registry answered."""
    row = _dispute(request, dispute_id)
    form = AnswerForm(posted(request))

    def run(data: dict[str, Any]) -> Dispute:
        return operations.answer_dispute(**_who(request), dispute=row, **data)

    said = Act(_("Answer of the registry"), _("Keep the answer"), _("The answer is kept"), run)
    return act(request, form, said, client=row.client)


@WRITE
@require_POST
def withdraw(request: HttpRequest, dispute_id: int) -> HttpResponseBase:
    """The client takes it back."""
    row = _dispute(request, dispute_id)
    operations.withdraw_dispute(**_who(request), dispute=row)
    return _moved(request, row, _("The dispute is withdrawn"))


def _moved(request: HttpRequest, row: Dispute, text: str) -> HttpResponseBase:
    if request.htmx:  # type: ignore[attr-defined]
        return done(request, row.client, text)
    return redirect(reverse("classes:dispute", args=[row.pk]))
