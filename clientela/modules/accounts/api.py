"""The person who calls: settings, sessions, tokens."""

from datetime import datetime
from typing import Annotated, Any

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from clientela.foundation.api.models import Token
from clientela.foundation.api.operations import issue_token, revoke_token
from clientela.foundation.private_files import private_picture
from clientela.modules.accounts import operations, queries
from clientela.modules.accounts.access import PermissionDenied, caller, signed_in
from clientela.modules.accounts.models import User

router = Router(tags=["me"])


class PersonalOut(Schema):
    """Who calls and what they may do."""

    id: int
    name: str
    email: str
    role: str
    language: str
    time_zone: str
    keyboard: bool
    permissions: list[str]
    photo: str = ""

    @staticmethod
    def resolve_name(user: Any) -> str:
        return str(user)

    @staticmethod
    def resolve_photo(user: Any) -> str:
        return queries.photo_address(user)

    @staticmethod
    def resolve_permissions(user: Any) -> list[str]:
        return sorted(str(permission) for permission in user.permissions)


class PersonalIn(Schema):
    """What a person sets for themselves; left out means unchanged."""

    language: Annotated[str, Field(max_length=5)] | None = None
    time_zone: Annotated[str, Field(max_length=40)] | None = None
    keyboard: bool | None = None


class SessionOut(Schema):
    """One browser in which the person is signed in."""

    id: int
    browser: str
    address: str
    since: datetime
    last_seen: datetime
    is_current: bool


class TokenOut(Schema):
    """A token without its secret."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenIn(Schema):
    """A new token; ``scopes`` are permissions the person has."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=50)]
    expires_at: AwareDatetime | None = None


class NewTokenOut(TokenOut):
    """A new token; ``secret`` is told only now."""

    secret: str


def _by_page(request: HttpRequest) -> None:
    """Tokens and sessions are managed by the person, not by a token."""
    if getattr(request, "api_token", None) is not None:
        raise PermissionDenied("by a signed-in person only")


@router.get("/me", response=PersonalOut)
@signed_in
def me(request: HttpRequest) -> Any:
    return caller(request)


@router.patch("/me", response=PersonalOut)
@signed_in
def change_me(request: HttpRequest, body: PersonalIn) -> Any:
    _by_page(request)
    user = caller(request)
    values: dict[str, Any] = {
        "language": user.language,
        "time_zone": user.time_zone,
        "keyboard": user.keyboard,
    }
    chosen = {name: value for name, value in body.dict().items() if value is not None}
    return operations.change_personal(actor=user, now=timezone.now(), **values | chosen)


@router.get(
    "/pictures/{token}", openapi_extra={"responses": {200: {"content": {"image/jpeg": {}}}}}, tags=["people"]
)
@signed_in
def picture(request: HttpRequest, token: str) -> Any:
    """The photo of a colleague, JPEG, at the address that ``photo`` of a person or an agent names."""
    return private_picture(get_object_or_404(User, photo_token=token).photo)


@router.get("/me/sessions", response=list[SessionOut])
@signed_in
def my_sessions(request: HttpRequest) -> Any:
    return queries.sessions_of(caller(request), request.session.session_key)


@router.delete("/me/sessions/{session_id}", response={204: None})
@signed_in
def end_session(request: HttpRequest, session_id: int) -> Any:
    _by_page(request)
    session = get_object_or_404(UserSession, pk=session_id, user=caller(request))
    operations.end_session(actor=caller(request), now=timezone.now(), session=session)
    return Status(204, None)


@router.get("/me/tokens", response=list[TokenOut])
@signed_in
def my_tokens(request: HttpRequest) -> Any:
    return queries.tokens_of(caller(request))


@router.post("/me/tokens", response={201: NewTokenOut})
@signed_in
def create_token(request: HttpRequest, body: TokenIn) -> Any:
    _by_page(request)
    token, secret = issue_token(actor=caller(request), now=timezone.now(), **body.dict())
    token.secret = secret  # type: ignore[attr-defined]
    return Status(201, token)


@router.delete("/me/tokens/{token_id}", response={204: None})
@signed_in
def end_token(request: HttpRequest, token_id: int) -> Any:
    _by_page(request)
    token = get_object_or_404(Token, pk=token_id, user=caller(request))
    revoke_token(actor=caller(request), now=timezone.now(), token=token)
    return Status(204, None)
