"""Reading scripts: which one suits a deal, and which of its answers are taken and sell."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, Q

from clientela.modules.sales.models import Deal, ScriptVersion, Talk, Turn

NEVER = -1


@dataclass(frozen=True, slots=True)
class Share:
    """How often an answer was taken at its step, and how many of those deals that are closed were won."""

    taken: int
    percent: int
    closed: int
    won: int

    @property
    def sells(self) -> int | None:
        """Percent of the closed deals that were won; None while none is closed."""
        return round(100 * self.won / self.closed) if self.closed else None


def script_for(deal: Deal) -> ScriptVersion | None:
    """The version in force for the deal's stage and product; one of the very stage and product comes first."""
    rows = ScriptVersion.objects.filter(
        Q(script__stage=deal.stage_id) | Q(script__stage=None),
        Q(script__product=deal.product_id) | Q(script__product=None),
        state=ScriptVersion.State.ACTIVE, script__is_active=True, script__funnel=deal.funnel_id,
    ).select_related("script")  # fmt: skip
    ordered = rows.order_by(
        F("script__stage").desc(nulls_last=True), F("script__product").desc(nulls_last=True), "pk"
    )
    return ordered.first()


def script_before(deal: Deal) -> ScriptVersion | None:
    """The script of the nearest stage before: a deal moves on by itself, and what was begun is not cut off."""
    rows = ScriptVersion.objects.filter(
        Q(script__product=deal.product_id) | Q(script__product=None),
        state=ScriptVersion.State.ACTIVE, script__is_active=True, script__funnel=deal.funnel_id,
        script__stage__position__lt=deal.stage.position,
    ).select_related("script")  # fmt: skip
    nearest = (F("script__stage__position").desc(), F("script__product").desc(nulls_last=True), "pk")
    return rows.order_by(*nearest).first()


def talk_of(deal: Deal, version: ScriptVersion) -> Talk | None:
    """The newest talk of a deal along a version."""
    return Talk.objects.filter(deal=deal, version=version).order_by("-id").first()


def shares_of(version: ScriptVersion) -> dict[tuple[str, int], Share]:
    """Shares of every answer by step and place, over all talks of the version."""
    rows = list(
        Turn.objects.filter(talk__version=version)
        .values_list("node", "answer")
        .annotate(
            taken=Count("id"),
            closed=Count("id", filter=~Q(talk__deal__state=Deal.State.OPEN)),
            won=Count("id", filter=Q(talk__deal__state=Deal.State.WON)),
        )
        .order_by()
    )
    total: dict[str, int] = defaultdict(int)
    for node, _answer, taken, _closed, _won in rows:
        total[node] += taken
    return {
        (node, answer): Share(taken, round(100 * taken / total[node]), closed, won)
        for node, answer, taken, closed, won in rows
    }


def objection_helps(version: ScriptVersion) -> dict[str, tuple[int, int]]:
    """By objection: in how many closed deals it came up, and in how many of them it was won all the same."""
    rows = Turn.objects.filter(talk__version=version).exclude(objection="").values_list("objection").annotate(
        closed=Count("talk__deal", distinct=True, filter=~Q(talk__deal__state=Deal.State.OPEN)),
        won=Count("talk__deal", distinct=True, filter=Q(talk__deal__state=Deal.State.WON)),
    )  # fmt: skip
    return {key: (closed, won) for key, closed, won in rows.order_by()}
