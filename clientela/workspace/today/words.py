"""The tasks of the day in words: what to do, why, and why in this order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.modules.contracts.rules import price_change
from clientela.modules.renewals.models import Renewal
from clientela.workspace.today.rules import Fact, Kind, Weight

QUOTED = 90
FRESH = timedelta(days=14)


def language() -> str:
    return get_language() or "ru"


def verb(kind: str) -> str:
    """«Call», «Make a project»: what is to be done, before the client's name."""
    return {
        Kind.ANSWER: pgettext("task", "Answer"),
        Kind.CALL: pgettext("task", "Call"),
        Kind.CALL_BACK: pgettext("task", "Call back"),
        Kind.PROJECT: pgettext("task", "Make a project"),
        Kind.OFFER: pgettext("task", "Send the offer"),
        Kind.PAYMENT: pgettext("task", "Remind of the payment"),
    }[Kind(kind)]


def button(kind: str) -> str:
    """The same on the button at the end of the row."""
    return {
        Kind.ANSWER: pgettext("button", "Answer"),
        Kind.CALL: pgettext("button", "Call"),
        Kind.CALL_BACK: pgettext("button", "Call"),
        Kind.PROJECT: pgettext("button", "Prepare"),
        Kind.OFFER: pgettext("button", "Send"),
        Kind.PAYMENT: pgettext("button", "Remind"),
    }[Kind(kind)]


ICONS = {
    Kind.ANSWER: "corner-up-left", Kind.CALL: "phone", Kind.PROJECT: "file-text", Kind.OFFER: "send",
    Kind.PAYMENT: "cash", Kind.CALL_BACK: "phone-plus",
}  # fmt: skip


def reason(weight: Weight) -> str:
    """One fact of the order, as a part of a sentence."""
    match weight.fact:
        case Fact.DAYS:
            left = int(weight.value or 0)  # type: ignore[arg-type]
            if left == 0:
                return _("it is the last day")
            return ngettext("%(n)s day is left", "%(n)s days are left", left) % {"n": left}
        case Fact.WAITING:
            return _("the client waits for an answer")
        case Fact.WAITS_CALL:
            return _("the client waits for a call")
        case Fact.LATE:
            return _("they should have been called by now")
        case Fact.CALL_DUE:
            return _("the plan has a call today")
        case Fact.OVERDUE:
            return _("the call was due before today")
        case Fact.OPENED:
            return _("the client read a message %(when)s") % {"when": day_of(weight.value)}
        case Fact.BARE:
            return _("nothing is prepared")
        case Fact.READY:
            return _("the price is ready")
        case Fact.DEAR:
            return _("a large premium")


def day_of(moment: Any) -> str:
    """«today», «yesterday», or the date."""
    if not isinstance(moment, datetime):
        return ""
    return formats.near_date(timezone.localtime(moment).date(), language(), timezone.localdate())


def why(weights: Sequence[Weight]) -> str:
    """The two heaviest facts in one line."""
    return _(" and ").join(reason(weight) for weight in weights[:2])


def all_reasons(weights: Sequence[Weight]) -> list[dict[str, Any]]:
    """Every fact with its points, for who wants to see the sum."""
    return [{"text": reason(weight), "points": weight.points} for weight in weights]


def waited(since: datetime, now: datetime) -> str:
    """«26 minutes», «3 hours», «2 days»: how long a client has waited."""
    minutes = max(int((now - since).total_seconds() // 60), 1)
    if minutes < 60:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return formats.days(hours // 24, language())


def quote(text: str) -> str:
    """A client's words, short enough for a line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= QUOTED else f"{plain[: QUOTED - 1].rstrip()}…"


def price_words(term: Renewal) -> str:
    """«6 240 ₽, the price of last year»: the next price and how it differs."""
    if term.next_premium is None:
        return _("last year it was %(sum)s") % {"sum": money(term.premium)}
    change = price_change(term.premium, term.next_premium)
    return f"{money(term.next_premium)}, {change_words(change)}"


def change_words(change: Decimal | None) -> str:
    """How the price differs from last year's."""
    if change is None or change == 0:
        return _("the price of last year")
    text = formats.percent(abs(change), language(), 1)
    return (_("%(share)s cheaper") if change < 0 else _("%(share)s dearer")) % {"share": text}


def money(amount: Decimal) -> str:
    return formats.money(amount, language(), kopecks=amount != amount.to_integral_value())


def detail(kind: str, term: Renewal, now: datetime) -> str:
    """Why the task stands here, in the second line of the row."""
    parts = [_state(kind, term)]
    if is_fresh(term.last_replied_at, now):
        parts.append(_("answered %(when)s") % {"when": day_of(term.last_replied_at)})
    elif is_fresh(term.last_opened_at, now):
        parts.append(_("read a message %(when)s") % {"when": day_of(term.last_opened_at)})
    return " · ".join(part for part in parts if part)


def is_fresh(moment: datetime | None, now: datetime) -> bool:
    """Whether what the client did is recent enough to speak of."""
    return moment is not None and moment >= now - FRESH


def _state(kind: str, term: Renewal) -> str:
    if term.state == Renewal.State.NOTHING:
        return _("No project and no quote, %(price)s") % {"price": price_words(term)}
    if kind == Kind.OFFER:
        return _("The project is ready: %(price)s") % {"price": price_words(term)}
    if term.state == Renewal.State.QUOTED:
        return _("Quoted, not paid: %(price)s") % {"price": price_words(term)}
    return _("The offer is sent, not paid: %(price)s") % {"price": price_words(term)}
