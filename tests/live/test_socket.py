"""A visitor's page on the live application: nothing lost, nothing doubled, nobody's card given away."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.utils import timezone

from clientela.config import live
from clientela.integrations.webchat import socket
from clientela.integrations.webchat.models import Visitor, Widget
from clientela.integrations.webchat.transport import WebchatTransport
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation, Message, PhoneClaim
from clientela.modules.contacts.operations import deliver, queue_message
from clientela.modules.contacts.operations.conversations import look
from clientela.modules.contacts.operations.introductions import settle_claim
from tests.cast import VERAS_PHONE
from tests.live.conftest import Page, page, visit

pytestmark = pytest.mark.django_db(transaction=True)
CID = "0123456789abcdef"


def _say(text: str = "Сколько стоит КАСКО?", cid: str = CID) -> dict[str, Any]:
    return {"t": "say", "cid": cid, "text": text}


async def _known(one: Page, phone: str = "") -> str:
    opened = await one.hello()
    assert await one.introduce(phone=phone) == {"t": "ok", "cid": "who"}
    return str(opened["token"])


def test_a_first_message_opens_a_conversation_in_the_widgets_branch(widget: Widget) -> None:
    async def story() -> dict[str, Any]:
        async with page() as one:
            await _known(one)
            return await one.ask(_say())

    told = visit(story)

    message = Message.objects.get()
    assert (told["t"], told["cid"], told["id"]) == ("ok", CID, message.pk)
    assert message.client is not None
    assert (message.channel, message.client.name, message.client.branch) == ("webchat", "Глеб", widget.branch)
    assert Conversation.objects.get().client == message.client


def test_what_was_cut_off_in_the_middle_is_sent_again_and_kept_once(widget: Widget) -> None:
    """The page hears no answer, connects again with its token and repeats what is not in the history."""

    async def story() -> list[Any]:
        async with page() as one:
            token = await _known(one)
            await one.send(_say())  # the line breaks before the answer
        async with page() as again:
            opened = await again.hello(token)
            told = await again.ask(_say())
            return [opened, told, await again.ask(_say())]

    opened, told, repeated = visit(story)

    assert Message.objects.count() == 1
    assert told == repeated
    assert opened["name"] == "Глеб"
    assert [one["cid"] for one in opened["history"]] in ([], [CID])


def test_an_answer_comes_to_the_open_page_and_is_marked(widget: Widget, anna: Any) -> None:
    def answer() -> None:
        client = Client.objects.get(contact_points__kind="webchat")
        asked = Message.objects.get(direction="in")
        queue_message(
            now=timezone.now(),
            actor=None,
            client=client,
            channel="webchat",
            text="От 40 000 ₽",
            in_reply_to=asked,
        )
        deliver("webchat", WebchatTransport(), worker="w", now=timezone.now())

    async def story() -> list[Any]:
        async with page() as one, page() as stranger:
            await _known(one)
            await stranger.hello()
            await one.ask(_say())
            await sync_to_async(answer)()
            news = await one.hear()
            for kind in ("got", "read"):
                await stranger.send({"t": kind, "ids": [news["message"]["id"]]})
            await stranger.ask("junk")
            after_stranger = await sync_to_async(lambda: Message.objects.get(direction="out").state)()
            await one.send({"t": "read", "ids": [news["message"]["id"]]})
            await one.ask("junk")
            return [news, after_stranger]

    news, after_stranger = visit(story)

    assert (news["t"], news["message"]["text"], news["message"]["mine"]) == ("news", "От 40 000 ₽", False)
    assert after_stranger == "sent"
    assert Message.objects.get(direction="out").state == "read"


def test_an_answer_waits_for_the_next_visit(widget: Widget) -> None:
    async def ask() -> str:
        async with page() as one:
            token = await _known(one)
            await one.ask(_say())
            return token

    token = visit(ask)
    client = Client.objects.get(contact_points__kind="webchat")
    asked = Message.objects.get()
    queue_message(
        now=timezone.now(), actor=None, client=client, channel="webchat", text="Перезвоним", in_reply_to=asked
    )
    deliver("webchat", WebchatTransport(), worker="w", now=timezone.now())

    async def back() -> dict[str, Any]:
        async with page() as one:
            return await one.hello(token)

    assert [one["text"] for one in visit(back)["history"]] == ["Сколько стоит КАСКО?", "Перезвоним"]


def test_typing_anothers_phone_attaches_nothing(widget: Widget, vera: Client, branch_head: Any) -> None:
    async def story() -> None:
        async with page() as one:
            await _known(one, VERAS_PHONE)
            await one.ask(_say())

    visit(story)

    claim = PhoneClaim.objects.get()
    assert (claim.phone, claim.verified, claim.client != vera) == (VERAS_PHONE, False, True)
    assert vera.messages.count() == 0
    assert not claim.client.contact_points.filter(kind="phone").exists()


def test_a_colleague_confirms_the_claim(widget: Widget, vera: Client, administrator: Any, now: Any) -> None:
    async def story() -> str:
        async with page() as one:
            token = await _known(one, VERAS_PHONE)
            await one.ask(_say())
            return token

    token = visit(story)
    talk = settle_claim(actor=administrator, now=now, claim=PhoneClaim.objects.get(), client=vera)

    async def back() -> dict[str, Any]:
        async with page() as one:
            await one.hello(token)
            return await one.ask(_say("И ещё вопрос", "fedcba9876543210"))

    visit(back)
    assert talk.client == vera
    assert list(vera.messages.order_by("id").values_list("text", flat=True)) == [
        "Сколько стоит КАСКО?",
        "И ещё вопрос",
    ]
    assert Conversation.objects.count() == 1
    assert not PhoneClaim.objects.filter(settled_at=None).exists()


@pytest.mark.parametrize(
    ("key", "origin"), [("site", "https://evil.example"), ("site", ""), ("other", "https://prichal.example")]
)
def test_a_site_that_may_not_is_not_let_in(widget: Widget, key: str, origin: str) -> None:
    async def story() -> dict[str, Any]:
        async with page(key, origin) as one:
            return await one.hear()

    assert visit(story)["type"] == "websocket.close"


def test_junk_is_answered_and_ends_nothing(widget: Widget) -> None:
    frames: list[Any] = [
        "", "{", "[]", "5", '{"t": 5}', "[" * 10_000, "x" * (socket.MAX_FRAME + 1), {"t": "got", "ids": "all"},
    ]  # fmt: skip
    wanting = [
        (_say(), "introduce"),
        ({"t": "who", "name": "Глеб"}, "consent"),
        ({"t": "who", "name": " ", "consent": True}, "name"),
        ({"t": "who", "name": "Глеб", "phone": "12", "consent": True}, "phone"),
    ]

    async def story() -> list[Any]:
        async with page() as one:
            codes = [(await one.ask(_say()))["code"]]
            for frame in frames:
                codes.append((await one.ask(frame))["code"])
        async with page() as two:
            await two.hello("forged.token")
            codes += [(await two.ask(frame))["code"] for frame, _ in wanting]
            assert (await two.introduce())["t"] == "ok"
            return codes

    codes = visit(story)
    assert codes == ["hello", *["junk"] * len(frames), *(code for _, code in wanting)]
    assert Visitor.objects.count() == 1
    assert Message.objects.count() == 0


def test_who_floods_is_told_to_slow_down_and_loses_nothing_already_kept(widget: Widget) -> None:
    async def story() -> list[dict[str, Any]]:
        async with page() as one:
            await _known(one)
            return [await one.ask(_say(str(number), f"{number:016x}")) for number in range(14)]

    told = visit(story)
    kept = [one for one in told if one["t"] == "ok"]
    assert [one["code"] for one in told if one["t"] == "error"] == ["slower"] * (14 - len(kept))
    assert 8 <= len(kept) < 14
    assert Message.objects.count() == len(kept)


def test_typing_and_looking_are_told_both_ways_and_typing_is_stored_nowhere(
    widget: Widget, anna: Any, branch_head: Any, sign_in: Any
) -> None:
    branch_head.placement.branch = widget.branch
    branch_head.placement.save()
    cookie = sign_in(branch_head).cookies["sessionid"].value
    foreign = sign_in(anna).cookies["sessionid"].value

    async def story() -> list[Any]:
        async with page() as one:
            await _known(one)
            await one.ask(_say())
            talk = await sync_to_async(Conversation.objects.get)()
            topics = await sync_to_async(live._allowed)(branch_head, [f"typing:{talk.pk}"])
            denied = await sync_to_async(live._allowed)(anna, [f"typing:{talk.pk}"])
            queue = live.hub.join(topics)
            await one.send({"t": "typing"})
            heard = await asyncio.wait_for(queue.get(), 10)
            live.hub.leave(queue, topics)
            statuses = [await _type(talk.pk, foreign), await _type(talk.pk, cookie), await _type(talk.pk, "")]
            told = await one.hear()
            await sync_to_async(_look)(talk, branch_head)
            live.hub.tell(socket.TOPIC)
            seen = await one.hear()
            return [talk, denied, heard, statuses, told, seen]

    talk, denied, heard, statuses, told, seen = visit(story)

    assert (denied, heard) == ([], f"typing:{talk.pk}")
    assert statuses == [204, 204, 404]
    assert told == {"t": "typing"}
    talk.refresh_from_db()
    assert seen == {"t": "seen", "at": talk.seen_at.isoformat()}
    assert Message.objects.count() == 1


async def _type(talk_id: int, session: str) -> int:
    """A colleague's page says that somebody types; the status of the answer."""
    headers = [(b"host", b"site.example"), (b"origin", b"https://site.example")]
    scope = {
        "type": "http", "method": "POST", "path": "/live/typing/", "query_string": f"talk={talk_id}".encode(),
        "headers": [*headers, (b"cookie", f"sessionid={session}".encode())],
    }  # fmt: skip
    wire = ApplicationCommunicator(live.application, scope)
    await wire.send_input({"type": "http.request", "body": b""})
    answer = await wire.receive_output(10)
    await wire.receive_output(10)
    return int(answer["status"])


def _look(talk: Conversation, person: Any) -> None:
    Conversation.objects.filter(pk=talk.pk).update(assignee=person)
    talk.refresh_from_db()
    look(actor=person, now=timezone.now(), conversation=talk)
