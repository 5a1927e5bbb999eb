"""Giving the exchange what was asked of it, in the order it was decided, each until the exchange has it."""

import logging
from typing import Any

from clientela.modules.calls.models import Call, Line, Order
from clientela.modules.calls.ports import Ending, Exchange, ExchangeDown, Ring

log = logging.getLogger(__name__)
BATCH = 200


def perform(exchange: Exchange) -> int:
    """Give the exchange all that waits; returns how many. Raises ``ExchangeDown``: the rest stays.

    Called by one thread at a time. An order is deleted after the exchange took it, so that a crash between the two
    repeats it, which does nothing.
    """
    done = 0
    while some := list(Order.objects.select_related("call").order_by("id")[:BATCH]):
        for order in some:
            if _still_wanted(order):
                try:
                    _give(exchange, order.verb, dict(order.args))
                except ExchangeDown:
                    raise
                except Exception:
                    log.exception("calls.order_failed", extra={"verb": order.verb})
            order.delete()
            done += 1
    return done


def _still_wanted(order: Order) -> bool:
    """Nobody is rung whose line was given up meanwhile."""
    if order.verb != "ring":
        return True
    line = Line.objects.filter(line=order.args["line"]).first()
    return line is not None and line.state == Line.State.ASKED and line.call.state != Call.State.ENDED


def _give(exchange: Exchange, verb: str, args: dict[str, Any]) -> None:
    if verb == "ring":
        exchange.ring(Ring(**args))
    elif verb == "hang_up":
        exchange.hang_up(args["line"], Ending(args["ending"]))
    else:
        getattr(exchange, verb)(**args)
