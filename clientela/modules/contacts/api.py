"""Consents, messages, templates and the communication policy for other programs."""

from typing import Any, Literal

from django.db.models import Exists, OuterRef
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts import operations, schemas
from clientela.modules.contacts.models import Message, MessageFile, Template
from clientela.modules.contacts.queries import Ask, assess_all, consent_journal
from clientela.modules.contacts.queries.templates import preview, sample_client

router = Router(tags=["contacts"])
map_problem(operations.OwnTemplate, 409)
map_problem(operations.WrongState, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


def _contact_point(client: Client, contact_point_id: int | None) -> ContactPoint | None:
    return get_object_or_404(client.contact_points, pk=contact_point_id) if contact_point_id else None


# -- consents


@router.get("/clients/{client_id}/consents", response=list[schemas.ConsentOut])
@requires(Permission.CLIENTS_READ)
def list_consents(request: HttpRequest, client_id: int) -> Any:
    """The journal, newest first: given and withdrawn."""
    return consent_journal(_client(request, client_id).pk)


@router.post("/clients/{client_id}/consents", response={201: schemas.ConsentOut})
@requires(Permission.CONTACTS_WRITE)
def grant_consent(request: HttpRequest, client_id: int, body: schemas.ConsentIn) -> Any:
    client = _client(request, client_id)
    return Status(201, operations.grant_consent(**_who(request), client=client, **body.dict()))


@router.post("/clients/{client_id}/consent-withdrawals", response={201: schemas.WithdrawalOut})
@requires(Permission.CONTACTS_WRITE)
def withdraw_consent(request: HttpRequest, client_id: int, body: schemas.WithdrawalIn) -> Any:
    """Ends consents and drops what waits under them at once."""
    client = _client(request, client_id)
    return Status(201, {"ended": operations.withdraw_consent(**_who(request), client=client, **body.dict())})


# -- messages


@router.get("/clients/{client_id}/messages", response=Page[schemas.MessageOut])
@requires(Permission.CLIENTS_READ)
def list_messages(request: HttpRequest, client_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Messages to and from the client, newest first."""
    rows = Message.objects.visible_to(request.user).filter(client=_client(request, client_id))
    return page_of(rows, order=("-created_at", "-id"), cursor=cursor, limit=limit)


@router.post("/clients/{client_id}/messages", response={201: schemas.MessageWithVerdict})
@requires(Permission.CONTACTS_WRITE)
def send_message(request: HttpRequest, client_id: int, body: schemas.MessageIn) -> Any:
    """Asks for a message. It is stored with the policy's verdict even when it will not go."""
    client = _client(request, client_id)
    answered = None
    if body.in_reply_to_id is not None:
        answered = get_object_or_404(
            Message, pk=body.in_reply_to_id, client=client, direction=Message.Direction.IN
        )
    message = operations.queue_message(
        **_who(request),
        client=client,
        channel=body.channel,
        text=body.text,
        subject=body.subject,
        purpose=body.purpose,
        contact_point=_contact_point(client, body.contact_point_id),
        not_before=body.not_before,
        in_reply_to=answered,
    )
    return Status(201, message)


@router.post("/clients/{client_id}/message-verdicts", response=schemas.VerdictOut)
@requires(Permission.CLIENTS_READ)
def judge_message(request: HttpRequest, client_id: int, body: schemas.AskIn) -> Any:
    """What the communication policy would say now; stores nothing."""
    client = _client(request, client_id)
    _contact_point(client, body.contact_point_id)
    asked = assess_all([Ask(client_id=client.pk, **body.dict())], now=timezone.now())
    return schemas.VerdictOut.of(asked[0].verdict)


@router.get("/messages", response=Page[schemas.MessageOut])
@requires(Permission.CLIENTS_READ)
def list_all_messages(
    request: HttpRequest,
    direction: Literal["", "in", "out"] = "",
    answered: bool | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    """Messages of all clients in sight, newest first; ``direction=in&answered=false`` are those that wait for us."""
    rows = Message.objects.visible_to(request.user)
    if direction:
        rows = rows.filter(direction=direction)
    if answered is not None:
        answer = Exists(Message.objects.filter(in_reply_to=OuterRef("pk")))
        rows = rows.filter(answer if answered else ~answer)
    return page_of(rows, order=("-id",), cursor=cursor, limit=limit)


@router.get("/message-files/{message_file_id}/content")
@requires(Permission.CLIENTS_READ)
def message_file(request: HttpRequest, message_file_id: int) -> Any:
    """A file of a message, as it came or went."""
    visible = Message.objects.visible_to(request.user)
    found = get_object_or_404(MessageFile.objects.filter(message__in=visible), pk=message_file_id)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)


@router.get("/messages/{message_id}", response=schemas.MessageWithVerdict)
@requires(Permission.CLIENTS_READ)
def message(request: HttpRequest, message_id: int) -> Any:
    return get_object_or_404(Message.objects.visible_to(request.user), pk=message_id)


# -- templates


def _template(template_id: int) -> Template:
    return get_object_or_404(Template, pk=template_id)


def _invalid(error: operations.InvalidTemplate | operations.InvalidPolicy) -> Problem:
    errors = [{"loc": ["body", field], "msg": str(words)} for field, words in error.errors.items()]
    return Problem(422, "invalid", _("Some values are wrong."), errors)


@router.get("/message-templates", response=Page[schemas.TemplateOut])
@requires(Permission.ORGANISATION_READ)
def list_templates(
    request: HttpRequest,
    state: Literal["", "draft", "approved", "retired"] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    rows = Template.objects.filter(state=state) if state else Template.objects.all()
    return page_of(rows, order=("code", "channel", "language", "-version", "id"), cursor=cursor, limit=limit)


@router.post("/message-templates", response={201: schemas.TemplateOut})
@requires(Permission.POLICY_WRITE)
def draft_template(request: HttpRequest, body: schemas.TemplateIn) -> Any:
    """A draft; somebody else approves it."""
    try:
        return Status(201, operations.draft_template(**_who(request), **body.dict()))
    except operations.InvalidTemplate as error:
        raise _invalid(error) from error


@router.post("/message-templates/preview", response=schemas.TemplatePreviewOut)
@requires(Permission.ORGANISATION_READ, Permission.CLIENTS_READ)
def preview_template(request: HttpRequest, body: schemas.TemplatePreviewIn) -> Any:
    """Words of a template on a real client, with their size and what the policy says. Stores and sends nothing."""
    client = _client(request, body.client_id) if body.client_id else sample_client(request.user)
    words = body.dict(exclude={"client_id"})
    return schemas.TemplatePreviewOut.of(preview(client=client, now=timezone.now(), **words))


@router.get("/message-templates/{template_id}", response=schemas.TemplateOut)
@requires(Permission.ORGANISATION_READ)
def template(request: HttpRequest, template_id: int) -> Any:
    return _template(template_id)


@router.put("/message-templates/{template_id}", response=schemas.TemplateOut)
@requires(Permission.POLICY_WRITE)
def edit_template(request: HttpRequest, template_id: int, body: schemas.TemplateWords) -> Any:
    """Changes the words of a draft."""
    try:
        return operations.edit_template(**_who(request), template=_template(template_id), **body.dict())
    except operations.InvalidTemplate as error:
        raise _invalid(error) from error


@router.post("/message-templates/{template_id}/approval", response=schemas.TemplateOut)
@requires(Permission.POLICY_WRITE)
def approve_template(request: HttpRequest, template_id: int) -> Any:
    """Puts a draft of somebody else in force and retires the version before it."""
    return operations.approve_template(**_who(request), template=_template(template_id))


@router.post("/message-templates/{template_id}/retirement", response=schemas.TemplateOut)
@requires(Permission.POLICY_WRITE)
def retire_template(request: HttpRequest, template_id: int) -> Any:
    return operations.retire_template(**_who(request), template=_template(template_id))


@router.post("/message-templates/{template_id}/versions", response={201: schemas.TemplateOut})
@requires(Permission.POLICY_WRITE)
def revise_template(request: HttpRequest, template_id: int) -> Any:
    """The next version as a draft with the same words."""
    try:
        return Status(201, operations.revise_template(**_who(request), template=_template(template_id)))
    except operations.InvalidTemplate as error:
        raise _invalid(error) from error


# -- the policy


@router.get("/communication-policy", response=schemas.CommunicationPolicyOut)
@requires(Permission.ORGANISATION_READ)
def communication_policy(request: HttpRequest) -> Any:
    """The policy in force."""
    return schemas.CommunicationPolicyOut.of(operations.current_policy())


@router.put("/communication-policy", response=schemas.CommunicationPolicyOut)
@requires(Permission.POLICY_WRITE)
def set_communication_policy(request: HttpRequest, body: schemas.CommunicationPolicyIn) -> Any:
    """In force from now on; what waits is judged by it when it is sent."""
    try:
        return schemas.CommunicationPolicyOut.of(operations.set_policy(**_who(request), **body.values()))
    except operations.InvalidPolicy as error:
        raise _invalid(error) from error
