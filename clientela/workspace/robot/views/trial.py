"""A conversation tried in the browser, and what fifty clients would hear. Nothing is sent, nobody is called."""

from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clientela.modules.accounts.access import Permission, requires
from clientela.modules.robot.queries.figures import figures
from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.speech import SpeechError, fill
from clientela.workspace.robot import panel
from clientela.workspace.robot.trying import events_of, terms_for, trial_context, words_for

CHECKED = 50


@require_POST
@requires(Permission.RENEWALS_READ)
def talk(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponse:
    """The conversation after one more answer, and its way on the board."""
    at = panel.load(request, dialogue_id, number, _in_hand(request))
    context = trial_context(request, at, events_of(request))
    counted = figures(request.user, at.versions.dialogue, now=timezone.now())
    context |= panel.board(at, counted, problems(at.graph), context.get("walked"))
    return render(request, "robot/parts/tried.html", context | {"at": at, "oob": True})


def _in_hand(request: HttpRequest) -> str:
    """The node of the page: it may have changed since the trial was drawn."""
    shown = urlsplit(request.headers.get("HX-Current-URL", "")).query
    return parse_qs(shown).get("node", [""])[0]


@require_GET
@requires(Permission.RENEWALS_READ)
def check(request: HttpRequest, dialogue_id: int, number: int) -> HttpResponse:
    """Fifty terms in sight: whether everything that may be said to them can be said, and what they would hear."""
    at = panel.load(request, dialogue_id, number)
    rows = []
    for term in terms_for(request.user)[:CHECKED]:
        words, wrong, heard = words_for(term, at.versions.dialogue.robot), "", ""
        for node in at.graph.nodes.values():
            try:
                said = [fill(text, words) for text in (node.speech, node.again, node.message)]
            except SpeechError as error:
                wrong = f"{node.name}: {error}"
                break
            if "{end_date}" in node.speech:
                heard = said[0]
        rows.append({"term": term, "wrong": wrong, "heard": heard})
    rows.sort(key=lambda row: not row["wrong"])
    context = {
        "at": at, "rows": rows, "wrong": sum(bool(row["wrong"]) for row in rows), "back": at.url(),
        "title": _("Check on real records"), "body": "robot/dialogs/check.html",
    }  # fmt: skip
    template = "robot/dialogs/modal.html" if request.htmx else "robot/dialogs/page.html"  # type: ignore[attr-defined]
    return render(request, template, context)
