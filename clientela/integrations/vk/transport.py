"""The VK channel: out by messages.send, in by the Callback API (`webhooks`)."""

import os
import time
from collections.abc import Mapping, Sequence

from clientela.integrations.vk.client import API_URL, NoAnswer, NotSent, VkClient, VkError
from clientela.integrations.vk.webhooks import CallbackSettings, receive, settings_from
from clientela.modules.contacts.ports import (
    Channel,
    Fault,
    Inbox,
    OutgoingMessage,
    SendOutcome,
    SendResult,
    TransportDown,
)

# dev.vk.com/ru/reference/errors and messages.send. Codes of the account stop the whole batch.
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
    911: ("rejected", "content"),
    914: ("rejected", "content"),
    900: ("rejected", "policy"),
    901: ("rejected", "policy"),
    902: ("rejected", "policy"),
    983: ("rejected", "policy"),
}
# VK keeps random_id for a while and gives the first message's id again: repeating at once is safe.
_TRIES = 3
_RANDOM_ID_LIMIT = 2**31


class VkTransport:
    """`Transport` for one community. `to` is the numeric id of a user who wrote first or opted in.

    `sender` is not used: the access key decides which community writes. `random_id` carries our id,
    so a call whose answer was lost is repeated at once without a second message.
    """

    channel: Channel = "vk"

    def __init__(
        self,
        token: str,
        *,
        base_url: str = API_URL,
        callback: CallbackSettings | None = None,
        calls_per_second: float = 20.0,
    ) -> None:
        self._client = VkClient(token, base_url=base_url)
        self._pace = 1 / calls_per_second
        self._next_call = 0.0
        self._callback = callback
        self._inbox: Inbox | None = None

    def start(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def close(self) -> None:
        self._client.close()

    def receive(self, body: bytes) -> str:
        """One Callback API request; the text to answer with. Raises `webhooks.Forged`."""
        if self._callback is None or self._inbox is None:
            raise RuntimeError("no callback is configured, or the transport is not started")
        return receive(body, self._callback, self._inbox)

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        results: list[SendResult] = []
        attempted = False
        for message in batch:
            if not (message.to.isascii() and message.to.isdecimal()):
                results.append(SendResult(message.id, "rejected", fault="address", detail="not a VK user id"))
                continue
            try:
                results.append(self._send(message))
                attempted = True
            except TransportDown as down:
                if not attempted:
                    raise
                return results + [
                    SendResult(item.id, "retry", fault="connection", detail=str(down))
                    for item in batch[len(results) :]
                ]
        return results

    def _send(self, message: OutgoingMessage) -> SendResult:
        trouble = ""
        for _ in range(_TRIES):
            self._wait_turn()
            try:
                number = self._client.call(
                    "messages.send",
                    peer_id=message.to,
                    random_id=message.id % _RANDOM_ID_LIMIT,
                    message=message.text,
                )
            except VkError as error:
                return self._refused(message.id, error)
            except NotSent as error:
                if trouble:  # an earlier try may have gone through
                    break
                raise TransportDown(str(error)) from error
            except NoAnswer as error:
                trouble = str(error)
            else:
                return SendResult(message.id, "accepted", (str(number),))
        return SendResult(message.id, "uncertain", fault="connection", detail=trouble)

    def _wait_turn(self) -> None:
        """VK answers at most so many calls a second to one community."""
        time.sleep(max(0.0, self._next_call - time.monotonic()))
        self._next_call = max(time.monotonic(), self._next_call) + self._pace

    def _refused(self, message_id: int, error: VkError) -> SendResult:
        if error.code in _ACCOUNT:
            raise TransportDown(str(error)) from error
        outcome, fault = _FAULTS.get(error.code, ("retry", "server"))
        if error.code == _BAD_PARAMETER and "message" in str(error):
            fault = "content"
        return SendResult(message_id, outcome, fault=fault, detail=str(error))


def from_environment(environment: Mapping[str, str] = os.environ) -> VkTransport:
    """The transport of `CLIENTELA_VK_*`: TOKEN and, for incoming messages, GROUP_ID, SECRET, CONFIRMATION."""

    def value(name: str) -> str:
        return environment.get(f"CLIENTELA_VK_{name}", "")

    return VkTransport(
        environment["CLIENTELA_VK_TOKEN"],
        base_url=value("API_URL") or API_URL,
        callback=settings_from(environment),
    )
