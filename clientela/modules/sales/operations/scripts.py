"""Talks along a script, and the writing of scripts in versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.products.models import Product
from clientela.modules.sales.events import FunnelChanged
from clientela.modules.sales.models import Deal, Funnel, Script, ScriptVersion, Stage, Talk, Turn
from clientela.modules.sales.operations.deals import change_deal
from clientela.modules.sales.operations.told import fill_calculations, fits
from clientela.modules.sales.queries.told import asks_of, asks_of_script
from clientela.modules.sales.rules.fields import OF_PRODUCT
from clientela.modules.sales.rules.scripts import BadScript, check, parsed

State = ScriptVersion.State
MOST_PAST = 20


class NoSuchAnswer(Refusal):
    """The talk is at another step by now, or the step has no such answer."""

    message = _("The talk is at another step already.")


@transaction.atomic
def answer(
    *, actor: User, now: datetime, deal: Deal, version: ScriptVersion, node: str, choice: int,
    answers: Mapping[str, str] | None = None,
) -> Talk:  # fmt: skip
    """Take an answer: what was written down and what the answer stands for go into the deal, the talk goes on.

    Answers to questions of the product go on into the calculation, where they replace nothing that was typed.
    Raises ``NoSuchAnswer``, ``BadField``, ``DealClosed``, PermissionDenied.
    """
    step = version.content.node(node)
    if step is None or not 0 <= choice < len(step.answers):
        raise NoSuchAnswer
    taken = step.answers[choice]
    told = any(key.startswith(OF_PRODUCT) for key in taken.fills)
    values = {**(answers or {}), **(fits(taken.fills, asks_of(deal)) if told else taken.fills)}
    row = change_deal(actor=actor, now=now, deal=deal, values=values)
    talk = Talk.objects.select_for_update().filter(deal=row, version=version, ended_at=None).first()
    begins = version.content.nodes[0].key
    if talk is None:
        talk = Talk.objects.create(deal=row, version=version, node=begins, by=actor, started_at=now)
    if talk.node != node:
        raise NoSuchAnswer
    Turn.objects.create(talk=talk, node=node, answer=choice, objection=taken.objection, at=now)
    talk.node = taken.goto
    if not taken.goto:
        talk.ended_at = now
    talk.save()
    fill_calculations(actor=actor, now=now, deal=row)
    return talk


@transaction.atomic
def step_back(*, actor: User, deal: Deal, version: ScriptVersion) -> None:
    """Take the last answer of the talk back; what it filled in stays. The last talk opens again if it is over."""
    ensure(actor, Permission.SALES_WRITE)
    talk = Talk.objects.filter(deal=deal, version=version).order_by("-id").first()
    turn = talk.turns.order_by("-id").first() if talk else None
    if talk is None or turn is None:
        return
    talk.node, talk.ended_at = turn.node, None
    turn.delete()
    talk.save()


@transaction.atomic
def restart(*, actor: User, now: datetime, deal: Deal, version: ScriptVersion) -> None:
    """Begin the script anew; the talk before it stays counted."""
    ensure(actor, Permission.SALES_WRITE)
    Talk.objects.filter(deal=deal, version=version, ended_at=None).update(ended_at=now)
    begins = version.content.nodes[0].key
    Talk.objects.create(deal=deal, version=version, node=begins, by=actor, started_at=now)


@transaction.atomic
def save_script(
    *, actor: User, now: datetime, name: str, funnel: Funnel, stage: Stage | None = None, product: Product | None = None,
    is_active: bool = True, script: Script | None = None,
) -> Script:  # fmt: skip
    """Make a script with an empty draft, or change where it is used. Raises ``BadScript``."""
    ensure(actor, Permission.FUNNELS_WRITE)
    if not name.strip() or (stage is not None and stage.funnel_id != funnel.pk):
        raise BadScript(_("Give the script a name and a stage of its funnel."))
    row = script or Script(code=f"script-{get_random_string(8).lower()}")
    row.name, row.funnel, row.stage, row.product, row.is_active = (
        name.strip()[:80],
        funnel,
        stage,
        product,
        is_active,
    )
    row.save()
    if script is None:
        begin: dict[str, Any] = {
            "nodes": [{"key": "start", "title": "Приветствие", "text": "«Здравствуйте!»", "answers": [{"label": "Дальше"}]}],
            "objections": [],
        }  # fmt: skip
        body = parsed(begin).to_json()
        ScriptVersion.objects.create(script=row, number=1, body=body, created_by=actor, created_at=now)
    _noted(actor, now, "script.created" if script is None else "script.changed", row)
    return row


@transaction.atomic
def draft_of(*, actor: User, now: datetime, script: Script) -> ScriptVersion:
    """The version that is being written; made from the one in force when there is none."""
    ensure(actor, Permission.FUNNELS_WRITE)
    Script.objects.select_for_update().get(pk=script.pk)
    draft = script.versions.filter(state=State.DRAFT).first()
    if draft is None:
        newest = script.versions.order_by("-number").first()
        base = script.versions.filter(state=State.ACTIVE).first() or newest
        last = script.versions.aggregate(last=Max("number"))["last"] or 0
        body = base.body if base else {"nodes": [], "objections": []}
        draft = ScriptVersion.objects.create(
            script=script, number=last + 1, body=body, created_by=actor, created_at=now
        )
    return draft


@transaction.atomic
def write_body(*, actor: User, now: datetime, script: Script, body: Mapping[str, Any]) -> ScriptVersion:
    """Keep the steps and objections of the draft; it need not be whole yet. Raises ``BadScript`` for a wrong shape."""
    kept = parsed(body).to_json()
    draft = draft_of(actor=actor, now=now, script=script)
    if kept != draft.body:
        draft.past = [*draft.past, draft.body][-MOST_PAST:]
        draft.body = kept
        draft.save(update_fields=["body", "past"])
    return draft


@transaction.atomic
def undo_write(*, actor: User, script: Script) -> bool:
    """Take the last change of the draft back; whether there was one."""
    ensure(actor, Permission.FUNNELS_WRITE)
    Script.objects.select_for_update().get(pk=script.pk)
    draft = script.versions.filter(state=State.DRAFT).first()
    if draft is None or not draft.past:
        return False
    draft.body, draft.past = draft.past[-1], draft.past[:-1]
    draft.save(update_fields=["body", "past"])
    return True


@transaction.atomic
def drop_draft(*, actor: User, now: datetime, script: Script) -> None:
    """Throw the draft away; a script that was never in force keeps its only version."""
    ensure(actor, Permission.FUNNELS_WRITE)
    if script.versions.exclude(state=State.DRAFT).exists():
        gone, _kinds = script.versions.filter(state=State.DRAFT).delete()
        if gone:
            _noted(actor, now, "script.changed", script, {"draft": [True, None]})


@transaction.atomic
def activate(*, actor: User, now: datetime, version: ScriptVersion) -> ScriptVersion:
    """Put a draft in force instead of the version before it. Raises ``BadScript`` when it is not whole."""
    ensure(actor, Permission.FUNNELS_WRITE)
    row = ScriptVersion.objects.select_for_update().select_related("script__funnel").get(pk=version.pk)
    if row.state != State.DRAFT:
        raise BadScript(_("Only a draft is put in force."))
    check(row.content, questions=asks_of_script(row.script))
    row.script.versions.filter(state=State.ACTIVE).update(state=State.RETIRED)
    Talk.objects.filter(version__script=row.script, ended_at=None).update(ended_at=now)
    row.state, row.activated_at, row.past = State.ACTIVE, now, []
    row.save()
    _noted(actor, now, "script.activated", row.script, {"version": [None, row.number]})
    return row


def _noted(
    actor: User, now: datetime, action: str, script: Script, changes: dict[str, Any] | None = None
) -> None:
    record(actor=actor, now=now, action=action, obj=script, changes=changes)
    publish(FunnelChanged(script.funnel_id), now=now)
