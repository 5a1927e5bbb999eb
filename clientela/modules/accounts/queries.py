"""Reads about people and their sign-ins."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.core.internal.ratelimit import get_cache_key, get_rates
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.db.models import Min

from clientela.foundation.api.models import Token
from clientela.foundation.names import mentions
from clientela.modules.accounts.adapter import attempts_key
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role


def photo_address(user: User | None) -> str:
    """Where the API gives the photo of ``user``; empty without one."""
    return f"/api/v1/pictures/{user.photo_token}" if user and user.photo_token else ""


@dataclass(frozen=True)
class SessionRow:
    """One browser in which a person is signed in."""

    id: int
    browser: str
    address: str
    since: datetime
    last_seen: datetime
    is_current: bool


_BROWSERS = ("Edg/", "OPR/", "YaBrowser/", "Firefox/", "Chrome/", "Safari/")
_NAMES = {"Edg/": "Edge", "OPR/": "Opera", "YaBrowser/": "Yandex"}
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """``Firefox, Windows`` of a User-Agent; its beginning when it is unknown."""
    browser = next((b for b in _BROWSERS if b in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    name = _NAMES.get(browser, browser.rstrip("/"))
    return ", ".join(part for part in (name, system) if part) or user_agent[:40] or "—"


def sessions_of(user: User, current_key: str | None) -> list[SessionRow]:
    """The person's living sessions, the current one first."""
    rows = [
        SessionRow(
            id=session.pk,
            browser=browser_name(session.user_agent),
            address=session.ip,
            since=session.created_at,
            last_seen=session.last_seen_at,
            is_current=session.session_key == current_key,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]
    return sorted(rows, key=lambda row: (not row.is_current, -row.last_seen.timestamp()))


def tokens_of(user: User) -> list[Token]:
    """The person's tokens in force, the newest first."""
    return list(Token.objects.filter(user=user, revoked_at__isnull=True).order_by("-created_at"))


def has_second_step(user: User) -> bool:
    """Whether a code is asked at sign-in."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def is_locked(user: User) -> bool:
    """Whether sign-in is closed after too many wrong passwords."""
    now = time.time()
    for rate in get_rates(app="allauth.account", action="login_failed"):
        if rate.per != "key":
            continue
        for key in (attempts_key(user.email), f"mfa-auth-user-{user.pk}"):
            name = get_cache_key(None, app="allauth.account", action="login_failed", rate=rate, key=key)
            if sum(at > now - rate.duration for at in cache.get(name, [])) >= rate.amount:
                return True
    return False


def demo_people() -> list[dict[str, Any]]:
    """One person of each role, for the sign-in page of the demo."""
    able = User.objects.filter(is_active=True, totp_required=False)
    first = able.order_by().values("role").annotate(first=Min("id")).values("first")
    people = {user.role: user for user in User.objects.filter(id__in=first)}
    return [
        {"role": role.label, "name": str(people[role]), "email": people[role].email}
        for role in Role
        if role in people
    ]


def people_named(text: str) -> list[User]:
    """Active people whom a text calls with @ by e-mail, surname, or both names; nobody where namesakes leave a doubt."""
    people = {person.pk: person for words in mentions(text) for person in _named(words)}
    return list(people.values())


def _named(words: str) -> list[User]:
    active = User.objects.filter(is_active=True)
    if "@" in words:
        return list(active.filter(email=words.lower()))
    names = [_title(word) for word in words.split()]
    if len(names) == 2:
        both = list(active.filter(first_name__in=names, last_name__in=names))
        if both:
            return both[:1] if len(both) == 1 else []
    found = list(active.filter(last_name=names[0])[:2])
    return found if len(found) == 1 else []


def _title(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:] for part in word.split("-"))
