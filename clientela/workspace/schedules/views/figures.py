"""Counts and what stands behind them: fragments that come after the page, and the lists they open."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.renewals.models import Renewal, Step
from clientela.modules.renewals.queries.planning import steps_in_force
from clientela.workspace.renewals.rows import contract_of
from clientela.workspace.schedules import panel, words
from clientela.workspace.schedules.forms import DayForm
from clientela.workspace.schedules.queries.day_plan import GOES, day_plan, met_by
from clientela.workspace.schedules.queries.results import MEANS, results_of, terms_behind
from clientela.workspace.schedules.queries.versions import schedules, steps_of
from clientela.workspace.schedules.views.loading import load, load_step
from clientela.workspace.schedules.views.versions import COUNTED_AHEAD, compared, dialog

MOST_ROWS = 100
RELATED = ("client", "policy__insured_object", "product")


@require_GET
@requires(Permission.RENEWALS_READ)
def plan(request: HttpRequest, schedule_id: int, number: int) -> HttpResponse:
    """What the version would send tomorrow: the pane at the right, and the count on every block."""
    versions, version = load(schedule_id, number)
    at, today = panel.place(request, versions, version), timezone.localdate()
    day = panel.tomorrow(today)
    found = day_plan(request.user, steps_of(version), day=day, today=today)
    most = max((count for _channel, count in found.channels()), default=0) or 1
    context = {
        "at": at,
        "plan": found,
        "day_words": words.day_words(day, today),
        "channels": [
            {
                "code": code,
                "name": words.channel_name(code),
                "count": count,
                "width": f"{100 * count / most:.1f}",
            }
            for code, count in found.channels()
        ],
        "held": words.reasons(found.reasons()),
        "held_total": sum(count for _reason, count in found.reasons()),
        "terms_url": at.of_version("terms"),
    }
    return render(request, "schedules/parts/plan.html", context)


@require_GET
@requires(Permission.RENEWALS_READ)
def tomorrow(request: HttpRequest) -> HttpResponse:
    """Tomorrow's touches of every schedule, for the list."""
    today = timezone.localdate()
    day = panel.tomorrow(today)
    steps: dict[int, list[Step]] = {known.schedule.pk: [] for known in schedules(today) if known.in_force}
    for step in steps_in_force(day):
        steps.setdefault(step.version.schedule_id, []).append(step)
    rows = [(pk, day_plan(request.user, own, day=day, today=today)) for pk, own in steps.items()]
    return render(request, "schedules/parts/figures.html", {"rows": rows})


@require_GET
@requires(Permission.RENEWALS_READ)
def check(request: HttpRequest, schedule_id: int, number: int) -> HttpResponse:
    """The version on the real portfolio on any near day, beside the version in force."""
    versions, version = load(schedule_id, number)
    at, today = panel.place(request, versions, version), timezone.localdate()
    given = request.GET if "day" in request.GET else None
    form = DayForm(given, first=panel.tomorrow(today), last=today + timedelta(days=COUNTED_AHEAD))
    bad = given is not None and not form.is_valid()
    day = panel.tomorrow(today) if given is None or bad else form.cleaned_data["day"]
    context: dict[str, Any] = {
        "at": at, "title": _("Version %(n)s on the portfolio") % {"n": version.number}, "part": "check", "wide": True,
        "form": form, "action": at.of_version("check"), "base": at.versions.base_of(version),
        "terms_url": at.of_version("terms"),
    }  # fmt: skip
    if not bad:
        context |= compared(request, at, day=day, today=today)
    return dialog(request, at, context, status=422 if bad else 200)


@require_GET
@requires(Permission.RENEWALS_READ)
def results(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponse:
    """What the step gave in the last thirty days."""
    versions, version, step = load_step(schedule_id, number, key)
    at = panel.place(request, versions, version, key)
    found = results_of(request.user, step, today=timezone.localdate())
    shown: list[tuple[str, str, Any, bool]]
    if step.channel in words.PERIODS:
        shown = [("sent", pgettext("result", "Calls made"), found.sent, False)]
    else:
        shown = [
            ("sent", pgettext("result", "Sent"), found.sent, False),
            ("delivered", pgettext("result", "Delivered"), found.delivered, True),
        ]
        if step.channel != "sms":
            shown.append(("opened", pgettext("result", "Read"), found.opened, True))
        shown.append(("replied", pgettext("result", "Replied"), found.replied, True))
    shown.append(("renewed", pgettext("result", "Renewed after it"), found.renewed, True))
    figures = [
        {"what": what, "label": label, "count": count, "share": found.share(count) if share else None}
        for what, label, count, share in shown
    ]
    context = {
        "at": at,
        "step": step,
        "figures": figures,
        "found": found,
        "terms_url": at.of_version("terms"),
    }
    return render(request, "schedules/parts/results.html", context)


@require_GET
@requires(Permission.RENEWALS_READ)
def terms(request: HttpRequest, schedule_id: int, number: int) -> HttpResponse:
    """The terms behind a figure: of a step, a channel or a reason, on a day or in the results of a step."""
    versions, version = load(schedule_id, number)
    at, today = panel.place(request, versions, version), timezone.localdate()
    key, channel, what = (request.GET.get(name, "") for name in ("step", "channel", "what"))
    steps = [
        step
        for step in steps_of(version)
        if (not key or step.key == key) and (not channel or step.channel == channel)
    ]
    if (key or channel) and not steps:
        raise Http404
    if what:
        if what not in MEANS or not key:
            raise Http404
        title, rows = _past(request, steps[0], what, today)
    else:
        title, rows = _coming(request, steps, today)
    context = {
        "at": at, "title": title, "rows": rows[:MOST_ROWS], "more": len(rows) > MOST_ROWS, "most": MOST_ROWS,
        "sub": steps[0].name if key else words.channel_name(channel) if channel else versions.schedule.name,
        "back": at.url(),
    }  # fmt: skip
    template = "schedules/parts/terms.html" if request.htmx else "schedules/terms.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _past(request: HttpRequest, step: Step, what: str, today: date) -> tuple[str, list[dict[str, Any]]]:
    titles = {
        "sent": _("Sent in 30 days"), "delivered": _("Delivered in 30 days"), "opened": _("Read in 30 days"),
        "replied": _("Replied in 30 days"), "failed": _("Not delivered in 30 days"),
        "renewed": _("Renewed after the step"),
    }  # fmt: skip
    found = terms_behind(request.user, step, what, today=today)
    rows = found.select_related(*RELATED).order_by("end_date", "id")[: MOST_ROWS + 1]
    return titles[what], [_line(term, step, "", today) for term in rows]


def _coming(request: HttpRequest, steps: list[Step], today: date) -> tuple[str, list[dict[str, Any]]]:
    reason, day = request.GET.get("reason", ""), _day(request, today)
    rows: list[dict[str, Any]] = []
    for step in steps:
        met = met_by(request.user, step, day=day, today=today)
        met = met.exclude(GOES) if reason == "any" else met.filter(Q(reason=reason))
        for term in met.select_related(*RELATED).order_by("end_date", "id")[: MOST_ROWS + 1 - len(rows)]:
            rows.append(_line(term, step, term.reason, today))  # type: ignore[attr-defined]
        if len(rows) > MOST_ROWS:
            break
    when = words.day_words(day, today)
    title = _("Will not go, %(day)s") if reason else _("Will go, %(day)s")
    return title % {"day": when}, rows


def _day(request: HttpRequest, today: date) -> date:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return panel.tomorrow(today)
    return min(max(day, today), today + timedelta(days=COUNTED_AHEAD))


def _line(term: Renewal, step: Step, reason: str, today: date) -> dict[str, Any]:
    return {
        "term": term,
        "name": term.client.name,
        "contract": contract_of(term),
        "left": (term.end_date - today).days,
        "step": step,
        "reason": words.reason_name(reason) if reason else "",
    }
