"""Funnels with their deals, scripts of talks, and advice on cross-sales."""

from clientela.modules.sales.models.advice import Advice, AdviceRule
from clientela.modules.sales.models.deals import Deal, StageVisit
from clientela.modules.sales.models.funnels import Funnel, LostReason, Stage
from clientela.modules.sales.models.scripts import Script, ScriptVersion, Talk, Turn

__all__ = [
    "Advice", "AdviceRule", "Deal", "Funnel", "LostReason", "Script", "ScriptVersion", "Stage", "StageVisit", "Talk",
    "Turn",
]  # fmt: skip
