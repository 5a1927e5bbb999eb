"""A request out of a conversation, a call, a mail or a call nobody answered."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.modules.calls.models import Call
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.queries.facts import KINDS
from clientela.modules.products.models import Product
from clientela.modules.requests.models import Intake, Request
from clientela.modules.requests.operations.coming import Incoming, receive

TEXT = 1000


@transaction.atomic
def from_conversation(
    *, actor: Any, now: datetime, conversation: Conversation, product: Product | None = None, text: str = ""
) -> Request:
    """One action of who leads the conversation: the request is theirs at once, and its words are the client's last."""
    chat = Request.Source.CHAT if conversation.channel == "webchat" else Request.Source.MESSAGE
    is_phone = KINDS.get(conversation.channel) == ContactPoint.Kind.PHONE
    is_mail = conversation.channel == "email"
    incoming = Incoming(
        source=Request.Source.EMAIL if is_mail else chat, text=(text or conversation.last_text)[:TEXT], product=product,
        client_id=conversation.client_id, conversation=conversation, branch=conversation.branch, name=conversation.name,
        phone=conversation.address if is_phone else "", email=conversation.address if is_mail else "",
        origin=f"conversation:{conversation.pk}:{product.code if product else ''}:{now:%Y%m%d}",
        assignee_id=actor.pk if actor is not None else None,
    )  # fmt: skip
    return receive(actor=actor, now=now, incoming=incoming)


@transaction.atomic
def from_call(
    *, actor: Any, now: datetime, call: Call, product: Product | None = None, text: str = ""
) -> Request:
    """One action of who talks or talked: the request is theirs at once."""
    incoming = Incoming(
        source=Request.Source.CALL, text=text or call.note or call.reason, product=product, phone=call.number,
        client_id=call.client_id, call=call, branch=call.branch, origin=f"call:{call.pk}",
        assignee_id=actor.pk if actor is not None else None,
    )  # fmt: skip
    return receive(actor=actor, now=now, incoming=incoming)


def from_mail(message_id: int, *, now: datetime) -> Request | None:
    """A mail to a mailbox of an intake is a request, once; an answer to a mail of ours is not."""
    rows = Message.objects.select_related("mailbox__intake__product", "mailbox__intake__branch")
    message = rows.filter(pk=message_id, channel="email", mailbox__intake__is_active=True).first()
    if message is None or message.in_reply_to_id is not None:
        return None
    assert message.mailbox is not None
    intake: Intake = message.mailbox.intake
    incoming = Incoming(
        source=Request.Source.PARTNER if intake.partner else Request.Source.EMAIL, name=message.sender, email=message.address,
        text=f"{message.subject}\n{message.text}".strip()[:4000], about=message.subject[:120], intake=intake,
        client_id=message.client_id, origin=f"message:{message.pk}",
    )  # fmt: skip
    return receive(actor=None, now=now, incoming=incoming)


def from_missed(call_id: int, *, now: datetime) -> Request | None:
    """A caller nobody answered, on a number of an intake: a stranger's is a request, a client's call back is enough."""
    call = Call.objects.select_related("our__intake__product", "branch").filter(
        pk=call_id, direction=Call.Direction.IN, answered_at=None, our__intake__is_active=True
    ).first()  # fmt: skip
    if call is None or not call.number or _is_client(call):
        return None
    assert call.our is not None
    incoming = Incoming(
        source=Request.Source.MISSED, phone=call.number, intake=call.our.intake, branch=call.branch, call=call,
        client_id=call.client_id, origin=f"call:{call.pk}",
    )  # fmt: skip
    return receive(actor=None, now=now, incoming=incoming)


def _is_client(call: Call) -> bool:
    """Somebody with an agent or a policy knows us; a card that the call itself made does not count."""
    client = call.client
    return client is not None and (client.agent_id is not None or client.created_at < call.started_at)
