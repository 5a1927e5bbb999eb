"""All calls, one of them, and whoever is to be called back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.foundation.private_files import private_sound
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calls.models import Call, CallBack, Line, Recording
from clientela.modules.calls.operations.callbacks import close
from clientela.modules.calls.rules import Outcome
from clientela.modules.robot.queries.transcripts import said_on
from clientela.workspace.calls import queries, words
from clientela.workspace.calls.filters import CallFilter
from clientela.workspace.calls.forms import CallBackForm


def _lines(calls: list[Call]) -> list[dict[str, Any]]:
    return [
        {
            "call": call, "title": words.title_of(call), "icon": words.icon_of(call), "state": words.state_of(call),
            "kind": words.outcome_kind(call), "length": words.length(call),
        }
        for call in calls
    ]  # fmt: skip


@require_safe
@requires(Permission.CLIENTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The list of calls with whoever waits to be called."""
    wanted = CallFilter.read(request.GET)
    page = queries.page(request.user, wanted, after=request.GET.get("after", ""))
    names = {
        "all": pgettext("calls", "All"), "live": pgettext("calls", "Now"), "missed": pgettext("calls", "Missed"),
        "mine": pgettext("calls", "Mine"),
    }  # fmt: skip
    context = {
        "wanted": wanted, "lines": _lines(page.rows), "after": page.after, "call_backs": queries.call_backs(request.user),
        "tabs": [
            {"label": name, "url": f"?{wanted.within(box).query}", "current": box == wanted.box}
            for box, name in names.items()
        ],
        "outcomes": Outcome.choices, "may_call": caller(request).can(Permission.CONTACTS_WRITE),
        "telephone": bool(settings.SOFTPHONES) and caller(request).can(Permission.CONTACTS_WRITE),
        "may_export": caller(request).can(Permission.CLIENTS_EXPORT),
        "may_listen": caller(request).can(Permission.CALLS_LISTEN),
        "may_set_up": caller(request).can(Permission.TELEPHONY_WRITE),
    }  # fmt: skip
    part = {"1": "rows", "call-backs": "call_backs"}.get(request.GET.get("part", ""), "list")
    return render(request, f"calls/{part}.html", context)


@require_safe
@requires(Permission.CLIENTS_EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The calls of the list as CSV."""
    wanted = CallFilter.read(request.GET)
    rows = queries.listed(request.user, wanted).select_related("client", "person", "our")
    record(
        actor=request.user, now=timezone.now(), action="calls.exported", object_type="calls.call",
        object_name=str(_("Calls")), changes={"conditions": [None, wanted.query]},
    )  # fmt: skip
    head = [
        _("When"),
        _("Direction"),
        _("Client"),
        _("Number"),
        _("Our number"),
        _("Person"),
        _("Outcome"),
        _("Seconds"),
        _("Note"),
    ]
    lines = (
        [
            timezone.localtime(call.started_at), str(call.get_direction_display()), words.title_of(call), call.number,
            call.our_number, str(call.person or ""), words.state_of(call), call.seconds, call.note,
        ]
        for call in rows.order_by("-started_at", "-id")[: queries.MOST_EXPORTED].iterator()
    )  # fmt: skip
    return list_file("csv", head, lines, name="calls")


def found(request: HttpRequest, call_id: int) -> Call:
    rows = Call.objects.visible_to(request.user).select_related(
        "client", "person", "our", "agent", "branch", "centre"
    )
    return get_object_or_404(rows, pk=call_id)


@require_safe
@requires(Permission.CLIENTS_READ)
def call(request: HttpRequest, call_id: int) -> HttpResponse:
    """What happened in one call, and its recordings."""
    one = found(request, call_id)
    context = {
        "call": one, "title": words.title_of(one), "state": words.state_of(one), "kind": words.outcome_kind(one),
        "length": words.length(one), "story": words.story(one.steps.select_related("person")),
        "recordings": queries.recordings(request.user, one),
        "said": said_on(list(one.lines.filter(role=Line.Role.CLIENT).values_list("line", flat=True))),
        "may_call": caller(request).can(Permission.CONTACTS_WRITE),
        "may_listen": caller(request).can(Permission.CALLS_LISTEN) and one.state == Call.State.TALKING,
    }  # fmt: skip
    return render(request, "calls/call.html", context)


@require_safe
@requires(Permission.CLIENTS_READ)
def sound(request: HttpRequest, recording_id: int) -> HttpResponse:
    """What was said; every hearing from its beginning stands in the journal."""
    recording = get_object_or_404(Recording.objects.select_related("call__client"), pk=recording_id)
    one = found(request, recording.call_id)
    if not recording.file or not queries.may_hear(request.user, one):
        raise Http404
    span = request.headers.get("Range", "")
    if not span or span.startswith("bytes=0-"):
        record(actor=request.user, now=timezone.now(), action="call.heard", obj=one.client or one)
    return private_sound(recording.file, span)


@require_http_methods(["GET", "POST"])
@requires(Permission.CONTACTS_WRITE)
def call_back_done(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """Nobody need call any more: how it ended, and what is to be known of it."""
    back = get_object_or_404(
        CallBack.objects.visible_to(request.user).select_related("client"), pk=call_back_id
    )
    form = CallBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        close(actor=request.user, now=timezone.now(), call_back=back, **form.cleaned_data)
        return _closed(request, words.title_of(back))
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    context = {
        "form": form,
        "back": back,
        "title": _("How did it end with %(name)s?") % {"name": words.title_of(back)},
    }
    template = f"calls/call_back_{'dialog' if htmx else 'page'}.html"
    return render(request, template, context, status=422 if form.errors else 200)


def _closed(request: HttpRequest, name: str) -> HttpResponse:
    text = _("%(name)s: nobody need call any more") % {"name": name}
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, text)
        return redirect("calls:list")
    response = HttpResponse(status=204)
    trigger_client_event(response, "toast", {"text": text, "kind": "good"})
    trigger_client_event(response, "close-modal", {})
    return trigger_client_event(response, "task-changed", {})
