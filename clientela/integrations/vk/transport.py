"""The VK channel: out by messages.send, in by the Callback API (`webhooks`)."""

import os
from collections.abc import Mapping, Sequence

from clientela.integrations.one_by_one import Pace, send_one_by_one
from clientela.integrations.vk.client import API_URL, VkClient
from clientela.integrations.vk.submitting import RANDOM_ID_LIMIT, submit
from clientela.integrations.vk.webhooks import CallbackSettings, receive, settings_from
from clientela.modules.contacts.ports import Attachment, Channel, Inbox, OutgoingMessage, SendResult

_PICTURES = ("image/jpeg", "image/png")


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
        self._pace = Pace(calls_per_second)
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
        return send_one_by_one(batch, self._send, nobody="not a VK user id")

    def _send(self, message: OutgoingMessage) -> SendResult:
        given: list[str] = []  # a file that VK has already is not given again

        def call() -> object:
            for file in message.attachments[len(given) :]:
                given.append(self._give(message.to, file))
            attached = {"attachment": ",".join(given)} if given else {}
            return self._client.call(
                "messages.send", peer_id=message.to, random_id=message.id % RANDOM_ID_LIMIT, message=message.text,
                **attached,
            )  # fmt: skip

        return submit(message, call, self._pace)

    def _give(self, peer_id: str, file: Attachment) -> str:
        """Upload a file; how VK names it in a message. JPEG and PNG are pictures, everything else a document."""
        if file.content_type in _PICTURES:
            place = self._client.call("photos.getMessagesUploadServer", peer_id=peer_id)
            told = self._client.upload(
                place["upload_url"], "photo", file.name, file.content, file.content_type
            )
            known = {name: told[name] for name in ("server", "photo", "hash")}
            (saved,) = self._client.call("photos.saveMessagesPhoto", **known)
            return f"photo{saved['owner_id']}_{saved['id']}_{saved['access_key']}"
        place = self._client.call("docs.getMessagesUploadServer", peer_id=peer_id, type="doc")
        told = self._client.upload(place["upload_url"], "file", file.name, file.content, file.content_type)
        saved = self._client.call("docs.save", file=told["file"], title=file.name)["doc"]
        return f"doc{saved['owner_id']}_{saved['id']}"


def from_environment(environment: Mapping[str, str] = os.environ) -> VkTransport:
    """The transport of `CLIENTELA_VK_*`: TOKEN and, for incoming messages, GROUP_ID, SECRET, CONFIRMATION."""

    def value(name: str) -> str:
        return environment.get(f"CLIENTELA_VK_{name}", "")

    return VkTransport(
        environment["CLIENTELA_VK_TOKEN"],
        base_url=value("API_URL") or API_URL,
        callback=settings_from(environment),
    )
