"""Letters on paper for other programs."""

from datetime import datetime
from typing import Annotated, Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.contacts.models import Template
from clientela.modules.letters import operations
from clientela.modules.letters.models import Letter, Mailing
from clientela.workspace.letters.sources import source
from clientela.workspace.letters.words import why

router = Router(tags=["letters"])
map_problem(operations.NotALetter, 422)
map_problem(operations.NoClients, 422)
map_problem(operations.TooMany, 422)
map_problem(operations.WrongWindow, 422)
map_problem(operations.OwnMailing, 409)
map_problem(operations.WrongMoment, 409)


class MailingIn(Schema):
    """``source`` is clients or renewals, ``query`` the filter of that list as its address says it; ``client_ids``
    count instead of it. ``window`` is e65, din or ``left,top,width,height`` in millimetres."""

    name: Annotated[str, Field(max_length=120)] = ""
    template_id: int
    source: Annotated[str, Field(max_length=10)] = "clients"
    query: Annotated[str, Field(max_length=4000)] = ""
    client_ids: Annotated[list[int], Field(max_length=20_000)] = []
    window: Annotated[str, Field(max_length=40)] = ""


class MailingOut(Schema):
    """``state``: waiting (for approval), making, ready, posted, cancelled."""

    id: int
    name: str
    state: str
    source: str
    window: str
    template_id: int
    author_id: int | None
    approved_by_id: int | None
    created_at: datetime
    approved_at: datetime | None
    made_at: datetime | None
    posted_at: datetime | None
    cancelled_at: datetime | None


class PaperLetterOut(Schema):
    """``number`` is its place in the file; ``reason`` says why the client gets none."""

    id: int
    client_id: int
    message_id: int | None
    number: int | None
    postal_code: str
    address: str
    pages: int
    state: str
    reason: str

    @staticmethod
    def resolve_reason(letter: Letter) -> str:
        return why(letter) if letter.state in (Letter.State.REFUSED, Letter.State.WITHDRAWN) else ""


def _found(request: HttpRequest, mailing_id: int) -> Mailing:
    return get_object_or_404(Mailing.objects.visible_to(caller(request)), pk=mailing_id)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


@router.get("/mailings", response=Page[MailingOut])
@requires(Permission.CLIENTS_EXPORT)
def list_mailings(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The newest first."""
    return page_of(Mailing.objects.visible_to(caller(request)), order=("-id",), cursor=cursor, limit=limit)


@router.post("/mailings", response={201: MailingOut})
@requires(Permission.CLIENTS_EXPORT, Permission.CONTACTS_WRITE)
def begin_mailing(request: HttpRequest, body: MailingIn) -> Any:
    """A colleague approves it, then the letters are made."""
    who = _who(request)
    people = source(body.source, body.query, body.client_ids)
    template = get_object_or_404(Template, pk=body.template_id)
    made = operations.begin_mailing(
        **who, name=body.name, template=template, source=people.words, window=body.window,
        **people.people(who["actor"], who["now"]),
    )  # fmt: skip
    return Status(201, made)


@router.get("/mailings/{mailing_id}", response=MailingOut)
@requires(Permission.CLIENTS_EXPORT)
def mailing(request: HttpRequest, mailing_id: int) -> Any:
    return _found(request, mailing_id)


@router.get("/mailings/{mailing_id}/letters", response=Page[PaperLetterOut])
@requires(Permission.CLIENTS_EXPORT)
def list_letters(request: HttpRequest, mailing_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = _found(request, mailing_id).letters.select_related("message")
    return page_of(rows, order=("id",), cursor=cursor, limit=limit)


@router.post("/mailings/{mailing_id}/approval", response=MailingOut)
@requires(Permission.POLICY_WRITE)
def approve_mailing(request: HttpRequest, mailing_id: int) -> Any:
    """Lets the letters be made; whoever began the mailing does not approve it."""
    return operations.approve_mailing(**_who(request), mailing=_found(request, mailing_id))


@router.post("/mailings/{mailing_id}/cancellation", response=MailingOut)
@requires(Permission.CONTACTS_WRITE)
def cancel_mailing(request: HttpRequest, mailing_id: int) -> Any:
    """Takes everything back while nothing has left the house."""
    operations.cancel_mailing(**_who(request), mailing=_found(request, mailing_id))
    return _found(request, mailing_id)


@router.post("/mailings/{mailing_id}/posting", response=MailingOut)
@requires(Permission.CONTACTS_WRITE)
def post_mailing(request: HttpRequest, mailing_id: int) -> Any:
    """The letters have left the house."""
    operations.hand_to_post(**_who(request), mailing=_found(request, mailing_id))
    return _found(request, mailing_id)


@router.get(
    "/mailings/{mailing_id}/file", openapi_extra={"responses": {200: {"content": {"application/pdf": {}}}}}
)
@requires(Permission.CLIENTS_EXPORT)
def mailing_file(request: HttpRequest, mailing_id: int) -> Any:
    """The pages of all letters; 409 while they are being made."""
    row = _found(request, mailing_id)
    if not row.file or not default_storage.exists(row.file):
        raise Problem(409, "not_ready", _("The letters are not made yet."))
    record(**_who(request), action="mailing.taken", obj=row, object_name=row.name)
    return FileResponse(default_storage.open(row.file), as_attachment=True, filename=f"letters-{row.pk}.pdf")
