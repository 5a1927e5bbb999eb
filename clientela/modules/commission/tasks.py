"""Jobs of commission."""

from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Model
from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.commission import operations
from clientela.modules.commission.models import Entry
from clientela.modules.commission.operations.accruing import PART

STEPS: tuple[tuple[str, type[Model], Any], ...] = (
    ("accrued", Payment, operations.accrue_missing),
    ("taken_back", Refund, operations.take_back_missing),
    ("rated", Entry, operations.fill_rates),
)


def accrue(run: Run) -> dict[str, Any]:
    """Count what is missing: entries of payments and refunds that no event told of, and entries without a rate.

    A part is one transaction with its checkpoint: stopped anywhere, the job goes on where it was.
    """
    state = {"step": 0, "at": 0, **{name: 0 for name, _model, _work in STEPS}} | run.checkpoint
    for number, (name, model, work) in enumerate(STEPS):
        if number < state["step"]:
            continue
        ends = _rows(name, model).aggregate(first=Min("pk"), last=Max("pk"))
        first, last = ends["first"] or 1, ends["last"] or 0
        state["at"] = max(state["at"], first - 1) if state["step"] == number else first - 1
        state["step"] = number
        while state["at"] < last:
            run.check()
            with transaction.atomic():
                state[name] += work(now=timezone.now(), first=state["at"] + 1, last=state["at"] + PART)
                state["at"] += PART
                run.progress(done=min(state["at"], last), total=last, checkpoint=dict(state))
        state["at"] = 0
    return {name: state[name] for name, _model, _work in STEPS}


def _rows(name: str, model: type[Model]) -> Any:
    """Where there is anything to look at."""
    if name == "accrued":
        return operations.owed().order_by()
    rows = model._default_manager.order_by()
    return rows.filter(percent__isnull=True) if name == "rated" else rows
