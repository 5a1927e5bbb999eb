"""kill -9 of the process that receives: the network keeps what was not stored, nothing comes twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from clientela.modules.contacts.ports import OutgoingMessage
from tests.contract.networks import SmppNetwork, StoringInbox, wait_until
from tests.contract.receiver import SCHEMA
from tests.servers.mail import MailServers
from tests.servers.smsc import Smsc
from tests.servers.telegram import TelegramServer

pytestmark = [pytest.mark.server, pytest.mark.fault]
ROOT = Path(__file__).resolve().parents[2]
COUNT, KILLS = 120, 5


@contextmanager
def receiver(*arguments: str) -> Iterator[None]:
    """The receiving process; ends by SIGKILL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.receiver", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            assert process.stdout.readline() == b"started\n"
            yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def rows(database: Path, table: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(SCHEMA)
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def receive_under_fire(
    stored: Callable[[], int], arguments: list[str], kept_by_network: Callable[[], int] = lambda: 0
) -> None:
    """Kills the receiver a few times while it stores, then lets it finish."""
    for _ in range(KILLS):
        before = stored()
        with receiver(*arguments):
            wait_until(lambda before=before: stored() > before or stored() == COUNT)
            time.sleep(0.03)
    with receiver(*arguments):
        wait_until(lambda: stored() == COUNT and kept_by_network() == 0, 30)


def test_receipts_survive(smsc: Smsc, tmp_path: Path) -> None:
    database = tmp_path / "inbox.sqlite3"
    smsc.receipt_delay = 0.5
    network = SmppNetwork(smsc)
    network.transport.start(StoringInbox())
    results = network.transport.send(
        [OutgoingMessage(number, "sms", f"+7999{number:05d}10", "Привет") for number in range(COUNT)]
    )
    network.transport.close()
    wait_until(lambda: smsc.pending_receipts == COUNT)

    receive_under_fire(
        lambda: len(rows(database, "receipt")),
        [str(database), "smpp", str(smsc.port)],
        lambda: smsc.pending_receipts,
    )

    assert dict(rows(database, "receipt")) == {result.provider_ids[0]: "delivered" for result in results}
    assert smsc.sent_twice() == {}


def test_replies_by_mail_survive(mail_servers: MailServers, tmp_path: Path) -> None:
    database, user = tmp_path / "inbox.sqlite3", "kill@broker.test"
    texts = [f"Ответ номер {number}" for number in range(COUNT)]
    with mail_servers.mailbox(user) as box:
        for number, text in enumerate(texts):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Message-ID"] = (
                "vera@client.test",
                user,
                f"<kill-{number}@client.test>",
            )
            mail.set_content(text)
            box.append(mail.as_bytes())

    receive_under_fire(
        lambda: len(rows(database, "message")),
        [str(database), "imap", str(mail_servers.imap_port), user],
    )

    assert sorted(text for _, text in rows(database, "message")) == sorted(texts)


def test_telegram_messages_survive(telegram_server: TelegramServer, tmp_path: Path) -> None:
    database = tmp_path / "inbox.sqlite3"
    texts = [f"Сообщение номер {number}" for number in range(COUNT)]
    for text in texts:
        telegram_server.writes(1001, text)

    receive_under_fire(
        lambda: len(rows(database, "message")),
        [str(database), "telegram", str(telegram_server.port)],
        lambda: telegram_server.waiting,
    )

    assert sorted(text for _, text in rows(database, "message")) == sorted(texts)
