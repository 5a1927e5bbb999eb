"""What a person sets for the own calendar: rules of reminders, its secret address, passwords of programs."""

import hashlib
import hmac
import secrets
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.calendar.models import AppPassword, Keeper, Rule
from clientela.modules.calendar.operations.reminding import LONGEST_LEAD, keep_for

MOST_RULES, MOST_PASSWORDS = 20, 20
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_USED_EVERY = timedelta(minutes=5)


class BadReminder(Refusal):
    """The rule says no time, or a lead longer than a day."""

    message = _("Name a time of the day, or up to 24 hours before an event.")
    field = "minutes"


class TooManyOwn(Refusal):
    """More rules or passwords than anybody needs."""

    message = _("There are twenty already: remove one first.")


@transaction.atomic
def add_rule(
    *, actor: User, now: datetime, when: str, at: time | None = None, minutes: int = 0, kind: str = "",
    by_page: bool = True, by_push: bool = False, by_email: bool = False,
) -> Rule:  # fmt: skip
    """A reminder rule of the actor's own. Raises ``BadReminder``, ``TooManyOwn``."""
    ensure(actor, Permission.CALENDAR_USE)
    before = when == Rule.When.BEFORE
    if (before and not 1 <= minutes <= LONGEST_LEAD) or (not before and at is None):
        raise BadReminder
    keep_for([actor.pk], now=now)
    if actor.reminder_rules.count() >= MOST_RULES:
        raise TooManyOwn
    rule = Rule.objects.create(
        person=actor, when=when, at=None if before or at is None else at.replace(tzinfo=None), minutes=minutes if before else 0,
        kind=kind if before else "", by_page=by_page, by_push=by_push, by_email=by_email, created_at=now,
    )  # fmt: skip
    record(actor=actor, now=now, action="reminder_rule.added", obj=rule, object_name=rule.get_when_display())
    return rule


@transaction.atomic
def switch_rule(*, actor: User, now: datetime, rule: Rule, on: bool) -> Rule:
    """Turn an own rule on or off."""
    ensure(actor, Permission.CALENDAR_USE)
    row = Rule.objects.select_for_update().get(pk=rule.pk, person=actor)
    if row.on != on:
        row.on = on
        row.save(update_fields=["on"])
        record(
            actor=actor, now=now, action="reminder_rule.switched", obj=row, object_name=row.get_when_display(),
            changes={"on": [not on, on]},
        )  # fmt: skip
    return row


@transaction.atomic
def remove_rule(*, actor: User, now: datetime, rule: Rule) -> None:
    """Forget an own rule."""
    ensure(actor, Permission.CALENDAR_USE)
    record(
        actor=actor, now=now, action="reminder_rule.removed", obj=rule, object_name=rule.get_when_display()
    )
    Rule.objects.filter(pk=rule.pk, person=actor).delete()


@transaction.atomic
def renew_feed(*, actor: User, now: datetime) -> Keeper:
    """A new secret address for the calendar; the old one stops at once."""
    ensure(actor, Permission.CALENDAR_USE)
    keep_for([actor.pk], now=now)
    keeper = Keeper.objects.select_for_update().get(person=actor)
    keeper.feed_nonce = secrets.token_hex(16)
    keeper.save(update_fields=["feed_nonce"])
    record(actor=actor, now=now, action="calendar_feed.renewed", obj=actor)
    return keeper


@transaction.atomic
def close_feed(*, actor: User, now: datetime) -> None:
    """Take the secret address away."""
    ensure(actor, Permission.CALENDAR_USE)
    if Keeper.objects.filter(person=actor).exclude(feed_nonce="").update(feed_nonce=""):
        record(actor=actor, now=now, action="calendar_feed.closed", obj=actor)


def feed_token(keeper: Keeper | None) -> str:
    """What stands in the secret address; empty while there is none. Nobody makes it from the database alone."""
    if keeper is None or not keeper.feed_nonce:
        return ""
    signature = salted_hmac("calendar.feed", keeper.feed_nonce, algorithm="sha256").hexdigest()
    return f"{keeper.pk}-{signature[:40]}"


def feed_owner(token: str) -> User | None:
    """Whose calendar the address gives; None for an address that is not good."""
    number = id_of(token.partition("-")[0])
    keeper = Keeper.objects.filter(pk=number or 0).select_related("person").first()
    good = feed_token(keeper)
    if keeper is None or not good or not hmac.compare_digest(good.encode(), token.encode()):
        return None
    return keeper.person if keeper.person.can(Permission.CALENDAR_USE) else None


@transaction.atomic
def make_password(*, actor: User, now: datetime, name: str) -> tuple[AppPassword, str]:
    """A password for one program, shown now and never again. Raises ``TooManyOwn``."""
    ensure(actor, Permission.CALENDAR_USE)
    if actor.calendar_passwords.filter(revoked_at__isnull=True).count() >= MOST_PASSWORDS:
        raise TooManyOwn
    groups = ["".join(secrets.choice(_ALPHABET) for _one in range(5)) for _group in range(5)]
    secret = "-".join(groups)
    row = AppPassword.objects.create(
        person=actor, name=name.strip()[:80], digest=_digest(secret), created_at=now
    )
    record(actor=actor, now=now, action="calendar_password.made", obj=row)
    return row, secret


@transaction.atomic
def revoke_password(*, actor: User, now: datetime, password: AppPassword) -> None:
    """The program stops at its next request. Saying it again changes nothing."""
    ensure(actor, Permission.CALENDAR_USE)
    mine = AppPassword.objects.filter(pk=password.pk, person=actor, revoked_at__isnull=True)
    if mine.update(revoked_at=now):
        record(actor=actor, now=now, action="calendar_password.revoked", obj=password)


def person_by_password(email: str, secret: str, *, now: datetime) -> User | None:
    """Who signs in with this password of a program; the main password opens nothing here."""
    row = (
        AppPassword.objects.filter(digest=_digest(secret), revoked_at__isnull=True)
        .select_related("person")
        .first()
    )
    if (
        row is None
        or row.person.email != email.strip().lower()
        or not row.person.can(Permission.CALENDAR_USE)
    ):
        return None
    if row.last_used_at is None or now - row.last_used_at > _USED_EVERY:
        AppPassword.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.person


def _digest(secret: str) -> str:
    """The secret has 120 bits of its own: a keyed digest needs no salt and no slowness."""
    plain = secret.replace("-", "").replace(" ", "").strip().lower().encode()
    return hmac.new(settings.SECRET_KEY.encode(), b"calendar.password:" + plain, hashlib.sha256).hexdigest()
