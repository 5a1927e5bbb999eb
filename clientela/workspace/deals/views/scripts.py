"""The editor of scripts: steps and objections of the draft, its trial, and putting it in force."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Funnel, Script, ScriptVersion
from clientela.modules.sales.operations import scripts as act
from clientela.modules.sales.queries.scripts import shares_of
from clientela.modules.sales.queries.told import asks_of_script
from clientela.modules.sales.rules.scripts import BadScript, Objection, check, endless, unreached
from clientela.modules.sales.rules.scripts import Script as Body
from clientela.workspace.deals.script_forms import NodeForm, ObjectionForm, ScriptForm
from clientela.workspace.deals.talk import step_of
from clientela.workspace.deals.views.answers import dialog, finished, go

MANAGE = Permission.FUNNELS_WRITE
State = ScriptVersion.State


def _script(pk: int) -> Script:
    return get_object_or_404(Script.objects.select_related("funnel", "stage", "product"), pk=pk)


def _shown(script: Script, number: str = "") -> ScriptVersion:
    """The version asked for, else the draft, else the one in force."""
    rows = list(script.versions.all())
    if number:
        rows = [one for one in rows if str(one.number) == number]
    by_state = {one.state: one for one in reversed(rows)}
    found = by_state.get(State.DRAFT) or by_state.get(State.ACTIVE) or (rows[0] if rows else None)
    if found is None:
        raise Http404
    return found


@require_GET
@requires(MANAGE)
def script(request: HttpRequest, script_id: int) -> HttpResponse:
    """A script with all its steps, the shares of its answers, and its versions."""
    found = _script(script_id)
    version = _shown(found, request.GET.get("version", ""))
    body, shares = version.content, shares_of(version)
    fault, asks = "", asks_of_script(found)
    try:
        check(body, questions=asks)
    except BadScript as refusal:
        fault = str(refusal)
    labels = {key: one.said(caller(request).language) for key, one in asks.items()}
    words = {"yes": _("yes"), "no": _("no")}
    lost, stuck = unreached(body), endless(body)
    context = {
        "script": found, "version": version, "fault": fault, "objections": body.objections,
        "versions": found.versions.select_related("created_by"), "draft": version.state == State.DRAFT,
        "may_undo": version.state == State.DRAFT and bool(version.past),
        "may_drop": version.state == State.DRAFT and found.versions.count() > 1,
        "editable": version.state in (State.DRAFT, State.ACTIVE) and not request.GET.get("version"),
        "back": reverse("deals:funnels") + f"?funnel={found.funnel.code}",
        "nodes": [
            {
                "node": one, "lost": one in lost, "stuck": one in stuck, "asks": [labels.get(key, key) for key in one.asks],
                "answers": [
                    (answer, shares.get((one.key, place)), body.node(answer.goto),
                     [f"{labels.get(key, key)}: {words.get(value, value)}" for key, value in answer.fills.items()])
                    for place, answer in enumerate(one.answers)
                ],
            }
            for one in body.nodes
        ],
    }  # fmt: skip
    return render(request, "deals/script.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def settings(request: HttpRequest, funnel_id: int, script_id: int | None = None) -> HttpResponseBase:
    """A new script of a funnel, or where one is used."""
    funnel = get_object_or_404(Funnel, pk=funnel_id)
    found = get_object_or_404(Script, pk=script_id, funnel=funnel) if script_id else None
    form = ScriptForm(request.POST or None, funnel, found)
    if request.method == "POST" and form.is_valid():
        kept = act.save_script(
            actor=caller(request), now=timezone.now(), funnel=funnel, script=found, **form.cleaned_data
        )
        return go(request, reverse("deals:script", args=[kept.pk]))
    context = {
        "form": form, "title": str(found) if found else _("New script"), "verb": _("Save"),
        "back": reverse("deals:funnels") + f"?funnel={funnel.code}",
        "action": reverse("deals:script_settings", args=[funnel.pk, found.pk]) if found else reverse("deals:new_script", args=[funnel.pk]),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


def _write(request: HttpRequest, found: Script, body: Body) -> HttpResponseBase:
    act.write_body(actor=caller(request), now=timezone.now(), script=found, body=body.to_json())
    return go(request, reverse("deals:script", args=[found.pk]))


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def node(request: HttpRequest, script_id: int, part_key: str = "") -> HttpResponseBase:
    """A step in place; without a key a new one at the end."""
    key = part_key
    found = _script(script_id)
    body = _shown(found).content
    known = body.node(key)
    if key and known is None:
        raise Http404
    form = NodeForm(request.POST or None, asks_of_script(found), body, known, key=key)
    if request.method == "POST" and form.is_valid():
        own = key or f"step_{get_random_string(6).lower()}"
        fresh, body = form.node(own), form.leads(own)
        nodes = [fresh if one.key == own else one for one in body.nodes]
        return _write(request, found, replace(body, nodes=tuple(nodes if known else [*nodes, fresh])))
    action = (
        reverse("deals:node", args=[found.pk, key]) if known else reverse("deals:new_node", args=[found.pk])
    )
    context = {
        "form": form, "title": known.title if known else _("New step"), "verb": _("Save to the draft"), "wide": True,
        "part": "deals/parts/node_form.html", "action": action, "back": reverse("deals:script", args=[found.pk]),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_POST
@requires(MANAGE)
def remove_node(request: HttpRequest, script_id: int, part_key: str) -> HttpResponseBase:
    """Take a step out of the draft."""
    found = _script(script_id)
    body = _shown(found).content
    return _write(
        request, found, replace(body, nodes=tuple(one for one in body.nodes if one.key != part_key))
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def objection(request: HttpRequest, script_id: int, objection_key: str = "") -> HttpResponseBase:
    """An objection with its replies."""
    key = objection_key
    found = _script(script_id)
    body = _shown(found).content
    known = body.objection(key)
    if key and known is None:
        raise Http404
    form = ObjectionForm(request.POST or None, known)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        own = key or f"objection_{get_random_string(6).lower()}"
        replies = tuple(line.strip() for line in data["replies"].splitlines() if line.strip())
        fresh = Objection(own, data["title"], replies)
        rows = [fresh if one.key == own else one for one in body.objections]
        rows = rows if known else [*rows, fresh]
        kept = tuple(one for one in rows if not (data["removed"] and one.key == own))
        return _write(request, found, replace(body, objections=kept))
    action = (
        reverse("deals:objection", args=[found.pk, key])
        if known
        else reverse("deals:new_objection", args=[found.pk])
    )
    context = {
        "form": form, "title": _("Objection"), "verb": _("Save to the draft"), "action": action,
        "back": reverse("deals:script", args=[found.pk]),
    }  # fmt: skip
    return dialog(request, context, refused=bool(form.errors))


@require_POST
@requires(MANAGE)
def activate(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Put the draft in force."""
    found = _script(script_id)
    back = reverse("deals:script", args=[found.pk])
    draft = found.versions.filter(state=State.DRAFT).first()
    if draft is None:
        raise Http404
    try:
        act.activate(actor=caller(request), now=timezone.now(), version=draft)
    except Refusal as refusal:
        return finished(request, text=str(refusal), kind="warn", back=back)
    return go(request, back)


@require_POST
@requires(MANAGE)
def undo(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Take the last change of the draft back."""
    found = _script(script_id)
    act.undo_write(actor=caller(request), script=found)
    return go(request, reverse("deals:script", args=[found.pk]))


@require_POST
@requires(MANAGE)
def drop(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Throw the draft away; what is in force stays."""
    found = _script(script_id)
    act.drop_draft(actor=caller(request), now=timezone.now(), script=found)
    return go(request, reverse("deals:script", args=[found.pk]))


@require_POST
@requires(MANAGE)
def again(request: HttpRequest, script_id: int) -> HttpResponseBase:
    """Write an old version into the draft."""
    found = _script(script_id)
    number = request.POST.get("version", "")
    if number not in {str(one.number) for one in found.versions.all()}:
        raise Http404
    return _write(request, found, _shown(found, number).content)


@require_GET
@requires(MANAGE)
def trial(request: HttpRequest, script_id: int) -> HttpResponse:
    """Walk through a version without a deal: ``path`` holds the answers taken so far. Nothing is kept."""
    found = _script(script_id)
    version = _shown(found, request.GET.get("version", ""))
    body = version.content
    current, taken = body.nodes[0] if body.nodes else None, []
    labels = {key: one.said(caller(request).language) for key, one in asks_of_script(found).items()}
    words = {"yes": _("yes"), "no": _("no")}
    path = [int(one) for one in request.GET.get("path", "").split(",") if one.isdecimal() and len(one) < 3][
        :60
    ]
    for place in path:
        if current is None or place >= len(current.answers):
            break
        answer = current.answers[place]
        taken.append(
            {
                "title": current.title,
                "label": answer.label,
                "fills": {
                    labels.get(key, key): words.get(value, value) for key, value in answer.fills.items()
                },
                "objection": body.objection(answer.objection),
            }
        )
        current = body.node(answer.goto) if answer.goto else None
    base = reverse("deals:trial", args=[found.pk]) + f"?version={version.number}&path="
    context: dict[str, Any] = {
        "title": _("Trial: %(name)s") % {"name": found.name}, "part": "deals/parts/trial.html", "wide": True, "taken": taken,
        "step": step_of(version, current, None, caller(request)) if current else None, "base": base,
        "path": "".join(f"{one}," for one in path), "version": version, "back": reverse("deals:script", args=[found.pk]),
    }  # fmt: skip
    return dialog(request, context)
