"""The strip of facts under a client's name."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.dates import full_years
from clientela.foundation.ui import formats, markup
from clientela.workspace.clients.queries.card import Card


def strip_of(card: Card) -> list[dict[str, Any]]:
    """Six figures with a line of context each."""
    return [_policies(card), _premium(card), _next_end(card), _losses(card), _tenure(card), _last(card)]


def _policies(card: Card) -> dict[str, Any]:
    names = ", ".join(dict.fromkeys(row.name for row in card.current))
    ended = len(card.ended)
    before = ngettext("%(n)s ended", "%(n)s ended", ended) % {"n": ended}
    note = names or (before if ended else _("none so far"))
    return {"label": _("Policies in force"), "value": len(card.current), "note": note, "url": "#policies"}


def _premium(card: Card) -> dict[str, Any]:
    language = markup.language()
    coming = [row for row in card.current if row.next_premium is not None]
    total = sum((row.next_premium or Decimal(0) for row in coming), Decimal(0))
    note = _("next term %(sum)s") % {"sum": formats.money(total, language, kopecks=False)} if coming else ""
    value = formats.money(card.premium_in_force, language, kopecks=False) if card.current else "—"
    return {"label": _("Premium a year"), "value": value, "note": note}


def _next_end(card: Card) -> dict[str, Any]:
    first = next((row for row in card.current if not row.renewed_by), None)
    if first is None:
        return {"label": _("Next end"), "value": "—", "note": _("nothing ends")}
    left = (first.end_date - card.today).days
    day = formats.long_date(first.end_date, markup.language(), card.today)
    return {
        "label": _("Next end"),
        "value": formats.days(left, markup.language()),
        "note": f"{day}, {first.name}",
    }


def _losses(card: Card) -> dict[str, Any]:
    language = markup.language()
    ratio = card.loss_ratio
    if ratio is None:
        return {"label": _("Loss ratio"), "value": "—", "note": _("no premiums yet")}
    paid = card.portfolio.loss_paid
    words = (
        _("paid out %(sum)s") % {"sum": formats.money(paid, language, kopecks=False)}
        if paid
        else _("no losses")
    )
    css = "text-bad-ink" if card.categories.profitability == "unprofitable" else ""
    return {"label": _("Loss ratio"), "value": formats.percent(ratio, language), "note": words, "css": css}


def _tenure(card: Card) -> dict[str, Any]:
    since = card.client.client_since or card.portfolio.first_start
    if since is None:
        return {"label": _("With us"), "value": "—", "note": _("no policy yet")}
    years = max(full_years(since, card.today), 0)
    words = ngettext("%(n)s year", "%(n)s years", years) % {"n": years} if years else _("first year")
    day = formats.long_date(since, markup.language(), card.today)
    return {"label": _("With us"), "value": words, "note": _("since %(day)s") % {"day": day}}


def _last(card: Card) -> dict[str, Any]:
    last = card.last_contact
    if last is None:
        return {
            "label": _("Last contact"),
            "value": "—",
            "note": _("no conversation yet"),
            "url": "#timeline",
        }
    when = formats.near_moment(last.created_at, markup.language(), card.now, card.client.time_zone)
    channel = str(markup.CHANNELS.get(last.channel, ("", last.channel))[1])
    side = _("from the client") if last.direction == "in" else _("from us")
    return {"label": _("Last contact"), "value": when, "note": f"{channel}, {side}", "url": "#timeline"}
