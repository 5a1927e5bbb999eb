"""What a person does in the call at hand; every act answers with the panel as it is then."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.calls.operations import acts, outbound
from clientela.modules.clients.models import Client
from clientela.modules.contacts.rules.wording import describe
from clientela.workspace.calls import facts
from clientela.workspace.calls.panel import panel_context


@require_safe
@requires(Permission.CONTACTS_WRITE)
def panel(request: HttpRequest) -> HttpResponse:
    """The panel again."""
    return render(request, "calls/panel.html", panel_context(request))


def found(request: HttpRequest, call_id: int) -> Call:
    """A call this person has to do with."""
    rows = Call.objects.visible_to(request.user) | Call.objects.filter(lines__person=caller(request).pk)
    return get_object_or_404(rows.distinct(), pk=call_id)


def _answer(request: HttpRequest, act: Callable[[], Any], done: str = "") -> HttpResponse:
    """Do it, and show the panel; a refusal is said in a toast."""
    text, kind = done, "good"
    try:
        act()
    except outbound.NotNow as refusal:
        failed = [describe(check) for check in refusal.verdict.checks if not check.passed]
        text, kind = " ".join([str(refusal), *failed[:2]]), "bad"
    except Refusal as refusal:
        text, kind = str(refusal), "bad"
    if not request.htmx:  # type: ignore[attr-defined]
        back = request.POST.get("next", "")
        own = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        return redirect(back if own and back.startswith("/") else "calls:list")
    response = render(request, "calls/panel.html", panel_context(request))
    if text:
        trigger_client_event(response, "toast", {"text": text, "kind": kind})
    trigger_client_event(response, "close-modal", {})
    return response


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _act(verb: Callable[..., Any]) -> Callable[..., HttpResponse]:
    @require_POST
    @requires(Permission.CONTACTS_WRITE)
    def view(request: HttpRequest, call_id: int) -> HttpResponse:
        call = found(request, call_id)
        return _answer(request, lambda: verb(**_who(request), call=call))

    return view  # type: ignore[return-value]


accept, decline, take = _act(acts.accept), _act(acts.decline), _act(acts.take)
hang_up, hold, resume = _act(acts.hang_up_call), _act(acts.hold), _act(acts.resume)
hand_over, confer = _act(acts.hand_over), _act(acts.confer)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def recording(request: HttpRequest, call_id: int) -> HttpResponse:
    """Record from now on, or stop."""
    call, on = found(request, call_id), request.POST.get("on") == "1"
    return _answer(request, lambda: acts.switch_recording(**_who(request), call=call, on=on))


@require_POST
@requires(Permission.CONTACTS_WRITE)
def keys(request: HttpRequest, call_id: int) -> HttpResponse:
    """Press keys at the other side."""
    call = found(request, call_id)
    return _answer(request, lambda: acts.press(**_who(request), call=call, keys=request.POST.get("keys", "")))


@require_POST
@requires(Permission.CONTACTS_WRITE)
def outcome(request: HttpRequest, call_id: int) -> HttpResponse:
    """Say how the talk came out."""
    call = found(request, call_id)
    code, note = request.POST.get("outcome", ""), request.POST.get("note", "")
    return _answer(
        request,
        lambda: acts.note_outcome(**_who(request), call=call, outcome=code, note=note),
        _("The outcome is kept"),
    )


@require_POST
@requires(Permission.CALLS_LISTEN)
def listening(request: HttpRequest, call_id: int) -> HttpResponse:
    """Hear a talk; with whisper only the colleague hears the listener."""
    call, whisper = found(request, call_id), request.POST.get("whisper") == "1"
    return _answer(request, lambda: acts.listen(**_who(request), call=call, whisper=whisper))


@require_POST
@requires(Permission.CONTACTS_WRITE)
def caller_named(request: HttpRequest, call_id: int) -> HttpResponse:
    """Say which of the clients who share the number it is."""
    call = found(request, call_id)
    client = get_object_or_404(
        Client.objects.visible_to(request.user), pk=id_of(request.POST.get("client")) or 0
    )
    return _answer(request, lambda: acts.name_caller(**_who(request), call=call, client=client))


@requires(Permission.CONTACTS_WRITE)
def transfer(request: HttpRequest, call_id: int) -> HttpResponse:
    """Choose who gets the call, at once or after a word with them."""
    call = found(request, call_id)
    if request.method != "POST":
        people = facts.colleagues(caller(request), request.GET.get("q", ""))
        part = "calls/people.html" if "q" in request.GET else "calls/transfer.html"
        return render(request, part, {"call": call, "people": people})
    person = User.objects.filter(pk=id_of(request.POST.get("person")) or 0, is_active=True).first()
    if request.POST.get("way") == "ask" and person is not None:
        target = person
        return _answer(request, lambda: acts.consult(**_who(request), call=call, person=target))
    return _answer(
        request, lambda: acts.transfer(**_who(request), call=call, person=person), _("The call goes on")
    )


@require_POST
@requires(Permission.CONTACTS_WRITE)
def dial(request: HttpRequest) -> HttpResponse:
    """Call a client (``client``) or a number: the own desk rings first."""
    client_id = id_of(request.POST.get("client"))
    reason = request.POST.get("reason", "")
    if client_id is not None:
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
        point = id_of(request.POST.get("contact_point"))
        return _answer(
            request,
            lambda: outbound.call_client(
                **_who(request), client=client, contact_point_id=point, reason=reason
            ),
        )
    number = request.POST.get("number", "")
    return _answer(request, lambda: outbound.call_number(**_who(request), number=number, reason=reason))
