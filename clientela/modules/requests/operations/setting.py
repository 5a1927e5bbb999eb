"""What heads and managers set: the points, the times, the places requests come from and the words agreed to there."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.requests.models import ConsentText, Intake, Policy, ScoreRule
from clientela.modules.requests.rules import FACTS
from clientela.modules.requests.rules import Test as Comparison

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
MOST_POINTS = 100
WRITE = Permission.ROUTING_WRITE


class WrongRule(Refusal):
    """The rule says nothing, or too much."""

    message = _("Say what the rule looks at, in which words, and between −100 and 100 points.")
    field = "points"


class WrongPolicy(Refusal):
    """Times and limits are positive, and hot is above warm."""

    message = _("Minutes are at least 1, and hot begins above warm.")
    field = "hot_from"


class KeyTaken(Refusal):
    """Another form has the key, the mailbox or the number."""

    message = _("Another form has this address, mailbox or number: choose a different one.")
    field = "key"


class BadOrigin(Refusal):
    """Not the beginning of a site's address."""

    message = _("Write sites like https://prichal.example, one a line, without a path.")
    field = "origins"


class BadField(Refusal):
    """A field has a label, and a choice has choices."""

    message = _("Every field needs a label of its own, and a choice needs at least two answers.")
    field = "fields"


class NoConsent(Refusal):
    """Nothing is agreed to."""

    message = _("Write what visitors agree to.")
    field = "consent"


@transaction.atomic
def change_rule(
    *, actor: Any, now: datetime, rule: ScoreRule, points: int, is_active: bool, words: str = ""
) -> ScoreRule:
    """Other points; requests counted already keep theirs. Raises ``WrongRule``."""
    ensure(actor, WRITE)
    if not -MOST_POINTS <= points <= MOST_POINTS:
        raise WrongRule
    row = ScoreRule.objects.select_for_update().get(pk=rule.pk)
    values = {"points": points, "is_active": is_active, "words": words.strip()[:120] or row.words}
    changes = changed(row, values)
    if changes:
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        record(actor=actor, now=now, action="request_rule.changed", obj=row, changes=changes)
    return row


@transaction.atomic
def create_rule(
    *, actor: Any, now: datetime, words: str, fact: str, test: str, value: str = "", points: int = 0
) -> ScoreRule:
    """One more rule. Raises ``WrongRule``."""
    ensure(actor, WRITE)
    known = fact in FACTS and test in set(Comparison)
    says = bool(value.strip()) or test in (Comparison.FILLED, Comparison.EMPTY)
    if not (known and says and words.strip() and -MOST_POINTS <= points <= MOST_POINTS):
        raise WrongRule
    row = ScoreRule.objects.create(
        code=f"own-{int(now.timestamp() * 1000)}", words=words.strip()[:120], fact=fact, test=test,
        value=value.strip()[:200], points=points,
    )  # fmt: skip
    record(actor=actor, now=now, action="request_rule.created", obj=row, changes={"points": [None, points]})
    return row


@transaction.atomic
def change_policy(
    *, actor: Any, now: datetime, answer_minutes: int, join_days: int, warm_from: int, hot_from: int
) -> Policy:
    """The promise of the first answer, when requests join, where warm and hot begin. Raises ``WrongPolicy``."""
    ensure(actor, WRITE)
    if not (1 <= answer_minutes <= 10_000 and 0 <= join_days <= 90 and 0 < warm_from < hot_from <= 100):
        raise WrongPolicy
    row = Policy.objects.select_for_update().order_by("id").first() or Policy()
    values = {
        "answer_minutes": answer_minutes, "join_days": join_days, "warm_from": warm_from, "hot_from": hot_from,
    }  # fmt: skip
    changes = changed(row, values)
    if changes or row.pk is None:
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at = now
        row.save()
        record(actor=actor, now=now, action="request_policy.changed", obj=row, changes=changes)
    return row


@transaction.atomic
def create_intake(*, actor: Any, now: datetime, key: str, values: Mapping[str, Any], consent: str) -> Intake:
    """A new place requests come from. Raises ``KeyTaken``, ``BadOrigin``, ``BadField``, ``NoConsent``."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    clean = _clean(values)
    if not consent.strip():
        raise NoConsent
    try:
        with transaction.atomic():
            intake = Intake.objects.create(key=key, created_at=now, **clean)
    except IntegrityError:
        raise KeyTaken from None
    _agree(actor, now, intake, consent)
    record(actor=actor, now=now, action="intake.created", obj=intake, changes={"name": [None, intake.name]})
    return intake


@transaction.atomic
def change_intake(
    *, actor: Any, now: datetime, intake: Intake, values: Mapping[str, Any], consent: str
) -> Intake:
    """Other words, fields or sites; other words of consent are a new version. Raises what ``create_intake`` does."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    clean = _clean(values)
    if not consent.strip():
        raise NoConsent
    row = Intake.objects.select_for_update().get(pk=intake.pk)
    changes = changed(row, clean)
    if changes:
        for name, value in clean.items():
            setattr(row, name, value)
        try:
            with transaction.atomic():
                row.save(update_fields=list(clean))
        except IntegrityError:
            raise KeyTaken from None
        record(actor=actor, now=now, action="intake.changed", obj=row, changes=changes)
    _agree(actor, now, row, consent)
    return row


def _agree(actor: Any, now: datetime, intake: Intake, text: str) -> ConsentText:
    """The words in force, made the next version where they differ."""
    clean = text.strip()[:4000]
    digest = hashlib.sha256(clean.encode()).hexdigest()
    last = ConsentText.objects.filter(intake=intake).order_by("-number").first()
    if last is not None and last.digest == digest:
        return last
    number = last.number + 1 if last else 1
    made = ConsentText.objects.create(
        intake=intake, number=number, text=clean, digest=digest, made_by=actor, made_at=now
    )
    record(
        actor=actor, now=now, action="intake.consent", obj=intake, changes={"version": [number - 1, number]}
    )
    return made


FIELDS = (
    "name", "title", "intro", "thanks", "partner", "product", "branch", "fields", "origins", "colour", "mailbox", "number",
    "to_marketing", "is_active",
)  # fmt: skip


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: values[name] for name in FIELDS if name in values}
    if "origins" in clean:
        clean["origins"] = clean_origins(clean["origins"])
    if "fields" in clean:
        clean["fields"] = clean_fields(clean["fields"])
    return clean


def clean_fields(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fields with a key each, as they are kept. Raises ``BadField``."""
    found: list[dict[str, Any]] = []
    for one in given:
        label, kind = str(one.get("label") or "").strip()[:80], one.get("kind")
        choices = [str(choice).strip()[:80] for choice in one.get("choices") or () if str(choice).strip()]
        if not label or kind not in Intake.KINDS or (kind == "choice" and len(choices) < 2):
            raise BadField
        key = str(one.get("key") or slugify(label, allow_unicode=True)[:30] or f"f{len(found)}")
        if any(key == other["key"] for other in found):
            raise BadField
        found.append(
            {
                "key": key,
                "label": label,
                "kind": kind,
                "required": bool(one.get("required")),
                "choices": choices[:30],
            }
        )
    return found[:20]


def clean_origins(lines: Iterable[str]) -> list[str]:
    """Origins as browsers send them. Raises ``BadOrigin``."""
    found = []
    for line in filter(None, (one.strip().rstrip("/").lower() for one in lines)):
        try:
            parts = urlsplit(line)
            fits = parts.scheme in ("http", "https") and parts.hostname and _HOST.fullmatch(parts.hostname)
            port = parts.port
        except ValueError:
            raise BadOrigin from None
        if not fits or parts.path or parts.query or parts.username:
            raise BadOrigin
        found.append(f"{parts.scheme}://{parts.hostname}{f':{port}' if port else ''}")
    return list(dict.fromkeys(found))
