"""Messengers of the demo company: clients in Telegram, and the chat on its site with a visitor who names a phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.foundation.names import name_key
from clientela.integrations.webchat import talk
from clientela.integrations.webchat.models import Widget
from clientela.integrations.webchat.views import DEMO_KEY
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import queue_message, store_incoming
from clientela.modules.contacts.operations.newcomers import home_branch
from clientela.modules.contacts.ports import IncomingMessage
from clientela.modules.contacts.rules.start_links import start_token

ANNA = "a.sokolova@prichal.example"
# Far above the numbers that Telegram gives to people.
FIRST_CHAT = 990_000_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said so many minutes ago, by the client unless it is ``ours``."""

    minutes: int
    text: str
    ours: bool = False


TELEGRAM: dict[str, tuple[Said, ...]] = {
    "Кравцова Дарья Андреевна": (
        Said(4 * 60, "Здравствуйте! Теперь и здесь. Когда у меня кончается ОСАГО?"),
        Said(3 * 60 + 50, "Дарья Андреевна, добрый день! Напомню за месяц и пришлю цену сюда.", ours=True),
        Said(34, "Спасибо. А можно сразу с мамой за рулём?"),
    ),
    "Кузьмин Андрей Павлович": (Said(47, "Анна, фото машины отправить сюда?"),),
}
VISITOR, VISITOR_NAME = "v0d3e0c4a7b1f25689ab0cd12", "Марина"
NAMED = "Тихонова Марина Юрьевна"
SITE = (
    Said(19, "Здравствуйте! Я ваш клиент, не приходит ссылка на оплату"),
    Said(18, "Можно её сюда?"),
)


def write(now: datetime) -> int:
    """These conversations, through the doors that messengers use; returns how many there are."""
    anna = User.objects.filter(email=ANNA).first()
    today, made = local_today(settings.TIME_ZONE, now), 0
    for number, (name, said) in enumerate(TELEGRAM.items()):
        client = Client.objects.filter(name_key=name_key(name)).order_by("id").first()
        if client is None or anna is None:
            continue
        chat, opened = str(FIRST_CHAT + number), now - timedelta(minutes=said[0].minutes + 1)
        link = start_token(client.pk, today)
        _in_telegram(chat, "/start", opened, automatic=True, start_token=link)
        for one in said:
            at = now - timedelta(minutes=one.minutes)
            if one.ours:
                sent = queue_message(now=at, actor=anna, client=client, channel="telegram", text=one.text)
                Message.objects.filter(pk=sent.pk).update(state=Message.State.SENT, sent_at=at)
            else:
                _in_telegram(chat, one.text, at)
        made += 1
    return made + _on_the_site(now)


def _in_telegram(
    chat: str, text: str, at: datetime, *, automatic: bool = False, start_token: str = ""
) -> None:
    message = IncomingMessage(
        "telegram",
        f"demo-{chat}:{at:%d%H%M}",
        chat,
        "",
        text,
        at,
        automatic=automatic,
        start_token=start_token,
    )
    store_incoming("telegram", [message], now=at)


def _on_the_site(now: datetime) -> int:
    branch = home_branch()
    if branch is None:
        return 0
    widget, _ = Widget.objects.get_or_create(
        key=DEMO_KEY,
        defaults={
            "name": settings.COMPANY_NAME, "branch": branch, "origins": [], "created_at": now,
            "greeting": "Здравствуйте! Чем помочь? Ответит агент вашего филиала.",
            "offline_text": "Здравствуйте! Сейчас мы не на работе. Напишите, и утром агент ответит здесь же.",
        },
    )  # fmt: skip
    points = ContactPoint.objects.filter(client__name_key=name_key(NAMED), kind="phone").order_by("id")
    phone = points.values_list("value", flat=True).first() or ""
    talk.introduce(widget, VISITOR, VISITOR_NAME, phone, now=now - timedelta(minutes=20))
    for number, one in enumerate(SITE):
        talk.say(widget, VISITOR, f"demo-{number:08}", one.text, now=now - timedelta(minutes=one.minutes))
    return 1
