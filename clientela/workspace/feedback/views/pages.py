"""The page of feedback: figures, weeks, who is praised and blamed, the answers, and the file of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from clientela.foundation.audit.operations import record
from clientela.foundation.lists.export import list_file
from clientela.foundation.ui import formats
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.rules import Group, Metric
from clientela.workspace.feedback import queries
from clientela.workspace.feedback.filters import PERIODS, FeedbackFilter

COLOURS = {Group.GOOD: "good", Group.NEUTRAL: "c3", Group.BAD: "bad"}
HEIGHT = 88


def figure_words(metric: str, value: float | None) -> str:
    """``+42``, ``88 %`` or ``5.9``, as people read the metric; a dash without answers."""
    language = translation.get_language() or "ru"
    if value is None:
        return "—"
    if metric == Metric.NPS:
        return f"{round(value):+d}".replace("-", "−") if round(value) else "0"
    if metric == Metric.CSI:
        return formats.percent(round(value), language)
    return formats.number(round(value, 1), language, 1)


def address_of(wanted: FeedbackFilter) -> str:
    return reverse("feedback:home") + (f"?{wanted.query}" if wanted.query else "")


@require_GET
@requires(Permission.CLIENTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """What clients say of us."""
    now, wanted, person = timezone.now(), FeedbackFilter.read(request.GET), caller(request)
    rows = queries.figures(request.user, wanted, now)
    chosen = next((row for row in rows if row.survey.pk == wanted.survey), rows[0] if rows else None)
    page = queries.page(
        request.user,
        wanted,
        now=now,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    waiting = queries.call_backs(request.user, now)
    kind, lowest = queries.places(request.user, wanted, chosen.survey, now) if chosen else ("", [])
    context = {
        "wanted": wanted,
        "now": now,
        "page": page,
        "facts": [*[_fact(row, wanted) for row in rows], _waiting(waiting, wanted)],
        "chosen": chosen,
        "shares": _shares(chosen) if chosen else [],
        "weeks": _weeks(queries.weeks(request.user, wanted, chosen.survey, now), chosen.survey)
        if chosen
        else [],
        "places": [_place(place, kind, chosen.survey, wanted) for place in lowest] if chosen else [],
        "places_of": kind,
        "periods": [_period(days, wanted) for days in PERIODS],
        "conditions": _conditions(request.user, wanted),
        "groups": [_group(group, wanted) for group in ("", *Group)],
        "words_url": address_of(wanted.but(words=not wanted.words)),
        "surveys_url": reverse("feedback:surveys"),
        "export_url": reverse("feedback:export") + (f"?{wanted.query}" if wanted.query else ""),
        "may_export": person.can(Permission.CLIENTS_EXPORT),
        "may_surveys": person.can(Permission.SURVEYS_WRITE),
        "may_write": person.can(Permission.FEEDBACK_WRITE),
        "was_asked": any(row.asked or row.figure.answers for row in rows) or waiting.waiting > 0,
    }
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    template = "feedback/list.html" if htmx and htmx.target == "answers" else "feedback/home.html"
    return render(request, template, context)


def _fact(row: queries.SurveyFigures, wanted: FeedbackFilter) -> dict[str, Any]:
    language, found = translation.get_language() or "ru", row.figure
    answers = ngettext("%(n)s answer", "%(n)s answers", found.answers) % {
        "n": formats.number(found.answers, language)
    }
    if row.asked:
        answers = _("%(answers)s of %(asked)s") % {
            "answers": answers, "asked": formats.number(row.asked, language),
        }  # fmt: skip
    metric = Survey.Metric(row.survey.metric)
    return {
        "label": f"{metric.value.upper()} · {row.survey.name}",
        "value": figure_words(metric, found.value),
        "note": answers,
        "url": address_of(wanted.but(survey=row.survey.pk, box="")),
    }


def _waiting(found: queries.CallBacks, wanted: FeedbackFilter) -> dict[str, Any]:
    def words(count: int) -> str:
        return f"{queries.MOST}+" if count > queries.MOST else str(count)

    late = _("overdue: %(n)s") % {"n": words(found.overdue)} if found.overdue else _("nobody waits too long")
    return {
        "label": _("To call back"), "value": words(found.waiting), "note": late,
        "css": "text-bad-ink" if found.overdue else "", "url": address_of(FeedbackFilter(days=wanted.days, box="call")),
    }  # fmt: skip


def _shares(row: queries.SurveyFigures) -> list[dict[str, Any]]:
    total = row.figure.answers or 1
    return [
        {
            "label": SurveyRequest.Group(group).label, "count": row.figure.groups[group], "color": COLOURS[group],
            "width": 100 * row.figure.groups[group] / total,
        }
        for group in Group
    ]  # fmt: skip


def _weeks(found: Sequence[queries.Week], survey: Survey) -> list[dict[str, Any]]:
    most = max((week.figure.answers for week in found), default=0) or 1
    language = translation.get_language() or "ru"
    return [
        {
            "first": week.first,
            "value": figure_words(survey.metric, week.figure.value),
            "answers": week.figure.answers,
            "label": _("week of %(day)s: %(value)s, answers: %(n)s") % {
                "day": formats.long_date(week.first, language),
                "value": figure_words(survey.metric, week.figure.value), "n": week.figure.answers,
            },
            "parts": [
                {"height": f"{HEIGHT * week.figure.groups[group] / most:.1f}", "color": COLOURS[group]}
                for group in Group
            ],
        }
        for week in found
    ]  # fmt: skip


def _place(place: queries.Place, kind: str, survey: Survey, wanted: FeedbackFilter) -> dict[str, Any]:
    return {
        "name": place.name, "value": figure_words(survey.metric, place.value), "answers": place.answers,
        "url": address_of(wanted.but(**{kind: place.id}, survey=survey.pk)),
    }  # fmt: skip


def _period(days: int, wanted: FeedbackFilter) -> dict[str, Any]:
    names = {
        30: pgettext("period", "30 days"),
        90: pgettext("period", "90 days"),
        365: pgettext("period", "Year"),
    }
    return {"label": names[days], "url": address_of(wanted.but(days=days)), "current": wanted.days == days}


def _group(group: str, wanted: FeedbackFilter) -> dict[str, Any]:
    label = SurveyRequest.Group(group).label if group else pgettext("answers", "All")
    return {"label": label, "url": address_of(wanted.but(group=group)), "current": wanted.group == group}


def _conditions(user: Any, wanted: FeedbackFilter) -> list[dict[str, str]]:
    """What leaves answers out, each with the address without it."""
    found = []
    if wanted.box:
        found.append((_("Show"), _("to call back"), wanted.but(box="")))
    if wanted.survey:
        survey = Survey.objects.filter(pk=wanted.survey).first()
        found.append((_("Survey"), survey.name if survey else "—", wanted.but(survey=0)))
    if wanted.agent:
        agent = Agent.objects.filter(pk=wanted.agent).first()
        found.append((_("Agent"), str(agent or "—"), wanted.but(agent=0)))
    if wanted.branch:
        branch = Branch.objects.filter(pk=wanted.branch).first()
        found.append((_("Branch"), str(branch or "—"), wanted.but(branch=0)))
    return [{"name": name, "value": value, "remove": address_of(rest)} for name, value, rest in found]


@require_GET
@requires(Permission.CLIENTS_READ, Permission.CLIENTS_EXPORT)
def export(request: HttpRequest) -> HttpResponseBase:
    """The answers of the filter as CSV. Every export is journaled."""
    now, wanted = timezone.now(), FeedbackFilter.read(request.GET)
    record(
        actor=request.user, now=now, action="feedback.exported", object_type="quality.surveyrequest",
        object_name=wanted.query[:255], address=request.META.get("REMOTE_ADDR"),
    )  # fmt: skip
    head = [
        _("Answered at"), _("Survey"), _("About"), _("Client"), _("Agent"), _("Score"), _("Group"), _("Comment"),
        _("To call back by"), _("Called back at"), _("What was agreed"),
    ]  # fmt: skip
    rows = queries.listed(request.user, wanted, now).select_related("survey", "client", "agent")
    lines = _rows(rows.order_by("-answered_at", "-id").iterator(1000))
    return list_file("csv", head, lines, name=f"feedback-{timezone.localdate()}")


def _rows(answers: Iterator[SurveyRequest]) -> Iterator[list[Any]]:
    for row in answers:
        yield [
            row.answered_at, row.survey.name, row.about, row.client.name, str(row.agent or ""), row.score,
            row.get_group_display(), row.comment, row.call_back_by, row.settled_at, row.settled_note,
        ]  # fmt: skip
