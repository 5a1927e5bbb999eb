"""Setting funnels up: their rules, their stages, and where deals go when a stage is taken out."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.dialler.rules.questions import parsed
from clientela.modules.products.models import Line
from clientela.modules.sales.events import FunnelChanged
from clientela.modules.sales.models import (
    AdviceRule,
    Deal,
    Funnel,
    LostReason,
    Script,
    ScriptVersion,
    Stage,
)
from clientela.modules.sales.operations.deals import enter, tell
from clientela.modules.sales.rules import scripts as script_rules
from clientela.modules.sales.rules.fields import FIELDS, OF_PRODUCT
from clientela.modules.sales.rules.happenings import known

SHIPPED = Path(__file__).resolve().parents[1] / "shipped"
MOST_STAGES = 9
_STAGE = ("name", "name_en", "probability", "norm_days", "required", "moves_on")
_FUNNEL = ("name", "name_en", "lines", "questions", "won_on", "lost_on", "is_active")


class BadFunnel(Refusal):
    """The funnel cannot be so; the message says why."""

    def __init__(self, message: Any, field: str = "") -> None:
        super().__init__(str(message))
        self.message, self.field = message, field


class StageInUse(BadFunnel):
    """Deals are in the stage: somebody has to say where they go."""


class FunnelChangedMeanwhile(Refusal):
    """Somebody else changed the funnel; nothing was changed now."""

    message = _("Somebody changed this funnel meanwhile. Look at it again.")
    field = "version"


@transaction.atomic
def save_funnel(
    *, actor: User, now: datetime, values: Mapping[str, Any], funnel: Funnel | None = None, version: int | None = None
) -> Funnel:  # fmt: skip
    """Make a funnel with two stages, or change one. Raises ``BadFunnel``, ``BadQuestion``, ``FunnelChangedMeanwhile``."""
    ensure(actor, Permission.FUNNELS_WRITE)
    fresh = {name: values[name] for name in _FUNNEL if name in values}
    _check_funnel(fresh, funnel)
    if funnel is None:
        code = f"funnel-{get_random_string(8).lower()}"
        row = Funnel.objects.create(code=code, changed_at=now, **fresh)
        Stage.objects.create(funnel=row, name="Новая", name_en="New", position=1, probability=20)
        Stage.objects.create(funnel=row, name="Решение", name_en="Decision", position=2, probability=60)
        record(actor=actor, now=now, action="funnel.created", obj=row)
    else:
        row = _locked(actor, funnel, version)
        was = changed(row, fresh)
        for name, value in fresh.items():
            setattr(row, name, value)
        _keep(row, actor, now, "funnel.changed", was)
    return row


def _check_funnel(fresh: dict[str, Any], funnel: Funnel | None) -> None:
    name = str(fresh.get("name", funnel.name if funnel else "")).strip()
    if not name:
        raise BadFunnel(_("Give the funnel a name."), "name")
    lines = fresh.get("lines", [])
    if not set(lines) <= set(Line.values):
        raise BadFunnel(_("There is no such line."), "lines")
    if "questions" in fresh:
        fresh["questions"] = [one.to_json() for one in parsed(fresh["questions"])]
    for which in ("won_on", "lost_on"):
        if which in fresh:
            fresh[which] = known(fresh[which])
    others = Funnel.objects.filter(is_active=True).exclude(pk=funnel.pk if funnel else 0)
    if fresh.get("is_active") is False and not others.exists():
        raise BadFunnel(_("One funnel stays in use."), "is_active")


@transaction.atomic
def save_stage(
    *, actor: User, now: datetime, funnel: Funnel, values: Mapping[str, Any], stage: Stage | None = None,
    version: int | None = None,
) -> Stage:  # fmt: skip
    """Add a stage at the end, or change one. Raises ``BadFunnel``, ``FunnelChangedMeanwhile``."""
    row = _locked(actor, funnel, version)
    fresh = {name: values[name] for name in _STAGE if name in values}
    stages = row.stages.filter(is_active=True)
    if stage is None and stages.count() >= MOST_STAGES:
        raise BadFunnel(_("A funnel has at most nine stages."))
    if "required" in fresh:
        fields = {*FIELDS, *row.asks}
        fresh["required"] = [code for code in fresh["required"] if code in fields]
    if "moves_on" in fresh:
        fresh["moves_on"] = known(fresh["moves_on"])
    last = stages.order_by("-position").first()
    kept = stage or Stage(funnel=row, position=last.position + 1 if last else 1)
    if stage is not None and (stage.funnel_id != row.pk or not stage.is_active):
        raise BadFunnel(_("This stage is not in the funnel."))
    was = changed(kept, fresh)
    for name, value in fresh.items():
        setattr(kept, name, value)
    if not kept.name.strip() or not 0 <= kept.probability <= 100 or not 0 < Decimal(kept.norm_days) <= 365:
        raise BadFunnel(_("A stage has a name, a chance from 0 to 100 and a norm of up to 365 days."))
    kept.save()
    _keep(row, actor, now, "funnel.changed", {f"{kept.name}: {name}": pair for name, pair in was.items()})
    return kept


@transaction.atomic
def shift_stage(*, actor: User, now: datetime, stage: Stage, by: int, version: int | None = None) -> Stage:
    """Put a stage one place to the front (-1) or to the end (1). Raises ``FunnelChangedMeanwhile``."""
    row = _locked(actor, stage.funnel, version)
    order = list(row.stages.filter(is_active=True).order_by("position", "id"))
    at = next((place for place, one in enumerate(order) if one.pk == stage.pk), None)
    if at is None:
        raise BadFunnel(_("This stage is not in the funnel."))
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    for place, one in enumerate(order, 1):
        one.position = place
    Stage.objects.bulk_update(order, ["position"])
    _keep(row, actor, now, "funnel.changed", {"stages": [None, ", ".join(one.name for one in order)]})
    return stage


@transaction.atomic
def remove_stage(
    *, actor: User, now: datetime, stage: Stage, to: Stage | None = None, version: int | None = None
) -> int:
    """Take a stage out; its open deals go to ``to``. Returns how many went.

    Raises ``StageInUse`` when deals are there and nobody said where they go, ``BadFunnel``.
    """
    row = _locked(actor, stage.funnel, version)
    if row.stages.filter(is_active=True).count() < 3:
        raise BadFunnel(_("A funnel has at least two stages."))
    if to is not None and (to.funnel_id != row.pk or not to.is_active or to.pk == stage.pk):
        raise BadFunnel(_("Deals go to another stage of the same funnel."), "to")
    deals = list(
        Deal.objects.open()
        .select_for_update(of=("self",))
        .filter(stage=stage)
        .select_related("stage", "client", "funnel")
    )
    if deals and to is None:
        raise StageInUse(_("Say where the deals of this stage go."), "to")
    for deal in deals:
        assert to is not None
        enter(deal, to, now=now, by=actor)
        deal.version += 1
        deal.changed_at, deal.changed_by = now, actor
        deal.save()
        tell(deal, now)
    Stage.objects.filter(pk=stage.pk).update(is_active=False)
    _keep(row, actor, now, "funnel.changed", {"stage": [stage.name, to.name if to and deals else None]})
    return len(deals)


def _locked(actor: User, funnel: Funnel, version: int | None) -> Funnel:
    ensure(actor, Permission.FUNNELS_WRITE)
    row = Funnel.objects.select_for_update().get(pk=funnel.pk)
    if version is not None and row.version != version:
        raise FunnelChangedMeanwhile
    return row


def _keep(row: Funnel, actor: User, now: datetime, action: str, changes: dict[str, Any]) -> None:
    row.version, row.changed_at = row.version + 1, now
    row.save()
    record(actor=actor, now=now, action=action, obj=row, changes=changes)
    publish(FunnelChanged(row.pk), now=now)


@transaction.atomic
def load_shipped(*, now: datetime) -> None:
    """Add the shipped funnels, reasons, scripts and rules of advice that are missing; what people made stays."""
    data = json.loads((SHIPPED / "funnels.json").read_text())
    for place, one in enumerate(data["reasons"], 1):
        LostReason.objects.get_or_create(code=one["code"], defaults={**one, "position": place})
    for place, one in enumerate(data["funnels"], 1):
        stages, questions = (
            one.pop("stages"),
            [data["questions"][key] | {"key": key} for key in one.pop("asks")],
        )
        fresh = {**one, "questions": questions, "position": place, "changed_at": now}
        funnel, made = Funnel.objects.get_or_create(code=one["code"], defaults=fresh)
        if made:
            rows = [Stage(funnel=funnel, position=at, **stage) for at, stage in enumerate(stages, 1)]
            Stage.objects.bulk_create(rows)
    for place, one in enumerate(data["advice"], 1):
        AdviceRule.objects.get_or_create(code=one["code"], defaults={**one, "position": place})
    for one in json.loads((SHIPPED / "scripts.json").read_text()):
        _load_script(one, now)


def _load_script(one: dict[str, Any], now: datetime) -> None:
    if Script.objects.filter(code=one["code"]).exists():
        return
    funnel = Funnel.objects.get(code=one["funnel"])
    body = script_rules.parsed(one["body"])
    # The tariffs may not be loaded yet: their questions are known to nobody then.
    of_products = {key for key in script_rules.written(body) if key.startswith(OF_PRODUCT)}
    script_rules.check(body, questions={*funnel.asks, *of_products})
    stage = funnel.stages.filter(name_en=one["stage"], is_active=True).order_by(F("position")).first()
    script = Script.objects.create(code=one["code"], name=one["name"], funnel=funnel, stage=stage)
    ScriptVersion.objects.create(
        script=script, number=1, state=ScriptVersion.State.ACTIVE, body=body.to_json(), created_at=now, activated_at=now,
    )  # fmt: skip
