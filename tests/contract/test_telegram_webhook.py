"""Telegram brings updates to our address: stored once, strangers turned away; who writes is found out."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Conversation, Message, MessageFile, PhoneClaim
from clientela.modules.contacts.rules.start_links import start_token
from tests.cast import VERAS_PHONE
from tests.servers.telegram import SECRET, TOKEN, TelegramServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


class Bot:
    """Brings updates to the webhook."""

    def __init__(self, server: TelegramServer, url: str) -> None:
        self.server, self.url = server, url

    def brings(self, update: dict[str, Any], **more: Any) -> int:
        return self.server.push(self.url, update, **more)

    def says(self, text: str = "", **more: Any) -> int:
        return self.brings(self.server.update("message", self.server.message(1001, text, **more)))

    def shares(self, phone: str) -> int:
        return self.says(contact={"phone_number": phone, "first_name": "В", "user_id": 1001})


@pytest.fixture
def bot(
    telegram_server: TelegramServer, live_server: Any, monkeypatch: pytest.MonkeyPatch, kazan: Any
) -> Bot:
    monkeypatch.setenv("CLIENTELA_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("CLIENTELA_TELEGRAM_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("CLIENTELA_TELEGRAM_API_URL", telegram_server.base_url)
    return Bot(telegram_server, live_server.url + reverse("telegram:webhook"))


def _chats(client: Client) -> list[str]:
    return list(client.contact_points.filter(kind="telegram").values_list("value", flat=True))


def test_a_stranger_gets_a_card_and_a_repeated_message_is_stored_once(bot: Bot) -> None:
    update = bot.server.update("message", bot.server.message(1001, "Сколько стоит ОСАГО?"))

    assert [bot.brings(update) for _ in range(3)] == [200, 200, 200]

    message = Message.objects.get()
    assert message.client is not None
    assert (message.channel, message.address, message.client.name) == ("telegram", "1001", "Орлова Вера")
    assert Event.objects.filter(name="contacts.MessageReceived").count() == 1


@pytest.mark.parametrize("secret", ["", "wrong", None, SECRET[:-1]])
def test_strangers_change_nothing(bot: Bot, secret: str | None) -> None:
    update = bot.server.update("message", bot.server.message(1001, "x"))
    assert bot.brings(update, secret=secret) == 403
    assert (Message.objects.count(), Event.objects.count()) == (0, 0)


def test_junk_with_the_secret_does_not_hold_up_the_rest(bot: Bot) -> None:
    assert bot.brings({"update_id": "none", "message": 5}) == 200
    assert Message.objects.count() == 0


def test_without_settings_there_is_no_address(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIENTELA_TELEGRAM_WEBHOOK_SECRET", raising=False)
    assert client.post(reverse("telegram:webhook"), b"{}", content_type="application/json").status_code == 404


def test_a_file_is_kept_with_its_message(bot: Bot) -> None:
    bot.server.keep("f1", b"%PDF")
    document = {
        "file_id": "f1",
        "file_unique_id": "f1",
        "file_name": "стс.pdf",
        "mime_type": "application/pdf",
    }

    assert bot.says(document=document) == 200

    kept = MessageFile.objects.get()
    with kept.file.open("rb") as stored:
        assert (kept.name, kept.size, stored.read()) == ("стс.pdf", 4, b"%PDF")


def test_our_link_ties_the_chat_to_the_client(bot: Bot, vera: Client) -> None:
    token = start_token(vera.pk, timezone.localdate())
    bot.says("Здравствуйте")  # from a chat nobody knows yet
    stranger = Message.objects.get().client
    assert stranger != vera

    assert bot.says(f"/start {token}") == 200

    assert _chats(vera) == ["1001"]
    assert set(Message.objects.values_list("client", flat=True)) == {vera.pk}
    assert list(Conversation.objects.values_list("client", "last_text")) == [(vera.pk, "Здравствуйте")]
    assert stranger is not None
    assert _chats(stranger) == []


def test_another_link_ties_nothing(bot: Bot, vera: Client) -> None:
    token = start_token(vera.pk, timezone.localdate())
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), f"zz-{token}", "-", ""):
        assert bot.says(f"/start {forged}") == 200
    assert _chats(vera) == []
    assert Conversation.objects.count() == 0  # to open the bot asks for nothing


def test_ones_own_phone_finds_the_client(bot: Bot, vera: Client) -> None:
    assert bot.shares(VERAS_PHONE) == 200
    assert _chats(vera) == ["1001"]
    assert Conversation.objects.get().client == vera


def test_a_phone_of_several_is_asked_about(bot: Bot, vera: Client, boris_client: Client) -> None:
    ContactPoint.objects.create(
        client=boris_client, kind="phone", value=VERAS_PHONE, tail=VERAS_PHONE[-7:], created_at=timezone.now()
    )
    assert bot.shares(VERAS_PHONE) == 200
    claim = PhoneClaim.objects.get()
    assert (claim.phone, claim.verified, claim.client.name) == (VERAS_PHONE, True, "Орлова Вера")
    assert _chats(vera) == _chats(boris_client) == []


def test_the_portal_leads_to_the_bot(client: Any, vera: Client, settings: Any) -> None:
    settings.TELEGRAM_BOT = "prichal_bot"
    token = start_token(vera.pk, timezone.localdate())
    answer = client.get(reverse("portal:telegram", args=[token]))
    assert (answer.status_code, answer["Location"]) == (302, f"https://t.me/prichal_bot?start={token}")
    assert client.get(reverse("portal:telegram", args=["1-1-x"])).status_code == 404
