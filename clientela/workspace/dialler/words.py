"""Outcomes with their consequences and keys, scripts, moments: what the working screen says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.modules.accounts.models import User
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.ending import preview
from clientela.modules.dialler.queries.facts import zone_of
from clientela.modules.dialler.rules.outcomes import BESIDES, BY_KEY, DATED, OVER, Outcome

HINTS: dict[str, tuple[str, Promise]] = {
    Outcome.AGREED: ("circle-check", gettext_lazy("the agent goes on from here")),
    Outcome.QUOTE: ("calculator", gettext_lazy("the agent sends it")),
    Outcome.LATER: ("clock-pause", gettext_lazy("at a time of the client's choice")),
    Outcome.TOO_DEAR: ("coin", gettext_lazy("the agent looks for another way")),
    Outcome.ELSEWHERE: ("building-store", gettext_lazy("the plan stops, the term is lost")),
    Outcome.SOLD: ("car-off", gettext_lazy("the plan stops, the term is lost")),
    Outcome.WRONG_NUMBER: ("user-off", gettext_lazy("the number is marked")),
    Outcome.DO_NOT_CALL: ("phone-off", gettext_lazy("nobody contacts them any more, at once")),
    Outcome.MEETING: ("calendar-event", gettext_lazy("we ask again after it")),
}
_MODES = {
    CallingList.Mode.PREVIEW: pgettext_lazy("calling list", "read, then call"),
    CallingList.Mode.PROGRESSIVE: pgettext_lazy("calling list", "calls by itself"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome as it is offered; ``key`` is its digit."""

    code: str
    label: str
    icon: str
    hint: str
    key: str
    chosen: bool


def choices(prefilled: str) -> tuple[list[Choice], list[Choice]]:
    """The outcomes with digits, and the others."""

    def one(code: Outcome, key: str) -> Choice:
        icon, hint = HINTS.get(code, ("point-filled", ""))
        return Choice(code.value, str(code.label), icon, str(hint), key, code == prefilled)

    first = [one(code, str(number)) for number, code in enumerate(BY_KEY, start=1)]
    return first, [one(code, "") for code in BESIDES]


def mode_of(calling: CallingList) -> str:
    return str(_MODES[CallingList.Mode(calling.mode)])


def place_of(calling: CallingList) -> str:
    """Whose list it is."""
    place = calling.team or calling.centre or calling.branch
    return place.name if place else _("the whole company")


def script(entry: Entry, actor: User) -> list[str]:
    """The parts of what to say, with the client's words filled in; what is not known is left out."""
    agent = entry.client.agent
    values = {
        "greeting": entry.client.greeting, "operator": str(actor), "company": settings.COMPANY_NAME,
        "agent": str(agent) if agent else settings.COMPANY_NAME, "subject": entry.subject,
        "ends": formats.long_date(entry.ends_on, get_language() or "ru") if entry.ends_on else "",
        "phone": format_phone(agent.phone) if agent else settings.SHORT_NUMBER,
    }  # fmt: skip
    parts = []
    for part in entry.calling.script.split("\n\n"):
        said = part.strip()
        for name, value in values.items():
            said = said.replace("{" + name + "}", value)
        if said:
            parts.append(said)
    return parts


def moment(at: datetime, entry: Entry) -> str:
    """«завтра, 10:00» on the client's clock."""
    return formats.near_moment(at, get_language() or "ru", timezone.now(), zone_of(entry))


def coming(entry: Entry, outcome: str, *, asked: datetime | None) -> str:
    """What saving this outcome does, in one sentence."""
    if outcome in DATED and asked is None:
        return _("Choose the moment on the client's clock.")
    at = preview(entry, outcome, now=timezone.now(), asked=asked).at
    if at is not None:
        return _("The next call: %(time)s of the client.") % {"time": moment(at, entry)}
    if outcome in OVER:
        return _("Nobody calls any more for this entry.")
    return _("This was the last attempt: the entry ends.")


def story(attempts: list[Attempt]) -> list[dict[str, Any]]:
    """Earlier attempts, the newest first."""
    return [
        {
            "icon": "phone-x" if one.call is None or one.call.answered_at is None else "phone-call",
            "text": str(Outcome(one.outcome).label) if one.outcome else _("in work"),
            "who": str(one.operator or ""),
            "note": one.note,
            "at": one.began_at,
        }
        for one in attempts
    ]
