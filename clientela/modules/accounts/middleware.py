"""Language and time zone of the signed-in person, and the second step where it is required."""

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from clientela.foundation.api.problems import problem_response

SEEN = "second_step_seen"
ACTIVITY_SECONDS = 300
_active: dict[str, float] = {}


def note_activity(session_key: str) -> None:
    """Keep the time of the session's last use, at most once in five minutes of a process."""
    if time.monotonic() - _active.get(session_key, -ACTIVITY_SECONDS) < ACTIVITY_SECONDS:
        return
    if len(_active) > 50_000:
        _active.clear()
    _active[session_key] = time.monotonic()
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())


class PersonalSettingsMiddleware:
    """Activates the person's own language and zone; holds back who must first set up the second step."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        note_activity(request.session.session_key or "")
        request.LANGUAGE_CODE = user.language
        with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
            response = self._hold_back(request) or self.get_response(request)
        response.headers["Content-Language"] = user.language
        return response

    def _hold_back(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        free = request.path.startswith(("/account/", "/static/", "/health/"))
        if free or not user.is_authenticated or not user.totp_required:
            return None
        if not request.session.get(SEEN):
            totp = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
            if not totp.exists():
                if request.path.startswith("/api/"):
                    return problem_response(403, "second_step_required")
                return redirect("mfa_activate_totp")
            request.session[SEEN] = True
        return None
