"""The editor of a dialogue: the board of a version, the node in hand, a conversation to try."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clientela.foundation.ids import id_of
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.robot import panel
from clientela.workspace.robot.trying import trial_context


@require_GET
@requires(Permission.RENEWALS_READ)
def editor(request: HttpRequest, dialogue_id: int) -> HttpResponse:
    """The board of a version; ``version`` and ``node`` are in the address."""
    at = panel.load(request, dialogue_id, id_of(request.GET.get("version")), request.GET.get("node", ""))
    context = panel.context(request, at)
    part = bool(request.htmx) and request.htmx.target == "node"  # type: ignore[attr-defined]
    if part:
        return render(request, "robot/parts/chosen.html", context | {"oob": True})
    return render(request, "robot/editor.html", context | trial_context(request, at, []))
