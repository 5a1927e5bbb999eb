"""What the worker that holds the exchange does for the robot, again and again."""

from datetime import datetime, timedelta

from clientela.modules.calls.ports import Exchange
from clientela.modules.robot.operations.dialling import dial_due
from clientela.modules.robot.operations.talking import Wish, look, perform


def turn(exchange: Exchange, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """Ring whom it is time to ring and look after conversations that are silent. False when there was nothing."""
    wishes: list[Wish] = [*look(now=now), *dial_due(worker=worker, now=now, lease=lease)]
    perform(exchange, wishes)
    return bool(wishes)
