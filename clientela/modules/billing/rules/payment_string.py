"""The string in the square code of a bill, by GOST R 56042-2014: what a bank's application pays from."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from clientela.foundation.money import in_kopecks

CHARSETS = {"1": "cp1251", "2": "utf-8", "3": "koi8-r"}
# The first that no value holds parts the fields.
SEPARATORS = "|#;:^_~{}!$%&()*+,/@"
# Name, account, bank, BIC and correspondent account together, in bytes.
MOST_BYTES = 300
LONGEST = {"Name": 160, "BankName": 45, "Purpose": 210, "LastName": 50, "FirstName": 50, "MiddleName": 50}


class Unprintable(ValueError):
    """The string cannot be written: ``field`` is too long or empty, or no charset or separator is left."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Payee:
    """Who gets the money. Accounts are checked where they are kept, not here."""

    name: str
    inn: str
    kpp: str
    account: str
    bank_name: str
    bic: str
    correspondent_account: str


@dataclass(frozen=True)
class Details:
    """What is paid for: roubles, the purpose in words, and who pays."""

    amount: Decimal
    purpose: str
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""


def payment_string(payee: Payee, details: Details, charset: str = "") -> bytes:
    """The bytes of the code. ``charset`` is 1 (windows-1251), 2 (UTF-8) or 3 (KOI8-R).

    Without it: UTF-8, or windows-1251 where UTF-8 needs more than the 300 bytes that the requisites may take.
    Raises ``Unprintable``.
    """
    required = list(_required(payee))
    optional = [pair for pair in _optional(payee, details) if pair[1]]
    for field, value in required + optional:
        if len(value) > LONGEST.get(field, len(value)):
            raise Unprintable(field)
    if missing := [field for field, value in required if not value]:
        raise Unprintable(missing[0])
    separator = _separator([value for _, value in required + optional])
    for number in [charset] if charset else ["2", "1"]:
        try:
            block = _joined(required, separator).encode(CHARSETS[number])
            rest = _joined(optional, separator).encode(CHARSETS[number])
        except UnicodeEncodeError:
            continue
        if len(block) <= MOST_BYTES:
            return f"ST0001{number}{separator}".encode() + block + separator.encode() + rest
    raise Unprintable("Name")


def _required(payee: Payee) -> Iterator[tuple[str, str]]:
    yield "Name", _line(payee.name)
    yield "PersonalAcc", payee.account
    yield "BankName", _line(payee.bank_name)
    yield "BIC", payee.bic
    yield "CorrespAcc", payee.correspondent_account


def _optional(payee: Payee, details: Details) -> Iterator[tuple[str, str]]:
    count = in_kopecks(details.amount)
    if count <= 0:
        raise Unprintable("Sum")
    yield "PayeeINN", payee.inn
    yield "KPP", payee.kpp
    yield "Sum", str(count)
    yield "Purpose", _line(details.purpose)
    yield "LastName", _line(details.last_name)
    yield "FirstName", _line(details.first_name)
    yield "MiddleName", _line(details.middle_name)


def _line(text: str) -> str:
    return " ".join(text.split())


def _joined(pairs: list[tuple[str, str]], separator: str) -> str:
    return separator.join(f"{field}={value}" for field, value in pairs)


def _separator(values: list[str]) -> str:
    used = set("".join(values))
    for mark in SEPARATORS:
        if mark not in used:
            return mark
    raise Unprintable("Purpose")
