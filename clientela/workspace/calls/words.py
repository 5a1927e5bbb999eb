"""Calls in words: why it rings here, what happened, how it came out."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.phones import format_phone
from clientela.foundation.ui import formats
from clientela.modules.calls.models import Call, CallStep
from clientela.modules.calls.rules import Outcome
from clientela.modules.renewals.models import Renewal
from clientela.modules.routing.rules import Why

GOOD = {Outcome.TALKED, Outcome.AGREED, Outcome.SOLVED, Outcome.THINKS}


def language() -> str:
    return get_language() or "ru"


def title_of(call: Any) -> str:
    """The client's name; the number while nobody knows whose it is."""
    if call.client is not None:
        return str(call.client.name)
    return format_phone(call.number) if call.number else _("Number withheld")


def _moment(at: Any) -> str:
    return formats.near_moment(at, language(), timezone.now(), timezone.get_current_timezone())


def why(call: Call, user: Any) -> str:
    """Why the call rings at this person's desk."""
    if not call.is_in or not call.reasons:
        return ""
    reason = call.reasons[0]
    match reason.get("why"):
        case Why.OWNER:
            return _("It rings here because you hold the client.")
        case Why.STANDS_IN:
            until = formats.long_date(date.fromisoformat(reason["until"]), language())
            return _("It rings here because you stand in for %(name)s until %(until)s.") % {
                "name": reason["name"], "until": until,
            }  # fmt: skip
        case Why.GIVEN | Why.TAKEN:
            return _("A colleague or the menu chose you.")
        case _other:
            place = call.centre or call.branch
            return _("%(name)s was called, and you are free.") % {"name": place} if place else ""


def after(call: Call) -> str:
    """Whom the call goes to when nobody takes it here."""
    if call.centre is not None and any(one.get("why") in (Why.OWNER, Why.STANDS_IN) for one in call.reasons):
        return _("then to the renewal centre")
    return _("then to the next who is free")


def history(calls: Sequence[Call]) -> str:
    """The last calls in one sentence."""
    if not calls:
        return ""
    last = calls[0]
    values = {"when": _moment(last.started_at), "outcome": str(last.get_outcome_display()).lower()}
    if last.is_missed:
        return _("Called in vain %(when)s") % values
    if not last.is_in and last.answered_at is None:
        return _("We did not reach them %(when)s: %(outcome)s") % values
    note = f"«{last.note}»" if last.note else ""
    return " ".join(filter(None, [_("Talked %(when)s: %(outcome)s") % values, note]))


def hint(term: Renewal) -> str:
    """What to say first, by where the renewal stands."""
    return {
        Renewal.State.NOTHING: _("Name the day of the end and offer to count the next year at once."),
        Renewal.State.PROJECT: _("The project is ready: name the price and ask whether anything changed."),
        Renewal.State.QUOTED: _("The price was sent: ask what they decided and offer the pay link."),
        Renewal.State.PAID: _("It is paid: thank them."),
        Renewal.State.LOST: _("The term is lost: ask for the reason."),
    }[Renewal.State(term.state)]


def outcome_kind(call: Call) -> str:
    """good, bad or nothing: the colour of an outcome."""
    if call.state != Call.State.ENDED:
        return "info"
    if call.outcome in GOOD:
        return "good"
    return "bad" if call.is_missed and call.outcome != Outcome.SOLVED else ""


def state_of(call: Call) -> str:
    """How the call came out, or where it is."""
    return str(call.get_outcome_display() if call.state == Call.State.ENDED else call.get_state_display())


def icon_of(call: Call) -> str:
    if call.is_missed:
        return "phone-x"
    return "phone-incoming" if call.is_in else "phone-outgoing"


def length(call: Call) -> str:
    """``2:14``; nothing when nobody talked."""
    return f"{call.seconds // 60}:{call.seconds % 60:02}" if call.seconds else ""


_ICONS = {
    "arrived": "phone-incoming", "dialled": "phone-outgoing", "menu": "list", "key": "hand-click", "queued": "users",
    "offered": "bell", "answered": "phone-call", "held": "player-pause", "ended": "phone-off", "call_back": "phone-plus",
    "transferred": "arrow-forward-up", "handed_over": "user-share", "conference": "users-group", "lost": "alert-triangle",
}  # fmt: skip


def story(steps: Iterable[CallStep]) -> list[dict[str, Any]]:
    """The journal of a call as sentences."""
    return [{"at": one.at, "icon": _ICONS.get(one.kind, "point"), "text": _step(one)} for one in steps]


def _step(one: CallStep) -> str:
    facts, who = one.facts, str(one.person or "")
    match one.kind:
        case "arrived":
            return _("Called us at %(to)s") % {"to": facts.get("to", "")}
        case "dialled":
            return _("%(person)s dialled %(number)s") % {
                "person": who,
                "number": format_phone(facts.get("number", "")),
            }
        case "menu":
            return _("Heard the menu “%(menu)s”") % facts
        case "closed":
            return _("Outside of the hours: asked to be called")
        case "key":
            words = facts.get("words") or _("nothing")
            return _("Pressed %(key)s: %(words)s") % {"key": facts.get("key"), "words": words}
        case "queued":
            return _("Waits as number %(place)s in the queue %(name)s") % facts
        case "offered":
            return _("Rang %(person)s: %(why)s") % {"person": who, "why": _because(facts)}
        case "not_answered":
            return _("%(person)s did not take it") % {"person": who}
        case "answered":
            return _("%(person)s talks with the client") % {"person": who}
        case "held":
            return _("%(person)s put the client on hold") % {"person": who}
        case "resumed":
            return _("%(person)s talks with the client again") % {"person": who}
        case "consults":
            return _("%(person)s is asked while the client waits") % {"person": who}
        case "consulted":
            return _("%(person)s is on the line") % {"person": who}
        case "consult_failed":
            return _("%(person)s did not answer the colleague") % {"person": who}
        case "conference":
            return _("%(person)s joined the conversation") % {"person": who}
        case "transferred":
            return _("%(person)s gave the call to %(to)s") % {
                "person": who,
                "to": facts.get("to") or _("the queue"),
            }
        case "handed_over":
            return _("%(person)s has the call now") % {"person": who}
        case "by_record":
            return _("Put right by the exchange’s own records")
        case "recorded":
            return _("Recording began")
        case "not_recorded":
            return _("Recording ended")
        case "call_back":
            return _("Asked to be called and keeps the place")
        case "outcome":
            return _("%(person)s says: %(outcome)s") % {
                "person": who, "outcome": str(Outcome(facts["outcome"]).label).lower(),
            }  # fmt: skip
        case "lost":
            return _("The exchange lost the line")
        case _other:
            return _("The call is over: %(outcome)s") % {
                "outcome": str(Outcome(facts["outcome"]).label).lower() if facts.get("outcome") else "",
            }  # fmt: skip


def _because(facts: dict[str, Any]) -> str:
    match facts.get("why"):
        case Why.OWNER:
            return pgettext("why a person is rung", "holds the client")
        case Why.STANDS_IN:
            return pgettext("why a person is rung", "stands in for %(name)s") % facts
        case Why.GIVEN | Why.TAKEN:
            return pgettext("why a person is rung", "chosen")
        case _other:
            return pgettext("why a person is rung", "free")
