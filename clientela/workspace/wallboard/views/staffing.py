"""How many people a day needs: history, Erlang C, and who is there."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import xlsx_file
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.workspace.wallboard import staffing, words
from clientela.workspace.wallboard.line import choices
from clientela.workspace.wallboard.staffing import Plan, Wish, plan_of, time_of
from clientela.workspace.wallboard.views.wall import found_line


def _plan(request: HttpRequest) -> Plan:
    line = found_line(request)
    return plan_of(line, Wish.read(request.GET, line))


def rows(plan: Plan) -> list[dict[str, Any]]:
    """The table, each figure as it is read."""
    return [
        {
            "need": need, "time": time_of(need.slot), "calls": f"{need.calls:g}", "changed": need.slot in plan.changed,
            "level": round(need.given.level * 100) if need.calls else None, "asa": words.clock(need.given.asa),
            "busy": round(need.given.occupancy * 100), "reached": round(need.reached.level * 100) if need.calls else None,
        }
        for need in plan.shown
    ]  # fmt: skip


@require_safe
@requires(Permission.LINE_READ)
def page(request: HttpRequest) -> HttpResponse:
    """The staffing of a day; every input stands in the address."""
    plan = _plan(request)
    context = {
        "plan": plan, "line": plan.line, "title": plan.line.title, "rows": rows(plan), **staffing.columns(plan),
        "choices": choices(caller(request), plan.line, reverse("wallboard:staffing")),
        "before": staffing.day_before(plan, -1), "after": staffing.day_before(plan, 1),
        "day_level": None if plan.level is None else round(plan.level * 100), "aht": words.clock(plan.targets.aht),
        "aim": round(plan.targets.aim * 100), "calls": round(plan.calls),
        "most_needed": max((need.wanted for need in plan.needs), default=0),
    }  # fmt: skip
    return render(request, "wallboard/staffing.html", context)


@require_safe
@requires(Permission.LINE_READ)
def export(request: HttpRequest) -> FileResponse:
    """The table as XLSX."""
    plan = _plan(request)
    record(
        actor=request.user, now=plan.line.now, action="staffing.exported", object_type="routing.queue",
        object_name=plan.line.title, changes={"conditions": [None, plan.query]},
    )  # fmt: skip
    head = [
        _("Time"), _("Calls"), _("Needed at the telephone"), _("Needed on the shift"), _("On the shift"), _("Missing"),
        _("Level with the needed, %"), _("Mean wait, s"), _("Occupancy, %"), _("Level with the shift, %"),
    ]  # fmt: skip
    lines = (
        [
            row["time"], need.calls, need.needed, need.wanted, need.have, need.gap, row["level"],
            None if need.given.asa is None else round(need.given.asa, 1), row["busy"], row["reached"],
        ]
        for row in rows(plan)
        for need in [row["need"]]
    )  # fmt: skip
    name = f"staffing-{plan.wish.day}.xlsx"
    return FileResponse(xlsx_file(head, lines, title=_("Staffing")), as_attachment=True, filename=name)
