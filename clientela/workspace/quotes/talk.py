"""The talk beside the window: the script of the deal's stage, or the nearest one before it."""

from typing import Any

from django.db.models import F, Q

from clientela.modules.accounts.models import User
from clientela.modules.sales.models import Deal, ScriptVersion
from clientela.modules.sales.queries.scripts import objection_helps, script_for, talk_of
from clientela.modules.sales.rules.scripts import Script
from clientela.workspace.deals.talk import step_of


def version_for(deal: Deal) -> ScriptVersion | None:
    """What is said now. A calculation moves its deal on by itself: what was begun before is not cut off."""
    found = script_for(deal)
    if found is not None or deal.stage is None:
        return found
    rows = ScriptVersion.objects.filter(
        Q(script__product=deal.product_id) | Q(script__product=None),
        state=ScriptVersion.State.ACTIVE, script__is_active=True, script__funnel=deal.funnel_id,
        script__stage__position__lt=deal.stage.position,
    ).select_related("script")  # fmt: skip
    nearest = (F("script__stage__position").desc(), F("script__product").desc(nulls_last=True), "pk")
    return rows.order_by(*nearest).first()


def talk_context(deal: Deal, *, user: User) -> dict[str, Any]:
    """Where the talk stands: the step with its answers, how far it is, what helps against objections."""
    version = version_for(deal)
    if version is None:
        return {"version": None}
    script, talk = version.content, talk_of(deal, version)
    last = talk.turns.order_by("-id").first() if talk else None
    over = talk is not None and talk.ended_at is not None and not talk.node
    going = talk is not None and talk.ended_at is None
    key = "" if over else talk.node if talk and going else script.nodes[0].key
    node = script.node(key) or script.nodes[0]
    return {
        "version": version, "over": over, "begun": last is not None, "places": _places(script, key),
        "objection": script.objection(last.objection) if last and last.objection else None,
        "helps": _helps(version), **({} if over else step_of(version, node, deal, user)),
    }  # fmt: skip


def _places(script: Script, key: str) -> list[str]:
    at = script.place(key) or len(script.nodes) + 1
    return ["past" if n < at else "now" if n == at else "ahead" for n in range(1, len(script.nodes) + 1)]


def _helps(version: ScriptVersion) -> list[dict[str, Any]]:
    counts = objection_helps(version)
    found = []
    for one in version.content.objections:
        closed, won = counts.get(one.key, (0, 0))
        percent = round(100 * won / closed) if closed else None
        found.append({"title": one.title, "replies": one.replies, "percent": percent})
    return found
