"""Answering a client and writing to one, from the day's page."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations.queueing import queue_message
from clientela.modules.renewals.models import Renewal
from clientela.workspace.today import letters, words
from clientela.workspace.today.forms import MessageForm
from clientela.workspace.today.queries.queue import RELATED, unanswered_message

TEMPLATES = ("today/dialogs/modal.html", "today/dialogs/page.html")


@require_http_methods(["GET", "POST"])
@requires(Permission.CONTACTS_WRITE)
def reply(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """Answer a client's message: their words above, the answer below, the policy's verdict on each channel."""
    message = unanswered_message(request.user, message_id)
    if message is None or message.client is None:
        raise Http404
    context = {
        "title": _("Answer to %(name)s") % {"name": message.client.name}, "incoming": message,
        "action": reverse("today:reply", args=[message.pk]), "waits": words.waited(message.created_at, timezone.now()),
    }  # fmt: skip
    initial = {
        "channel": message.channel,
        "subject": _("Re: %(subject)s") % {"subject": message.subject} if message.subject else "",
    }
    return _write(
        request,
        message.client,
        context,
        initial,
        purpose=letters.purpose_of(""),
        origin="today.reply",
        to=message,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.CONTACTS_WRITE)
def write(request: HttpRequest, client_id: int) -> HttpResponseBase:
    """Write to a client, with words to begin with: ``about`` is payment, mortgage, claim, birthday or car."""
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("agent"), pk=client_id)
    about, term = request.GET.get("about", ""), _term(request, client)
    subject, text = letters.draft(about, client, term)
    query = request.GET.urlencode()
    context = {
        "title": letters.title(about, client),
        "action": reverse("today:write", args=[client.pk]) + (f"?{query}" if query else ""),
    }
    initial = {"subject": subject, "text": text}
    return _write(
        request, client, context, initial, purpose=letters.purpose_of(about), origin="today.message"
    )


def _term(request: HttpRequest, client: Client) -> Renewal | None:
    terms = Renewal.objects.visible_to(request.user).select_related(*RELATED)
    return terms.filter(pk=id_of(request.GET.get("term")) or 0, client=client).first()


def _write(
    request: HttpRequest, client: Client, context: dict[str, Any], initial: dict[str, Any], *, purpose: str,
    origin: str, to: Message | None = None,
) -> HttpResponseBase:  # fmt: skip
    now = timezone.now()
    since = to.created_at if to else None
    text = request.POST.get("text", initial.get("text", ""))
    found = letters.ways(client, purpose=purpose, text=text, now=now, replies_to=since)
    names = [(way.channel, way.name) for way in found]
    if found and initial.get("channel") not in dict(names):
        initial["channel"] = found[0].channel
    form = MessageForm(request.POST if request.method == "POST" else None, channels=names, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        message = queue_message(
            now=now, actor=request.user, client=client, channel=data["channel"], text=data["text"],
            subject=data.get("subject", "") if data["channel"] == "email" else "", purpose=purpose, origin=origin,
            in_reply_to=to, contact_point=to.contact_point if to and to.channel == data["channel"] else None,
        )  # fmt: skip
        if message.state != Message.State.DROPPED:
            return _sent(request, client, message)
        form.add_error("channel", letters.refused(message))
    template = TEMPLATES[0 if request.htmx else 1]  # type: ignore[attr-defined]
    context |= {
        "form": form,
        "client": client,
        "ways": found,
        "back": reverse("today:home"),
        "chosen": form["channel"].value(),
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _sent(request: HttpRequest, client: Client, message: Message) -> HttpResponseBase:
    text, kind = letters.fate(message, client)
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, text)
        return redirect("today:home")
    response = HttpResponse(status=204)
    trigger_client_event(response, "toast", {"text": text, "kind": kind})
    trigger_client_event(response, "close-modal", {})
    trigger_client_event(response, "renewal-changed", {"client": client.pk})
    return response
