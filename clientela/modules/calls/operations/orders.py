"""Giving the exchange what was asked of it, in the order it was decided, each until the exchange has it."""

import logging
from typing import Any

from clientela.modules.calls.models import Call, Line, Order
from clientela.modules.calls.ports import Ending, Exchange, ExchangeDown, Ring

log = logging.getLogger(__name__)
# So few that nobody is rung for a client who gave up a moment ago.
BATCH = 10


def perform(exchange: Exchange) -> int:
    """Give the exchange all that waits; returns how many. Raises ``ExchangeDown``: the rest stays.

    Called by one thread at a time. Orders are deleted, a few at a time, after the exchange took them, so that a crash
    between the two repeats them, which does nothing.
    """
    done = 0
    while some := list(Order.objects.order_by("id")[:BATCH]):
        given: list[int] = []
        given_up = _given_up([order.args["line"] for order in some if order.verb == "ring"])
        try:
            for order in some:
                if order.verb != "ring" or order.args["line"] not in given_up:
                    _try(exchange, order)
                given.append(order.pk)
        finally:
            Order.objects.filter(pk__in=given).delete()
        done += len(given)
    return done


def _given_up(lines: list[str]) -> set[str]:
    """Lines that were to be rung and are given up meanwhile."""
    if not lines:
        return set()
    wanted = Line.objects.filter(line__in=lines, state=Line.State.ASKED).exclude(call__state=Call.State.ENDED)
    return set(lines) - set(wanted.values_list("line", flat=True))


def _try(exchange: Exchange, order: Order) -> None:
    try:
        _give(exchange, order.verb, dict(order.args))
    except ExchangeDown:
        raise
    except Exception:
        log.exception("calls.order_failed", extra={"verb": order.verb})


def _give(exchange: Exchange, verb: str, args: dict[str, Any]) -> None:
    if verb == "ring":
        exchange.ring(Ring(**args))
    elif verb == "hang_up":
        exchange.hang_up(args["line"], Ending(args["ending"]))
    else:
        getattr(exchange, verb)(**args)
