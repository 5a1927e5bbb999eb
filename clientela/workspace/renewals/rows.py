"""A line of the board in words: what the contract is, what it costs, what was and what comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.contacts.models import Channel
from clientela.modules.contracts.rules import price_change
from clientela.modules.renewals.models import Renewal, TermLine, Touch
from clientela.modules.renewals.queries.plan_view import Glance, Marks
from clientela.workspace.renewals.filters import REACHES

MARKS = {
    Renewal.State.NOTHING: "none",
    Renewal.State.PROJECT: "project",
    Renewal.State.QUOTED: "quoted",
    Renewal.State.PAID: "paid",
    Renewal.State.LOST: "lost",
}
CALLS = {Channel.ROBOT, Channel.OPERATOR}


@dataclass(frozen=True)
class Line:
    """One row as the template draws it."""

    term: Renewal
    url: str
    name: str
    agent: str
    agent_photo: str
    contract: str
    left: int
    until: str
    price_text: str
    change: Decimal | None
    mark: str
    state: str
    marks: Marks
    last: dict[str, Any] | None
    next: dict[str, Any] | None
    reach: list[str]


def lines_of(terms: Iterable[Renewal], marks: dict[int, Marks], *, today: date) -> list[Line]:
    """The rows of a page."""
    return [_line(term, marks[term.pk], today=today, base=reverse("renewals:board")) for term in terms]


def words() -> dict[str, str]:
    """The words that stand in every row, looked up once a page."""
    return {
        "select": _("Select"),
        "last_year": _("last year's"),
        "none_yet": pgettext("touch", "none yet"),
        "no_more": pgettext("touches", "no more"),
        "no_way": pgettext("reach", "no way"),
    }


def _line(term: Renewal, marks: Marks, *, today: date, base: str) -> Line:
    language, until = get_language() or "ru", _("until %(day)s")
    return Line(
        term=term,
        url=f"{base}{term.pk}/",
        name=term.client.name,
        agent=str(term.agent) if term.agent else "",
        agent_photo=term.agent.photo_url if term.agent else "",
        contract=contract_of(term),
        left=(term.end_date - today).days,
        until=until % {"day": formats.short_date(term.end_date, language, today)},
        price_text=formats.money(term.premium if term.next_premium is None else term.next_premium, language),
        change=change_of(term),
        mark=mark_of(term),
        state=str(Renewal.State(term.state).label),
        marks=marks,
        last=_glance(marks.last) if marks.last else None,
        next=_next(term, marks, today=today),
        reach=reach_of(term),
    )


def mark_of(term: Renewal) -> str:
    """The icon of the term's state."""
    return MARKS[Renewal.State(term.state)]


def contract_of(term: Renewal) -> str:
    """«КАСКО + ОСАГО · Hyundai Creta, 2021»: the line or the product, and the insured thing."""
    english = (get_language() or "ru").startswith("en")
    product = (term.product.name_en if english else "") or term.product.name
    what = str(TermLine.KASKO_OSAGO.label) if term.line == TermLine.KASKO_OSAGO else product
    thing = term.policy.insured_object
    return f"{what} · {thing.title}" if thing else what


def change_of(term: Renewal) -> Decimal | None:
    """How the next price differs from the expiring one, in percent; None while there is no next price."""
    return None if term.next_premium is None else price_change(term.premium, term.next_premium)


def reach_of(term: Renewal) -> list[str]:
    """Channels through which the client may be reached about the contract."""
    return [channel for channel, bit in REACHES.items() if term.reach & bit]


def _next(term: Renewal, marks: Marks, *, today: date) -> dict[str, Any] | None:
    if term.state == Renewal.State.PAID:
        return None
    if term.state == Renewal.State.LOST:
        return {"channel": "agent", "title": _("Plan stopped"), "when": None, "note": ""}
    if term.held_until and term.held_until >= today:
        return {
            "channel": "agent",
            "title": _("Plan held until"),
            "when": None,
            "note": "",
            "day": term.held_until,
        }
    return _glance(marks.next) if marks.next else None


def _glance(touch: Glance) -> dict[str, Any]:
    if touch.kind in {"done", "fail"}:
        word = word_of(touch.state, touch.channel, gone=False).lower()
        title = f"{CHANNELS[touch.channel][1]}: {word}"
        return {"channel": touch.channel, "title": title, "full": touch.name, "when": touch.at, "note": ""}
    if touch.kind == "no":
        word = word_of("stopped", touch.channel, gone=False)
        return {"channel": touch.channel, "title": word, "when": None, "note": touch.reason_text}
    if touch.state == Touch.State.QUEUED and touch.channel in CALLS:
        word = word_of(touch.state, touch.channel, gone=False).lower()
        return {"channel": touch.channel, "title": touch.name, "when": None, "note": word}
    return {"channel": touch.channel, "title": touch.name, "when": touch.at, "note": ""}


def word_of(state: str, channel: str, *, gone: bool) -> str:
    """The verdict on a touch in a word or two; ``gone`` when its day has passed."""
    calls = channel in CALLS
    match state:
        case Touch.State.DROPPED | "stopped":
            if calls:
                return _("Did not call") if gone else _("Will not call")
            return _("Did not go") if gone else _("Will not go")
        case Touch.State.PLANNED | Touch.State.DISPATCHING | "future":
            return _("Will call") if calls else _("Will go")
        case Touch.State.QUEUED:
            return _("In the calling list") if calls else pgettext("touch", "Waits")
        case Touch.State.FAILED:
            return _("Not delivered")
        case Touch.State.DELIVERED:
            return _("Delivered")
        case Touch.State.OPENED:
            return pgettext("touch", "Read")
        case Touch.State.REPLIED:
            return pgettext("touch", "Answered")
        case Touch.State.DONE:
            return pgettext("touch", "Done")
    return pgettext("touch", "Sent")
