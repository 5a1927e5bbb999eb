"""What is done in a conversation: answered, noted, taken, given, done, its sender named."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import add_note
from clientela.modules.contacts.models import CARRY_FILES, PUBLIC, Conversation, DraftFile, Macro, Message
from clientela.modules.contacts.operations import complaints, queue_message
from clientela.modules.contacts.operations.conversations import assign, finish, reopen, settle_sender
from clientela.modules.contacts.operations.files import NoFilesHere, drop_file, keep_file
from clientela.modules.contacts.operations.introductions import settle_claim
from clientela.modules.contacts.queries.conversations import answerers, open_claim, possible_senders
from clientela.workspace.inbox import queries, words
from clientela.workspace.inbox.answers import in_public, ways_of
from clientela.workspace.inbox.files import own_files
from clientela.workspace.inbox.forms import NOTE, AnswerForm, GiveForm
from clientela.workspace.inbox.macros import run_macro
from clientela.workspace.inbox.views.pages import answer_context, found, talk_context, whole
from clientela.workspace.today import letters

CHANGED = "talk-changed"


def _told(
    request: HttpRequest, talk: Conversation, text: str, *, undo: str = "", kind: str = "good"
) -> HttpResponseBase:
    """What was done, said in a toast; without htmx the page comes back with it."""
    if not request.htmx:  # type: ignore[attr-defined]
        messages.add_message(
            request, messages.ERROR if kind == "bad" else messages.SUCCESS, text, extra_tags=undo
        )
        return redirect("inbox:conversation", talk.pk)
    response = HttpResponse(status=204)
    toast = {"text": text, "kind": kind} | ({"undo_url": undo} if undo else {})
    trigger_client_event(response, "toast", toast)
    trigger_client_event(response, CHANGED, {})
    trigger_client_event(response, "close-modal", {})
    return response


@require_POST
@requires(Permission.CONTACTS_WRITE)
def reply(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Send an answer, or keep a note. What the policy refuses is said at the channel; the words stay."""
    talk = found(request, conversation_id)
    asked = queries.last_asked(talk)
    text, now = request.POST.get("text", ""), timezone.now()
    refused = _keep(request, talk)
    ways = ways_of(talk, text=text, now=now, asked=asked)
    if talk.client is None and not ways:
        raise Http404
    choice = [(way.channel, way.name) for way in ways]
    form = AnswerForm(request.POST, channels=choice, notes=talk.client is not None)
    files = list(own_files(request.user, talk))
    if not queries.still_asked(talk, id_of(request.POST.get("asked")), asked):
        refused = _("What you answer belongs to another card now. Look who this answer would go to.")
    if form.is_valid() and refused:
        form.add_error(None, refused)
    elif form.is_valid() and files and form.cleaned_data["channel"] not in CARRY_FILES:
        form.add_error("channel", str(NoFilesHere()))
    elif form.is_valid():
        if form.cleaned_data["channel"] in PUBLIC:
            try:
                in_public(actor=request.user, now=now, talk=talk, text=form.cleaned_data["text"])
            except Refusal as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                return _written(request, talk, _("The answer will stand there for everybody"))
        elif talk.client is None:
            raise Http404
        elif form.cleaned_data["channel"] == NOTE:
            if caller(request).can(Permission.CLIENTS_WRITE):
                add_note(actor=request.user, now=now, client=talk.client, text=form.cleaned_data["text"])
                return _written(request, talk, _("The note is kept"))
            form.add_error("channel", _("You may not write notes."))
        else:
            message = _send(request, talk.client, form.cleaned_data, asked, files)
            if message.state != Message.State.DROPPED:
                return _written(request, talk, *letters.fate(message, talk.client))
            form.add_error("channel", letters.refused(message))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "inbox/answer.html", answer_context(request, talk, form), status=422)
    return whole(request, talk, talk_context(request, talk, form), status=422)


def _keep(request: HttpRequest, talk: Conversation) -> str:
    """Keep the files that came with a form; why one of them is not kept."""
    try:
        for file in request.FILES.getlist("file"):
            keep_file(actor=request.user, now=timezone.now(), conversation=talk, file=file)
    except Refusal as refusal:
        return str(refusal)
    return ""


@require_POST
@requires(Permission.CONTACTS_WRITE)
def add_files(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep files for the answer; they lie beside it until it is sent."""
    talk = found(request, conversation_id)
    refused = _keep(request, talk)
    context = {"talk": talk, "files": own_files(request.user, talk), "file_error": refused}
    return render(request, "inbox/files.html", context, status=422 if refused else 200)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def drop_answer_file(request: HttpRequest, conversation_id: int, draft_file_id: int) -> HttpResponse:
    """Take a file out again."""
    talk = found(request, conversation_id)
    if not drop_file(actor=request.user, conversation=talk, file_id=draft_file_id):
        raise Http404
    return render(request, "inbox/files.html", {"talk": talk, "files": own_files(request.user, talk)})


def _send(
    request: HttpRequest, client: Client, data: dict[str, Any], asked: Message | None, files: list[DraftFile]
) -> Message:
    channel = data["channel"]
    same = asked is not None and asked.channel == channel
    return queue_message(
        now=timezone.now(), actor=request.user, client=client, channel=channel, text=data["text"],
        subject=data.get("subject", "") if channel == "email" else "", purpose=letters.purpose_of(""), origin="inbox.reply",
        in_reply_to=asked, contact_point=asked.contact_point if asked and same else None, files=files,
    )  # fmt: skip


def _written(request: HttpRequest, talk: Conversation, text: str, kind: str = "good") -> HttpResponseBase:
    if not request.htmx:  # type: ignore[attr-defined]
        return _told(request, talk, text)
    response = render(request, "inbox/answer.html", answer_context(request, talk))
    trigger_client_event(response, "toast", {"text": text, "kind": kind})
    trigger_client_event(response, CHANGED, {}, after="settle")
    return response


@require_POST
@requires(Permission.CONTACTS_WRITE)
def macro(request: HttpRequest, conversation_id: int, macro_id: int) -> HttpResponseBase:
    """A prepared answer and what is done after it."""
    talk = found(request, conversation_id)
    row = get_object_or_404(Macro, pk=macro_id, is_active=True)
    try:
        run_macro(actor=caller(request), now=timezone.now(), talk=talk, macro=row)
    except Refusal as refusal:
        return _told(request, talk, str(refusal), kind="bad")
    undo = reverse("inbox:open", args=[talk.pk]) if Macro.Act.DONE in row.acts else ""
    return _told(request, talk, _("Done: %(name)s") % {"name": row.name}, undo=undo)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def done(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Nothing is left to answer; may be undone."""
    talk = found(request, conversation_id)
    finish(actor=request.user, now=timezone.now(), conversation=talk)
    undo = reverse("inbox:open", args=[talk.pk])
    return _told(request, talk, _("Done: %(name)s") % {"name": words.title_of(talk)}, undo=undo)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def opening(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """There is something to do after all."""
    talk = found(request, conversation_id)
    reopen(actor=request.user, now=timezone.now(), conversation=talk)
    return _told(request, talk, _("Open again: %(name)s") % {"name": words.title_of(talk)})


@require_POST
@requires(Permission.CONTACTS_WRITE)
def take(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """The person answers this conversation from now on."""
    talk = found(request, conversation_id)
    try:
        assign(actor=request.user, now=timezone.now(), conversation=talk, person=caller(request))
    except Refusal as refusal:
        return _told(request, talk, str(refusal), kind="bad")
    return _told(request, talk, _("The conversation is yours: %(name)s") % {"name": words.title_of(talk)})


@require_POST
@requires(Permission.CONTACTS_WRITE)
def complaint(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """What the client wrote is a complaint; may be undone for ten minutes."""
    talk = found(request, conversation_id)
    try:
        row = complaints.hand_over(actor=request.user, now=timezone.now(), conversation=talk)
    except Refusal as refusal:
        return _told(request, talk, str(refusal), kind="bad")
    undo = reverse("inbox:no_complaint", args=[talk.pk, row.pk])
    return _told(
        request, talk, _("Handed over as a complaint: %(name)s") % {"name": words.title_of(talk)}, undo=undo
    )


@require_POST
@requires(Permission.CONTACTS_WRITE)
def no_complaint(request: HttpRequest, conversation_id: int, complaint_id: int) -> HttpResponseBase:
    """It was no complaint."""
    talk = found(request, conversation_id)
    row = get_object_or_404(talk.hand_overs, pk=complaint_id)
    try:
        complaints.take_back(actor=request.user, now=timezone.now(), hand_over=row)
    except Refusal as refusal:
        return _told(request, talk, str(refusal), kind="bad")
    return _told(request, talk, _("It is no complaint: %(name)s") % {"name": words.title_of(talk)})


@require_http_methods(["GET", "POST"])
@requires(Permission.CONTACTS_WRITE)
def give(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Choose who answers."""
    talk = found(request, conversation_id)
    people = answerers(talk, now=timezone.now())
    form = GiveForm(request.POST or None, people=people, initial={"person": talk.assignee_id})
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        assign(actor=request.user, now=timezone.now(), conversation=talk, person=person)
        to = str(person) if person else _("the queue")
        return _told(request, talk, _("The conversation goes to %(person)s") % {"person": to})
    context = {"form": form, "talk": talk, "name": words.title_of(talk)}
    template = "inbox/give.html" if request.htmx else "inbox/give_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def sender(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Name which of the clients who share the address wrote."""
    talk = found(request, conversation_id)
    senders = Client.objects.visible_to(request.user).filter(pk__in=possible_senders(talk).values("pk"))
    client = get_object_or_404(senders, pk=id_of(request.POST.get("client")) or 0)
    settled = settle_sender(actor=request.user, now=timezone.now(), conversation=talk, client=client)
    return redirect("inbox:conversation", settled.pk)


@require_POST
@requires(Permission.CONTACTS_WRITE)
def claim(request: HttpRequest, conversation_id: int) -> HttpResponseBase:
    """Say whose phone the writer named: one of the clients who have it, or nobody's."""
    talk = found(request, conversation_id)
    named = open_claim(talk)
    if named is None:
        raise Http404
    wanted = request.POST.get("client", "")
    client = (
        get_object_or_404(Client.objects.visible_to(request.user), pk=id_of(wanted) or 0) if wanted else None
    )
    settled = settle_claim(actor=request.user, now=timezone.now(), claim=named, client=client)
    return redirect("inbox:conversation", settled.pk)
