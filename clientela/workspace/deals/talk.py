"""The talk of a deal: the step of its script with answers, shares and what is written down."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.accounts.models import User
from clientela.modules.products.models import Line
from clientela.modules.sales.models import Deal, ScriptVersion
from clientela.modules.sales.queries.scripts import (
    objection_helps,
    script_before,
    script_for,
    shares_of,
    talk_of,
)
from clientela.modules.sales.queries.told import asks_of, asks_of_script
from clientela.modules.sales.rules.fields import OF_PRODUCT
from clientela.modules.sales.rules.scripts import Node, Script

MOTOR = (Line.KASKO, Line.OSAGO)
ICON = "corner-down-right"


def context_of(deal: Deal, *, user: User) -> dict[str, Any]:
    """What is said now: the script of the deal's stage, or the nearest one before it; without one nothing."""
    version = script_for(deal) or script_before(deal)
    if version is None:
        return {"version": None}
    talk = talk_of(deal, version)
    script = version.content
    key = talk.node if talk is not None and talk.ended_at is None else script.nodes[0].key
    if talk is not None and talk.ended_at is not None and not talk.node:
        key = ""
    turns = list(talk.turns.order_by("id")) if talk is not None else []
    last = turns[-1] if turns else None
    objection = script.objection(last.objection) if last and last.objection else None
    over = talk is not None and not key
    step = {} if over else step_of(version, script.node(key) or script.nodes[0], deal, user)
    return {
        "version": version, "over": over, "begun": bool(turns), "objection": objection, "places": _places(script, key),
        "helps": _helps(version), **step,
    }  # fmt: skip


def step_of(version: ScriptVersion, node: Node, deal: Deal | None, user: User) -> dict[str, Any]:
    """A step in words; without a deal the places for names stay as they are written."""
    script, shares = version.content, shares_of(version)
    of_product = any(key.startswith(OF_PRODUCT) for key in node.asks)
    if of_product:
        asks = asks_of(deal) if deal else asks_of_script(version.script)
    else:
        asks = deal.funnel.asks if deal else version.script.funnel.asks
    answers = []
    for place, one in enumerate(node.answers):
        share = shares.get((node.key, place))
        target = script.node(one.goto)
        answers.append(
            {
                "place": place, "key": place + 1, "label": one.label, "icon": one.icon or ICON, "share": share,
                "hint": one.hint or (f"→ {target.title}" if target else ""), "goto": one.goto, "result": one.result,
            }
        )  # fmt: skip
    questions = [
        {
            "ask": asks[key],
            "label": asks[key].said(user.language),
            "of_product": key.startswith(OF_PRODUCT),
            "value": deal.answers.get(key) if deal else "",
        }
        for key in node.asks
        if key in asks
    ]
    return {
        "node": node, "text": said(node.text, deal, user), "answers": answers, "questions": questions,
        "place": script.place(node.key), "count": len(script.nodes),
    }  # fmt: skip


def said(text: str, deal: Deal | None, user: User) -> str:
    """The words with the names of this deal in them."""
    if deal is None:
        return text
    amount = formats.money(deal.amount, get_language() or "ru", kopecks=False) if deal.amount else "…"
    line = deal.product.line if deal.product else ""
    words = {
        "{greeting}": deal.client.greeting, "{seller}": str(user), "{amount}": amount,
        "{subject}": deal.subject or (_("the car") if line in MOTOR else str(deal.product or "…")),
    }  # fmt: skip
    for name, value in words.items():
        text = text.replace(name, value)
    return text


def _places(script: Script, key: str) -> list[str]:
    at = script.place(key) or len(script.nodes) + 1
    return ["past" if n < at else "now" if n == at else "ahead" for n in range(1, len(script.nodes) + 1)]


def _helps(version: ScriptVersion) -> list[dict[str, Any]]:
    """Objections with what is said to them and how often that helped."""
    counts = objection_helps(version)
    return [
        {
            "title": one.title, "replies": one.replies, "closed": counts.get(one.key, (0, 0))[0],
            "percent": round(100 * counts[one.key][1] / counts[one.key][0]) if counts.get(one.key, (0, 0))[0] else None,
        }
        for one in version.content.objections
    ]  # fmt: skip
