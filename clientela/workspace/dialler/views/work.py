"""The working screen: the queue at the left, the client and the script, the outcome at the right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.calls.operations.outbound import NotNow
from clientela.modules.contacts.rules.wording import describe
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations import dialling, ending, taking
from clientela.modules.dialler.operations.lists import may_set_up
from clientela.modules.dialler.queries.facts import zone_of
from clientela.modules.dialler.rules.outcomes import DATED, Outcome
from clientela.workspace.dialler import facts, words

MOVED = "dialler-moved"


def _list(request: HttpRequest, calling_id: int) -> CallingList:
    rows = CallingList.objects.visible_to(caller(request)).select_related("branch", "team", "centre")
    return get_object_or_404(rows, pk=calling_id)


def _entry(request: HttpRequest, entry_id: int) -> Entry:
    rows = Entry.objects.visible_to(caller(request))
    return get_object_or_404(rows.select_related("calling", "client__agent"), pk=entry_id)


def _held(request: HttpRequest, calling: CallingList) -> Entry | None:
    held = taking.held_by(caller(request))
    return held if held is not None and held.calling_id == calling.pk else None


def _work(request: HttpRequest, calling: CallingList, entry: Entry | None, **more: Any) -> HttpResponse:
    """The middle and the right, as they are now; the queue looks again by itself."""
    now = timezone.now()
    context = facts.work(caller(request), calling, entry, now=now) | more | {"swapped": True}
    return render(request, "dialler/work.html", context)


def _refused(refusal: Refusal) -> HttpResponse:
    text = str(refusal)
    if isinstance(refusal, NotNow):
        text = " ".join([text, *(describe(check) for check in refusal.verdict.checks if not check.passed)])
    return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")


@require_safe
@requires(Permission.CONTACTS_WRITE)
def page(request: HttpRequest, calling_id: int) -> HttpResponseBase:
    """The whole screen; who has a client of another list in hand is led there."""
    user, now = caller(request), timezone.now()
    calling, held = _list(request, calling_id), taking.held_by(user)
    if held is not None and held.calling_id != calling.pk:
        return redirect("dialler:work", held.calling_id)
    context = facts.work(user, calling, held, now=now) | {"may_set_up": may_set_up(user, calling)}
    context |= {"queue": facts.left(user, calling, now=now), "person_id": user.pk}
    return render(request, "dialler/page.html", context)


@require_safe
@requires(Permission.CONTACTS_WRITE)
def queue(request: HttpRequest, calling_id: int) -> HttpResponse:
    """The left pane again."""
    calling = _list(request, calling_id)
    left = facts.left(caller(request), calling, now=timezone.now())
    return render(request, "dialler/queue.html", {"queue": left, "calling": calling})


@require_POST
@requires(Permission.CONTACTS_WRITE)
def take_next(request: HttpRequest, calling_id: int) -> HttpResponseBase:
    """The next client is in the person's hands."""
    calling = _list(request, calling_id)
    entry = taking.take_next(actor=caller(request), now=timezone.now(), calling=calling)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("dialler:work", (entry.calling_id if entry else calling.pk))
    if entry is not None and entry.calling_id != calling.pk:
        return _elsewhere(entry)
    return _work(request, calling, entry, nobody=entry is None)


def _elsewhere(entry: Entry) -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("dialler:work", args=[entry.calling_id])
    return response


@require_POST
@requires(Permission.CONTACTS_WRITE)
def stop(request: HttpRequest, calling_id: int) -> HttpResponseBase:
    """A pause: a client not called yet goes to the next colleague."""
    calling = _list(request, calling_id)
    taking.let_go(actor=caller(request), now=timezone.now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("dialler:work", calling.pk)
    return _work(request, calling, _held(request, calling))


def _act(request: HttpRequest, entry: Entry, act: Callable[[], Any]) -> HttpResponse | None:
    try:
        act()
    except dialling.NotToBeCalled as refusal:
        response = HttpResponse(status=204)
        trigger_client_event(response, "toast", {"text": str(refusal), "kind": "bad"})
        trigger_client_event(response, MOVED, {})
        return response
    except Refusal as refusal:
        return _refused(refusal)
    return None


@require_POST
@requires(Permission.CONTACTS_WRITE)
def take(request: HttpRequest, entry_id: int) -> HttpResponseBase:
    """Take this client out of turn."""
    entry = _entry(request, entry_id)
    refused = _act(
        request, entry, lambda: taking.take(actor=caller(request), now=timezone.now(), entry=entry)
    )
    if refused is not None:
        return refused
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("dialler:work", entry.calling_id)
    return _work(request, entry.calling, _held(request, entry.calling))


@require_POST
@requires(Permission.CONTACTS_WRITE)
def keep(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The page is open: the client stays in hand. Answers with the state of the call."""
    entry = _entry(request, entry_id)
    if not taking.keep(actor=caller(request), now=timezone.now(), entry_id=entry.pk):
        response = HttpResponse(status=204)
        trigger_client_event(response, MOVED, {})
        return response
    call = facts.call_of(entry)
    context = {"entry": entry, "call": call, "calling": entry.calling, "network": facts.network_of(call)}
    return render(request, "dialler/call.html", context)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def call(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Call the client in hand."""
    entry = _entry(request, entry_id)
    refused = _act(
        request, entry, lambda: dialling.dial(actor=caller(request), now=timezone.now(), entry=entry)
    )
    return refused or _work(request, entry.calling, _held(request, entry.calling))


def _moment(request: HttpRequest, entry: Entry, outcome: str) -> datetime | None:
    """The moment that the client named, on the client's clock; after a meeting where none is typed."""
    given = (request.POST or request.GET).get("moment", "")
    try:
        return datetime.fromisoformat(given).replace(tzinfo=zone_of(entry))
    except ValueError:
        pass
    return facts.next_meeting(caller(request), entry) if outcome == Outcome.MEETING else None


@require_GET
@requires(Permission.CONTACTS_WRITE)
def coming(request: HttpRequest, entry_id: int) -> HttpResponse:
    """What saving this outcome does, before it is saved."""
    entry, outcome = _entry(request, entry_id), request.GET.get("outcome", "")
    if outcome not in Outcome.values:
        return HttpResponse(status=204)
    asked = _moment(request, entry, outcome)
    context = {
        "entry": entry, "outcome": outcome, "dated": outcome in DATED, "meeting": outcome == Outcome.MEETING,
        "asked": asked.astimezone(zone_of(entry)) if asked else None, "text": words.coming(entry, outcome, asked=asked),
        "least": timezone.now().astimezone(zone_of(entry)), "most": entry.until.astimezone(zone_of(entry)),
    }  # fmt: skip
    part = "dialler/coming_text.html" if "moment" in request.GET else "dialler/coming.html"
    return render(request, part, context)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def outcome(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Save how it came out, and take the next client."""
    entry, said = _entry(request, entry_id), request.POST.get("outcome", "")
    if said not in Outcome.values:
        return HttpResponse(
            _("Choose how the call came out."), status=422, content_type="text/plain; charset=utf-8"
        )
    answers = {
        name.removeprefix("answer."): value
        for name, value in request.POST.items()
        if name.startswith("answer.") and isinstance(value, str)
    }
    now = timezone.now()
    try:
        attempt = ending.finish(
            actor=caller(request), now=now, entry=entry, outcome=said, note=request.POST.get("note", "")[:500],
            moment=_moment(request, entry, said), answers=answers,
        )  # fmt: skip
    except Refusal as refusal:
        return _refused(refusal)
    following = None
    if "stay" not in request.POST:
        following = taking.take_next(actor=caller(request), now=timezone.now(), calling=entry.calling)
    response = _work(request, entry.calling, following, nobody=following is None)
    text = f"{entry.client}: {Outcome(said).label}"
    undo_url = reverse("dialler:undo", args=[attempt.pk])
    trigger_client_event(response, "toast", {"text": text, "kind": "good", "undo_url": undo_url})
    return response


@require_POST
@requires(Permission.CONTACTS_WRITE)
def skip(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Put the client back with a word why, and take the next one."""
    entry = _entry(request, entry_id)
    reason = request.POST.get("reason", "")
    refused = _act(
        request,
        entry,
        lambda: taking.skip(actor=caller(request), now=timezone.now(), entry=entry, reason=reason),
    )
    if refused is not None:
        return refused
    following = taking.take_next(actor=caller(request), now=timezone.now(), calling=entry.calling)
    response = _work(request, entry.calling, following, nobody=following is None)
    trigger_client_event(response, "close-modal", {})
    return response


@require_POST
@requires(Permission.CONTACTS_WRITE)
def undo(request: HttpRequest, attempt_id: int) -> HttpResponse:
    """Take the last outcome back: the client is in hand again."""
    rows = Attempt.objects.filter(entry__in=Entry.objects.visible_to(caller(request)).values("pk"))
    attempt = get_object_or_404(rows, pk=attempt_id)
    try:
        entry = ending.undo(actor=caller(request), now=timezone.now(), attempt=attempt)
    except Refusal as refusal:
        return _refused(refusal)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("dialler:work", args=[entry.calling_id])
    return response
