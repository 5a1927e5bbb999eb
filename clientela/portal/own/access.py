"""The right to a page of one's own: a visit that a code has confirmed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache

from clientela.modules.clients.models import Client
from clientela.modules.group.queries.consents import newest_document
from clientela.portal.own.models import Visit
from clientela.portal.own.operations import touch

KEY = "own"
View = Callable[..., HttpResponseBase]


class OwnRequest(HttpRequest):
    """A request of a client who is signed in."""

    visit: Visit
    owner: Client


def visit_of(request: HttpRequest) -> Visit | None:
    """The visit that goes on in this browser, confirmed or not."""
    key = request.session.get(KEY)
    if not key:
        return None
    rows = Visit.objects.open_at(timezone.now()).select_related("client__agent", "client__branch")
    return rows.filter(key=key).first()


def signed_in(view: View) -> View:
    """Gives the view ``request.owner``, the client; others are led to the sign-in and back here."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        visit = visit_of(request)
        if visit is None or visit.entered is None:
            query = f"?{urlencode({'next': request.path})}" if request.method in ("GET", "HEAD") else ""
            return redirect(f"{reverse('own:enter')}{query}")
        touch(visit, now=timezone.now())
        mine = cast(OwnRequest, request)
        mine.visit, mine.owner = visit, visit.entered
        with translation.override(mine.owner.language):
            return view(mine, *args, **kwargs)

    return guarded


def common(request: HttpRequest, *, is_step: bool = False) -> dict[str, Any]:
    """What every page shows: the company, its number, whose pages these are, and the way to the others.

    A step of something has only the way back.
    """
    owner: Client | None = getattr(request, "owner", None)
    return {
        "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER, "owner": owner,
        "portal_nav": _sections(request) if owner is not None and not is_step else [],
    }  # fmt: skip


def _sections(request: HttpRequest) -> list[dict[str, Any]]:
    found = [
        {"url": reverse("own:home"), "label": _("Policies"), "icon": "shield-check"},
        {"url": reverse("own:claims"), "label": pgettext("portal", "Claims"), "icon": "car-crash"},
        {"url": reverse("shop:shelf"), "label": pgettext("portal", "Shop"), "icon": "shield-plus"},
    ]
    if newest_document() is not None:
        found.insert(
            2,
            {
                "url": reverse("own:group_data"),
                "label": pgettext("portal", "My data"),
                "icon": "shield-check",
            },
        )
    return [one | {"current": request.path == one["url"]} for one in found]
