"""kill -9 of worker and web fifty times at random during plan, import and send: nothing lost, nothing doubled."""

import itertools
import json
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.company import MAIL_BOX
from tests.faults.nursery import Nursery
from tests.faults.web import Web
from tests.servers.mail import PASSWORD, MailServers
from tests.servers.smsc_control import RemoteSmsc

CLIENTS, ROWS = 150, 3000
WORKER_KILLS, WEB_KILLS = 42, 8
WINDOW = 60
BOUNCES = "bounce@broker.test"

pytestmark = [pytest.mark.fault, pytest.mark.server]


@pytest.fixture
def environment(environment: dict[str, str], mail_servers: MailServers) -> dict[str, str]:
    """Letters go through the mail servers, which report to a mailbox that the worker reads."""
    return environment | {
        "CLIENTELA_TRANSPORT_EMAIL": "clientela.integrations.smtp.transport.from_environment",
        "CLIENTELA_SMTP_HOST": "127.0.0.1",
        "CLIENTELA_SMTP_PORT": str(mail_servers.smtp_port),
        "CLIENTELA_SMTP_SENDER": "Причал <office@broker.test>",
        "CLIENTELA_SMTP_DOMAIN": "broker.test",
        "CLIENTELA_SMTP_BOUNCE_MAILBOX": BOUNCES,
        "CLIENTELA_SMTP_SECRET": str(random.random()),
        "CLIENTELA_IMAP_HOST": "127.0.0.1",
        "CLIENTELA_IMAP_PORT": str(mail_servers.imap_port),
        "CLIENTELA_IMAP_USER": BOUNCES,
        "CLIENTELA_IMAP_PASSWORD": PASSWORD,
        "CLIENTELA_IMAP_SECURITY": "none",
        # Longer than the storm, as half an hour is longer than a restart.
        "CLIENTELA_UNCERTAIN_WINDOW_SECONDS": str(WINDOW),
    }


@pytest.fixture
def web(environment: dict[str, str]) -> Iterator[Web]:
    server = Web(environment)
    yield server
    server.close()


class Robot(threading.Thread):
    """A program that writes to clients through the API; without an answer it asks again under the same key."""

    def __init__(self, web: Web, token: str) -> None:
        super().__init__(daemon=True)
        self.web, self.token = web, token
        self.written: list[str] = []
        self.unanswered = 0
        self.refused: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        for number in itertools.count(1):
            if self.stopping.is_set():
                return
            text = f"Ответ № {number}"
            while not self._write(number, text):
                self.unanswered += 1
                time.sleep(0.05)
            self.written.append(text)

    def _write(self, number: int, text: str) -> bool:
        request = urllib.request.Request(
            f"{self.web.url}/api/v1/clients/{number % CLIENTS + 1}/messages",
            json.dumps({"channel": "sms", "text": text}).encode(),
            {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"robot-{number}",
            },
        )
        try:
            with closing(urllib.request.urlopen(request, timeout=5)) as answer:
                return bool(answer.status == 201)
        except urllib.error.HTTPError as error:
            with closing(error):
                if error.code != 409:  # its first request died, and its key is still held
                    self.refused.append(f"{error.code} {error.read()!r}")
        except OSError:
            pass
        return False


def letters(mail_servers: MailServers) -> Counter[str]:
    """How often each letter lies in the clients' mailbox, by its Message-ID."""
    with mail_servers.mailbox(f"{MAIL_BOX}@client.test") as box:
        mails = box.fetch(mark_seen=False, headers_only=True)
        return Counter(mail.headers["message-id"][0] for mail in mails)


def test_fifty_kills(nursery: Nursery, web: Web, smsc: RemoteSmsc, mail_servers: MailServers) -> None:
    begin(nursery)
    nursery.run("company", "make", "--clients", str(CLIENTS), "--letters")
    robot = Robot(web, nursery.run("company", "token").strip())
    lain = letters(mail_servers)
    smsc.command("set", max_tps=40)
    nursery.run("company", "import", "--rows", str(ROWS))
    # The hour's own plan may have run while ``begin`` had nothing to plan yet.
    nursery.run("company", "queue-plan")
    robot.start()
    storm(nursery, web, random.Random(20261118))
    robot.stopping.set()
    web.wait_until_up()
    robot.join(60)
    smsc.command("set", max_tps=0)

    told = survive(nursery, wanted=2 * CLIENTS + len(robot.written))

    assert not robot.is_alive()
    assert robot.refused == []
    assert robot.unanswered > 0
    assert (told["terms"], told["touches"]) == (CLIENTS, {"delivered": 2 * CLIENTS}), told
    assert told["messages"] == {"delivered": 2 * CLIENTS + len(robot.written)}, told
    assert told["import"] == ["done", ROWS, 0], told
    assert (told["imported"], told["imports_told"]) == (ROWS, 1), told
    texts = [item["text"] for item in smsc.state()["inbox"]]
    reminders = [text.split("№ ")[1].split(" зак")[0] for text in texts if "полис" in text]
    assert sorted(reminders) == [f"ХХХ {i:010}" for i in range(CLIENTS)]
    assert sorted(text for text in texts if "полис" not in text) == sorted(robot.written)
    came = letters(mail_servers) - lain
    assert (len(came), set(came.values())) == (CLIENTS, {1})


def begin(nursery: Nursery) -> None:
    """An installation at work has read its mailbox before: without that it would not know which reports are new.

    There is nothing to send yet, so that nothing waits for its receipt before the storm.
    """
    worker = nursery.bear("worker")
    deadline = time.monotonic() + 90
    while not json.loads(nursery.run("company", "tell"))["mailboxes"]:
        assert time.monotonic() < deadline, worker.said()
    worker.signal(signal.SIGKILL)
    worker.wait()


def storm(nursery: Nursery, web: Web, dice: random.Random) -> None:
    """Fifty deaths at random moments; whoever dies is started again at once."""
    left = Counter(worker=WORKER_KILLS, web=WEB_KILLS)
    began, seconds, worker = time.monotonic(), 0.0, nursery.bear("worker")
    while left.total():
        time.sleep(dice.uniform(0.05, 0.6))
        if left["web"] and web.is_up:
            web.kill(dice)
            left["web"] -= 1
        elif left["worker"]:
            worker.signal(signal.SIGKILL)
            assert worker.wait() == -signal.SIGKILL, worker.said()
            left["worker"] -= 1
            worker = nursery.bear("worker")
            seconds = time.monotonic() - began
    worker.signal(signal.SIGKILL)
    worker.wait()
    assert seconds < WINDOW, "no worker lived for longer than the window: it would send again by right"


def survive(nursery: Nursery, *, wanted: int) -> dict[str, object]:
    """What a worker that nobody kills makes of it."""
    worker = nursery.bear("worker")
    deadline = time.monotonic() + 240
    told: dict[str, object] = {}
    while time.monotonic() < deadline:
        time.sleep(0.5)
        told = json.loads(nursery.run("company", "tell"))
        if (
            told["messages"] == {"delivered": wanted}
            and told["imports_told"]
            and set(told["touches"]) == {"delivered"}
        ):
            break
    assert worker.alive, worker.said()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0, worker.said()
    result: dict[str, object] = json.loads(nursery.run("company", "tell"))
    return result
