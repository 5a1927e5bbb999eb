"""Decisions in words, for the record they are about."""

from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.routing.rules.reasons import Why

ICONS = {
    Why.OWNER: "user-check", Why.STANDS_IN: "beach", Why.STAYS: "user-check", Why.TAKEN: "user-check",
    Why.GIVEN: "user-share", Why.QUEUE_OF_CENTRE: "headset", Why.QUEUE_OF_BRANCH: "affiliate",
    Why.QUEUE_OF_COMPANY: "affiliate", Why.SHARED_ADDRESS: "users", Why.OWNER_NOT_FREE: "user-off",
    Why.BY_SKILL: "route", Why.BY_SHARE: "scale", Why.OVERFLOWED: "arrow-forward-up", Why.TAKEN_BACK: "arrow-back-up",
    Why.DECLINED: "x", Why.ESCALATED: "bell", Why.ACCEPTED: "check", Why.ANSWERED: "circle-check",
}  # fmt: skip
_LANGUAGES = {
    "ru": pgettext_lazy("skill", "Russian"), "en": pgettext_lazy("skill", "English"),
    "tt": pgettext_lazy("skill", "Tatar"), "uz": pgettext_lazy("skill", "Uzbek"),
}  # fmt: skip
_PRODUCTS = {
    "kasko": gettext_lazy("KASKO"), "osago": gettext_lazy("OSAGO"), "property": gettext_lazy("Property"),
    "mortgage": gettext_lazy("Mortgage"), "other": pgettext_lazy("line", "Other"),
}  # fmt: skip


def skill_name(code: str) -> str:
    """«Английский» for ``language:en``."""
    kind, _colon, what = code.partition(":")
    if kind == "channel":
        return str(CHANNELS[what][1]) if what in CHANNELS else str(pgettext_lazy("work", "Call"))
    names = _LANGUAGES if kind == "language" else _PRODUCTS
    return str(names.get(what, what))


def describe(reason: dict[str, Any], person: str) -> str:
    """The sentence of a stored reason; ``person`` is whom the work went to."""
    values = {"person": person, "name": "", **reason}
    match Why(reason["why"]):
        case Why.OWNER:
            return _("%(person)s holds the client under the agreement %(agreement)s") % values
        case Why.STANDS_IN:
            until = formats.long_date(date.fromisoformat(reason["until"]), get_language() or "ru")
            return _("%(name)s is away until %(until)s; %(person)s stands in") % {**values, "until": until}
        case Why.TAKEN:
            return _("%(person)s took the conversation") % values
        case Why.GIVEN:
            return _("%(name)s gave the conversation to %(person)s") % values
        case Why.BY_SKILL:
            return _by_skill(values)
        case Why.BY_SHARE:
            skills = ", ".join(skill_name(code) for code in values["skills"])
            known = {**values, "name": values["name"] or person, "skills": skills or "–"}
            return (
                _("%(name)s has the skills (%(skills)s), room (%(load)s of %(of)s) and the least of the own share this week: %(given)s")
                % known
            )  # fmt: skip
        case why:
            return (
                str(_PLAIN[why]) % values if values["name"] or why not in _NAMELESS else str(_NAMELESS[why])
            )


_PLAIN = {
    Why.STAYS: gettext_lazy("%(person)s goes on with it"),
    Why.QUEUE_OF_CENTRE: gettext_lazy("In the queue of the renewal centre %(name)s: anybody there may take it"),
    Why.QUEUE_OF_BRANCH: gettext_lazy("In the queue of the branch %(name)s: anybody there may take it"),
    Why.QUEUE_OF_COMPANY: gettext_lazy("In the queue of the whole company"),
    Why.SHARED_ADDRESS: gettext_lazy("Several clients share this address: say which of them wrote"),
    Why.OWNER_NOT_FREE: gettext_lazy("%(name)s holds the client but is not free now"),
    Why.OVERFLOWED: gettext_lazy("Nobody took it in time: it went to a wider queue"),
    Why.TAKEN_BACK: gettext_lazy("%(name)s did not answer in time: it was taken back"),
    Why.DECLINED: gettext_lazy("%(name)s declined it"),
    Why.ESCALATED: gettext_lazy("Overdue: %(name)s was told"),
    Why.ACCEPTED: gettext_lazy("%(person)s took it up"),
    Why.ANSWERED: gettext_lazy("Answered: the timers are stopped"),
}  # fmt: skip
_NAMELESS = {
    Why.QUEUE_OF_CENTRE: gettext_lazy("In the queue of the renewal centre"),
    Why.QUEUE_OF_BRANCH: gettext_lazy("In the queue of the branch"),
    Why.ESCALATED: gettext_lazy("Overdue: there is nobody to tell"),
}


def _by_skill(values: dict[str, Any]) -> str:
    name = values["name"] or values["person"]  # what was decided earlier carries the name
    skills = ", ".join(skill_name(code) for code in values["skills"])
    if skills:
        return (
            _("%(name)s has the skills (%(skills)s) and had the least in hand: %(load)s of %(of)s")
            % {**values, "name": name, "skills": skills}
        )  # fmt: skip
    return _("%(name)s was free and had the least in hand: %(load)s of %(of)s") % {**values, "name": name}
