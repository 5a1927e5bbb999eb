"""What clients of the demo company wrote lately: through the product's own doors, so that the inbox is full of life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from clientela.demo import comments
from clientela.foundation.names import name_key
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.operations import add_note
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import queue_message, store_incoming
from clientela.modules.contacts.operations.asking import gather
from clientela.modules.contacts.operations.conversations import finish
from clientela.modules.contacts.ports import IncomingMessage
from clientela.modules.contacts.queries.facts import KINDS

ANNA, ROMAN = "a.sokolova@prichal.example", "r.tkachenko@prichal.example"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said ``ago``: by the client (no ``by``), or by a colleague to the client or in a note."""

    ago: timedelta
    channel: Literal["sms", "email", "note"]
    text: str
    by: str = ""
    subject: str = ""


def _ago(*, days: int = 0, hours: int = 0, minutes: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


TALKS: dict[str, tuple[Said, ...]] = {
    "Тихонова Марина Юрьевна": (
        Said(_ago(days=1, hours=3), "sms", "Добрый день! Цену видела, спасибо, дешевле, чем в прошлом году. Оплачу в пятницу."),
        Said(_ago(hours=19), "note", "@Соколова, по ОСАГО рассрочки нет. Можно предложить СБП с отсрочкой от банка.", ROMAN),
        Said(_ago(minutes=26), "sms", "Анна, здравствуйте! Можно оплатить половину сейчас, а вторую в декабре?"),
    ),
    "Миронов Алексей Борисович": (
        Said(_ago(minutes=52), "email", "Добрый день! А если вписать в КАСКО жену, стаж шесть лет, намного дороже?",
             subject="Вопрос по КАСКО"),
    ),
    "Кравцова Дарья Андреевна": (
        Said(_ago(minutes=8), "sms", "Где посмотреть номер полиса для парковки?"),
    ),
    "Кузьмин Андрей Павлович": (
        Said(_ago(days=2, hours=1), "sms", "Анна, что нужно для осмотра машины?"),
        Said(_ago(days=2), "sms", "Чистая машина, оба ключа и СТС. Приезжайте в любой день до 18:00.", ANNA),
        Said(_ago(days=1, hours=22), "sms", "Понял, спасибо"),
    ),
    "Шестакова Елена Валерьевна": (
        Said(_ago(days=4), "sms", "Машину продала, спасибо"),
        Said(_ago(days=3, hours=23), "sms", "Елена Валерьевна, поняла вас. Будете брать другую, посчитаю.", ANNA),
    ),
}  # fmt: skip
DONE = ("Шестакова Елена Валерьевна", "Кузьмин Андрей Павлович")
STRANGER = "+79000005519"
QUESTION = "Здравствуйте! Сколько стоит застраховать дачу под Казанью?"


def write(now: datetime) -> int:
    """Conversations out of the history and these talks; returns how many there are."""
    made = gather(now=now)
    people = {user.email: user for user in User.objects.filter(email__in=[ANNA, ROMAN])}
    for name, said in TALKS.items():
        client = Client.objects.filter(name_key=name_key(name)).order_by("id").first()
        if client is None:
            continue
        for one in said:
            _say(client, one, people, now)
        made += 1
        if name in DONE:
            finish(actor=people.get(ANNA), now=now, conversation=client.conversation)
    at = now - timedelta(minutes=17)
    asked = IncomingMessage("sms", "demo-stranger", STRANGER, "PRICHAL", QUESTION, at)
    store_incoming("sms", [asked], now=at)
    return made + 1 + comments.write(now)


def _say(client: Client, one: Said, people: dict[str, User], now: datetime) -> None:
    at = now - one.ago
    author = people.get(one.by)
    if one.channel == "note":
        add_note(actor=author, now=at, client=client, text=one.text)
    elif author is not None:
        sent = queue_message(now=at, actor=author, client=client, channel=one.channel, text=one.text)
        Message.objects.filter(pk=sent.pk).update(state=Message.State.DELIVERED, sent_at=at, delivered_at=at)
    else:
        point = ContactPoint.objects.filter(client=client, kind=KINDS[one.channel]).first()
        if point is not None:
            message = IncomingMessage(
                one.channel,
                f"demo-{client.pk}-{one.ago}",
                point.value,
                "PRICHAL",
                one.text,
                at,
                subject=one.subject,
            )
            store_incoming(one.channel, [message], now=at)
