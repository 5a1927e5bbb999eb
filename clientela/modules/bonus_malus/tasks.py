"""Jobs of the bonus-malus module."""

from typing import Any

from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.bonus_malus.operations import ask_due
from clientela.modules.bonus_malus.operations import recalculate as recalculate_classes


def ask(run: Run) -> dict[str, Any]:
    """Ask the registry again: one lookup, or all whose time has come."""
    return {"asked": ask_due(now=timezone.now(), only=run.args.get("lookup"))}


def recalculate(run: Run) -> dict[str, Any]:
    """The step of the first of April; on other days there is nothing to do."""
    return recalculate_classes(run, now=timezone.now())
