"""Setting up who may tell what, and the text the client agrees to."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.rules import Role
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.group.models import ConsentDocument, Fact, FactKind, SisterCompany

SHIPPED = Path(__file__).parent.parent / "shipped" / "kinds.json"


class WrongFeeder(Refusal):
    """The account that brings facts is one of the role made for it."""

    message = _("Choose an account of the role “Sister company”.")
    field = "feeder"


class TypeInUse(Refusal):
    """Facts of this kind are kept: its type of value stays."""

    message = _("Facts of this kind are there: the type of their value cannot change.")
    field = "value_type"


class KeptTooShort(Refusal):
    """A fact would be gone while it is fresh."""

    message = _("Not shorter than it is fresh.")
    field = "keep_days"


class TextInUse(Refusal):
    """Somebody agreed to this version: a new wording is a new version."""

    message = _("Somebody agreed to this version: make a new one.")
    field = "version"


@transaction.atomic
def save_company(
    *, actor: Any, now: datetime, company: SisterCompany, values: Mapping[str, Any]
) -> SisterCompany:
    """Keep a company, new or changed. Raises ``WrongFeeder``, PermissionDenied."""
    ensure(actor, Permission.GROUP_WRITE)
    feeder = values.get("feeder")
    if feeder is not None and feeder.role != Role.SISTER:
        raise WrongFeeder
    return _save(actor, now, company, values, "group.company")


@transaction.atomic
def save_kind(*, actor: Any, now: datetime, kind: FactKind, values: Mapping[str, Any]) -> FactKind:
    """Keep a kind of fact, new or changed; facts that are kept follow its days.

    Raises ``TypeInUse``, ``KeptTooShort``, PermissionDenied.
    """
    ensure(actor, Permission.GROUP_WRITE)
    facts = Fact.objects.filter(kind_id=kind.pk) if kind.pk else Fact.objects.none()
    if "value_type" in values and kind.pk and values["value_type"] != kind.value_type and facts.exists():
        raise TypeInUse
    if values.get("keep_days", kind.keep_days) < values.get("fresh_days", kind.fresh_days):
        raise KeptTooShort
    return _save(actor, now, kind, values, "group.kind")


@transaction.atomic
def save_document(
    *, actor: Any, now: datetime, document: ConsentDocument, values: Mapping[str, Any],
    companies: Iterable[SisterCompany],
) -> ConsentDocument:  # fmt: skip
    """Keep a version of the text. Raises ``TextInUse``, PermissionDenied."""
    ensure(actor, Permission.GROUP_WRITE)
    used = Consent.objects.filter(purpose=Purpose.GROUP_DATA, text_version=document.version)
    if document.pk and used.exists():
        raise TextInUse
    kept = _save(actor, now, document, values, "group.text")
    kept.companies.set(companies)
    return kept


def _save(actor: Any, now: datetime, row: Any, values: Mapping[str, Any], action: str) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    record(actor=actor, now=now, action=action, obj=row)
    return row


@transaction.atomic
def load_shipped(*, now: datetime) -> None:
    """Add the shipped kinds that are missing; what people made stays. Companies and the text are the house's own."""
    for place, one in enumerate(json.loads(SHIPPED.read_text(encoding="utf-8")), 1):
        FactKind.objects.get_or_create(code=one["code"], defaults={**one, "position": place})


def first_text(*, now: datetime, companies: Iterable[SisterCompany]) -> ConsentDocument:
    """The shipped wording as version 1, naming these companies; a house lets its lawyers change it."""
    one = json.loads((SHIPPED.parent / "consent.json").read_text(encoding="utf-8"))
    today = local_today(settings.TIME_ZONE, now)
    document, _made = ConsentDocument.objects.get_or_create(
        version=one["version"], defaults={**one, "since": today}
    )
    document.companies.set(companies)
    return document
