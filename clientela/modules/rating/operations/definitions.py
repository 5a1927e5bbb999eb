"""The life of a product's version: a draft, its definition, a proposal, a second person's word."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating.operations.journal import decided, keep, tell
from clientela.modules.rating.operations.regression import has_passed
from clientela.modules.rating.operations.starting import day_set, ensure_day
from clientela.modules.rating.operations.versions import ChangedMeanwhile, NotADraft, OwnVersion
from clientela.modules.rating.queries import body_on, not_sold, sheets_on
from clientela.modules.rating.rules.definitions import Fault, faults
from clientela.modules.rating.rules.plan import Plan

State = ProductVersion.State


class Faulty(Refusal):
    """The definition names what is not there, or leaves out what is needed."""

    def __init__(self, found: list[Fault]) -> None:
        self.faults = found
        self.field = found[0].where
        self.message = found[0].text
        super().__init__(str(self.message))


class NotTried(Refusal):
    message = _(
        "Check the version on past calculations first: after the last change, with every one of them priced."
    )


@transaction.atomic
def make_product_draft(*, actor: Any, now: datetime, product: Product) -> ProductVersion:
    """A draft copied from the newest version in force; the one that is open already is given back."""
    ensure(actor, Permission.PRODUCTS_WRITE)
    locked = Product.objects.select_for_update().get(pk=product.pk)
    opened = locked.versions.filter(state__in=[State.DRAFT, State.PROPOSED]).first()
    if opened is not None:
        return opened
    base = locked.versions.filter(state=State.ACTIVE).order_by("-starts_on", "-number").first()
    if base is None:
        raise not_sold(locked.code, local_today(settings.TIME_ZONE, now))
    draft = ProductVersion.objects.create(
        product=locked, number=(locked.versions.aggregate(most=Max("number"))["most"] or 0) + 1, state=State.DRAFT,
        starts_on=base.starts_on, definition=base.definition, created_by=actor, created_at=now, changed_at=now,
    )  # fmt: skip
    tell(actor, now, "product.draft", draft, {"from": [None, base.number]})
    return draft


@transaction.atomic
def change_definition(
    *, actor: Any, now: datetime, version: ProductVersion, definition: Mapping[str, Any],
    seen: datetime | None = None,
) -> ProductVersion:  # fmt: skip
    """Put another definition into a draft, faults and all: they hold it back later, not the typing.

    Raises `NotADraft`, `ChangedMeanwhile`.
    """
    draft = _open(actor, version)
    if seen is not None and draft.changed_at != seen:
        raise ChangedMeanwhile
    changed = sorted(
        key for key in {*draft.definition, *definition} if draft.definition.get(key) != definition.get(key)
    )
    draft.definition, draft.created_by = dict(definition), actor
    return keep(actor, now, "product.changed", draft, {"parts": [None, ", ".join(changed)]})


@transaction.atomic
def propose_definition(
    *, actor: Any, now: datetime, version: ProductVersion, starts_on: date, reason: str
) -> ProductVersion:
    """Hand a draft over for approval. Raises `Faulty`, `NotTried`, `BadStart`, `BeforeOlder`, `NotADraft`."""
    draft = _open(actor, version)
    ensure_day(draft, starts_on, now)
    _ensure_sound(draft, starts_on)
    draft.state, draft.starts_on, draft.reason, draft.proposed_at = (
        State.PROPOSED,
        starts_on,
        reason.strip(),
        now,
    )
    return keep(actor, now, "product.proposed", draft, {"starts_on": [None, str(starts_on)]}, reason)


@transaction.atomic
def approve_definition(
    *, actor: Any, now: datetime, version: ProductVersion, comment: str = "", starts_on: date | None = None
) -> ProductVersion:
    """Put a proposed version in force from its day, or from ``starts_on`` with a word why; the author is told.

    Looked at once more by the tables of that day: one may have gone since it was proposed.
    Raises `OwnVersion`, `Faulty`, `NotTried`, `BadStart`, `BeforeOlder`, `NoWhy`, `NotADraft`.
    """
    proposed = _proposed(actor, version)
    if proposed.created_by_id in (None, actor.pk):
        raise OwnVersion
    changes = day_set(proposed, starts_on, comment, now)
    _ensure_sound(proposed, proposed.starts_on)
    proposed.state, proposed.approver, proposed.approved_at = State.ACTIVE, actor, now
    decided(actor, now, proposed)
    return keep(actor, now, "product.approved", proposed, changes, comment.strip())


@transaction.atomic
def return_definition(*, actor: Any, now: datetime, version: ProductVersion, reason: str) -> ProductVersion:
    """Give a proposed version back to its author as a draft. Raises `NotADraft`."""
    proposed = _proposed(actor, version)
    proposed.state, proposed.proposed_at = State.DRAFT, None
    decided(actor, now, proposed)
    return keep(actor, now, "product.sent_back", proposed, {}, reason)


def faults_of(version: ProductVersion, on: date) -> list[Fault]:
    """What is wrong with a version, by the tables that count on ``on``."""
    bodies = {code: sheet.body for code, sheet in sheets_on(version.product.code, on).items()}
    questions = version.definition.get("questions")
    for one in (
        questions if isinstance(questions, list) else ()
    ):  # answers may come from another product's table
        source = one.get("choices_from") if isinstance(one, dict) else None
        code = str(source.get("table", "")) if isinstance(source, dict) else ""
        if code and code not in bodies and (body := body_on(code, on)) is not None:
            bodies[code] = body
    return faults(version.definition, bodies)


def trial(version: ProductVersion, on: date) -> Plan:
    """The tariff of ``on`` as it would be with this version."""
    code = version.product.code
    return Plan(code, f"{code}-{version.number}", version.definition, sheets_on(code, on))


def _ensure_sound(version: ProductVersion, starts_on: date) -> None:
    if bad := faults_of(version, starts_on):
        raise Faulty(bad)
    if not has_passed(version):
        raise NotTried


def _open(actor: Any, version: ProductVersion) -> ProductVersion:
    ensure(actor, Permission.PRODUCTS_WRITE)
    locked = ProductVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != State.DRAFT:
        raise NotADraft
    return locked


def _proposed(actor: Any, version: ProductVersion) -> ProductVersion:
    ensure(actor, Permission.TARIFFS_APPROVE)
    locked = ProductVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state != State.PROPOSED:
        raise NotADraft
    return locked
