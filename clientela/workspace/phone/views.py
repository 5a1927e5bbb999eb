"""The client's phone: everything is real except who receives it."""

import re
import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing.operations import register_payment
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import WRITTEN, Message, Signal
from clientela.modules.contacts.operations import register_signal, store_incoming
from clientela.modules.contacts.ports import IncomingMessage
from clientela.modules.renewals.operations.work import NothingToSend, bring_forward
from clientela.modules.renewals.queries.plan_view import marks_of, plan_of
from clientela.workspace.clients.queries.timeline import timeline
from clientela.workspace.clients.timeline_words import items
from clientela.workspace.phone import queries
from clientela.workspace.phone.calls import call_context

LONGEST_ANSWER = 1000
JUST_PAID = timedelta(minutes=30)
_LINK = re.compile(r"https?://\S+")


def _client(request: HttpRequest, client_id: int) -> Client:
    if not settings.DEMO:
        raise Http404
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _today() -> Any:
    return local_today(settings.TIME_ZONE, timezone.now())


@requires(Permission.DEMO_PHONE)
def home(request: HttpRequest) -> HttpResponse:
    """The first phone worth trying, or what to do when there is none."""
    if not settings.DEMO:
        raise Http404
    terms = queries.offered(request.user, today=_today(), now=timezone.now())
    if terms:
        return redirect("phone:phone", terms[0].client_id)
    return render(request, "phone/empty.html")


@requires(Permission.DEMO_PHONE)
def phone(request: HttpRequest, client_id: int) -> HttpResponse:
    """The page: whose phone, the phone, and what the company sees."""
    client = _client(request, client_id)
    now = timezone.now()
    context = _screen(request, client) | _company(client) | call_context(client)
    context["offered"] = queries.offered(request.user, today=_today(), now=now)
    context["today"] = _today()
    return render(request, "phone/phone.html", context)


@requires(Permission.DEMO_PHONE)
def screen(request: HttpRequest, client_id: int) -> HttpResponse:
    """The phone alone."""
    return render(request, "phone/parts/screen.html", _screen(request, _client(request, client_id)))


@requires(Permission.DEMO_PHONE)
def company(request: HttpRequest, client_id: int) -> HttpResponse:
    """What the company sees, alone."""
    return render(request, "phone/parts/company.html", _company(_client(request, client_id)))


def _screen(
    request: HttpRequest, client: Client, *, app: str = "", opened: Message | None = None
) -> dict[str, Any]:
    counts = queries.unread(client)
    asked = app or request.GET.get("app", "") or request.POST.get("app", "")
    current = asked if asked in queries.APPS else max(WRITTEN, key=lambda c: counts.get(c, 0))
    names = {"sms": _("Messages"), "email": _("Mail"), "vk": "VK", "telegram": "Telegram", "site": _("Site")}
    apps = [
        queries.App(code, icon, names[code], counts.get(code, 0), code == current)
        for code, icon in queries.APPS.items()
    ]
    found = queries.messages(client, current) if current != "site" else []
    now = timezone.now()
    return {
        "client": client,
        "apps": apps,
        "app": current,
        "thread": found if current == "email" else found[::-1],
        "opened": opened,
        "link": _link(opened) if opened else "",
        "project": queries.open_project(client),
        "paid": queries.paid_project(client, since=now - JUST_PAID),
        "company": settings.COMPANY_NAME,
        "clock": now.astimezone(ZoneInfo(client.time_zone)).strftime("%H:%M"),
        "answers": _answers(),
    }


def _answers() -> list[str]:
    return [_("I sold the car"), _("Call me tomorrow, please"), _("STOP")]


def _link(message: Message) -> str:
    found = _LINK.search(message.text)
    return found.group().rstrip(".,") if found else ""


def _company(client: Client) -> dict[str, Any]:
    today = _today()
    term = queries.main_term(client, today=today)
    return {
        "client": client,
        "term": term,
        "left": (term.end_date - today).days if term else None,
        "track": marks_of([term], today=today)[term.pk] if term else None,
        "plan": [e for e in plan_of(term, today=today) if e.kind in {"go", "wait", "no"}][:4] if term else [],
        "entries": items(timeline(client.pk, wanted="", until=timezone.now()).entries)[:14],
        "coming": [],
    }


def _done(
    request: HttpRequest, client: Client, *, app: str, opened: Message | None = None, text: str = ""
) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('phone:phone', args=[client.pk])}?app={app}")
    response = render(request, "phone/parts/screen.html", _screen(request, client, app=app, opened=opened))
    trigger_client_event(response, "phone-changed", {})
    if text:
        trigger_client_event(response, "toast", {"text": text, "kind": "good"})
    return response


def _received(client: Client, message_id: int) -> Message:
    return get_object_or_404(Message, pk=message_id, client=client, direction="out")


@requires(Permission.DEMO_PHONE)
@require_POST
def read(request: HttpRequest, client_id: int, message_id: int) -> HttpResponse:
    """The client opens a message."""
    client = _client(request, client_id)
    message = _received(client, message_id)
    if message.token:
        message = register_signal(
            token=message.link_token, kind=Signal.Kind.OPEN, now=timezone.now(), detail="demo"
        )
    return _done(request, client, app=message.channel, opened=message)


@requires(Permission.DEMO_PHONE)
@require_POST
def click(request: HttpRequest, client_id: int, message_id: int) -> HttpResponse:
    """The client follows the link of a message: the site opens."""
    client = _client(request, client_id)
    message = _received(client, message_id)
    if message.token:
        register_signal(token=message.link_token, kind=Signal.Kind.CLICK, now=timezone.now(), detail="demo")
    return _done(request, client, app="site")


@requires(Permission.DEMO_PHONE)
@require_POST
def unsubscribe(request: HttpRequest, client_id: int, message_id: int) -> HttpResponse:
    """The client unsubscribes from the channel of a message."""
    client = _client(request, client_id)
    message = _received(client, message_id)
    if message.token:
        register_signal(
            token=message.link_token, kind=Signal.Kind.UNSUBSCRIBE, now=timezone.now(), detail="demo"
        )
    return _done(
        request, client, app=message.channel, text=_("Unsubscribed: this channel is silent from now on.")
    )


@requires(Permission.DEMO_PHONE)
@require_POST
def answer(request: HttpRequest, client_id: int) -> HttpResponse:
    """The client writes back; the words go the way every incoming message goes."""
    client = _client(request, client_id)
    channel, text = request.POST.get("app", ""), request.POST.get("text", "").strip()[:LONGEST_ANSWER]
    point = client.contact_points.filter(kind="phone" if channel == "sms" else channel).first()
    if channel not in WRITTEN or point is None:
        raise Http404
    if text:
        now = timezone.now()
        store_incoming(
            channel,
            [
                IncomingMessage(
                    channel=channel,  # type: ignore[arg-type]
                    external_id=f"phone-{uuid.uuid4()}",
                    from_address=point.value,
                    to_address="",
                    text=text,
                    at=now,
                )
            ],
            now=now,
        )
    return _done(request, client, app=channel)


@requires(Permission.DEMO_PHONE)
@require_POST
def pay(request: HttpRequest, client_id: int) -> HttpResponse:
    """The client pays the prepared next term: it is issued at once."""
    client = _client(request, client_id)
    project = queries.open_project(client)
    if project is None:
        return _done(request, client, app="site")
    register_payment(
        actor=None,
        now=timezone.now(),
        project=project,
        amount=project.premium,
        method="sbp",
        external_id=f"phone-{project.pk}",
    )
    return _done(request, client, app="site", text=_("Paid: the policy is issued."))


@requires(Permission.DEMO_PHONE, Permission.RENEWALS_WRITE)
@require_POST
def next_step(request: HttpRequest, client_id: int) -> HttpResponse:
    """Do not wait for its day: the next written step of the plan is due now."""
    client = _client(request, client_id)
    term = queries.main_term(client, today=_today())
    if term is None:
        return _done(request, client, app="", text=_("This client has no expiring policy."))
    try:
        touch = bring_forward(actor=request.user, now=timezone.now(), renewal=term)
    except NothingToSend as nothing:
        response = HttpResponse(status=204)
        return trigger_client_event(response, "toast", {"text": str(nothing), "kind": "warn"})
    said = _("The step is on its way: %(channel)s.") % {"channel": touch.get_channel_display()}
    return _done(request, client, app=touch.channel, text=said)
