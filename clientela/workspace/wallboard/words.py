"""States, levels and lengths of time in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from clientela.workspace.wallboard.people import Doing

# Icon, the colour of `ui` and the word of each state: what is told is never told by the colour alone.
STATES: dict[str, tuple[str, str, Any]] = {
    "talking": ("headset", "info", pgettext_lazy("line", "talks")),
    "ringing": ("bell", "warn", pgettext_lazy("line", "rings")),
    "wrap_up": ("pencil", "", pgettext_lazy("line", "wraps up")),
    "available": ("circle-check", "good", pgettext_lazy("line", "free")),
    "busy": ("clock", "", pgettext_lazy("line", "busy")),
    "break": ("clock-pause", "", pgettext_lazy("line", "on a break")),
    "away": ("clock", "", pgettext_lazy("line", "away")),
    "offline": ("clock", "", pgettext_lazy("line", "not here")),
}


JUDGED = {"good": "circle-check", "near": "alert-triangle", "bad": "alert-circle", "": "clock"}


def state(one: Doing) -> dict[str, str]:
    """How a person's state is shown."""
    icon, kind, label = STATES[one.state]
    if one.is_out and one.state == "talking":
        return {"icon": "phone-outgoing", "kind": kind, "label": pgettext("line", "calls out")}
    return {"icon": icon, "kind": kind, "label": str(label)}


def clock(seconds: float | None) -> str:
    """«3:12»; a dash for nothing."""
    if seconds is None:
        return "—"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def judgement(kind: str) -> str:
    """How a level stands to its aim, in words."""
    return {
        "good": pgettext("service level", "as aimed at"), "near": pgettext("service level", "a little below the aim"),
        "bad": pgettext("service level", "below the aim"), "": _("no calls yet"),
    }[kind]  # fmt: skip
