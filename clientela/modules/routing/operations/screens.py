"""Screens on the wall: a secret address that shows the figures of one queue, until somebody takes it back."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.accounts.models import User
from clientela.modules.organisation.queries import scope_of
from clientela.modules.routing.models import WallScreen
from clientela.modules.routing.queries import queues_visible_to

MOST = 50


class WrongScreen(ValidationError):
    """The screen has no name, or there are too many."""


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_screen(*, actor: User, now: datetime, name: str, queue: str) -> tuple[WallScreen, str]:
    """A screen and its token, told now and never again. Raises WrongScreen."""
    ensure(actor, Permission.LINE_RUN)
    if queue not in queues_visible_to(actor) or not covers(actor, queue):
        raise PermissionDenied("scope")
    if not name.strip():
        raise WrongScreen({"name": _("Say where the screen hangs.")})
    if WallScreen.objects.filter(queue=queue, revoked_at=None).count() >= MOST:
        raise WrongScreen({"name": _("There are too many screens: take one back first.")})
    token = secrets.token_urlsafe(24)
    screen = WallScreen.objects.create(
        name=name.strip()[:80], queue=queue, digest=digest_of(token), made_by=actor, made_at=now
    )
    record(actor=actor, now=now, action="wall_screen.made", obj=screen, changes={"queue": [None, queue]})
    return screen, token


def covers(actor: User, queue: str) -> bool:
    """Whether the person sees all of a queue and not only the own team in it: a screen shows all of it."""
    scope = scope_of(actor)
    kind, _colon, number = queue.partition(":")
    return scope.everything or (kind == "branch" and scope.branch_id == int(number))


@transaction.atomic
def revoke_screen(*, actor: User, now: datetime, screen: WallScreen) -> bool:
    """The screen shows nothing from now on. False when it was taken back already."""
    ensure(actor, Permission.LINE_RUN)
    if not covers(actor, screen.queue):
        raise PermissionDenied("scope")
    done = WallScreen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=now)
    if done:
        record(actor=actor, now=now, action="wall_screen.revoked", obj=screen)
    return bool(done)
