"""A process that takes what a network brings and stores it in SQLite, slowly, so that it can be killed.

python -m tests.contract.receiver DATABASE smpp PORT
python -m tests.contract.receiver DATABASE imap PORT USER
python -m tests.contract.receiver DATABASE telegram PORT
"""

import sqlite3
import sys
import threading
import time
from contextlib import closing

from clientela.integrations.imap.reader import ImapSettings, MailboxReader
from clientela.integrations.smpp.settings import SmppSettings
from clientela.integrations.smpp.transport import SmppTransport
from clientela.integrations.telegram.transport import TelegramTransport
from clientela.modules.contacts.ports import IncomingMessage, Receipt
from tests.contract.networks import IDENTITY, MailCursor
from tests.servers.mail import PASSWORD
from tests.servers.telegram import TOKEN

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipt (provider_id TEXT PRIMARY KEY, outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (external_id TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (name TEXT PRIMARY KEY, position TEXT NOT NULL);
"""


class DatabaseInbox:
    def __init__(self, path: str) -> None:
        self._path = path
        with sqlite3.connect(path) as database:
            database.executescript(SCHEMA)
        database.close()

    def _store(self, statement: str, rows: list[tuple[str | None, str]]) -> None:
        database = sqlite3.connect(self._path)
        try:
            with database:
                for row in rows:
                    database.execute(statement, row)
                    time.sleep(0.003)
        finally:
            database.close()

    def receipts(self, receipts: list[Receipt]) -> None:
        rows = [(receipt.provider_id, receipt.outcome) for receipt in receipts]
        self._store("INSERT OR IGNORE INTO receipt VALUES (?, ?)", rows)

    def incoming(self, messages: list[IncomingMessage]) -> None:
        rows: list[tuple[str | None, str]] = [(message.external_id, message.text) for message in messages]
        self._store("INSERT OR IGNORE INTO message VALUES (?, ?)", rows)


class DatabaseCursor(MailCursor):
    """Stores its place before it says so, though not together with the messages."""

    def __init__(self, path: str) -> None:
        self._path = path
        with closing(sqlite3.connect(path)) as database:
            super().__init__(next((row[0] for row in database.execute("SELECT position FROM place")), None))

    def move(self, before: str | None, to: str) -> bool:
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("INSERT OR REPLACE INTO place VALUES ('box', ?)", (to,))
        return super().move(before, to)


def main() -> None:
    path, kind, port, *rest = sys.argv[1:]
    inbox = DatabaseInbox(path)
    if kind == "smpp":
        SmppTransport(
            SmppSettings(
                host="127.0.0.1",
                port=int(port),
                system_id="clientela",
                password="secret",
                backoff=(0.05, 0.2),
            )
        ).start(inbox)
    elif kind == "telegram":
        TelegramTransport(
            TOKEN, DatabaseCursor(path), base_url=f"http://127.0.0.1:{port}", retry_pause=0.05, poll_seconds=1
        ).start(inbox)
    else:
        settings = ImapSettings(
            host="127.0.0.1",
            port=int(port),
            user=rest[0],
            password=PASSWORD,
            security="",
            history=True,
            retry_pause=0.05,
        )
        MailboxReader(settings, IDENTITY, DatabaseCursor(path)).start(inbox)
    print("started", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
