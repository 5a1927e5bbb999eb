"""The robot at the exchange: it hears of its own lines, all others go to whoever answers calls."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone

from clientela.modules.calls.ports import Desk, Exchange, LiveLine, Told
from clientela.modules.robot.operations.talking import is_ours, perform, reconcile, take


class RobotDesk:
    """`Desk` before the company's own: ``inner`` gets what is not about the robot's lines."""

    def __init__(
        self, exchange: Exchange, inner: Desk | None = None, *, clock: Callable[[], datetime] = timezone.now
    ) -> None:
        self.exchange, self.inner, self.clock = exchange, inner, clock

    def connected(self, lines: Sequence[LiveLine]) -> None:
        if self.inner is not None:
            self.inner.connected([one for one in lines if not is_ours(one.line)])
        perform(self.exchange, reconcile([one for one in lines if is_ours(one.line)], now=self.clock()))

    def tell(self, event: Told) -> None:
        if is_ours(getattr(event, "line", "")):
            perform(self.exchange, take(event, now=self.clock()))
        elif self.inner is not None:
            self.inner.tell(event)
