"""On whose data a dialogue is tried, and what comes of the typed answers."""

import json
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from clientela.foundation.ids import id_of
from clientela.modules.renewals.models import Renewal
from clientela.modules.renewals.queries.texts import spoken
from clientela.modules.robot.rules.dialogue import VARIABLES, Act, Meaning, Outcome
from clientela.modules.robot.rules.speech import SpeechError
from clientela.modules.robot.rules.trial import MOST_EVENTS, play
from clientela.workspace.robot.panel import Place

RELATED = ("client", "agent", "centre", "product", "policy__insured_object")
# The days on which the robot calls.
FIRST, LAST = 29, 17


def terms_for(user: Any) -> "Any":
    """Terms in sight that the robot would call about, the earliest end first."""
    today = timezone.localdate()
    terms = Renewal.objects.visible_to(user).filter(paid_at=None, end_date__gte=today)
    return terms.select_related(*RELATED).order_by("end_date", "id")


def term_for(request: HttpRequest) -> Renewal | None:
    """The term named by ``term``, the next one after it with ``next``, else the first."""
    given = {**request.GET.dict(), **request.POST.dict()}
    wanted, terms = id_of(given.get("term", "")), terms_for(request.user)
    if wanted and not given.get("next"):
        return terms.filter(pk=wanted).first() or terms.first()
    if wanted:
        return terms.filter(pk__gt=wanted).order_by("id").first() or terms.first()
    return terms.first()


def words_for(term: Renewal | None, robot: str) -> dict[str, str]:
    """The words of the variables; samples where nobody is in sight."""
    if term is None:
        return {name: variable.sample for name, variable in VARIABLES.items()} | {"robot": robot}
    return spoken(term) | {"robot": robot}


def events_of(request: HttpRequest) -> list[Any]:
    """The answers so far with the one just given."""
    try:
        events = json.loads(request.POST.get("events", "[]"))
    except ValueError:
        events = []
    events = events[:MOST_EVENTS] if isinstance(events, list) else []
    if request.POST.get("again"):
        return []
    if key := request.POST.get("key"):
        return [*events, {"key": key}]
    if request.POST.get("silent"):
        return [*events, {"silent": True}]
    if text := request.POST.get("text", "").strip():
        return [*events, {"text": text[:200]}]
    return events


def trial_context(request: HttpRequest, at: Place, events: list[Any]) -> dict[str, Any]:
    """The tried conversation; ``trial_error`` says why it cannot be held."""
    term = term_for(request)
    known: dict[str, Any] = {
        "term": term,
        "events": json.dumps(events, ensure_ascii=False),
        "trial_url": at.of("trial"),
    }
    try:
        trial = play(at.graph, words_for(term, at.versions.dialogue.robot), events)
    except (SpeechError, KeyError) as error:
        return known | {"trial": None, "trial_error": str(error)}
    names = {key: node.name for key, node in at.graph.nodes.items()}
    lines = [
        {
            "line": one, "name": names.get(one.node, one.node), "at": f"{one.at // 60}:{one.at % 60:02d}",
            "meaning": Meaning(one.meaning).label if one.meaning else "",
        }
        for one in trial.lines
    ]  # fmt: skip
    node = at.graph.nodes.get(trial.talk.node)
    return known | {
        "trial": trial, "lines": lines, "last": next((lines[n] for n, one in reversed(list(enumerate(trial.lines))) if one.is_client), None),
        "keys": sorted({*(one.key for one in node.answers if one.key), "9"}) if node and not trial.is_over else [],
        "came_to": Outcome(trial.talk.outcome).label if trial.talk.outcome else "",
        "acts": [Act(one).label for one in trial.acts], "walked": trial.nodes,
    }  # fmt: skip
