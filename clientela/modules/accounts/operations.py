"""Making people, their photos, what they set for themselves, and an administrator's help with signing in."""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.core.internal.ratelimit import get_cache_key, get_rates
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.adapter import attempts_key, lock_key
from clientela.modules.accounts.models import User
from clientela.modules.accounts.pictures import square
from clientela.modules.accounts.rules import Permission, Role

# How long a photo that was taken off can be brought back.
PHOTO_KEPT = timedelta(days=1)


class EmailTaken(ValidationError):
    """Another person already signs in with this address."""


class OwnAccount(PermissionDenied):
    """Nobody takes away their own role or access: an installation would be left without an administrator."""


def _check_email(email: str, *, besides: int | None = None) -> str:
    email = email.strip().lower()
    others = User.objects.filter(email=email)
    if (others.exclude(pk=besides) if besides else others).exists():
        raise EmailTaken({"email": _("Another person already signs in with this address.")})
    return email


@transaction.atomic
def create_user(
    *,
    actor: Any,
    now: datetime,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    middle_name: str = "",
    language: str = "ru",
    time_zone: str = "Europe/Moscow",
    totp_required: bool = False,
) -> User:
    """A person without a password: they set it by the link of ``password_link``. Raises EmailTaken."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    user = User.objects.create_user(
        _check_email(email),
        first_name=first_name,
        last_name=last_name,
        middle_name=middle_name,
        role=Role(role),
        language=language,
        time_zone=time_zone,
        totp_required=totp_required,
    )
    record(actor=actor, now=now, action="user.created", obj=user, changes={"role": [None, str(role)]})
    return user


@transaction.atomic
def change_user(*, actor: Any, now: datetime, user: User, **values: Any) -> User:
    """Change name, e-mail, role or ``totp_required``. Raises EmailTaken, OwnAccount."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    user = User.objects.select_for_update().get(pk=user.pk)
    if "email" in values:
        values["email"] = _check_email(values["email"], besides=user.pk)
    changes = changed(user, values)
    if actor is not None and user.pk == actor.pk and "role" in changes:
        raise OwnAccount("role")
    for name, value in values.items():
        setattr(user, name, value)
    if changes:
        user.save(update_fields=list(changes))
        record(actor=actor, now=now, action="user.changed", obj=user, changes=changes)
    return user


@transaction.atomic
def set_active(*, actor: Any, now: datetime, user: User, active: bool) -> bool:
    """Let a person in or keep them out; their sessions end at once. False when it was so already."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    if actor is not None and user.pk == actor.pk:
        raise OwnAccount("is_active")
    if not User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active):
        return False
    if not active:
        _end_sessions(user)
    action = "user.activated" if active else "user.deactivated"
    record(actor=actor, now=now, action=action, obj=user, changes={"is_active": [not active, active]})
    return True


@transaction.atomic
def password_link(*, actor: Any, now: datetime, user: User) -> str:
    """Address at which the person sets a password; good for three days and one use."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    record(actor=actor, now=now, action="user.password_link", obj=user)
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])
    return f"{settings.PUBLIC_URL}{path}"


@transaction.atomic
def unlock(*, actor: Any, now: datetime, user: User) -> None:
    """Forget the wrong passwords and codes counted against this person."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    for rate in get_rates(app="allauth.account", action="login_failed"):
        if rate.per == "key":
            for key in (attempts_key(user.email), f"mfa-auth-user-{user.pk}"):
                cache.delete(
                    get_cache_key(None, app="allauth.account", action="login_failed", rate=rate, key=key)
                )
    cache.delete(lock_key(user.email))
    record(actor=actor, now=now, action="user.unlocked", obj=user)


@transaction.atomic
def reset_second_step(*, actor: Any, now: datetime, user: User) -> bool:
    """Take away a lost phone's codes; the person sets up a new one. False when there were none."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if removed:
        _end_sessions(user)
        record(actor=actor, now=now, action="user.second_step_reset", obj=user)
    return bool(removed)


@transaction.atomic
def change_personal(*, actor: User, now: datetime, language: str, time_zone: str, keyboard: bool) -> User:
    """What a person sets for themselves. Raises ValidationError for an unknown language or zone."""
    if language not in dict(settings.LANGUAGES):
        raise ValidationError({"language": _("There is no such language.")})
    if time_zone not in available_timezones():
        raise ValidationError({"time_zone": _("There is no such time zone.")})
    changes = changed(actor, {"language": language, "time_zone": time_zone, "keyboard": keyboard})
    actor.language, actor.time_zone, actor.keyboard = language, time_zone, keyboard
    if changes:
        actor.save(update_fields=list(changes))
        record(actor=actor, now=now, action="user.personal", obj=actor, changes=changes)
    return actor


@transaction.atomic
def set_photo(*, actor: Any, now: datetime, user: User, file: File) -> User:
    """Keep a square of the picture; the one before it goes for good.

    By the person or who manages the organisation. Raises ``FileRefused``.
    """
    user, picture = _of_own(actor, user), square(file)
    _delete_photo(user)
    user.photo.save(f"{secrets.token_hex(16)}.jpg", ContentFile(picture), save=False)
    stored, storage = str(user.photo.name), user.photo.storage
    try:
        _show_photo(actor, now, user, shown=True, action="user.photo_set")
    except Exception:
        storage.delete(stored)
        raise
    return user


@transaction.atomic
def remove_photo(*, actor: Any, now: datetime, user: User) -> bool:
    """Take the photo off; for a day it can be brought back. False when there is none."""
    user = _of_own(actor, user)
    if not user.photo_token:
        return False
    _show_photo(actor, now, user, shown=False, action="user.photo_removed")
    return True


@transaction.atomic
def restore_photo(*, actor: Any, now: datetime, user: User) -> bool:
    """Bring back a photo that was taken off. False when there is none to bring back."""
    user = _of_own(actor, user)
    if user.photo_token or not user.photo:
        return False
    _show_photo(actor, now, user, shown=True, action="user.photo_restored")
    return True


@transaction.atomic
def purge_photos(*, now: datetime) -> int:
    """Delete for good what was taken off more than a day ago; returns how many."""
    gone = list(User.objects.select_for_update().filter(photo_removed_at__lt=now - PHOTO_KEPT))
    for user in gone:
        _delete_photo(user)
        user.photo, user.photo_removed_at = "", None
        user.save(update_fields=["photo", "photo_removed_at"])
    return len(gone)


def _of_own(actor: Any, user: User) -> User:
    if actor is None or actor.pk != user.pk:
        ensure(actor, Permission.ORGANISATION_WRITE)
    return User.objects.select_for_update().get(pk=user.pk)


def _show_photo(actor: Any, now: datetime, user: User, *, shown: bool, action: str) -> None:
    user.photo_token = secrets.token_urlsafe(24) if shown else ""
    user.photo_removed_at = None if shown else now
    user.save(update_fields=["photo", "photo_token", "photo_removed_at"])
    record(actor=actor, now=now, action=action, obj=user)


def _delete_photo(user: User) -> None:
    if user.photo:
        transaction.on_commit(partial(user.photo.storage.delete, str(user.photo.name)))


@transaction.atomic
def end_session(*, actor: User, now: datetime, session: UserSession) -> None:
    """Sign one's own other browser out."""
    if session.user_id != actor.pk:
        raise PermissionDenied("not the owner")
    session.end()
    record(actor=actor, now=now, action="session.ended", obj=actor)


def _end_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
