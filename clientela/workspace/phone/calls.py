"""Calls on the demo's phone: the client rings the company, hears its menu, and is rung by it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.calls.handsets import Handset, Handsets
from clientela.modules.calls.models import Number
from clientela.modules.calls.rules import KEYS
from clientela.modules.calls.tasks import exchange
from clientela.modules.clients.models import Client

LETTERS = "123456789*0#"


def _exchange() -> Handsets:
    """The exchange of the demo; with a real one the demo's phone makes no calls."""
    made: object = exchange()
    if not settings.DEMO or not isinstance(made, Handsets):
        raise Http404
    return made


def _number(client: Client) -> str:
    point = client.contact_points.filter(kind="phone").order_by("-is_primary", "pk").first()
    return point.value if point else ""


def call_context(client: Client) -> dict[str, Any]:
    """What the phone shows of calls: the call at hand, and numbers to dial."""
    made: object = exchange()
    number = _number(client)
    if not isinstance(made, Handsets) or not number:
        return {}
    shown: Handset | None = next(iter(made.handsets(number)), None)
    numbers = Number.objects.filter(is_active=True)
    ours = list(numbers.filter(by_region=True)[:1]) + list(numbers.filter(branch=client.branch_id)[:1])
    return {"handset": shown, "numbers": ours, "keys": LETTERS, "calling": _caller(shown)}


def _caller(shown: Handset | None) -> str:
    if shown is None:
        return ""
    ours = Number.objects.filter(value=shown.caller).values_list("label", flat=True).first()
    return ours or shown.caller


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _shown(request: HttpRequest, client: Client) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect("phone:phone", client.pk)
    return render(request, "phone/parts/calling.html", _context(client))


def _context(client: Client) -> dict[str, Any]:
    now: datetime = timezone.now()
    clock = now.astimezone(ZoneInfo(client.time_zone)).strftime("%H:%M")
    return call_context(client) | {"client": client, "company": settings.COMPANY_NAME, "clock": clock}


@requires(Permission.DEMO_PHONE)
@require_safe
def calling(request: HttpRequest, client_id: int) -> HttpResponse:
    """The call at hand, again."""
    _exchange()
    return render(request, "phone/parts/calling.html", _context(_client(request, client_id)))


@requires(Permission.DEMO_PHONE)
@require_POST
def call(request: HttpRequest, client_id: int) -> HttpResponse:
    """The client dials a number of ours."""
    made, client = _exchange(), _client(request, client_id)
    number = get_object_or_404(Number, value=request.POST.get("number", ""), is_active=True)
    own = _number(client)
    if own and not made.handsets(own):
        made.call(own, number.value)
    return _shown(request, client)


@requires(Permission.DEMO_PHONE)
@require_POST
def touch(request: HttpRequest, client_id: int) -> HttpResponse:
    """The client picks up, hangs up or presses a key."""
    made, client = _exchange(), _client(request, client_id)
    shown = next(iter(made.handsets(_number(client))), None)
    what = request.POST.get("what", "")
    if shown is not None and what == "pick-up":
        made.pick_up(shown.line)
    elif shown is not None and what == "put-down":
        made.put_down(shown.line)
    elif shown is not None and len(what) == 1 and what in KEYS:
        made.dial(shown.line, what)
    return _shown(request, client)
