"""Making two cards of one client one, and parting them again, over the API."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.clients import operations, schemas
from clientela.modules.clients.models import Client, Merge

MERGE = requires(Permission.CLIENTS_MERGE)
router = Router(tags=["clients"])
map_problem(operations.CannotMerge, 409)
map_problem(operations.CannotSeparate, 409)


def _client(request: HttpRequest, client_id: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=client_id)


@router.get("/clients/{client_id}/merges", response=Page[schemas.MergeOut])
@MERGE
def list_merges(request: HttpRequest, client_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Cards that went into this one, the separated ones among them."""
    merges = Merge.objects.filter(kept_card=_client(request, client_id).pk)
    return page_of(merges, order=("-id",), cursor=cursor, limit=limit)


@router.post("/clients/{client_id}/merges", response={201: schemas.MergeOut})
@MERGE
def merge(request: HttpRequest, client_id: int, body: schemas.MergeIn) -> Any:
    """Everything of the other card becomes this client's; `take` names what is taken from the other card."""
    kept, gone = _client(request, client_id), _client(request, body.gone_client_id)
    made = operations.merge_clients(
        actor=request.user, now=timezone.now(), kept=kept, gone=gone,
        versions=(body.version, body.gone_version), take=body.take, note=body.note,
    )  # fmt: skip
    return Status(201, made)


@router.post("/clients/merges/{merge_id}/separation", response=schemas.MergeOut)
@MERGE
def separate(request: HttpRequest, merge_id: int) -> Any:
    """Two cards again, each with what it had."""
    found = get_object_or_404(Merge.objects.visible_to(request.user), pk=merge_id)
    operations.separate_clients(actor=request.user, now=timezone.now(), merge=found)
    found.refresh_from_db()
    return found
