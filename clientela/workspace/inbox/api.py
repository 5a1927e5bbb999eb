"""Conversations for other programs: the boxes of the inbox, what was said, and everything done in one."""

from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.pagination import Cursor, Limit, Page, bad_cursor
from clientela.foundation.api.pagination import page_of as api_page
from clientela.foundation.api.problems import Problem, map_problem
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import CARRY_FILES, PUBLIC, Conversation, Macro, PhoneClaim
from clientela.modules.contacts.operations import (
    complaints,
    conversations,
    introductions,
    public,
    queue_message,
)
from clientela.modules.contacts.operations.files import NoFilesHere, drop_file, keep_file
from clientela.modules.contacts.operations.macros import WrongMacro, keep_macro
from clientela.modules.contacts.queries.conversations import answerers, claimants, open_claim
from clientela.modules.contacts.schemas import MessageOut, MessageWithVerdict
from clientela.modules.routing.rules.wording import describe
from clientela.workspace.inbox import macros, queries, schemas
from clientela.workspace.inbox.answers import in_public
from clientela.workspace.inbox.files import own_files
from clientela.workspace.renewals.keyset import reads

router = Router(tags=["conversations"])
map_problem(conversations.CannotAnswer, 422)
map_problem(macros.CannotSay, 422)
map_problem(macros.NotAllowedToGo, 422)
map_problem(WrongMacro, 422)
map_problem(conversations.NotTheirAddress, 422)
map_problem(introductions.NotTheirPhone, 422)
map_problem(NoFilesHere, 422)
map_problem(public.NothingPublic, 422)
map_problem(public.NotForEverybody, 422)
map_problem(complaints.NothingToHandOver, 409)
map_problem(complaints.TooLateToUndo, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _found(request: HttpRequest, conversation_id: int) -> Conversation:
    rows = Conversation.objects.readable_by(request.user).select_related("client", "agent")
    return get_object_or_404(rows, pk=conversation_id)


@router.get("/conversations", response=Page[schemas.ConversationOut])
@requires(Permission.CLIENTS_READ)
def list_conversations(
    request: HttpRequest,
    conditions: Query[schemas.ConversationConditions],
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Conversations of a box by the conditions of the screen, newest first or by the nearest deadline."""
    wanted = conditions.wanted()
    if cursor and not reads(cursor, queries.ORDERS[wanted.order]):
        raise bad_cursor()
    page = queries.page(request.user, wanted, after=cursor, size=limit)
    return {"items": page.rows, "next": page.after or None}


@router.get("/conversations/counts", response=schemas.ConversationCountsOut)
@requires(Permission.CLIENTS_READ)
def count_conversations(request: HttpRequest) -> Any:
    return queries.counts(request.user)


@router.get("/conversations/{conversation_id}", response=schemas.ConversationOut)
@requires(Permission.CLIENTS_READ)
def conversation(request: HttpRequest, conversation_id: int) -> Any:
    return _found(request, conversation_id)


@router.get("/conversations/{conversation_id}/work", response=schemas.WorkOut)
@requires(Permission.CLIENTS_READ)
def conversation_work(request: HttpRequest, conversation_id: int) -> Any:
    """Whose the conversation is and every decision that made it so; 404 before anything was decided."""
    work, names = queries.work_of(_found(request, conversation_id))
    if work is None:
        raise Http404
    decisions = [
        {
            "at": one["at"],
            "why": one["why"],
            "to_id": one["to"],
            "text": describe(one, names.get(one["to"], "")),
        }
        for one in work.decisions
    ]
    return {
        "state": work.state, "queue": work.queue, "load": work.load, "escalated_to_id": work.escalated_to_id,
        "decisions": decisions,
    }  # fmt: skip


@router.get("/conversations/{conversation_id}/messages", response=Page[MessageOut])
@requires(Permission.CLIENTS_READ)
def conversation_messages(
    request: HttpRequest, conversation_id: int, cursor: Cursor = "", limit: Limit = 50
) -> Any:
    """What was said on every channel, newest first."""
    rows = queries.messages_of(_found(request, conversation_id))
    return api_page(rows, order=("-created_at", "-id"), cursor=cursor, limit=limit)


@router.post("/conversations/{conversation_id}/replies", response={201: MessageWithVerdict})
@requires(Permission.CONTACTS_WRITE)
def reply(request: HttpRequest, conversation_id: int, body: schemas.ReplyIn) -> Any:
    """Answers the client's last message. It is stored with the policy's verdict even when it will not go."""
    talk = _found(request, conversation_id)
    files = list(own_files(request.user, talk).filter(pk__in=body.file_ids))
    if len(files) != len(set(body.file_ids)):
        raise Problem(422, "unknown_file", _("One of the files is not there any more."))
    if files and body.channel not in CARRY_FILES:
        raise NoFilesHere
    if body.channel in PUBLIC:
        return Status(201, in_public(**_who(request), talk=talk, text=body.text))
    if talk.client is None:
        raise Problem(409, "sender_unknown", _("Say first which of the clients wrote."))
    asked = queries.last_asked(talk)
    point = asked.contact_point if asked and asked.channel == body.channel else None
    message = queue_message(
        **_who(request),
        client=talk.client,
        **body.dict(exclude={"file_ids"}),
        files=files,
        origin="inbox.reply",
        in_reply_to=asked,
        contact_point=point,
    )
    return Status(201, message)


@router.post("/conversations/{conversation_id}/files", response={201: schemas.AnswerFileOut})
@requires(Permission.CONTACTS_WRITE)
def add_answer_file(request: HttpRequest, conversation_id: int, file: File[UploadedFile]) -> Any:
    """Keep a file for an answer: name its id in the reply."""
    row = keep_file(**_who(request), conversation=_found(request, conversation_id), file=file)
    return Status(201, row)


@router.delete("/conversations/{conversation_id}/files/{draft_file_id}", response={204: None})
@requires(Permission.CONTACTS_WRITE)
def drop_answer_file(request: HttpRequest, conversation_id: int, draft_file_id: int) -> Any:
    talk = _found(request, conversation_id)
    if not drop_file(actor=request.user, conversation=talk, file_id=draft_file_id):
        raise Http404
    return Status(204, None)


@router.get("/conversations/{conversation_id}/complaints", response=list[schemas.ComplaintOut])
@requires(Permission.CLIENTS_READ)
def list_complaints(request: HttpRequest, conversation_id: int) -> Any:
    """Complaints that were handed over from the conversation, the newest first; some may have been taken back."""
    return _found(request, conversation_id).hand_overs.order_by("-at", "-id")


@router.post("/conversations/{conversation_id}/complaints", response={201: schemas.ComplaintOut})
@requires(Permission.CONTACTS_WRITE)
def hand_over_complaint(request: HttpRequest, conversation_id: int) -> Any:
    """What the client wrote since the last one is a complaint: tells whoever listens to ``ComplaintHandedOver``."""
    row = complaints.hand_over(**_who(request), conversation=_found(request, conversation_id))
    return Status(201, row)


@router.delete("/conversations/{conversation_id}/complaints/{complaint_id}", response=schemas.ComplaintOut)
@requires(Permission.CONTACTS_WRITE)
def take_complaint_back(request: HttpRequest, conversation_id: int, complaint_id: int) -> Any:
    """It was no complaint, said within ten minutes."""
    row = get_object_or_404(_found(request, conversation_id).hand_overs, pk=complaint_id)
    complaints.take_back(**_who(request), hand_over=row)
    row.refresh_from_db()
    return row


@router.get("/macros", response=list[schemas.MacroOut])
@requires(Permission.CONTACTS_WRITE)
def list_macros(request: HttpRequest) -> Any:
    """Those in use, the most used first."""
    return Macro.objects.filter(is_active=True).order_by("-used", "name")


@router.post("/macros", response={201: schemas.MacroOut})
@requires(Permission.POLICY_WRITE)
def add_macro(request: HttpRequest, body: schemas.MacroIn) -> Any:
    return Status(201, keep_macro(**_who(request), **body.dict()))


@router.put("/macros/{macro_id}", response=schemas.MacroOut)
@requires(Permission.POLICY_WRITE)
def change_macro(request: HttpRequest, macro_id: int, body: schemas.MacroIn) -> Any:
    return keep_macro(**_who(request), macro=get_object_or_404(Macro, pk=macro_id), **body.dict())


@router.post("/conversations/{conversation_id}/macros/{macro_id}", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def run_macro(request: HttpRequest, conversation_id: int, macro_id: int) -> Any:
    """A prepared answer and what is done after it, all or none."""
    row = get_object_or_404(Macro, pk=macro_id, is_active=True)
    macros.run_macro(**_who(request), talk=_found(request, conversation_id), macro=row)
    return _found(request, conversation_id)


@router.post("/conversations/{conversation_id}/completion", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def complete(request: HttpRequest, conversation_id: int) -> Any:
    """Nothing is left to answer."""
    conversations.finish(**_who(request), conversation=_found(request, conversation_id))
    return _found(request, conversation_id)


@router.post("/conversations/{conversation_id}/reopening", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def reopen(request: HttpRequest, conversation_id: int) -> Any:
    conversations.reopen(**_who(request), conversation=_found(request, conversation_id))
    return _found(request, conversation_id)


@router.get("/conversations/{conversation_id}/answerers", response=list[schemas.AnswererOut])
@requires(Permission.CONTACTS_WRITE)
def list_answerers(request: HttpRequest, conversation_id: int) -> Any:
    """Who may be given the conversation."""
    return list(answerers(_found(request, conversation_id), now=timezone.now())[:200])


@router.post("/conversations/{conversation_id}/assignment", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def assign(request: HttpRequest, conversation_id: int, body: schemas.AssignmentIn) -> Any:
    """Gives it to a person, or back to the queue; taking it is giving it to oneself."""
    talk, person = _found(request, conversation_id), None
    if body.person_id is not None:
        person = User.objects.filter(pk=body.person_id).first()
        if person is None:
            raise conversations.CannotAnswer
    conversations.assign(**_who(request), conversation=talk, person=person)
    return _found(request, conversation_id)


@router.post("/conversations/{conversation_id}/sender", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def name_sender(request: HttpRequest, conversation_id: int, body: schemas.SenderIn) -> Any:
    """Says which of the clients who share the address wrote; answers with that client's conversation."""
    talk = _found(request, conversation_id)
    client = get_object_or_404(Client.objects.visible_to(caller(request)), pk=body.client_id)
    return conversations.settle_sender(**_who(request), conversation=talk, client=client)


@router.get("/conversations/{conversation_id}/phone-claim", response=schemas.PhoneClaimOut)
@requires(Permission.CLIENTS_READ)
def phone_claim(request: HttpRequest, conversation_id: int) -> Any:
    """The phone that the writer names and nobody has looked into yet; 404 when there is none."""
    claim = _claim(request, conversation_id)
    owners = Client.objects.visible_to(caller(request)).filter(pk__in=claimants(claim).values("pk"))
    return {
        "phone": claim.phone, "verified": claim.verified, "made_at": claim.made_at,
        "client_ids": list(owners.values_list("pk", flat=True)),
    }  # fmt: skip


@router.post("/conversations/{conversation_id}/phone-claim", response=schemas.ConversationOut)
@requires(Permission.CONTACTS_WRITE)
def settle_phone_claim(request: HttpRequest, conversation_id: int, body: schemas.PhoneClaimIn) -> Any:
    """Says whose the phone is; answers with the conversation to go on with."""
    claim, client = _claim(request, conversation_id), None
    if body.client_id is not None:
        client = get_object_or_404(Client.objects.visible_to(caller(request)), pk=body.client_id)
    return introductions.settle_claim(**_who(request), claim=claim, client=client)


def _claim(request: HttpRequest, conversation_id: int) -> PhoneClaim:
    claim = open_claim(_found(request, conversation_id))
    if claim is None:
        raise Http404
    return claim
