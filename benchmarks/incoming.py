"""How soon a client's message stands in an inbox that is open, on an empty migrated base.

    CLIENTELA_DATABASE_URL=… python -m benchmarks.incoming [telegram|sms|email …] [--rate 50] [--seconds 10]

Local servers of the networks bring messages at a steady rate to a worker process. An open page is a person's subscription
to the live application and the list of conversations, asked for again at each signal, over HTTP, as the page does; live and
web are processes of their own, as in production. Measured is from the moment the network has a message to the moment the
answer with it is here. The reference is the same list asked for while nothing comes. Goal: p95 at most 1 s at 50 a second.
"""

import argparse
import http.client
import os
import queue
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks import base  # noqa: F401  sets Django up
from benchmarks.pages import serve, session_of, started
from clientela.config.supervisor import granian
from clientela.config.worker import Worker
from clientela.integrations.imap.cursor import TableCursor
from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.integrations.telegram.transport import TelegramTransport
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.operations import StoringInbox
from clientela.modules.organisation.models import Branch
from tests.contract.networks import IDENTITY
from tests.servers.mail import MAILBOXES, PASSWORD, MailServers
from tests.servers.smsc import Smsc
from tests.servers.telegram import TOKEN, TelegramServer

# As many as the list shows at once, so that every message is seen by somebody who looks at the list.
WRITERS = 30
HOST = "127.0.0.1"
LIST = "/inbox/list/?box=free"
_NUMBER = re.compile(r"№(\d{9})")
Write = Callable[[int, str], object]


@contextmanager
def telegram() -> Iterator[tuple[Write, Callable[[int], str], str]]:
    server = TelegramServer()
    yield lambda who, text: server.writes(9000 + who, text), lambda who: str(9000 + who), server.base_url
    server.stop()


@contextmanager
def sms() -> Iterator[tuple[Write, Callable[[int], str], str]]:
    server = Smsc()
    yield (
        lambda who, text: server.say(f"7999000{who:04}", "0999", text, 1),
        lambda who: f"+7999000{who:04}",
        str(server.port),
    )
    server.stop()


@contextmanager
def email() -> Iterator[tuple[Write, Callable[[int], str], str]]:
    servers = MailServers()

    def write(who: int, text: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"w{who}@client.test", MAILBOXES[0], "Вопрос"
        mail["Message-ID"] = make_msgid(domain="client.test")
        mail.set_content(text)
        servers.post(mail)

    yield write, lambda who: f"w{who}@client.test", str(servers.imap_port)
    servers.stop()


NETWORKS = {"telegram": (telegram, "telegram"), "sms": (sms, "phone"), "email": (email, "email")}


def receive(name: str, where: str) -> None:
    """The worker of production with one channel, until its input ends."""
    cursor, inbox = TableCursor(f"bench:{time.time()}"), StoringInbox(name)
    transport: Any
    if name == "telegram":
        transport = TelegramTransport(TOKEN, cursor, base_url=where)
    elif name == "sms":
        transport = SmppTransport(
            SmppSettings(host=HOST, port=int(where), system_id="clientela", password="secret")
        )
    else:
        place = ImapSettings(host=HOST, port=int(where), user=MAILBOXES[0], password=PASSWORD, security="")
        transport = MailboxReader(place, IDENTITY, cursor)
    for other in settings.TRANSPORTS.keys() - {"email"}:  # reminders go by e-mail
        del settings.TRANSPORTS[other]
    worker = Worker()
    worker.start()
    transport.start(inbox)
    sys.stdin.read()
    transport.close()
    worker.stop()


class Watcher:
    """An open inbox: asks for its list again whenever the live application says so."""

    def __init__(self, person: User, web: int, live: int, seen: dict[int, float], first: int) -> None:
        self._cookie = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(person)}",
            "HX-Request": "true",
        }
        self._web, self._seen, self._first = http.client.HTTPConnection(HOST, web, timeout=30), seen, first
        self._live = http.client.HTTPConnection(HOST, live, timeout=60)
        self._live.request("GET", f"/live/?topics=inbox:{person.pk},inbox", headers=self._cookie)
        self._stream = self._live.getresponse()
        self._signals: queue.Queue[None] = queue.Queue()
        self.looks = 0
        if self._stream.status != 200:
            raise SystemExit(f"the live application answers {self._stream.status}")

    def start(self) -> None:
        for work in (self._listen, self._follow):
            threading.Thread(target=work, daemon=True).start()

    def look(self) -> set[int]:
        self._web.request("GET", LIST, headers=self._cookie)
        answer = self._web.getresponse()
        page = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"the list answers {answer.status}")
        self.looks += 1
        found = {int(number) for number in _NUMBER.findall(page)}
        return {number for number in found if number >= self._first}  # those of a run before stand there too

    def _listen(self) -> None:
        for line in self._stream:
            if line.startswith(b"data: inbox"):
                self._signals.put(None)

    def _follow(self) -> None:
        while True:
            self._signals.get()
            while not self._signals.empty():
                self._signals.get()
            shown, at = self.look(), time.monotonic()
            for number in shown:
                for earlier in range(
                    number, self._first - 1, -WRITERS
                ):  # a newer one of the same client stands there
                    if self._seen.setdefault(earlier, at) != at:
                        break


def measure(name: str, rate: int, seconds: int, person: User, branch: Branch, ports: tuple[int, int]) -> None:
    network, kind = NETWORKS[name]
    with network() as (write, address_of, where):
        now = timezone.now()
        for who in range(WRITERS):
            client = Client.objects.create(
                last_name=f"Иванов{name}{who}", name_key=f"иванов{name}{who}", branch=branch, created_at=now,
                updated_at=now,
            )  # fmt: skip
            ContactPoint.objects.create(client=client, kind=kind, value=address_of(who), created_at=now)
        command = [sys.executable, "-m", "benchmarks.incoming", name, "--receive", where]
        worker = subprocess.Popen(command, stdin=subprocess.PIPE)
        seen: dict[int, float] = {}
        first = int(time.time()) % 100_000 * 10_000
        watcher = Watcher(person, *ports, seen, first)
        idle = statistics.median(_timed(watcher.look) for _ in range(20))
        watcher.start()
        for _again in range(
            30
        ):  # the worker is up when this is seen; a mailbox is read from where it was opened
            write(0, f"№{first:09} Здравствуйте!")
            if _wait(lambda: first in seen, 3):
                break
        else:
            worker.kill()
            raise SystemExit(f"{name}: the first message did not come")
        seen.clear()
        watcher.looks, first = 0, first + WRITERS
        cpu, sent = _spent(worker.pid), {}
        began = time.monotonic()
        for number in range(rate * seconds):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            sent[first + number] = time.monotonic()
            write(number % WRITERS, f"№{first + number:09} Здравствуйте! Когда кончается полис?")
        wrote = len(sent) / (time.monotonic() - began)
        _wait(lambda: sent.keys() <= seen.keys(), 30)
        cpu = _spent(worker.pid) - cpu
        worker.communicate()
    took = sorted(seen[number] - at for number, at in sent.items() if number in seen)
    if not took:
        raise SystemExit(f"{name}: none of {len(sent)} messages came")
    p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
    print(
        f"{connection.vendor}, {name}: {len(took)} of {len(sent)} seen at {wrote:.0f} a second: p50 {p50 * 1000:.0f} ms, "
        f"p95 {p95 * 1000:.0f} ms; {watcher.looks} looks; the list alone {idle * 1000:.0f} ms, ratio of p95 {p95 / idle:.1f}; "
        f"processor of the worker {cpu / len(sent) * 1000:.1f} ms a message",
        flush=True,
    )


def _wait(until: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not until() and time.monotonic() < deadline:
        time.sleep(0.05)
    return until()


def _spent(pid: int) -> float:
    """Processor seconds of a process so far."""
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", help=f"some of {', '.join(NETWORKS)}; all if none")
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--port", type=int, default=8910)
    parser.add_argument("--receive", default="")
    options = parser.parse_args()
    if options.receive:
        receive(options.networks[0], options.receive)
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp = f"{time.time():.0f}"
    branch = Branch.objects.create(
        code=f"b{stamp}", name="Казань", region_code="RU-TA", city="Казань", time_zone="Europe/Moscow"
    )
    person = User.objects.create_user(
        f"head{stamp}@prichal.example", None, first_name="А", last_name="Б", role="renewals_manager"
    )
    web = serve(options.port)
    running = [web]
    try:
        live = granian("asgi", "clientela.config.live:application", HOST, options.port + 1)
        running.append(started(live, options.port + 1))
        for name in options.networks or NETWORKS:
            measure(name, options.rate, options.seconds, person, branch, (options.port, options.port + 1))
    finally:
        for process in running:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    main()
