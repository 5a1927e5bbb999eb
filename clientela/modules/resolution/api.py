"""Cards that may be one client, over the API."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.resolution import operations
from clientela.modules.resolution.models import Pair

MERGE = requires(Permission.CLIENTS_MERGE)
router = Router(tags=["clients"])
map_problem(operations.AlreadyDecided, 409)


class DuplicatePairOut(Schema):
    """Two cards and how sure it is; ``terms`` are (what is compared, how it agrees, weight in bits)."""

    id: int
    low_card: int
    high_card: int
    state: str
    certain: bool
    probability: float
    weight: float
    terms: list[tuple[str, str, float]]
    decided_by_id: int | None
    decided_at: datetime | None
    found_at: datetime


class DuplicateMergeIn(Schema):
    """``card`` is the one of the two whose number stays."""

    card: Id
    note: str = Field("", max_length=200)


class DuplicateSearchOut(Schema):
    """The job that looks over the base."""

    job_id: int


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _find(request: HttpRequest, duplicate_id: int) -> Pair:
    return get_object_or_404(Pair.objects.visible_to(request.user), pk=duplicate_id)


@router.get("/duplicates", response=Page[DuplicatePairOut])
@MERGE
def list_pairs(
    request: HttpRequest, state: Literal["", "open", "merged", "different"] = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:  # fmt: skip
    """Pairs both cards of which you may see, in the order they were found."""
    rows = Pair.objects.visible_to(request.user)
    return page_of(rows.filter(state=state) if state else rows, order=("id",), cursor=cursor, limit=limit)


@router.get("/duplicates/{duplicate_id}", response=DuplicatePairOut)
@MERGE
def one_pair(request: HttpRequest, duplicate_id: int) -> Any:
    return _find(request, duplicate_id)


@router.post("/duplicates/{duplicate_id}/merge", response=DuplicatePairOut)
@MERGE
def merge_pair(request: HttpRequest, duplicate_id: int, body: DuplicateMergeIn) -> Any:
    """The two cards become one."""
    row = _find(request, duplicate_id)
    operations.accept(**_who(request), pair=row, kept=body.card, note=body.note)
    return Pair.objects.get(pk=row.pk)


@router.post("/duplicates/{duplicate_id}/difference", response=DuplicatePairOut)
@MERGE
def tell_pair_apart(request: HttpRequest, duplicate_id: int) -> Any:
    """Two people: no later run asks again."""
    row = _find(request, duplicate_id)
    operations.tell_apart(**_who(request), pair=row)
    return Pair.objects.get(pk=row.pk)


@router.post("/duplicates/{duplicate_id}/undoing", response=DuplicatePairOut)
@MERGE
def open_pair_again(request: HttpRequest, duplicate_id: int) -> Any:
    """The pair is open again; cards that were made one are two again."""
    row = _find(request, duplicate_id)
    operations.take_back(**_who(request), pair=row)
    return Pair.objects.get(pk=row.pk)


@router.post("/duplicate-searches", response={202: DuplicateSearchOut})
@requires(Permission.CLIENTS_MERGE, Permission.JOBS_WRITE)
def search_duplicates(request: HttpRequest) -> Any:
    """Look over the whole base: it runs as a job."""
    return Status(202, {"job_id": operations.begin_search(**_who(request)).pk})
