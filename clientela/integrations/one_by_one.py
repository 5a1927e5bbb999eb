"""What adapters share whose network takes one message a call: the pace, and an end in the middle of a batch."""

import time
from collections.abc import Callable, Sequence

from clientela.modules.contacts.ports import OutgoingMessage, SendResult, TransportDown


class Pace:
    """At most so many calls a second."""

    def __init__(self, calls_per_second: float) -> None:
        self._pause = 1 / calls_per_second
        self._next = 0.0

    def wait(self) -> None:
        """Sleep until the next call may go."""
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = max(time.monotonic(), self._next) + self._pause


def send_one_by_one(
    batch: Sequence[OutgoingMessage], send: Callable[[OutgoingMessage], SendResult], *, nobody: str
) -> list[SendResult]:
    """The results of ``send``, one a message. An address that is no number is refused with the words ``nobody``.

    Raises `TransportDown` when nothing was attempted; later it puts the rest off.
    """
    results: list[SendResult] = []
    attempted = False
    for message in batch:
        if not (message.to.isascii() and message.to.removeprefix("-").isdecimal()):
            results.append(SendResult(message.id, "rejected", fault="address", detail=nobody))
            continue
        try:
            results.append(send(message))
            attempted = True
        except TransportDown as down:
            if not attempted:
                raise
            return results + [
                SendResult(item.id, "retry", fault="connection", detail=str(down))
                for item in batch[len(results) :]
            ]
    return results
