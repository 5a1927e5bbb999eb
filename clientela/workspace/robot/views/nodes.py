"""What a person does with the nodes of a draft: every change is kept at once and can be taken back."""

import secrets
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST
from django_htmx.http import replace_url, trigger_client_event

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot.operations import dialogues as acts
from clientela.modules.robot.operations.dialogues import ChangedMeanwhile, VersionInForce
from clientela.modules.robot.rules.dialogue import BadDialogue, Exit, Kind, Outcome
from clientela.workspace.robot import panel
from clientela.workspace.robot.forms import node_values
from clientela.workspace.robot.panel import Place
from clientela.workspace.robot.trying import trial_context

UNDO_LIVES = 600


def _refused(text: str, status: int = 409) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _changed(
    request: HttpRequest, at: Place, act: Callable[[], Any], key: str, toast: str
) -> HttpResponseBase:
    """Do it, show the board and the panel anew, and offer to take it back."""
    before = at.version.graph
    try:
        version = act()
    except BadDialogue as error:
        return _refused(str(error), 422)
    except (VersionInForce, ChangedMeanwhile) as error:
        return _refused(str(error))
    token = secrets.token_urlsafe(12)
    cache.set(f"robot.undo:{token}", (version.pk, before, version.changed_at), UNDO_LIVES)
    return _answer(request, at.versions.dialogue.pk, at.version.number, key, toast, at.of("restore", token))


def _answer(
    request: HttpRequest, dialogue_id: int, number: int, key: str, toast: str, undo: str = ""
) -> HttpResponseBase:
    at = panel.load(request, dialogue_id, number, key)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(at.url())
    context = panel.context(request, at) | trial_context(request, at, []) | {"oob": True}
    response = render(request, "robot/parts/chosen.html", context)
    trigger_client_event(response, "toast", {"text": toast, "kind": "good", "undo_url": undo})
    replace_url(response, at.url())
    return response


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def save(request: HttpRequest, dialogue_id: int, number: int, key: str) -> HttpResponseBase:
    """Keep the panel."""
    at = panel.load(request, dialogue_id, number, key)
    if at.node is None:
        raise Http404
    values = node_values(request.POST, key, at.node.kind)
    return _changed(
        request, at, lambda: acts.save_node(actor=request.user, now=timezone.now(), version=at.version, values=values),
        key, _("Kept: %(name)s") % {"name": at.node.name},
    )  # fmt: skip


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def add(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponseBase:
    """A new node of a kind, ready to be changed; it is linked from where it is needed."""
    at = panel.load(request, dialogue_id, number)
    kind = request.POST.get("kind", Kind.ASK)
    count = len(at.graph.nodes) + 1
    while f"node-{count}" in at.graph.nodes:
        count += 1
    key, person = f"node-{count}", at.graph.exits.get(Exit.PERSON, at.graph.start)
    values: dict[str, Any] = {
        "key": key, "kind": kind, "name": pgettext("dialogue", "New node"), "speech": "…", "next": person,
        "outcome": Outcome.REFUSED if kind == Kind.END else "",
        "answers": [{"meaning": "yes", "key": "1", "to": person}] if kind == Kind.ASK else [],
    }  # fmt: skip
    return _changed(
        request, at, lambda: acts.save_node(actor=request.user, now=timezone.now(), version=at.version, values=values),
        key, _("Node added: link it from where it is asked"),
    )  # fmt: skip


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def delete(request: HttpRequest, dialogue_id: int, number: int, key: str) -> HttpResponseBase:
    """Take a node out."""
    at = panel.load(request, dialogue_id, number, key)
    return _changed(
        request, at, lambda: acts.delete_node(actor=request.user, now=timezone.now(), version=at.version, key=key),
        "", _("Node removed"),
    )  # fmt: skip


@require_POST
@requires(Permission.SCHEDULES_WRITE)
def restore(request: HttpRequest, dialogue_id: int, number: int, token: str) -> HttpResponseBase:
    """Bring the draft back to what it was before the last change, once, unless somebody changed it since."""
    at = panel.load(request, dialogue_id, number)
    kept = cache.get(f"robot.undo:{token}") if len(token) < 100 else None
    if kept is None or kept[0] != at.version.pk or not cache.delete(f"robot.undo:{token}"):
        return _refused(_("This cannot be taken back any more."))
    try:
        acts.replace_graph(
            actor=request.user, now=timezone.now(), version=at.version, graph=kept[1], seen=kept[2]
        )
    except (BadDialogue, VersionInForce, ChangedMeanwhile) as error:
        return _refused(str(error))
    return _answer(request, dialogue_id, number, "", _("Taken back"))
