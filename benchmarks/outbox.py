"""The outbox: claims a second, and SMS a second from the queue to the stored receipt through a real SMSC.

    CLIENTELA_DATABASE_URL=postgres://… python -m benchmarks.outbox [--claims 200000] [--messages 10000]
        [--history 5] [--batch 100] [--send-batch 500] [--workers 1] [--rounds 3]

Claims: goal at least 50,000 a second at a batch of 100 on PostgreSQL. End to end every message is claimed, judged by
the communication policy with fresh facts, sent over SMPP, and its receipt stored with the events of each step; the
ratio is to smpp34's bare client on the same simulator, which stores nothing. Goal: at least 0.5. The tables hold a
history, so that the database plans as it does in a company that is at work. The simulator, the database, the sender
and this script share the cores: processor seconds are shown beside the rates.
"""

import argparse
import asyncio
import os
import statistics
import threading
import time
from datetime import date, timedelta
from datetime import time as clock

from django.db import connection
from django.utils import timezone

from benchmarks import base  # sets Django up
from benchmarks.smpp_send import bare
from clientela.config.worker import tune
from clientela.foundation.claims import claim, worker_name
from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import CommunicationPolicy, EarlyReceipt, Message
from clientela.modules.contacts.operations import Draft, queue_messages
from clientela.modules.contacts.ports import Inbox, Receipt
from clientela.modules.contacts.tasks import run_channel
from tests.servers.smsc import FATES
from tests.servers.smsc_control import RemoteSmsc

TEXT = "Вера Павловна, полис заканчивается 31.12. Продлим?"
WINDOW = 50
State = Message.State


def clear() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "TRUNCATE contacts_message, outbox_event, contacts_earlyreceipt RESTART IDENTITY CASCADE"
            )
        else:
            for table in ("contacts_providerid", "contacts_message", "outbox_delivery", "outbox_event"):
                cursor.execute(f"DELETE FROM {table}")


def settle() -> None:
    """Statistics and free space as autovacuum would leave them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "VACUUM ANALYZE contacts_message, contacts_providerid, outbox_event, outbox_delivery"
            )


def history(each: int) -> None:
    """``each`` messages to every client, delivered over the last years, with the network's ids and their events."""
    then = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(days=30))
    numbers = " UNION ALL ".join(f"SELECT {number} AS i" for number in range(each))
    moment = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
    ours = "FROM contacts_message WHERE origin = 'history'"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO contacts_message (direction, channel, client_id, address, sender, purpose, subject, text, html,
              state, origin, origin_id, token, verdict, not_before, attempts, fault, detail, parts, created_at, sent_at,
              delivered_at, claimed_by)
            SELECT 'out', 'sms', c.id, '+7900' || c.id, '', 'service', '', '{TEXT}', '', 'delivered', 'history',
              c.id * {each} + n.i, 't' || c.id, '{{}}', m.at, 0, '', '', 1, m.at, m.at, m.at, ''
            FROM clients_client c CROSS JOIN ({numbers}) n CROSS JOIN (SELECT {moment} AS at) m
            """,
            [then],
        )
        cursor.execute(
            "INSERT INTO contacts_providerid (message_id, channel, value, delivered_at)"
            f" SELECT id, 'sms', 'old-' || id, delivered_at {ours}"
        )
        cursor.execute(
            "INSERT INTO outbox_event (name, payload, topics, at)"
            f" SELECT 'contacts.MessageStateChanged', '{{}}', '', sent_at {ours}"
        )
        cursor.execute(
            "INSERT INTO outbox_delivery (event_id, handler, state, attempts, next_attempt_at, error, claimed_by)"
            " SELECT id, 'history', 'done', 1, at, '', '' FROM outbox_event"
        )


def open_hours() -> None:
    """The benchmark runs at any hour."""
    CommunicationPolicy.objects.create(
        weekday_from=clock(0), weekday_to=clock.max, weekend_from=clock(0), weekend_to=clock.max,
        caps={"service": {"day": 1000, "week": 10000}}, nda_patterns=[r"8[ -]?800"], created_at=timezone.now(),
    )  # fmt: skip


def reachable(count: int) -> list[int]:
    """Clients with a consent for SMS who may be contacted."""
    rows = Client.objects.filter(
        do_not_contact=False,
        consents__purpose="service",
        consents__channel="sms",
        consents__withdrawn_at=None,
    )
    for ending in FATES:  # the simulator's own troublemakers
        rows = rows.exclude(contact_points__value__endswith=ending)
    found = list(rows.order_by("id").values_list("id", flat=True)[:count])
    if len(found) < count:
        raise SystemExit(f"only {len(found)} clients can be reached: give more by --clients")
    return found


def claims(count: int, batch: int) -> float:
    """Rows taken a second by one worker, one conditional UPDATE a batch."""
    clear()
    now = timezone.now()
    clients = reachable(1000)
    for start in range(0, count, 10_000):
        Message.objects.bulk_create(
            Message(
                direction="out", channel="sms", client_id=clients[number % len(clients)], address="+79000000000",
                text=TEXT, state=State.QUEUED, token=f"t{number}", not_before=now, created_at=now,
            )
            for number in range(start, min(start + 10_000, count))
        )  # fmt: skip
    settle()
    worker, taken = worker_name(), 0
    due = Message.objects.filter(channel="sms", state=State.QUEUED, not_before__lte=now)
    began = time.perf_counter()
    while True:
        ids = claim(
            due.order_by("not_before", "id"),
            to_state=State.SENDING,
            worker=worker,
            now=now,
            lease=timedelta(minutes=1),
            limit=batch,
        )
        if not ids:
            break
        taken += len(ids)
    seconds = time.perf_counter() - began
    assert taken == count
    return count / seconds


class Counted(SmppTransport):
    """Counts the receipts that are stored: asking the database all the time would be measured too."""

    stored = 0

    def start(self, inbox: Inbox) -> None:
        super().start(CountingInbox(inbox, self))


class CountingInbox:
    def __init__(self, inbox: Inbox, transport: Counted) -> None:
        self._inbox, self._transport = inbox, transport
        self.incoming = inbox.incoming

    def receipts(self, receipts: list[Receipt]) -> None:
        self._inbox.receipts(receipts)
        self._transport.stored += len(receipts)


def end_to_end(port: int, count: int, batch: int, workers: int, first: int) -> tuple[float, float, float]:
    """Messages queued, and delivered (receipt stored) a second; processor seconds of this process for the second."""
    clients = reachable(count)
    now = timezone.now()
    drafts = [
        Draft(client_id=client, channel="sms", text=TEXT, origin="benchmark", origin_id=first + place)
        for place, client in enumerate(clients)
    ]
    began = time.perf_counter()
    queue_messages(drafts, now=now)
    queued = time.perf_counter() - began
    settle()
    transports = [
        Counted(
            SmppSettings(
                host="127.0.0.1", port=port, system_id="clientela", password="secret", sender="Prichal", window=WINDOW
            )
        )
        for _ in range(workers)
    ]  # fmt: skip
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=run_channel,
            args=("sms", stop),
            kwargs={"batch": batch, "transport": transport},
            daemon=True,
        )
        for transport in transports
    ]
    began, used = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    mine = Message.objects.filter(origin="benchmark", origin_id__gte=first)
    while (
        sum(transport.stored for transport in transports) < count
        or mine.exclude(state=State.DELIVERED).exists()
    ):
        if time.perf_counter() - began > 300:
            states = list(mine.values_list("state").distinct())
            raise SystemExit(f"not delivered in 300 s: {states}, early {EarlyReceipt.objects.count()}")
        time.sleep(0.02)
    delivered, used = time.perf_counter() - began, time.process_time() - used
    stop.set()
    for thread in threads:
        thread.join()
    return count / queued, count / delivered, used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=20_000)
    parser.add_argument("--history", type=int, default=5, help="past messages a client")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--send-batch", type=int, default=500)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    tune()
    base.ready(options.clients, date(2026, 11, 18))
    open_hours()
    rates = [claims(options.claims, options.batch) for _ in range(options.rounds)]
    print(
        f"claims  {statistics.median(rates):8,.0f}/s  batch {options.batch}, {connection.vendor} (goal 50,000)"
    )
    server = RemoteSmsc()
    ours, theirs = [], []
    clear()
    history(options.history)
    try:
        for number in range(options.rounds):
            first = number * options.messages
            ours.append(end_to_end(server.port, options.messages, options.send_batch, options.workers, first))
            theirs.append(options.messages / asyncio.run(bare(server.port, options.messages))[1])
    finally:
        server.stop()
        clear()
    queued, delivered, used = (statistics.median(row[place] for row in ours) for place in range(3))
    floor = statistics.median(theirs)
    print(f"queued  {queued:8,.0f}/s  judged and stored, {os.cpu_count()} cores")
    print(
        f"receipt {delivered:8,.0f}/s  bare smpp34 {floor:,.0f}/s, ratio {delivered / floor:.2f} (goal 0.5); "
        f"batch {options.send_batch}, {options.workers} worker(s), {used * 1e6 / options.messages:,.0f} µs of processor"
    )


if __name__ == "__main__":
    main()
