"""Those who take clients' money, and those who write fiscal receipts. Adapters are in ``integrations``."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Unknown(Exception):
    """There is no usable answer: it may have been done or not. Ask again with the same key."""


class Refused(Exception):
    """The acquirer said no, and nothing was done. The text is for people who look into it."""


class NotThere(LookupError):
    """The acquirer knows no such payment or refund."""


class State(StrEnum):
    """How far a payment or a refund is there."""

    PENDING = "pending"
    WAITING = "waiting"  # the sum is held, and waits to be taken
    SUCCEEDED = "succeeded"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Order:
    """A payment asked for. The same ``key`` asks for the same payment however often it is sent.

    ``reference`` is our attempt; the acquirer tells it back. ``email`` and ``phone`` are where a receipt goes.
    """

    key: str
    reference: str
    amount: Decimal
    method: str  # card or sbp
    description: str
    return_url: str
    email: str = ""
    phone: str = ""
    hold: bool = False


@dataclass(frozen=True)
class Taken:
    """A payment as the acquirer knows it. ``url`` is where the client pays: opaque, and for one payment only."""

    id: str
    state: State
    amount: Decimal
    reference: str = ""
    url: str = ""
    reason: str = ""
    refunded: Decimal = Decimal(0)


@dataclass(frozen=True)
class Returned:
    """A refund as the acquirer knows it."""

    id: str
    payment_id: str
    state: State
    amount: Decimal
    reason: str = ""


class Acquirer(Protocol):
    """Takes money by card or SBP. Card data are typed on its page, never on ours.

    Every method raises ``Unknown``; those that name a payment or a refund ``NotThere``, those that act ``Refused``.
    """

    code: str
    makes_receipts: bool
    forgets_refunds: bool  # after a day a key of a refund is unknown there, and would be another refund

    def create(self, order: Order) -> Taken: ...

    def read(self, payment_id: str) -> Taken: ...

    def capture(self, payment_id: str, *, amount: Decimal, key: str) -> Taken:
        """Take the sum that is held."""

    def cancel(self, payment_id: str, *, key: str) -> Taken:
        """Let the sum that is held go."""

    def refund(self, payment_id: str, *, amount: Decimal, key: str, description: str) -> Returned: ...

    def read_refund(self, refund_id: str) -> Returned: ...


@dataclass(frozen=True)
class Sale:
    """What a fiscal receipt tells. ``is_return``: the money goes back to the client. Insurance is free of VAT."""

    key: str
    amount: Decimal
    description: str
    is_cash: bool
    at: datetime
    is_return: bool = False
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Fiscal:
    """A registered receipt: its number and the sign by which the tax service knows it, as printed."""

    number: str
    sign: str
    text: str


@runtime_checkable
class CashRegister(Protocol):
    """Registers sales with the tax service. The same ``key`` gives the same receipt. Raises ``Unknown``, ``Refused``."""

    def register(self, sale: Sale) -> Fiscal: ...
