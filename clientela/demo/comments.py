"""What people write about the demo company where everybody reads it, and one complaint that was handed over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clientela.foundation.names import name_key
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import ContactPoint
from clientela.modules.contacts.models import Conversation, Message
from clientela.modules.contacts.operations import store_incoming
from clientela.modules.contacts.operations.complaints import hand_over
from clientela.modules.contacts.operations.public import answer_in_public
from clientela.modules.contacts.ports import IncomingMessage, PublicPlace

POST = "Как мы платим по КАСКО: от звонка до денег"
HEAD = "m.gareev@prichal.example"


@dataclass(frozen=True, slots=True)
class Written:
    """A comment or a post: by a client (``who`` is on a card with VK) or by a stranger with the id ``author``."""

    ago: timedelta
    who: str
    text: str
    author: str = ""
    number: int = 0
    about: str = POST


WRITTEN = (
    Written(timedelta(minutes=34), "Савельев Пётр", "Вторую неделю жду выплату по стеклу, по телефону отвечают одно и то же. Это нормально?", "700100201", 345),
    Written(timedelta(minutes=31), "Савельев Пётр", "И в приложении статус не меняется.", "700100201", 346),
    Written(timedelta(hours=3), "Гарипова Алия", "Оформили всё за один день, спасибо вашему агенту в Казани!", "700100202", 340),
    Written(timedelta(minutes=47), "Миронов Алексей Борисович", "А на китайские машины КАСКО делаете?", "", 348),
    Written(timedelta(hours=5), "Юсупов Ринат", "Кто страховался в @prichal? Стоит к ним идти с ипотекой?", "700100203", 0, ""),
)  # fmt: skip
COMPLAINT, THANKED = "700100201", "700100202"


def write(now: datetime) -> int:
    """The comments, an answer and a complaint; returns how many conversations they make."""
    head = User.objects.filter(email=HEAD).first()
    for one in sorted(WRITTEN, key=lambda written: -written.ago):
        known = ContactPoint.objects.filter(client__name_key=name_key(one.who), kind="vk")
        author = one.author or known.values_list("value", flat=True).first()
        if not author:
            continue
        at = now - one.ago
        place = PublicPlace(f"https://vk.com/wall-77_12?reply={one.number}", one.about)
        spot = f"wall:-77_12_{one.number}"
        if not one.number:
            place, spot = PublicPlace("https://vk.com/wall-500_31"), "post:-500_31_0"
        written = IncomingMessage("vk_wall", spot, author, "77", one.text, at, from_name=one.who, place=place)
        store_incoming("vk_wall", [written], now=at)
    talks = {talk.address: talk for talk in Conversation.objects.filter(client=None, channel="vk_wall")}
    if head is not None and COMPLAINT in talks:
        hand_over(actor=head, now=now - timedelta(minutes=20), conversation=talks[COMPLAINT])
    if head is not None and THANKED in talks:
        at = now - timedelta(hours=2)
        asked = Message.objects.get(channel="vk_wall", address=THANKED)
        text = "Алия, спасибо за тёплые слова! Передадим агенту."
        sent = answer_in_public(actor=head, now=at, conversation=talks[THANKED], text=text, answers=asked)
        Message.objects.filter(pk=sent.pk).update(state=Message.State.SENT, sent_at=at)
    return len(talks)
