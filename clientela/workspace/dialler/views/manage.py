"""A list for who sets it up: its words and rules, who is on it, what came of it."""

from typing import Any

from django.conf import settings as product
from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.ids import id_of, ids_of
from clientela.foundation.lists.export import xlsx_file
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import ProfileAnswer
from clientela.modules.contacts.queries.conversations import WRITERS
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations import lists
from clientela.modules.dialler.queries.facts import zone_of
from clientela.modules.dialler.queries.lists import by_day, figures
from clientela.modules.dialler.queries.words import reason_of, why
from clientela.workspace.dialler import facts, forms, words

SHOWN = 200
MOST = 50_000


def _list(request: HttpRequest, calling_id: int) -> CallingList:
    """A list that this person sets up; nothing else exists for them here."""
    user = caller(request)
    rows = CallingList.objects.visible_to(user).select_related("branch", "team", "centre")
    calling = get_object_or_404(rows, pk=calling_id)
    if not lists.may_set_up(user, calling):
        raise Http404
    return calling


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ROUTING_WRITE)
def settings(request: HttpRequest, calling_id: int | None = None) -> HttpResponse:
    """The form of a list."""
    user = caller(request)
    calling = _list(request, calling_id) if calling_id is not None else None
    posted = request.POST if request.method == "POST" else None
    form = forms.ListForm(user, posted, calling)
    questions = forms.questions_of(posted) if posted is not None else (calling.questions if calling else [])
    wrong = forms.check(questions) if posted is not None else ""
    if posted is not None and form.is_valid() and not wrong:
        try:
            values = form.values() | {"questions": questions}
            saved = lists.save_list(actor=user, now=timezone.now(), values=values, calling=calling)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("The list is saved"))
            return redirect("dialler:entries", saved.pk)
    context = {
        "form": form, "calling": calling, "rows": forms.rows_of(questions), "kinds": forms.KIND_CHOICES, "wrong": wrong,
    }  # fmt: skip
    bad = posted is not None and (bool(form.errors) or bool(wrong))
    return render(request, "dialler/settings.html", context, status=422 if bad else 200)


def _shown(request: HttpRequest, calling: CallingList) -> tuple[str, "QuerySet[Entry]"]:
    """The entries of one tab in their order."""
    rows = Entry.objects.visible_to(caller(request)).filter(calling=calling)
    rows = rows.select_related("client", "calling", "taken_by", "reserved_for")
    tab = request.GET.get("tab", "")
    if tab == "over":
        return tab, rows.filter(state__in=[Entry.State.DONE, Entry.State.DROPPED]).order_by(
            "-ended_at", "-id"
        )
    return "", rows.open().first_comes()


@require_safe
@requires(Permission.ROUTING_WRITE)
def entries(request: HttpRequest, calling_id: int) -> HttpResponse:
    """Who is on the list, whose they are, and how it went these two weeks."""
    calling, now = _list(request, calling_id), timezone.now()
    tab, rows = _shown(request, calling)
    today = local_today(product.TIME_ZONE, now)
    days = by_day(caller(request), calling, today=today, zone=timezone.get_default_timezone())
    most = max([day["called"] for day in days] + [1])
    for day in days:
        for name in ("called", "reached", "agreed"):
            day[f"{name}_height"] = round(100 * day[name] / most)
    context = {
        "calling": calling, "mode": words.mode_of(calling), "place": words.place_of(calling), "tab": tab, "days": days,
        "rows": [_row(entry, now=now, today=today) for entry in rows[:SHOWN]], "shown": SHOWN, "count": rows.count(),
        "figures": figures(caller(request), [calling], now=now, since=facts.day_begin(now))[calling.pk],
        "people": _people(calling), "total": sum(day["called"] for day in days),
        "tabs": [
            {"label": pgettext("calling list", "On the list"), "url": "?", "current": not tab},
            {"label": pgettext("calling list", "Over"), "url": "?tab=over", "current": tab == "over"},
        ],
    }  # fmt: skip
    return render(request, "dialler/entries.html", context)


def _row(entry: Entry, *, now: Any, today: Any) -> dict[str, Any]:
    over = entry.state == Entry.State.DROPPED
    return {
        "entry": entry, "left": entry.days_left(today),
        "why": reason_of(entry, now=now) if over else " · ".join(why(entry, now=now)),
        "next": words.moment(entry.next_at, entry) if entry.state == Entry.State.WAITING else "",
    }  # fmt: skip


def _people(calling: CallingList) -> "QuerySet[User]":
    """Whom clients of this list may be given to: who writes to clients, of the list's place where it has one."""
    people = User.objects.filter(is_active=True, role__in=WRITERS)
    for name in ("team", "centre", "branch"):
        place = getattr(calling, f"{name}_id")
        if place:
            found = people.filter(**{f"placement__{name}": place}) | people.filter(
                **{f"agent__{name}": place}
            )
            people = found.distinct()
    return people.order_by("last_name", "first_name", "pk")[:200]


@require_POST
@requires(Permission.ROUTING_WRITE)
def assign(request: HttpRequest, calling_id: int) -> HttpResponseBase:
    """Keep the chosen clients for one person, or give them to everybody."""
    calling = _list(request, calling_id)
    wanted = id_of(request.POST.get("person"))
    person = get_object_or_404(User.objects.filter(is_active=True), pk=wanted) if wanted else None
    ids = ids_of(request.POST.getlist("ids"), SHOWN)
    try:
        moved = lists.assign(
            actor=caller(request), now=timezone.now(), calling=calling, entry_ids=ids, person=person
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        text = ngettext("%(n)s client is given", "%(n)s clients are given", moved) % {"n": moved}
        messages.success(request, text)
    return redirect("dialler:entries", calling.pk)


@require_POST
@requires(Permission.ROUTING_WRITE)
def take_off(request: HttpRequest, entry_id: int) -> HttpResponseBase:
    """Nobody calls this client for this list any more."""
    rows = Entry.objects.visible_to(caller(request)).select_related("calling")
    entry = get_object_or_404(rows, pk=entry_id)
    calling = _list(request, entry.calling_id)
    try:
        lists.take_off(actor=caller(request), now=timezone.now(), entry=entry)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken off the list"))
    return redirect("dialler:entries", calling.pk)


@require_safe
@requires(Permission.ROUTING_WRITE, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest, calling_id: int) -> FileResponse:
    """The list as a workbook, in the order of the page."""
    calling, now = _list(request, calling_id), timezone.now()
    _tab, rows = _shown(request, calling)
    head = [
        _("Client"), _("About"), _("Ends"), _("Why"), _("State"), _("Outcome"), _("Attempts"), _("Next call"), _("Whose"),
        *(one.said(get_language() or "ru") for one in calling.asks),
    ]  # fmt: skip
    told = _told(rows)
    lines = (
        [
            str(entry.client), entry.subject, entry.ends_on, " · ".join(why(entry, now=now)), entry.get_state_display(),
            entry.get_outcome_display() if entry.outcome else "", entry.attempts,
            entry.next_at.astimezone(zone_of(entry)).strftime("%d.%m.%Y %H:%M"), str(entry.reserved_for or entry.taken_by or ""),
            *(told.get((entry.client_id, one.key), "") for one in calling.asks),
        ]
        for entry in rows[:MOST].iterator(chunk_size=1000)
    )  # fmt: skip
    record(actor=caller(request), now=now, action="calling_list.exported", obj=calling)
    file = xlsx_file(head, lines, title=calling.name)
    return FileResponse(file, as_attachment=True, filename=f"{calling.name}.xlsx")


def _told(rows: "QuerySet[Entry]") -> dict[tuple[int, str], str]:
    """The newest answers of these entries' clients, by client and question."""
    answers = ProfileAnswer.objects.filter(client__in=rows.order_by().values("client")).order_by(
        "answered_at", "id"
    )
    return {(pk, key): value for pk, key, value in answers.values_list("client_id", "key", "value")}
