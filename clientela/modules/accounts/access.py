"""Doors: who may open a view or call an operation. Which records they may touch is the scope (organisation).

A view says ``@requires(Permission.CLIENTS_READ)``; an operation starts with ``ensure(actor, Permission.…)``.
Not signed in: the sign-in page (htmx: 401 with HX-Redirect). Signed in without the permission: 403.
A record outside the scope is 404, told by ``visible_to(user)`` and ``get_object_or_404``.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Permission

View = Callable[..., HttpResponseBase]

__all__ = [
    "Permission",
    "PermissionDenied",
    "RequiresMixin",
    "caller",
    "ensure",
    "requires",
    "sign_in_response",
    "signed_in",
]


def ensure(actor: Any, permission: str) -> None:
    """Raise PermissionDenied unless ``actor`` may do this; ``None`` is the system itself and may do all."""
    if actor is not None and not (getattr(actor, "is_active", False) and actor.can(permission)):
        raise PermissionDenied(permission)


def requires(*permissions: str) -> Callable[[View], View]:
    """Only people with every one of ``permissions`` get into the view; none given: anybody signed in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return sign_in_response(request)
            for permission in permissions:
                ensure(request.user, permission)
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


signed_in = requires()


def caller(request: HttpRequest) -> User:
    """The person behind a guarded view or operation."""
    user = request.user
    assert isinstance(user, User)
    return user


class RequiresMixin:
    """``requires`` for class-based views: ``permissions = (Permission.CLIENTS_READ,)``."""

    permissions: tuple[str, ...] = ()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        view = super().as_view(**initkwargs)  # type: ignore[misc]
        return requires(*cls.permissions)(view)


def sign_in_response(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page and back afterwards; a fragment's request sends the whole page there."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path())
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{shown.path}?{shown.query}" if shown.query else shown.path
    response = HttpResponse(status=401)
    response.headers["HX-Redirect"] = f"{resolve_url('account_login')}?{urlencode({'next': back or '/'})}"
    return response
