"""One call that writes something in VK, and what its end means for the message."""

from collections.abc import Callable
from typing import Any

from clientela.integrations.one_by_one import Pace
from clientela.integrations.vk.client import NoAnswer, NotSent, VkError
from clientela.modules.contacts.ports import Fault, OutgoingMessage, SendOutcome, SendResult, TransportDown

# dev.vk.com/ru/reference/errors, messages.send and wall.createComment. Codes of the account stop the whole batch.
_ACCOUNT = frozenset({5, 7, 15, 27, 28})
_BAD_PARAMETER = 100
_FAULTS: dict[int, tuple[SendOutcome, Fault]] = {
    1: ("retry", "server"),
    6: ("retry", "throttled"),
    9: ("retry", "throttled"),
    10: ("retry", "server"),
    14: ("retry", "throttled"),
    29: ("retry", "throttled"),
    18: ("rejected", "address"),
    _BAD_PARAMETER: ("rejected", "address"),
    113: ("rejected", "address"),
    936: ("rejected", "address"),
    105: ("rejected", "content"),
    129: ("rejected", "content"),
    911: ("rejected", "content"),
    914: ("rejected", "content"),
    222: ("rejected", "content"),
    900: ("rejected", "policy"),
    901: ("rejected", "policy"),
    902: ("rejected", "policy"),
    983: ("rejected", "policy"),
    212: ("rejected", "policy"),
    213: ("rejected", "policy"),
    223: ("retry", "throttled"),
}
# VK keeps random_id and guid for a while and gives the first id again: repeating at once is safe.
_TRIES = 3
RANDOM_ID_LIMIT = 2**31


def submit(
    message: OutgoingMessage, call: Callable[[], Any], pace: Pace, *, here: frozenset[int] = frozenset()
) -> SendResult:
    """Call until VK has answered; ``call`` repeats our id, so that nothing is written twice.

    ``here`` are codes of the account that for this call mean only that this message may not be written.
    Raises `TransportDown`.
    """
    trouble = ""
    for _ in range(_TRIES):
        pace.wait()
        try:
            number = call()
        except VkError as error:
            return _refused(message.id, error, here)
        except NotSent as error:
            if trouble:  # an earlier try may have gone through
                break
            raise TransportDown(str(error)) from error
        except NoAnswer as error:
            trouble = str(error)
        else:
            return SendResult(message.id, "accepted", (str(number),))
    return SendResult(message.id, "uncertain", fault="connection", detail=trouble)


def _refused(message_id: int, error: VkError, here: frozenset[int]) -> SendResult:
    if error.code in here:
        return SendResult(message_id, "rejected", fault="policy", detail=str(error))
    if error.code in _ACCOUNT:
        raise TransportDown(str(error)) from error
    outcome, fault = _FAULTS.get(error.code, ("retry", "server"))
    if error.code == _BAD_PARAMETER and "message" in str(error):
        fault = "content"
    return SendResult(message_id, outcome, fault=fault, detail=str(error))
