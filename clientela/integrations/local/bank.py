"""A bank of one file for the demo: its page takes no card, it only asks what is to happen.

It lies beside the database, so that it goes on through a restart of the pages, as a real bank would.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from clientela.modules.billing.ports import NotThere, Order, Refused, Returned, State, Taken

_TABLES = """
CREATE TABLE IF NOT EXISTS payment (
    id TEXT PRIMARY KEY, key TEXT UNIQUE, reference TEXT, amount TEXT, method TEXT, description TEXT,
    return_url TEXT, hold INTEGER, state TEXT, reason TEXT DEFAULT '');
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY, key TEXT UNIQUE, payment TEXT, amount TEXT, state TEXT);
"""


class LocalBank:
    """`Acquirer` of the demo."""

    code = "local"
    makes_receipts = False
    forgets_refunds = True

    def __init__(self, path: Path, *, site: str) -> None:
        self._path, self._site = path, site.rstrip("/")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=10)) as base:
            base.row_factory = sqlite3.Row
            base.executescript(_TABLES)
            with base:
                yield base

    def create(self, order: Order) -> Taken:
        with self._open() as base:
            base.execute(
                "INSERT OR IGNORE INTO payment (id, key, reference, amount, method, description, return_url, hold, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
                [uuid.uuid4().hex, order.key, order.reference, str(order.amount), order.method,
                 order.description, order.return_url, order.hold],
            )  # fmt: skip
            row = base.execute("SELECT * FROM payment WHERE key = ?", [order.key]).fetchone()
            return self._taken(base, row)

    def read(self, payment_id: str) -> Taken:
        with self._open() as base:
            return self._taken(base, _found(base, payment_id))

    def page(self, payment_id: str) -> dict[str, str]:
        """What the bank's page shows. Raises ``NotThere``."""
        with self._open() as base:
            return dict(_found(base, payment_id))

    def capture(self, payment_id: str, *, amount: Decimal, key: str) -> Taken:
        return self._move(payment_id, State.WAITING, State.SUCCEEDED)

    def cancel(self, payment_id: str, *, key: str) -> Taken:
        return self._move(payment_id, State.WAITING, State.CANCELLED, "canceled_by_merchant")

    def pay(self, payment_id: str) -> Taken:
        """The client pays on the bank's page."""
        held = self.page(payment_id)["hold"]
        return self._move(payment_id, State.PENDING, State.WAITING if held else State.SUCCEEDED)

    def decline(self, payment_id: str) -> Taken:
        """The bank says no to the client."""
        return self._move(payment_id, State.PENDING, State.CANCELLED, "insufficient_funds")

    def refund(self, payment_id: str, *, amount: Decimal, key: str, description: str) -> Returned:
        with self._open() as base:
            known = base.execute("SELECT * FROM refund WHERE key = ?", [key]).fetchone()
            if known is None:
                row = self._taken(base, _found(base, payment_id))
                if row.state != State.SUCCEEDED or amount > row.amount - row.refunded:
                    raise Refused("nothing to give back")
                values = [uuid.uuid4().hex, key, payment_id, str(amount)]
                base.execute(
                    "INSERT INTO refund (id, key, payment, amount, state) VALUES (?, ?, ?, ?, 'succeeded')",
                    values,
                )
                known = base.execute("SELECT * FROM refund WHERE key = ?", [key]).fetchone()
            return _returned(known)

    def read_refund(self, refund_id: str) -> Returned:
        with self._open() as base:
            row = base.execute("SELECT * FROM refund WHERE id = ?", [refund_id]).fetchone()
        if row is None:
            raise NotThere(refund_id)
        return _returned(row)

    def _move(self, payment_id: str, before: State, after: State, reason: str = "") -> Taken:
        with self._open() as base:
            changed = base.execute(
                "UPDATE payment SET state = ?, reason = ? WHERE id = ? AND state = ?",
                [after, reason, payment_id, before],
            ).rowcount
            row = _found(base, payment_id)
            if not changed and row["state"] != after:
                raise Refused(f"the payment is {row['state']}")
            return self._taken(base, row)

    def _taken(self, base: sqlite3.Connection, row: sqlite3.Row) -> Taken:
        back = base.execute("SELECT amount FROM refund WHERE payment = ?", [row["id"]]).fetchall()
        return Taken(
            id=row["id"], state=State(row["state"]), amount=Decimal(row["amount"]), reference=row["reference"],
            url=f"{self._site}/bank/{row['id']}/", reason=row["reason"],
            refunded=sum((Decimal(one["amount"]) for one in back), Decimal(0)),
        )  # fmt: skip


def _found(base: sqlite3.Connection, payment_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = base.execute("SELECT * FROM payment WHERE id = ?", [payment_id]).fetchone()
    if row is None:
        raise NotThere(payment_id)
    return row


def _returned(row: sqlite3.Row) -> Returned:
    return Returned(
        id=row["id"], payment_id=row["payment"], state=State(row["state"]), amount=Decimal(row["amount"])
    )


def from_environment() -> LocalBank:
    """The bank beside the database."""
    return LocalBank(settings.LOCAL_BANK, site=settings.PUBLIC_URL)
