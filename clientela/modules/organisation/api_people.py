"""People with a sign-in."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Router, Status, UploadedFile

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.modules.accounts import operations as accounts
from clientela.modules.accounts.access import Permission, caller, ensure, requires, signed_in
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation import operations, schemas
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre, Team
from clientela.modules.organisation.queries import people_visible_to

READ, WRITE = Permission.ORGANISATION_READ, Permission.ORGANISATION_WRITE
PLACES: dict[str, Any] = {"branch": Branch, "team": Team, "centre": RenewalCentre, "agent": Agent}
router = Router(tags=["people"])


def _person(request: HttpRequest, user_id: int) -> User:
    return get_object_or_404(people_visible_to(caller(request)), pk=user_id)


def _split(body: schemas.PersonIn) -> tuple[dict[str, Any], dict[str, Any]]:
    own = body.dict(exclude={f"{name}_id" for name in PLACES})
    ids = {name: getattr(body, f"{name}_id") for name in PLACES}
    return own, {name: get_object_or_404(PLACES[name], pk=pk) if pk else None for name, pk in ids.items()}


@router.get("/people", response=Page[schemas.PersonOut])
@requires(READ)
def list_people(
    request: HttpRequest,
    role: Role | None = None,
    is_active: bool | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    rows = people_visible_to(caller(request))
    if role:
        rows = rows.filter(role=role)
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    return page_of(rows, order=("last_name", "first_name", "id"), cursor=cursor, limit=limit)


@router.post("/people", response={201: schemas.PersonOut})
@requires(WRITE)
def create_person(request: HttpRequest, body: schemas.PersonIn) -> Any:
    own, place = _split(body)
    user = operations.create_person(actor=caller(request), now=timezone.now(), **own, **place)
    return Status(201, _person(request, user.pk))


@router.get("/people/{user_id}", response=schemas.PersonOut)
@requires(READ)
def person(request: HttpRequest, user_id: int) -> Any:
    return _person(request, user_id)


@router.put("/people/{user_id}", response=schemas.PersonOut)
@requires(WRITE)
def change_person(request: HttpRequest, user_id: int, body: schemas.PersonIn) -> Any:
    user, now = _person(request, user_id), timezone.now()
    own, place = _split(body)
    with transaction.atomic():
        changed = accounts.change_user(actor=caller(request), now=now, user=user, **own)
        operations.place(actor=caller(request), now=now, user=changed, **place)
    return _person(request, user_id)


@router.put("/people/{user_id}/activity", response=schemas.PersonOut)
@requires(WRITE)
def set_activity(request: HttpRequest, user_id: int, body: schemas.ActivityIn) -> Any:
    """Let a person in or keep them out; their sessions and tokens stop at once."""
    user = _person(request, user_id)
    operations.set_activity(actor=caller(request), now=timezone.now(), user=user, active=body.active)
    return _person(request, user_id)


@router.post("/people/{user_id}/password-link", response=schemas.LinkOut)
@requires(WRITE)
def password_link(request: HttpRequest, user_id: int) -> Any:
    user = _person(request, user_id)
    return {"link": accounts.password_link(actor=caller(request), now=timezone.now(), user=user)}


@router.post("/people/{user_id}/unlocking", response={204: None})
@requires(WRITE)
def unlock(request: HttpRequest, user_id: int) -> Any:
    accounts.unlock(actor=caller(request), now=timezone.now(), user=_person(request, user_id))
    return Status(204, None)


@router.delete("/people/{user_id}/second-step", response={204: None})
@requires(WRITE)
def reset_second_step(request: HttpRequest, user_id: int) -> Any:
    accounts.reset_second_step(actor=caller(request), now=timezone.now(), user=_person(request, user_id))
    return Status(204, None)


def _photo_of(request: HttpRequest, user_id: int) -> dict[str, Any]:
    """Whose photo it is. A token acts on it by the scope of the organisation only, one's own too."""
    if getattr(request, "api_token", None) is not None:
        ensure(caller(request), WRITE)
    return {"actor": caller(request), "now": timezone.now(), "user": _person(request, user_id)}


@router.post("/people/{user_id}/photo", response={201: schemas.PersonOut})
@signed_in
def set_photo(request: HttpRequest, user_id: int, file: File[UploadedFile]) -> Any:
    """A JPEG, PNG or WebP of up to 10 MB; a square without metadata is kept instead of the one before.

    By the person, or by who manages the organisation.
    """
    accounts.set_photo(**_photo_of(request, user_id), file=file)
    return Status(201, _person(request, user_id))


@router.delete("/people/{user_id}/photo", response={204: None})
@signed_in
def remove_photo(request: HttpRequest, user_id: int) -> Any:
    """Take it off; for a day it can be brought back."""
    accounts.remove_photo(**_photo_of(request, user_id))
    return Status(204, None)


@router.post("/people/{user_id}/photo/restoration", response={204: None})
@signed_in
def restore_photo(request: HttpRequest, user_id: int) -> Any:
    accounts.restore_photo(**_photo_of(request, user_id))
    return Status(204, None)
