"""Running the line: who does what, who waits, and what is done about it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.calls.figures.rules import Totals
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import acts, supervising
from clientela.modules.contacts.models import Conversation
from clientela.modules.contacts.operations.conversations import assign
from clientela.modules.organisation.queries import people_visible_to
from clientela.modules.routing.models import Station
from clientela.modules.routing.operations import set_state_of
from clientela.modules.routing.queries import presence_of
from clientela.workspace.calls.words import title_of
from clientela.workspace.wallboard import staffing, wall, words
from clientela.workspace.wallboard.line import Line, choices
from clientela.workspace.wallboard.people import Doing, Work, counts, doing, takers, work_of
from clientela.workspace.wallboard.views.wall import found_line
from clientela.workspace.wallboard.waiting import items

SHOWN = {"talking": ("talking", "ringing"), "available": ("available",)}
STATES = [Station.State.AVAILABLE, Station.State.BUSY, Station.State.BREAK, Station.State.AWAY]


@require_safe
@requires(Permission.LINE_RUN)
def page(request: HttpRequest) -> HttpResponse:
    """The line with its people, its queue, and what tomorrow lacks."""
    line, user = found_line(request), caller(request)
    people = doing(line)
    work = work_of(line, people)
    shown = SHOWN.get(request.GET.get("show", ""), ())
    who = id_of(request.GET.get("who"))
    here = [_row(one, work[one.user.pk], line, user) for one in people if not shown or one.state in shown]
    chosen = next((row for row in here if row["doing"].user.pk == who), None)
    plan = staffing.plan_for_tomorrow(line)
    today = line.day(line.today).total
    waits = items(line)
    context = {
        "line": line, "title": line.title, "rows": here, "chosen": chosen, "waiting": waits, "plan": plan,
        "figures": _facts(wall.figures(line, today, Totals()), counts(people), waits, work, len(people)),
        "tabs": _tabs(request, people), "choices": choices(user, line, reverse("wallboard:supervision")),
        "base": f"?queue={line.queue}&show={request.GET.get('show', '')}",
        "short": [_short(need) for need in sorted(plan.short, key=lambda need: -need.gap)[:6]],
        "aht": words.clock(plan.targets.aht), "calls": round(plan.calls), "aim": round(plan.targets.aim * 100),
        "may_listen": user.can(Permission.CALLS_LISTEN), **staffing.columns(plan),
    }  # fmt: skip
    return render(request, "wallboard/supervision.html", context)


def _row(one: Doing, work: Work, line: Line, user: User) -> dict[str, Any]:
    talks = one.state == "talking" and one.call is not None
    long = talks and one.since is not None and line.now - one.since > wall.LONG_TALK
    return {
        "doing": one, "work": work, "long": long, "whom": _whom(one, work, user), **words.state(one),
        "busy": None if work.occupancy is None else round(work.occupancy * 100),
        "call": one.call if talks and one.user.pk != user.pk else None,
    }  # fmt: skip


def _whom(one: Doing, work: Work, user: User) -> str:
    """With whom they speak, what is to be written down, or how many clients wait for their answer."""
    if one.state == "wrap_up":
        return pgettext("line", "after the call")
    if one.call is not None:
        seen = Call.objects.visible_to(user).filter(pk=one.call.pk).exists()
        return ", ".join(filter(None, [title_of(one.call) if seen else "", one.call.reason]))
    if work.open:
        return _("%(n)s to answer in the inbox") % {"n": work.open}
    return ""


def _short(need: Any) -> dict[str, Any]:
    return {"need": need, "time": staffing.time_of(need.slot), "reached": round(need.reached.level * 100)}


def _facts(
    shown: dict[str, Any], states: dict[str, int], waits: list[Any], work: dict[int, Work], present: int
) -> list[dict[str, Any]]:
    totals = shown["totals"]
    calls = [one for one in waits if one.kind == "call"]
    level = "—" if shown["level"] is None else f"{shown['level']} %"
    lost = "" if shown["abandonment"] is None else _("%(n)s %% of all") % {"n": shown["abandonment"]}
    return [
        {"label": _("Answered within %(n)s s") % {"n": shown["within"]}, "value": level, "kind": shown["kind"],
         "note": _("aim %(n)s %%: %(word)s") % {"n": shown["aim"], "word": shown["word"]}},
        {"label": pgettext("line", "Wait"), "value": len(calls), "since": calls[0].since if calls else None,
         "note": pgettext("line", "nobody waits on the line") if not calls else ""},
        {"label": pgettext("line", "Free"), "value": states["available"],
         "note": _("of %(n)s today") % {"n": present}},
        {"label": pgettext("calls", "Lost"), "value": totals.abandoned, "note": lost},
        {"label": pgettext("length", "Talk"), "value": shown["talk"],
         "note": _("and %(time)s to wrap up") % {"time": shown["wrap_up"]}},
        {"label": _("Agreed to renew"), "value": sum(one.agreed for one in work.values()),
         "note": _("wait for the answer %(time)s") % {"time": shown["asa"]}},
    ]  # fmt: skip


def _tabs(request: HttpRequest, people: list[Doing]) -> list[dict[str, Any]]:
    states, show = counts(people), request.GET.get("show", "")
    names = (("", pgettext("people", "All"), None), ("talking", pgettext("people", "Talk"), states["talking"]),
             ("available", pgettext("people", "Free"), states["available"]))  # fmt: skip
    queue = request.GET.get("queue", "")
    return [
        {"label": label, "count": count, "url": f"?queue={queue}&show={key}", "current": show == key}
        for key, label, count in names
    ]


def _done(act: Callable[[], Any], text: str) -> HttpResponse:
    """Do it and say so; a refusal is said as well."""
    kind = "good"
    try:
        act()
    except Refusal as refusal:
        text, kind = str(refusal), "bad"
    response = HttpResponse(status=204) if kind == "bad" else HttpResponse()
    trigger_client_event(response, "toast", {"text": text, "kind": kind})
    if kind == "good":
        trigger_client_event(response, "close-modal", {})
        trigger_client_event(response, "line-changed", {})
    return response


@require_POST
@requires(Permission.CALLS_LISTEN)
def listen(request: HttpRequest, call_id: int, way: str) -> HttpResponse:
    """Hear a talk, or speak to the colleague alone (``whisper``): the own telephone rings."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=call_id)
    who: dict[str, Any] = {"actor": caller(request), "now": timezone.now()}
    return _done(lambda: acts.listen(**who, call=call, whisper=way == "whisper"), _("Your telephone rings"))


@require_POST
@requires(Permission.LINE_RUN)
def take_over(request: HttpRequest, call_id: int) -> HttpResponse:
    """Have a talk rung at the own desk."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=call_id)
    who: dict[str, Any] = {"actor": caller(request), "now": timezone.now()}
    return _done(
        lambda: supervising.take_over(**who, call=call), _("The client hears music, your telephone rings")
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.LINE_RUN)
def give_call(request: HttpRequest, call_id: int) -> HttpResponse:
    """Choose who is rung for a waiting call."""
    call = get_object_or_404(Call.objects.visible_to(request.user), pk=call_id)
    url = reverse("wallboard:give_call", args=[call.pk])
    return _give(
        request, title_of(call), url, lambda who, person: supervising.assign(**who, call=call, person=person)
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.LINE_RUN)
def give_conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Choose who answers a conversation."""
    talk = get_object_or_404(Conversation.objects.readable_by(request.user), pk=conversation_id)
    url = reverse("wallboard:give_conversation", args=[talk.pk])
    return _give(request, str(talk), url, lambda who, person: assign(**who, conversation=talk, person=person))


def _give(
    request: HttpRequest, name: str, url: str, act: Callable[[dict[str, Any], User], Any]
) -> HttpResponse:
    user = caller(request)
    if request.method != "POST":
        people = takers(user, request.GET.get("q", ""))
        part = "calls/people.html" if "q" in request.GET else "wallboard/give.html"
        return render(request, part, {"people": people, "name": name, "url": url})
    person = get_object_or_404(User, pk=id_of(request.POST.get("person")) or 0, is_active=True)
    who = {"actor": user, "now": timezone.now()}
    return _done(lambda: act(who, person), _("Given to %(name)s") % {"name": person})


@require_http_methods(["GET", "POST"])
@requires(Permission.LINE_RUN)
def person_state(request: HttpRequest, user_id: int) -> HttpResponse:
    """Declare a person's state and say why."""
    person = get_object_or_404(people_visible_to(caller(request)), pk=user_id, is_active=True)
    now, wrong = timezone.now(), ""
    if request.method == "POST":
        values = {"state": request.POST.get("state", ""), "reason": request.POST.get("reason", "")}
        try:
            set_state_of(actor=caller(request), now=now, person=person, **values)
        except ValidationError as error:
            wrong = " ".join(error.messages)
        else:
            if not request.htmx:  # type: ignore[attr-defined]
                return redirect("wallboard:supervision")
            return _done(lambda: None, _("The state is changed"))
    current = presence_of([person.pk], now=now)[person.pk].state
    context = {
        "person": person, "states": [(state.value, state.label, state == current) for state in STATES], "wrong": wrong,
    }  # fmt: skip
    return render(request, "wallboard/state.html", context, status=422 if wrong else 200)
