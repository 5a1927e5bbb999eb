import threading
import time

import pytest
import time_machine
from django.db import connections

from clientela.modules.contacts import tasks
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.operations import queue_message
from clientela.modules.contacts.ports import TransportDown
from clientela.modules.contacts.tests.network import Network, receipt


class Link(Network):
    """A network whose first attempts fail; its receipts come from a thread of its own."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures, self.closed, self.inbox = failures, 0, None
        self.before = self.fail

    def start(self, inbox):
        self.inbox = inbox

    def close(self):
        self.closed += 1

    def fail(self, batch):
        if self.failures:
            self.failures -= 1
            raise TransportDown("no link")


@pytest.mark.django_db(transaction=True)
def test_a_channel_sends_and_receives_until_it_is_stopped(vera, now, monkeypatch):
    monkeypatch.setattr(tasks, "_BACKOFF", (0.05, 0.1))
    monkeypatch.setattr(tasks, "IDLE_SECONDS", 0.05)
    link, stop = Link(failures=2), threading.Event()
    with time_machine.travel(now):
        message = queue_message(now=now, actor=None, client=vera, channel="sms", text="Полис")
        thread = threading.Thread(target=tasks.run_channel, args=("sms", stop), kwargs={"transport": link})
        thread.start()
        try:
            assert wait_for(message, "sent")
            in_own_thread(link.inbox.receipts, [receipt(message, now)])
            assert wait_for(message, "delivered")
        finally:
            stop.set()
            thread.join(5)

    assert not thread.is_alive()
    assert (len(link.got), link.failures, link.closed) == (1, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_the_next_batch_is_taken_while_one_is_on_the_wire(vera, now, monkeypatch):
    monkeypatch.setattr(tasks, "IDLE_SECONDS", 0.05)
    link, stop = Link(failures=0), threading.Event()
    under_way = []

    def while_sending(batch):
        if not under_way:
            wait_until(lambda: Message.objects.filter(state="sending").count() == 2)
            under_way.extend(Message.objects.order_by("id").values_list("state", flat=True))

    link.before = while_sending
    with time_machine.travel(now):
        ours = [
            queue_message(now=now, actor=None, client=vera, channel="sms", text=text)
            for text in ("1", "2", "3")
        ]
        thread = threading.Thread(
            target=tasks.run_channel, args=("sms", stop), kwargs={"transport": link, "batch": 1}
        )
        thread.start()
        try:
            assert all(wait_for(message, "sent") for message in ours)
        finally:
            stop.set()
            thread.join(5)

    assert under_way == ["sending", "sending", "queued"]
    assert [message.text for message in link.got] == ["1", "2", "3"]


def in_own_thread(function, *arguments):
    def run():
        function(*arguments)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def wait_for(message, state):
    return wait_until(lambda: Message.objects.get(pk=message.pk).state == state)


def wait_until(happened, seconds=40):
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        if happened():
            return True
        threading.Event().wait(0.02)
    return False


@pytest.mark.parametrize("channel", ["sms", "email", "vk"])
def test_the_transport_is_the_one_of_the_settings(channel):
    transport = tasks.open_transport(channel)

    assert transport.channel == channel
    transport.close()
