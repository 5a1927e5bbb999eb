"""What a person does with the steps of a draft: every change is saved at once."""

import secrets
from datetime import time
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contacts.models import PLANNED, WRITTEN, Channel
from clientela.modules.renewals.models import ScheduleVersion, Step
from clientela.modules.renewals.operations.schedules import (
    MAX_DAY,
    STEP_FIELDS,
    BadStep,
    VersionInForce,
    delete_step,
    save_step,
)
from clientela.modules.renewals.rules import AUDIENCE, DAY_VALUED, LIST_VALUED, BadCondition, Condition
from clientela.workspace.schedules import panel, words
from clientela.workspace.schedules.forms import StepForm, changed
from clientela.workspace.schedules.queries.preview import named_term, term_for
from clientela.workspace.schedules.queries.versions import steps_of
from clientela.workspace.schedules.views.loading import answer, language_of, load, load_step, refused

UNDO_LIVES = 600
NEW_DAY = 14
NEW_PERIOD = 7


def _stored(
    request: HttpRequest, version: ScheduleVersion, step: Step | None, values: dict[str, Any]
) -> Step | HttpResponse:
    """The saved step, or the refusal to show."""
    try:
        return save_step(actor=request.user, now=timezone.now(), version=version, step=step, **values)
    except BadStep as error:
        return refused(request, {error.field: [str(error)]})
    except BadCondition as error:
        return refused(request, {f"condition-{error.code}": [str(error)]})
    except VersionInForce as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def save(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """Save the panel: the fields, the values of the conditions and the text of the language in hand."""
    _versions, version, step = load_step(schedule_id, number, key)
    form = StepForm(step, language_of(request), request.POST)
    if not form.is_valid():
        return refused(request, {name: [str(e) for e in errors] for name, errors in form.errors.items()})
    if changed(step, form.values):
        stored = _stored(request, version, step, form.values)
        if isinstance(stored, HttpResponse):
            return stored
    return answer(request, schedule_id, number, key)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def move(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """Move a step to a day, or ``by`` some days; a period moves whole unless ``until_day`` says where it ends."""
    _versions, version, step = load_step(schedule_id, number, key)
    day = _whole(request, "day", step.day + _whole(request, "by", 0))
    values: dict[str, Any] = {}
    if step.until_day is not None:
        length = step.day - step.until_day
        values["until_day"] = _whole(request, "until_day", max(day - length, 0))
        day = max(day, values["until_day"]) if "until_day" in request.POST else max(day, length)
        if "until_day" not in request.POST:
            values["until_day"] = day - length
    values["day"] = max(0, min(day, MAX_DAY))
    if changed(step, values):
        stored = _stored(request, version, step, values)
        if isinstance(stored, HttpResponse):
            return stored
    return answer(request, schedule_id, number, key, whole=True)


def _whole(request: HttpRequest, name: str, usual: int) -> int:
    """A whole number of the form, within what days may be; the usual one for anything else."""
    try:
        return max(-MAX_DAY, min(int(request.POST.get(name, "")), MAX_DAY))
    except ValueError:
        return usual


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def add(request: HttpRequest, schedule_id: int, number: int) -> HttpResponseBase:
    """A new step in a channel, for whom the other steps are, ready to be changed."""
    _versions, version = load(schedule_id, number)
    channel = request.POST.get("channel", "")
    if channel not in PLANNED:
        raise Http404
    stored = _stored(request, version, None, _usual(version, channel))
    if isinstance(stored, HttpResponse):
        return stored
    return answer(request, schedule_id, number, stored.key, whole=True)


def _usual(version: ScheduleVersion, channel: str) -> dict[str, Any]:
    steps = steps_of(version)
    standing = AUDIENCE | {Condition.AGENT_BELOW_NORM}
    values: dict[str, Any] = {
        "name": _("New step"),
        "day": NEW_DAY,
        "channel": channel,
        "at_time": time(12),
        "conditions": [c for c in steps[0].conditions if c["code"] in standing] if steps else [],
        "position": max((step.position for step in steps), default=0) + 1,
    }
    if channel in words.PERIODS:
        values["until_day"] = NEW_DAY - NEW_PERIOD
    else:
        values["text"] = (
            "{greeting}, Ваш полис {product} № {number} заканчивается {end_date}. Ваш агент: {agent_name}, {agent_phone}."
        )
    if channel == Channel.EMAIL:
        values["subject"] = "Ваш полис {product} заканчивается {end_date}"
    return values


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def copy(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """The same step once more; the copy is taken in hand."""
    _versions, version, step = load_step(schedule_id, number, key)
    values = {name: getattr(step, name) for name in STEP_FIELDS if name != "key"}
    values["name"] = (_("%(name)s, copy") % {"name": step.name})[:120]
    stored = _stored(request, version, None, values)
    if isinstance(stored, HttpResponse):
        return stored
    return answer(request, schedule_id, number, stored.key, whole=True)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def delete(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """Remove a step; «Undo» of the toast brings it back as it was."""
    _versions, version, step = load_step(schedule_id, number, key)
    steps = steps_of(version)
    at = steps.index(step)
    neighbour = next((s.key for s in [*steps[at + 1 :], *reversed(steps[:at])]), "")
    try:
        values = delete_step(actor=request.user, now=timezone.now(), step=step)
    except VersionInForce as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    token = secrets.token_urlsafe(12)
    cache.set(_undo(token), (version.pk, values), UNDO_LIVES)
    place = panel.place(request, _versions, version)
    toast = {
        "text": _("Step removed: %(name)s") % {"name": step.name},
        "kind": "good",
        "undo_url": place.of_version("restore_step", token),
    }
    return answer(request, schedule_id, number, neighbour, whole=True, toast=toast)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def restore(request: HttpRequest, schedule_id: int, number: int, token: str) -> HttpResponseBase:
    """Bring a removed step back, once."""
    _versions, version = load(schedule_id, number)
    kept = cache.get(_undo(token))
    if kept is None or kept[0] != version.pk or not cache.delete(_undo(token)):
        text = _("This cannot be taken back any more.")
        return HttpResponse(text, status=409, content_type="text/plain; charset=utf-8")
    values = dict(kept[1])
    if any(step.key == values["key"] for step in steps_of(version)):
        del values["key"]
    stored = _stored(request, version, None, values)
    if isinstance(stored, HttpResponse):
        return stored
    return answer(request, schedule_id, number, stored.key, whole=True)


def _undo(token: str) -> str:
    return f"schedules.undo:{sha256(token.encode()).hexdigest()}"


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def add_condition(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """One more condition, with a value to begin with."""
    _versions, version, step = load_step(schedule_id, number, key)
    code = request.POST.get("code", "")
    if code not in Condition.values or any(c["code"] == code for c in step.conditions):
        raise Http404
    condition: dict[str, Any] = {"code": code}
    if code in LIST_VALUED:
        choices = words.names().choices[code]
        condition["value"] = [choices[0][0]] if choices else []
    elif code in DAY_VALUED:
        condition["value"] = min(step.day + 1, MAX_DAY)
    stored = _stored(request, version, step, {"conditions": [*step.conditions, condition]})
    if isinstance(stored, HttpResponse):
        return stored
    return answer(request, schedule_id, number, key, whole=True)


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def remove_condition(
    request: HttpRequest, schedule_id: int, number: int, key: str, code: str
) -> HttpResponseBase:
    """Take a condition away."""
    _versions, version, step = load_step(schedule_id, number, key)
    left = [c for c in step.conditions if c["code"] != code]
    stored = _stored(request, version, step, {"conditions": left})
    if isinstance(stored, HttpResponse):
        return stored
    return answer(request, schedule_id, number, key, whole=True)


@require_POST
@requires(Permission.RENEWALS_READ)
def show_preview(request: HttpRequest, schedule_id: int, number: int, key: str) -> HttpResponseBase:
    """What is typed, on the client in hand or on the next one; nothing is saved."""
    versions, version, step = load_step(schedule_id, number, key)
    at = panel.place(request, versions, version, key, language_of(request))
    today, now = timezone.localdate(), timezone.now()
    client = id_of(request.POST.get("client")) or 0
    if "next" in request.GET or not client:
        term = term_for(request.user, step, today=today, after=client)
    else:
        term = named_term(request.user, client)
    context = panel.preview_context(
        at, step, term=term, today=today, now=now,
        text=request.POST.get("text"), subject=request.POST.get("subject"),
    )  # fmt: skip
    context |= {"at": at, "step": step, "oob": True, "step_urls": {"preview": at.of_version("preview", key)}}
    return render(request, "schedules/parts/preview.html", context | {"written": step.channel in WRITTEN})
