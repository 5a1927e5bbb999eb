"""The web chat as a channel: an answer is laid by for the visitor, whose page fetches it now or at the next visit."""

from collections.abc import Sequence

from clientela.integrations.webchat.models import Visitor
from clientela.integrations.webchat.talk import provider_id
from clientela.modules.contacts.ports import Channel, Inbox, OutgoingMessage, SendResult


class WebchatTransport:
    """`Transport` without a network: pages look for what is sent (`socket`), and say what they have got."""

    channel: Channel = "webchat"

    def start(self, inbox: Inbox) -> None:
        pass

    def close(self) -> None:
        pass

    def send(self, batch: Sequence[OutgoingMessage]) -> list[SendResult]:
        known = set(
            Visitor.objects.filter(key__in={message.to for message in batch}).values_list("key", flat=True)
        )
        return [
            SendResult(message.id, "accepted", (provider_id(message.id),))
            if message.to in known
            else SendResult(message.id, "rejected", fault="address", detail="no such visitor")
            for message in batch
        ]
