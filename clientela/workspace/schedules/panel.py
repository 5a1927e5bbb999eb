"""What the templates of the editor need: the versions, the board, the step in hand."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.ui import formats
from clientela.modules.accounts.rules import Permission
from clientela.modules.contacts.models import WRITTEN, Channel
from clientela.modules.contacts.rules import VARIABLES, describe, headline
from clientela.modules.renewals.models import Renewal, ScheduleVersion, Step
from clientela.modules.renewals.queries.texts import OFFERED
from clientela.modules.renewals.rules import AUDIENCE, DAY_VALUED, LIST_VALUED, Condition
from clientela.workspace.schedules import diff, words
from clientela.workspace.schedules.forms import LANGUAGES, StepForm
from clientela.workspace.schedules.queries.day_plan import counted
from clientela.workspace.schedules.queries.experiments import open_experiment
from clientela.workspace.schedules.queries.preview import Preview, preview, term_for
from clientela.workspace.schedules.queries.versions import (
    COMING,
    DRAFT,
    IN_FORCE,
    TRIAL,
    Versions,
    steps_of,
)
from clientela.workspace.schedules.track import board


@dataclass(frozen=True)
class Place:
    """Where a person is: a version of a schedule, perhaps with a step in hand, in one language of the texts."""

    versions: Versions
    version: ScheduleVersion
    step: Step | None
    language: str
    may_write: bool

    @property
    def editable(self) -> bool:
        return self.may_write and self.versions.kind(self.version) == DRAFT

    def url(self, **changes: Any) -> str:
        """The address of the editor; ``step`` and ``version`` may be changed."""
        step = changes.get("step", self.step.key if self.step else "")
        number = changes.get("version", self.version.number)
        language = changes.get("language", self.language)
        pairs = {"version": number, "step": step, "lang": language if language != "ru" else ""}
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{reverse('schedules:editor', args=[self.versions.schedule.pk])}?{query}"

    def of_version(self, name: str, *args: Any) -> str:
        return reverse(f"schedules:{name}", args=[self.versions.schedule.pk, self.version.number, *args])


def place(
    request: HttpRequest, versions: Versions, version: ScheduleVersion, step_key: str = "", language: str = ""
) -> Place:
    """The place a request speaks of; an unknown step is none, and the first step stands for no step."""
    steps = steps_of(version)
    wanted = step_key or request.GET.get("step", "")
    step = next((s for s in steps if s.key == wanted), steps[0] if steps else None)
    language = language or request.GET.get("lang", "ru")
    may_write = request.user.can(Permission.SCHEDULES_WRITE)  # type: ignore[union-attr]
    return Place(versions, version, step, language if language in LANGUAGES else "ru", may_write)


def editor_context(request: HttpRequest, at: Place, *, form: StepForm | None = None) -> dict[str, Any]:
    """Everything of the editor that is drawn at once; counts and results come as fragments afterwards."""
    today, now = timezone.localdate(), timezone.now()
    known = words.names()
    return (
        head_context(at, today)
        | board_context(request, at, known, today)
        | step_context(request, at, known, form=form, today=today, now=now)
    )


def head_context(at: Place, today: date) -> dict[str, Any]:
    """The versions, and how the shown one differs from the one it is compared with."""
    base = at.versions.base_of(at.version)
    kind = at.versions.kind(at.version)
    changes = diff.count(diff.differences(steps_of(base), steps_of(at.version))) if base else 0
    return {
        "at": at,
        "schedule": at.versions.schedule,
        "version": at.version,
        "kind": kind,
        "base": base,
        "changes": changes,
        "tabs": version_tabs(at),
        "past": [
            {"label": _("Version %(n)s") % {"n": v.number}, "url": at.url(version=v.number), "from": v.active_from,
             "current": v.pk == at.version.pk}
            for v in at.versions.past
        ],
        "editable": at.editable,
        "may_write": at.may_write,
        "today": today,
        "urls": {
            name: at.of_version(name)
            for name in ("changes", "plan", "check", "launch", "retire", "draft", "add_step", "terms")
        },
        "is_draft": kind == DRAFT,
        "experiment": open_experiment(at.versions.schedule),
        "experiments_url": reverse("schedules:experiments", args=[at.versions.schedule.pk]),
        "is_coming": kind == COMING,
    }  # fmt: skip


def version_tabs(at: Place) -> list[dict[str, Any]]:
    """The versions one works with; former ones are in a menu, the shown one is always here."""
    badges = {
        IN_FORCE: ("good", pgettext("version", "in force")),
        TRIAL: ("info", pgettext("version", "in an experiment")),
        COMING: ("info", pgettext("version", "starts later")),
        DRAFT: ("warn", pgettext("version", "draft")),
    }
    known = (at.versions.in_force, at.versions.trial, at.versions.coming, at.versions.draft)
    shown = [v for v in known if v is not None]
    if all(v.pk != at.version.pk for v in shown):
        shown.insert(0, at.version)
    tabs = []
    for version in shown:
        css, word = badges.get(at.versions.kind(version), ("", pgettext("version", "former")))
        if at.versions.kind(version) == COMING and version.active_from:
            word = pgettext("version", "from %(day)s") % {
                "day": formats.short_date(version.active_from, _language())
            }
        tabs.append(
            {
                "label": _("Version %(n)s") % {"n": version.number}, "badge": word, "css": css,
                "url": at.url(version=version.number), "current": version.pk == at.version.pk,
            }
        )  # fmt: skip
    return tabs


def _language() -> str:
    from django.utils.translation import get_language

    return get_language() or "ru"


def board_context(request: HttpRequest, at: Place, known: words.Names, today: date) -> dict[str, Any]:
    """The drawing of the steps, with the counts that are known already."""
    steps = steps_of(at.version)
    plans = counted(request.user, steps, day=tomorrow(today), today=today)
    used = {step.channel for step in steps}
    return {
        "board": board(steps, plans, known),
        "all_channels": [(c.value, words.channel_name(c), c.value in used) for c in Channel],
    }


def tomorrow(today: date) -> date:
    from datetime import timedelta

    return today + timedelta(days=1)


def step_context(
    request: HttpRequest, at: Place, known: words.Names, *, form: StepForm | None, today: date, now: datetime
) -> dict[str, Any]:
    """The panel of the step in hand."""
    step = at.step
    if step is None:
        return {"step": None}
    form = form or StepForm(step, at.language)
    base = at.versions.base_of(at.version)
    former = next((s for s in steps_of(base) if s.key == step.key), None) if base else None
    differs = {(c.kind, c.name) for c in diff.step_changes(former, step)} if former else set()
    is_changed = at.versions.kind(at.version) in (DRAFT, COMING)
    conditions = [
        _condition(c, known, fresh=is_changed and former is not None and ("added", c["code"]) in differs)
        for c in step.conditions
    ]
    term = term_for(request.user, step, today=today)
    return {
        "step": step,
        "form": form,
        "step_when": words.when(step),
        "audience": [c for c in conditions if c["audience"]],
        "stops": [c for c in conditions if not c["audience"]],
        "addable": _addable(step),
        "always": words.always_stops(),
        "is_new": is_changed and base is not None and former is None,
        "differs": {name for _kind, name in differs} if is_changed else set(),
        "variables": [(name, words.variable(name), str(VARIABLES[name])) for name in OFFERED],
        "languages": [
            {"label": label, "url": at.url(language=code), "current": code == at.language}
            for code, label in (("ru", _("Russian")), ("en", _("English")))
        ],
        "step_urls": {
            name: at.of_version(name, step.key)
            for name in (
                "save_step",
                "move_step",
                "copy_step",
                "delete_step",
                "preview",
                "results",
                "add_condition",
            )
        },
        "written": step.channel in WRITTEN,
        "pieces": _pieces(getattr(step, f"text{form.suffix}")),
    } | preview_context(at, step, term=term, today=today, now=now)


def _pieces(text: str) -> list[dict[str, str]]:
    """A text cut into words and variables, for people who only read it."""
    parts = re.split(r"\{(\w+)\}", text)
    return [
        {"name": words.variable(part)}
        if number % 2 and part in VARIABLES
        else {"text": part if not number % 2 else f"{{{part}}}"}
        for number, part in enumerate(parts)
        if part
    ]


def _condition(condition: dict[str, Any], known: words.Names, *, fresh: bool) -> dict[str, Any]:
    code, value = condition["code"], condition.get("value")
    choices = known.choices.get(code, [])
    return {
        "code": code,
        "label": words.label(code),
        "sentence": words.sentence(condition, known),
        "audience": code in AUDIENCE,
        "list": [(key, name, key in (value or [])) for key, name in choices] if code in LIST_VALUED else None,
        "day": value if code in DAY_VALUED else None,
        "has_day": code in DAY_VALUED,
        "fresh": fresh,
    }


def _addable(step: Step) -> list[tuple[str, list[tuple[str, str]]]]:
    used = {condition["code"] for condition in step.conditions}
    free = [c for c in Condition if c.value not in used]
    return [
        (_("Whom the step is for"), [(c.value, str(c.label)) for c in free if c in AUDIENCE]),
        (_("Send only if"), [(c.value, str(c.label)) for c in free if c not in AUDIENCE]),
    ]


def preview_context(
    at: Place,
    step: Step,
    *,
    term: Renewal | None,
    today: date,
    now: datetime,
    text: str | None = None,
    subject: str | None = None,
) -> dict[str, Any]:
    """The text on a real client; ``text`` and ``subject`` are what is typed and not saved yet."""
    suffix = "_en" if at.language == "en" else ""
    shown = preview(
        step,
        text=getattr(step, f"text{suffix}") if text is None else text,
        subject=getattr(step, f"subject{suffix}") if subject is None else subject,
        language=at.language, term=term, today=today, now=now,
    )  # fmt: skip
    return {"seen": shown, "seen_checks": _checks(shown), "seen_verdict": _verdict(shown)}


def _checks(shown: Preview) -> list[dict[str, Any]]:
    return [{"ok": check.passed, "text": describe(check), "code": check.code} for check in shown.checks]


def _verdict(shown: Preview) -> dict[str, Any] | None:
    if shown.verdict is None:
        return None
    failed = next((check for check in shown.verdict.checks if not check.passed), None)
    return {
        "kind": {"send": "go", "wait": "wait", "drop": "no"}[shown.verdict.decision],
        "word": headline(shown.verdict),
        "text": describe(failed) if failed else "",
    }
