"""States, skills and times in words."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from clientela.modules.routing.models import Station
from clientela.modules.routing.queries import COMPANY
from clientela.modules.routing.rules.wording import skill_name

# The mark of each state: the colours of ``ui.markup.state``.
MARKS = {"available": "paid", "busy": "lost", "break": "wait", "away": "wait", "offline": "off"}
DECLARED = [Station.State.AVAILABLE, Station.State.BUSY, Station.State.BREAK, Station.State.AWAY]


def state_mark(state: str) -> dict[str, str]:
    return {"mark": MARKS[state], "label": str(Station.State(state).label)}


def queue_title(key: str, name: str) -> str:
    """«Центр «Поволжье»», «Филиал Казань», «Вся компания»."""
    if key == COMPANY:
        return _("The whole company")
    if key.startswith("centre:"):
        return name
    return _("Branch %(name)s") % {"name": name}


def seconds(value: int | None) -> str:
    """«30 с», «20 мин», «никогда»."""
    if value is None:
        return pgettext("overflow", "never")
    if value % 60:
        return npgettext("overflow", "%(n)s second", "%(n)s seconds", value) % {"n": value}
    return npgettext("overflow", "%(n)s minute", "%(n)s minutes", value // 60) % {"n": value // 60}


def skills(codes: list[str], usual: list[str]) -> str:
    """Languages always; channels and products only where somebody took some away."""
    shown = [code for code in codes if code.startswith("language:")]
    for kind in ("channel:", "product:"):
        own = [code for code in codes if code.startswith(kind)]
        if set(own) != {code for code in usual if code.startswith(kind)}:
            shown += own or [kind + "none"]
    return ", ".join(_("nothing") if code.endswith(":none") else skill_name(code) for code in shown)


def states(current: str) -> list[dict[str, Any]]:
    """The states a person may declare."""
    return [
        {"code": str(state), "label": state.label, "mark": MARKS[state], "current": state == current}
        for state in DECLARED
    ]


def own_state(user_id: int, current: str) -> dict[str, Any]:
    """What the switch and the line of the navigation show of a person's state."""
    return {
        "url": reverse("routing:state"), "topic": f"station:{user_id}", "choices": states(current),
        **state_mark(current),
    }  # fmt: skip
