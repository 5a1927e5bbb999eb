"""How soon a client's message stands in an inbox that is open, on an empty migrated base.

    python -m benchmarks.incoming [telegram|sms|email …] [--rate 50] [--seconds 10]

Local servers of the networks bring messages at a steady rate. What is measured is from the moment the network has a
message to the moment the list of conversations shows it: the transport, the store, the reader of live updates at its
own pace, and the list as the page asks for it. The reference is the same list asked for while nothing comes.
Goal: p95 at most 1 s at 50 messages a second.
"""

import argparse
import os
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clientela.config.test_settings")

from django.test import Client as Browser
from django.utils import timezone

from benchmarks import base  # noqa: F401
from clientela.config import live
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
_NUMBER = re.compile(r"№(\d{9})")
Write = Callable[[int, str], None]


@contextmanager
def telegram() -> Iterator[tuple[Write, Callable[[int], str]]]:
    server = TelegramServer()
    transport = TelegramTransport(TOKEN, TableCursor(f"bench:{time.time()}"), base_url=server.base_url)
    transport.start(StoringInbox("telegram"))
    yield lambda who, text: server.writes(9000 + who, text) and None, lambda who: str(9000 + who)
    transport.close()
    server.stop()


@contextmanager
def sms() -> Iterator[tuple[Write, Callable[[int], str]]]:
    server = Smsc()
    settings = SmppSettings(host="127.0.0.1", port=server.port, system_id="clientela", password="secret")
    transport = SmppTransport(settings)
    transport.start(StoringInbox("sms"))
    time.sleep(1)
    yield (
        lambda who, text: server.say(f"7999000{who:04}", "0999", text, 1),
        lambda who: f"+7999000{who:04}",
    )
    transport.close()
    server.stop()


@contextmanager
def email() -> Iterator[tuple[Write, Callable[[int], str]]]:
    servers = MailServers()
    settings = ImapSettings(
        host="127.0.0.1", port=servers.imap_port, user=MAILBOXES[0], password=PASSWORD, security=""
    )
    reader = MailboxReader(settings, IDENTITY, TableCursor(f"bench:{time.time()}"))
    reader.start(StoringInbox("email"))

    def write(who: int, text: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"w{who}@client.test", MAILBOXES[0], "Вопрос"
        mail["Message-ID"] = make_msgid(domain="client.test")
        mail.set_content(text)
        servers.post(mail)

    time.sleep(2)
    yield write, lambda who: f"w{who}@client.test"
    reader.close()
    servers.stop()


NETWORKS = {
    "telegram": (telegram, "telegram"),
    "sms": (sms, "phone"),
    "email": (email, "email"),
}


class Watcher(threading.Thread):
    """An open inbox: looks again when live updates say so, as its page does."""

    def __init__(self, person: User, seen: dict[int, float], first: int) -> None:
        super().__init__(daemon=True)
        self._first = first
        self._browser, self._seen = Browser(SERVER_NAME="localhost"), seen
        self._browser.force_login(person)
        self.stopping = threading.Event()

    def look(self) -> set[int]:
        page = self._browser.get("/inbox/list/?box=free", HTTP_HX_REQUEST="true")
        found = {int(number) for number in _NUMBER.findall(page.content.decode())}
        return {number for number in found if number >= self._first}  # those of a run before stand there too

    def run(self) -> None:
        last = live._newest()
        while not self.stopping.wait(live.POLL_SECONDS):
            last, topics = live._since(last)
            if "inbox" in topics:
                shown = self.look()
                at = time.monotonic()
                for number in shown:
                    for earlier in range(
                        number, self._first - 1, -WRITERS
                    ):  # a newer message of the same client stands there
                        if self._seen.setdefault(earlier, at) != at:
                            break


def measure(name: str, rate: int, seconds: int, person: User, branch: Branch) -> None:
    network, kind = NETWORKS[name]
    with network() as (write, address_of):
        now = timezone.now()
        for who in range(WRITERS):
            client = Client.objects.create(
                last_name=f"Иванов{name}{who}", name_key=f"иванов{name}{who}", branch=branch, created_at=now,
                updated_at=now,
            )  # fmt: skip
            ContactPoint.objects.create(client=client, kind=kind, value=address_of(who), created_at=now)
        seen: dict[int, float] = {}
        first = int(time.time()) % 100_000 * 10_000
        watcher = Watcher(person, seen, first)
        idle = statistics.median(_timed(watcher.look) for _ in range(20))
        watcher.start()
        sent: dict[int, float] = {}
        began = time.monotonic()
        for number in range(rate * seconds):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            sent[first + number] = time.monotonic()
            write(number % WRITERS, f"№{first + number:09} Здравствуйте! Когда кончается полис?")
        wrote = len(sent) / (time.monotonic() - began)
        deadline = time.monotonic() + 30
        while len(seen) < len(sent) and time.monotonic() < deadline:
            time.sleep(0.1)
        watcher.stopping.set()
        watcher.join()
    took = sorted(seen[number] - at for number, at in sent.items() if number in seen)
    p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
    print(
        f"{name}: {len(took)} of {len(sent)} seen at {wrote:.0f} a second: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms;"
        f" the list alone {idle * 1000:.0f} ms, ratio of p95 {p95 / idle:.1f}"
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[[], *NETWORKS], default=["telegram", "sms", "email"])
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    branch = Branch.objects.create(
        code=f"b{time.time():.0f}",
        name="Казань",
        region_code="RU-TA",
        city="Казань",
        time_zone="Europe/Moscow",
    )
    person = User.objects.create_user(
        f"head{time.time():.0f}@prichal.example", None, first_name="А", last_name="Б", role="renewals_manager"
    )
    for name in options.networks:
        measure(name, options.rate, options.seconds, person, branch)


if __name__ == "__main__":
    main()
