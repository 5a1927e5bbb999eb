"""The inbox: the list of conversations, one of them, and the parts that are read again."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import CARRY_FILES, PUBLIC, Conversation, Macro, Message
from clientela.modules.contacts.operations.conversations import look
from clientela.modules.contacts.queries.conversations import claimants, open_claim, possible_senders
from clientela.workspace.clients.queries.timeline import timeline
from clientela.workspace.clients.timeline_words import items
from clientela.workspace.inbox import queries, words
from clientela.workspace.inbox.answers import ready_answers, ways_of
from clientela.workspace.inbox.files import own_files
from clientela.workspace.inbox.filters import CHANNELS, InboxFilter
from clientela.workspace.inbox.forms import NOTE, AnswerForm
from clientela.workspace.today import letters

LATEST = 4
MARKED = (
    "complaint",
    "policy",
    "cancelled",
    "quote",
    "project",
    "contract",
    "renewal",
    "payment",
    "claim",
    "dispute",
)


def found(request: HttpRequest, conversation_id: int) -> Conversation:
    """The conversation if the person may see it, else 404."""
    talk = queries.find(request.user, conversation_id)
    if talk is None:
        raise Http404
    return talk


def _wanted(request: HttpRequest, counts: dict[str, int]) -> InboxFilter:
    """The asked box; else the first that has something in it."""
    wanted = InboxFilter.read(request.GET)
    if wanted.box:
        return wanted
    return wanted.within(next((box for box in ("mine", "free", "team") if counts[box]), "mine"))


def _tabs(wanted: InboxFilter, counts: dict[str, int]) -> list[dict[str, Any]]:
    names = {
        "mine": pgettext("conversations", "Mine"), "team": pgettext("conversations", "Team"),
        "free": pgettext("conversations", "Nobody's"), "done": pgettext("conversations", "Done"),
    }  # fmt: skip
    return [
        {
            "label": name, "url": f"?{wanted.within(box).query}", "current": box == wanted.box,
            "count": counts.get(box), "is_more": counts.get(box, 0) > queries.MOST,
        }
        for box, name in names.items()
    ]  # fmt: skip


def list_context(request: HttpRequest, wanted: InboxFilter, counts: dict[str, int]) -> dict[str, Any]:
    """The list of conversations and what stands above it."""
    now = timezone.now()
    page = queries.page(request.user, wanted, after=request.GET.get("after", ""))
    return {
        "wanted": wanted,
        "tabs": _tabs(wanted, counts),
        "lines": [words.line(talk, request.user, now) for talk in page.rows],
        "after": page.after,
        "query": wanted.query,
        "mine": counts["mine"],
        "live": f"inbox:{caller(request).pk}" + ("" if wanted.box == "mine" else " inbox"),
        "channels": CHANNELS,
    }


def whole(
    request: HttpRequest, talk: Conversation | None, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page of the inbox with a conversation, or with none."""
    counts = queries.counts(request.user)
    wanted = _wanted(request, counts)
    context |= list_context(request, wanted, counts) | {"talk": talk}
    return render(request, "inbox/page.html", context, status=status)


@require_safe
@requires(Permission.CLIENTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The list, and what to do with it."""
    return whole(request, None, {})


@require_safe
@requires(Permission.CLIENTS_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """The list again, or its next page."""
    counts = queries.counts(request.user)
    context = list_context(request, _wanted(request, counts), counts)
    open_id = request.GET.get("open", "")
    context["open_id"] = int(open_id) if open_id.isdecimal() and len(open_id) < 19 else None
    return render(request, "inbox/lines.html" if request.GET.get("after") else "inbox/list.html", context)


@require_safe
@requires(Permission.CLIENTS_READ)
def of_client(request: HttpRequest, client_id: int) -> HttpResponse:
    """The conversation with a client, or the first words of one."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)
    talk = Conversation.objects.readable_by(request.user).filter(client=client).first()
    if talk is None:
        return redirect("today:write", client.pk)
    return redirect("inbox:conversation", talk.pk)


@require_safe
@requires(Permission.CLIENTS_READ)
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One conversation beside the list; its assignee has seen it then."""
    talk = found(request, conversation_id)
    context = talk_context(request, talk)
    look(actor=request.user, now=timezone.now(), conversation=talk)
    talk.seen_at = timezone.now()
    return whole(request, talk, context)


@require_safe
@requires(Permission.CLIENTS_READ)
def thread(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What was said, again or further back; reading the newest counts as having seen it."""
    talk = found(request, conversation_id)
    before = _moment(request.GET.get("before", ""))
    if before is None:
        look(actor=request.user, now=timezone.now(), conversation=talk)
    template = "inbox/said.html" if before else "inbox/thread.html"
    context = thread_context(talk, before) | head_context(request, talk) | {"oob_head": before is None}
    return render(request, template, context)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def thread_context(talk: Conversation, before: datetime | None = None) -> dict[str, Any]:
    said = queries.thread(talk, before=before)
    days = words.days(talk, said.said, timezone.get_current_timezone())
    return {"talk": talk, "days": days, "before": urlencode({"before": said.before}) if said.before else ""}


def head_context(request: HttpRequest, talk: Conversation) -> dict[str, Any]:
    """The line above a conversation."""
    now = timezone.now()
    return {
        "talk": talk,
        "client": talk.client,
        "name": words.title_of(talk),
        "due": words.due(talk, now),
        "writes": words.writes(talk),
        "local_time": timezone.localtime(now, ZoneInfo(talk.client.time_zone)) if talk.client else None,
        "may_answer": caller(request).can(Permission.CONTACTS_WRITE),
        "is_mine": talk.assignee_id == caller(request).pk,
        "complaint": queries.complaint_of(talk),
    }


def talk_context(request: HttpRequest, talk: Conversation, form: AnswerForm | None = None) -> dict[str, Any]:
    """All of one conversation: head, thread, the answer's form, what to know of the client."""
    context = head_context(request, talk) | thread_context(talk) | about_context(request, talk)
    if talk.client is None and talk.channel not in PUBLIC:
        visible = Client.objects.visible_to(request.user)
        return context | {"senders": visible.filter(pk__in=possible_senders(talk).values("pk"))}
    context |= claim_context(request, talk)
    if context["may_answer"]:
        context |= answer_context(request, talk, form)
    return context


def claim_context(request: HttpRequest, talk: Conversation) -> dict[str, Any]:
    """The phone that the writer names, with those of its owners whom this person sees."""
    claim = open_claim(talk)
    if claim is None:
        return {}
    owners = Client.objects.visible_to(request.user).filter(pk__in=claimants(claim).values("pk"))
    return {"claim": claim, "claimants": owners}


def answer_context(
    request: HttpRequest, talk: Conversation, form: AnswerForm | None = None
) -> dict[str, Any]:
    """The form of the answer, with the policy's verdict on each channel."""
    now, asked = timezone.now(), queries.last_asked(talk)
    ways = ways_of(talk, text="", now=now, asked=asked)
    if form is None:
        form = AnswerForm(
            channels=[(way.channel, way.name) for way in ways], notes=talk.client is not None,
            initial=first_words(talk, ways, asked),
        )  # fmt: skip
    today = local_today(settings.TIME_ZONE, now)
    return {
        "files": own_files(request.user, talk), "carry": [way.channel for way in ways if way.channel in CARRY_FILES],
        "talk": talk, "client": talk.client, "form": form, "asked": asked, "ways": ways, "chosen": form["channel"].value(), "note": NOTE,
        "private": private_way(talk, ways), "macros": Macro.objects.filter(is_active=True).order_by("-used", "name")[:8],
        "ready": ready_answers(talk.client, [way.channel for way in ways], today=today) if talk.client else [],
    }  # fmt: skip


def private_way(talk: Conversation, ways: list[letters.Way]) -> letters.Way | None:
    """The network's private messages, for whoever has written there before: strangers may not be written to."""
    wrote = Message.objects.filter(client=talk.client_id, channel="vk", direction=Message.Direction.IN)
    way = next((way for way in ways if way.channel == "vk" and way.kind != "no"), None)
    return way if way and talk.client_id and wrote.exists() else None


def first_words(talk: Conversation, ways: list[letters.Way], asked: Any) -> dict[str, str]:
    """The answer goes the way the question came, if the client still has that way."""
    known = [way.channel for way in ways]
    channel = talk.channel if talk.channel in known else next(iter(known), NOTE)
    subject = asked.subject if asked is not None else ""
    return {"channel": channel, "subject": _("Re: %(subject)s") % {"subject": subject} if subject else ""}


def about_context(request: HttpRequest, talk: Conversation) -> dict[str, Any]:
    """What to know before answering: why the conversation is whose, and what happened last."""
    now = timezone.now()
    latest = []
    if talk.client_id is not None:
        entries = [one for one in timeline(talk.client_id, until=now).entries if one.kind in MARKED]
        latest = items(entries[:LATEST])
    return {
        "reasons": words.reasons(talk, request.user, now),
        "decided": words.decided(*queries.work_of(talk)),
        "latest": latest,
        "about": words.about(talk, local_today(settings.TIME_ZONE, now)),
        "track_url": reverse("renewals:client_track", args=[talk.client_id]) if talk.client_id else "",
    }
