"""Starting deals, moving them through their stages, closing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations.answers import Said, keep_answers
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.products.queries import on_sale
from clientela.modules.sales.events import DealChanged
from clientela.modules.sales.models import Deal, Funnel, LostReason, Stage, StageVisit
from clientela.modules.sales.queries.deals import funnel_for, sellers
from clientela.modules.sales.queries.told import asks_of
from clientela.modules.sales.rules.fields import OF_PRODUCT, BadField, FieldsMissing, as_value, missing

Went = StageVisit.Went


class MovedMeanwhile(Refusal):
    """Somebody changed the deal since this person saw it; nothing was changed now."""

    def __init__(self, deal: Deal) -> None:
        who = str(deal.changed_by) if deal.changed_by else _("the system")
        self.message = _("%(who)s changed this deal meanwhile: it is in “%(stage)s” now.") % {
            "who": who, "stage": deal.stage,
        }  # fmt: skip
        super().__init__(str(self.message))
        self.field = "version"


class DealClosed(Refusal):
    """The deal is won or lost."""

    message = _("This deal is closed. Open it again first.")


class DealStays(Refusal):
    """The deal is open, or another open deal came from the same place."""

    message = _("This deal cannot be opened again: it is open, won, or another one took its place.")


class NotAStage(Refusal):
    """The stage belongs to another funnel or was taken out."""

    message = _("This stage is not in the funnel of the deal.")
    field = "stage"


class NothingToUndo(Refusal):
    """The deal was changed since the move."""

    message = _("The move cannot be taken back any more.")


class NoSuchSeller(Refusal):
    """The person does not see the client of the deal or does not sell."""

    message = _("This person does not work with the client of the deal.")
    field = "owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a deal comes from. The same ``origin`` and ``origin_id`` start one open deal, whoever repeats it."""

    origin: str
    origin_id: int | None = None
    source: str = ""
    request: int | None = None
    calculation: int | None = None
    renews: Policy | None = None


@transaction.atomic
def start_deal(
    *, actor: User | None, now: datetime, client: Client, start: Start, funnel: Funnel | None = None,
    product: Product | None = None, subject: str = "", amount: Decimal | None = None, owner: User | None = None,
    next_step: str = "", next_kind: str = "", next_at: datetime | None = None,
) -> Deal:  # fmt: skip
    """A deal in the first stage of its funnel, or the open deal that came from the same place before.

    The funnel is that of the product's line unless named. Raises PermissionDenied for a client out of sight.
    """
    ensure(actor, Permission.SALES_WRITE)
    if actor is not None and not Client.objects.visible_to(actor).filter(pk=client.pk).exists():
        raise PermissionDenied("scope")
    renews = start.renews
    product = product or (renews.product if renews else None)
    funnel = funnel or funnel_for(product.line if product else "")
    stage = funnel.stages.filter(is_active=True).order_by("position", "id").first()
    if stage is None:
        raise NotAStage
    thing = renews.insured_object.title if renews and renews.insured_object else ""
    agent = client.agent.user if client.agent else None
    same = Deal.objects.open().filter(origin=start.origin, origin_id=start.origin_id)
    try:
        with transaction.atomic():
            deal = Deal.objects.create(
                client=client, funnel=funnel, stage=stage, origin=start.origin, origin_id=start.origin_id,
                source=start.source[:60], request=start.request, calculation=start.calculation, renews=renews,
                product=product, subject=(subject or thing)[:200], amount=amount or (renews.premium if renews else None),
                next_step=next_step[:200], next_kind=next_kind, next_at=next_at, owner=owner or actor or agent,
                entered_at=now, created_at=now, changed_at=now, changed_by=actor,
            )  # fmt: skip
    except IntegrityError:
        return same.get()
    StageVisit.objects.create(deal=deal, stage=stage, entered_at=now, by=actor)
    record(actor=actor, now=now, action="deal.started", obj=deal, reason=deal.get_origin_display())
    tell(deal, now)
    return deal


@transaction.atomic
def move_deal(
    *, actor: User, now: datetime, deal: Deal, stage: Stage, version: int | None = None,
    values: Mapping[str, str] | None = None,
) -> Deal:  # fmt: skip
    """Bring an open deal to another stage of its funnel, with the fields that the stage asks for.

    Raises ``MovedMeanwhile`` when ``version`` is not the deal's, ``FieldsMissing``, ``BadField``, ``NotAStage``,
    ``DealClosed``, PermissionDenied.
    """
    row = _in_hand(actor, deal, version)
    if stage.funnel_id != row.funnel_id or not stage.is_active:
        raise NotAStage
    if stage.pk == row.stage_id:
        return row
    changes = _fill(row, values or {}, actor)
    lacking = missing(stage.required, row.filled())
    if lacking:
        raise FieldsMissing(lacking)
    was = row.stage
    enter(row, stage, now=now, by=actor)
    _keep(row, actor, now)
    record(
        actor=actor, now=now, action="deal.moved", obj=row,
        changes=changes | {"stage": [was.name, stage.name]},
    )  # fmt: skip
    _profile(row, values or {}, actor, now)
    return row


def enter(deal: Deal, stage: Stage, *, now: datetime, by: User | None) -> None:
    """Close the visit of the stage it leaves, begin that of ``stage``; the row itself is not saved."""
    ahead = stage.position > deal.stage.position
    StageVisit.objects.filter(deal=deal, left_at=None).update(
        left_at=now, went=Went.FORWARD if ahead else Went.BACK
    )
    StageVisit.objects.create(deal=deal, stage=stage, entered_at=now, by=by)
    deal.stage, deal.entered_at = stage, now


@transaction.atomic
def undo_move(*, actor: User, now: datetime, deal: Deal, version: int) -> Deal:
    """Take the last move back as if it had not been. Raises ``NothingToUndo`` when the deal was changed since."""
    try:
        row = _in_hand(actor, deal, version)
    except MovedMeanwhile:
        raise NothingToUndo from None
    visits = list(row.visits.select_related("stage").order_by("-entered_at", "-id")[:2])
    if len(visits) < 2 or visits[0].left_at is not None or not visits[1].stage.is_active:
        raise NothingToUndo
    last, before = visits
    last.delete()
    before.left_at, before.went = None, ""
    before.save(update_fields=["left_at", "went"])
    was, row.stage, row.entered_at = row.stage, before.stage, before.entered_at
    _keep(row, actor, now)
    record(
        actor=actor,
        now=now,
        action="deal.move_undone",
        obj=row,
        changes={"stage": [was.name, row.stage.name]},
    )
    return row


@transaction.atomic
def change_deal(
    *, actor: User, now: datetime, deal: Deal, values: Mapping[str, str], version: int | None = None
) -> Deal:
    """Fill in fields of the deal and answers of its need. Raises ``BadField``, ``MovedMeanwhile``, ``DealClosed``."""
    row = _in_hand(actor, deal, version)
    changes = _fill(row, values, actor)
    if changes:
        _keep(row, actor, now)
        record(actor=actor, now=now, action="deal.changed", obj=row, changes=changes)
        _profile(row, values, actor, now)
    return row


@transaction.atomic
def lose_deal(
    *, actor: User, now: datetime, deal: Deal, reason: LostReason, note: str = "", version: int | None = None
) -> Deal:
    """Close the deal as lost, with the reason. Raises ``DealClosed``, ``MovedMeanwhile``."""
    row = _in_hand(actor, deal, version)
    close(row, Deal.State.LOST, now=now, reason=reason, note=note)
    _keep(row, actor, now)
    record(
        actor=actor, now=now, action="deal.lost", obj=row, changes={"reason": [None, reason.name]}, reason=note.strip()[:200]
    )  # fmt: skip
    return row


def close(deal: Deal, state: str, *, now: datetime, reason: LostReason | None = None, note: str = "") -> None:
    """End the visit of the stage as won or lost; the row itself is not saved."""
    StageVisit.objects.filter(deal=deal, left_at=None).update(
        left_at=now, went=Went.WON if state == Deal.State.WON else Went.LOST
    )
    deal.state, deal.closed_at, deal.lost_reason, deal.lost_note = state, now, reason, note.strip()[:255]


@transaction.atomic
def reopen_deal(*, actor: User, now: datetime, deal: Deal) -> Deal:
    """A lost deal goes on in the stage where it was lost. Raises ``DealStays``, ``NotAStage``."""
    row = _locked(actor, deal)
    taken = Deal.objects.open().filter(origin=row.origin, origin_id=row.origin_id or 0).exists()
    if row.state != Deal.State.LOST or taken:
        raise DealStays
    if not row.stage.is_active:
        raise NotAStage
    row.visits.filter(went=Went.LOST, left_at=row.closed_at).update(left_at=None, went="")
    row.state, row.closed_at, row.lost_reason, row.lost_note = Deal.State.OPEN, None, None, ""
    _keep(row, actor, now)
    record(actor=actor, now=now, action="deal.reopened", obj=row)
    return row


@transaction.atomic
def assign_deal(*, actor: User, now: datetime, deal: Deal, owner: User) -> Deal:
    """Give an open deal to another seller who sees its client. Raises ``NoSuchSeller``, ``DealClosed``."""
    row = _in_hand(actor, deal, None)
    may = Client.objects.visible_to(owner).filter(pk=row.client_id).exists()
    if not may or not sellers(actor).filter(pk=owner.pk).exists():
        raise NoSuchSeller
    was, row.owner = row.owner, owner
    _keep(row, actor, now)
    record(
        actor=actor, now=now, action="deal.assigned", obj=row,
        changes={"owner": [str(was) if was else None, str(owner)]},
    )  # fmt: skip
    return row


def tell(deal: Deal, now: datetime) -> None:
    """Publish what the deal is now."""
    publish(DealChanged(deal.pk, deal.client_id, deal.funnel_id, deal.stage.name, deal.state), now=now)


def _locked(actor: User, deal: Deal) -> Deal:
    ensure(actor, Permission.SALES_WRITE)
    rows = Deal.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=deal.pk)
    row = rows.select_related("stage", "funnel", "client", "changed_by", "owner", "product").first()
    if row is None:
        raise PermissionDenied("scope")
    return row


def _in_hand(actor: User, deal: Deal, version: int | None) -> Deal:
    row = _locked(actor, deal)
    if version is not None and row.version != version:
        raise MovedMeanwhile(row)
    if row.state != Deal.State.OPEN:
        raise DealClosed
    return row


def _keep(deal: Deal, actor: User | None, now: datetime) -> None:
    deal.version += 1
    deal.changed_at, deal.changed_by = now, actor
    deal.save()
    tell(deal, now)


def _fill(deal: Deal, values: Mapping[str, str], actor: User | None) -> dict[str, list[Any]]:
    """Set the fields; what they were and are."""
    of_product = any(code.startswith(OF_PRODUCT) for code in values)
    questions, filled = asks_of(deal) if of_product else deal.funnel.asks, deal.filled()
    zone = actor.time_zone if actor is not None else settings.TIME_ZONE
    changes: dict[str, list[Any]] = {}
    for code, text in values.items():
        value = as_value(code, text, zone=zone, questions=questions)
        if (value or None) == (filled.get(code) or None):
            continue
        label = questions[code].label if code in questions else code
        changes[label] = [_said(filled.get(code)), _said(value)]
        if code in questions or code.startswith(OF_PRODUCT):
            deal.answers = {**deal.answers, code: value}
        elif code == "product":
            deal.product = on_sale().filter(pk=value).first() if value else None
            if value and deal.product is None:
                raise BadField(code)
        else:
            blank = "" if code in ("subject", "next_step", "next_kind") else None
            setattr(deal, code, blank if value is None else value)
    return changes


def _said(value: Any) -> Any:
    return None if value is None or value == "" else str(value)


def _profile(deal: Deal, values: Mapping[str, str], actor: User | None, now: datetime) -> None:
    """Answers of the need are what the client told: they stand in the profile as well."""
    if actor is not None and not actor.can(Permission.CLIENTS_WRITE):
        return
    said = [
        Said(key, one.label, one.label_en, one.kind, str(deal.answers[key]), one.unit)
        for key, one in deal.funnel.asks.items()
        if key in values and deal.answers.get(key)
    ]
    if said:
        keep_answers(
            actor=actor,
            now=now,
            client=deal.client,
            answers=said,
            source=f"{deal.funnel.name}, {deal.number}",
        )
