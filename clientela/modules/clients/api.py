"""Clients over the API: cards, contacts, documents. Notes, tags and files are in ``api_more``.

The list is in ``workspace/clients/api``: its conditions join several modules.
"""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation import phones
from clientela.foundation.api.problems import map_problem
from clientela.foundation.api.versions import expected_version, tag
from clientela.foundation.identifiers import InvalidIdentifier, normalize_passport
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations, schemas
from clientela.modules.clients.api_golden import router as values
from clientela.modules.clients.api_households import router as households
from clientela.modules.clients.api_merges import router as merges
from clientela.modules.clients.api_more import router as more
from clientela.modules.clients.models import Client, ContactPoint, IdentityDocument
from clientela.modules.clients.queries import Typed, possible_duplicates
from clientela.modules.organisation.models import Agent, Branch

READ, WRITE = requires(Permission.CLIENTS_READ), requires(Permission.CLIENTS_WRITE)
router = Router(tags=["clients"])
router.add_router("", more)
router.add_router("", values)
router.add_router("", merges)
router.add_router("", households)
map_problem(operations.OutdatedVersion, 409, "stale_version")
map_problem(operations.AgentRequired, 422)
map_problem(operations.ContactTaken, 409)
map_problem(operations.DocumentTaken, 409)


def who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def visible(request: HttpRequest) -> QuerySet[Client]:
    return Client.objects.visible_to(request.user)


def client_of(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(visible(request), pk=client_id)


def _full(request: HttpRequest, client_id: int) -> Client:
    rows = visible(request).prefetch_related("contact_points", "addresses", "documents", "tags")
    return get_object_or_404(rows, pk=client_id)


@router.post("/clients", response={201: schemas.ClientOut})
@WRITE
def create_client(request: HttpRequest, body: schemas.ClientIn) -> Any:
    client = operations.create_client(
        **who(request),
        kind=body.kind,
        details=body.given(),
        contacts=[(point.kind, point.value) for point in body.contacts],
        documents=[document.dict() for document in body.documents],
        address=body.address.dict() if body.address else None,
        agent=get_object_or_404(Agent, pk=body.agent_id) if body.agent_id else None,
        branch=get_object_or_404(Branch, pk=body.branch_id) if body.branch_id else None,
        source="api",
    )
    return Status(201, _full(request, client.pk))


@router.post("/clients/duplicates", response=list[schemas.DuplicateOut])
@READ
def find_duplicates(request: HttpRequest, body: schemas.TypedIn) -> Any:
    """Cards that may be the same client, the surest first. Changes nothing."""
    try:
        passport = normalize_passport(body.passport) if body.passport else ""
    except InvalidIdentifier:
        passport = ""
    typed = Typed(
        **body.dict(exclude={"phone", "email", "passport"}),
        phone=phones.normalize(body.phone) or "",
        email=body.email.lower(),
        document=passport,
    )
    return possible_duplicates(request.user, typed, limit=10)


@router.get("/clients/{client_id}", response=schemas.ClientOut)
@READ
def client(request: HttpRequest, response: HttpResponse, client_id: int) -> Any:
    """The full card. The journal notes who read it."""
    found = _full(request, client_id)
    operations.record_read(**who(request), client=found, address=request.META.get("REMOTE_ADDR"))
    tag(response, found.version)
    return found


@router.patch("/clients/{client_id}", response=schemas.ClientOut)
@WRITE
def change_client(
    request: HttpRequest, response: HttpResponse, client_id: int, body: schemas.ClientChange
) -> Any:
    """Change some fields. With ``version`` or If-Match only when nobody changed the card since."""
    found = client_of(request, client_id)
    expected = expected_version(request, body.version)
    operations.update_client(
        source="api",
        **who(request),
        client=found,
        version=found.version if expected is None else expected,
        details=body.given(),
    )
    changed = _full(request, client_id)
    tag(response, changed.version)
    return changed


@router.put("/clients/{client_id}/address", response=schemas.AddressOut)
@WRITE
def set_address(request: HttpRequest, client_id: int, body: schemas.AddressIn) -> Any:
    """Where the client lives; the time zone follows."""
    return operations.set_address(
        **who(request), source="api", client=client_of(request, client_id), address=body.dict()
    )


@router.put("/clients/{client_id}/do-not-contact", response={204: None})
@WRITE
def stop_contacting(request: HttpRequest, client_id: int, body: schemas.Reason) -> Any:
    found = client_of(request, client_id)
    operations.set_do_not_contact(**who(request), client=found, value=True, reason=body.reason)
    return Status(204, None)


@router.delete("/clients/{client_id}/do-not-contact", response={204: None})
@WRITE
def allow_contacting(request: HttpRequest, client_id: int) -> Any:
    operations.set_do_not_contact(**who(request), client=client_of(request, client_id), value=False)
    return Status(204, None)


@router.post("/clients/{client_id}/confirmation", response={204: None})
@WRITE
def confirm_data(request: HttpRequest, client_id: int) -> Any:
    """The data of the card are right today."""
    operations.confirm_data(**who(request), client=client_of(request, client_id))
    return Status(204, None)


# --- contacts ----------------------------------------------------------------------------------------


def _point(request: HttpRequest, contact_id: int) -> ContactPoint:
    rows = ContactPoint.objects.select_related("client")
    return get_object_or_404(rows, pk=contact_id, client__in=visible(request))


@router.post("/clients/{client_id}/contacts", response={201: schemas.PointOut})
@WRITE
def add_contact(request: HttpRequest, client_id: int, body: schemas.PointIn) -> Any:
    found = client_of(request, client_id)
    return Status(
        201, operations.add_contact_point(**who(request), client=found, source="api", **body.dict())
    )


@router.patch("/contacts/{contact_id}", response=schemas.PointOut)
@WRITE
def change_contact(request: HttpRequest, contact_id: int, body: schemas.PointChange) -> Any:
    point = _point(request, contact_id)
    return operations.update_contact_point(**who(request), contact_point=point, **body.dict())


@router.post("/contacts/{contact_id}/verification", response=schemas.PointOut)
@WRITE
def verify_contact(request: HttpRequest, contact_id: int) -> Any:
    return operations.verify_contact_point(**who(request), contact_point=_point(request, contact_id))


@router.delete("/contacts/{contact_id}", response={204: None})
@WRITE
def remove_contact(request: HttpRequest, contact_id: int) -> Any:
    operations.remove_contact_point(**who(request), contact_point=_point(request, contact_id))
    return Status(204, None)


# --- documents ---------------------------------------------------------------------------------------


def _document(request: HttpRequest, document_id: int) -> IdentityDocument:
    rows = IdentityDocument.objects.select_related("client")
    return get_object_or_404(rows, pk=document_id, client__in=visible(request))


@router.get("/clients/{client_id}/numbers", response=schemas.NumbersOut)
@READ
def numbers(request: HttpRequest, client_id: int) -> Any:
    """INN and SNILS whole. The journal notes who read them."""
    found = client_of(request, client_id)
    operations.record_read(
        **who(request), client=found, address=request.META.get("REMOTE_ADDR"), part="numbers"
    )
    return found


@router.post("/clients/{client_id}/documents", response={201: schemas.DocumentOut})
@WRITE
def add_document(request: HttpRequest, client_id: int, body: schemas.DocumentIn) -> Any:
    found = client_of(request, client_id)
    return Status(201, operations.add_document(**who(request), client=found, **body.dict()))


@router.get("/identity-documents/{document_id}", response=schemas.FullDocumentOut)
@READ
def document(request: HttpRequest, document_id: int) -> Any:
    """A document with its full number. The journal notes who read it."""
    found = _document(request, document_id)
    operations.record_read(
        **who(request), client=found.client, address=request.META.get("REMOTE_ADDR"), part="document"
    )
    return found


@router.delete("/identity-documents/{document_id}", response={204: None})
@WRITE
def remove_document(request: HttpRequest, document_id: int) -> Any:
    operations.remove_document(**who(request), document=_document(request, document_id))
    return Status(204, None)
