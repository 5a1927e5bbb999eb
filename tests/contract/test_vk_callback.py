"""VK calls our address as its Callback API does: confirmed, stored once, answered "ok", strangers turned away."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.urls import reverse

from clientela.foundation.outbox.models import Event
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import Conversation, Message, ProviderId
from tests.servers import vk
from tests.servers.vk import VkServer
from tests.servers.vk_public import SERVICE_TOKEN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


@pytest.fixture
def community(vk_server: VkServer, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> VkServer:
    """The community with its callback at our address."""
    monkeypatch.setenv("CLIENTELA_VK_GROUP_ID", str(vk.GROUP_ID))
    monkeypatch.setenv("CLIENTELA_VK_SECRET", vk.SECRET)
    monkeypatch.setenv("CLIENTELA_VK_CONFIRMATION", vk.CONFIRMATION)
    vk_server.callback_url = live_server.url + reverse("vk:callback")
    return vk_server


@pytest.fixture
def vera_in_vk(vera: Client, now: Any) -> Client:
    ContactPoint.objects.create(client=vera, kind="vk", value="1001", verified_at=now, created_at=now)
    return vera


def test_the_address_is_confirmed(community: VkServer) -> None:
    assert community.push(community.event("confirmation", {}), tries=1) == vk.CONFIRMATION


def test_a_repeated_message_is_stored_once(community: VkServer, vera_in_vk: Client) -> None:
    body = community.message_new(1001, "Да, продлите")

    assert community.push(body, times=3) == "ok"

    message = Message.objects.get()
    assert (message.channel, message.direction, message.client, message.text) == (
        "vk", "in", vera_in_vk, "Да, продлите",
    )  # fmt: skip
    assert Event.objects.filter(name="contacts.MessageReceived").count() == 1


def test_a_read_message_is_known_as_read(community: VkServer, vera_in_vk: Client, now: Any) -> None:
    message = Message.objects.create(
        direction="out", channel="vk", client=vera_in_vk, address="1001", text="Продлим?", state="sent",
        token="t", not_before=now, created_at=now, sent_at=now,
    )  # fmt: skip
    ProviderId.objects.create(message=message, channel="vk", value="55")

    assert community.push(community.message_read(1001, 55)) == "ok"

    message.refresh_from_db()
    assert message.state == "read"


@pytest.mark.parametrize(
    "forge",
    [
        lambda server: server.event("message_new", {}, secret="wrong"),
        lambda server: server.message_new(1001, "x").replace(b'"group_id": 77', b'"group_id": 78'),
        lambda server: server.event("message_new", {"message": 5}),
        lambda server: server.message_new(1001, "x", date=10**30),
        lambda server: b"{",
        lambda server: b"",
    ],
)
def test_strangers_change_nothing(community: VkServer, forge: Callable[[VkServer], bytes]) -> None:
    assert community.push(forge(community), tries=1) == "403"
    assert (Message.objects.count(), Event.objects.count()) == (0, 0)


def test_what_cannot_be_stored_is_not_answered_ok(
    community: VkServer, vera_in_vk: Client, client: Any
) -> None:
    """VK sends again what was not stored."""

    def full(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            raise DatabaseError("disk full")
        return execute(sql, *rest)

    body = community.message_new(1001, "Да")
    client.raise_request_exception = False

    with connection.execute_wrapper(full):
        answer = client.post(reverse("vk:callback"), body, content_type="application/json")

    assert (answer.status_code, Message.objects.count()) == (500, 0)
    assert community.push(body) == "ok"
    assert Message.objects.count() == 1


def test_without_settings_there_is_no_address(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIENTELA_VK_GROUP_ID", raising=False)
    assert client.post(reverse("vk:callback"), b"{}", content_type="application/json").status_code == 404


def test_only_post(community: VkServer, client: Any) -> None:
    assert client.get(reverse("vk:callback")).status_code == 405


def test_a_comment_becomes_a_conversation_with_what_it_is_about(
    community: VkServer, kazan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENTELA_VK_TOKEN", vk.TOKEN)
    monkeypatch.setenv("CLIENTELA_VK_SERVICE_TOKEN", SERVICE_TOKEN)
    monkeypatch.setenv("CLIENTELA_VK_API_URL", community.base_url)
    community.public.people[1001] = ("Пётр", "Савельев")
    community.public.posts[-vk.GROUP_ID, 12] = "Как мы платим по КАСКО"

    assert community.push(community.public.comment(1001, "Жду выплату"), times=2) == "ok"
    assert community.push(community.public.comment_deleted(), times=2) == "ok"

    message = Message.objects.select_related("publication").get()
    assert (message.channel, message.client, message.text) == ("vk_wall", None, "Жду выплату")
    assert message.publication.about == "Как мы платим по КАСКО"
    assert message.publication.withdrawn_at is not None
    assert Conversation.objects.get().name == "Пётр Савельев"
