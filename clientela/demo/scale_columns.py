"""What a copy of a demo row has of its own, as SQL over the row ``b`` and the number of the copy ``c.k``.

The expressions use only what SQLite and PostgreSQL share.
"""

from django.db import connection, models

from clientela.demo.bulk import write_rows
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Instalment, Payment
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import (
    Address,
    Client,
    ContactPerson,
    ContactPoint,
    IdentityDocument,
    Note,
)
from clientela.modules.contacts.models import Consent, Message, Signal
from clientela.modules.contracts.models import InsuredObject, Participant, Policy, Project, Quote
from clientela.modules.organisation.models import Agent, Placement
from clientela.modules.renewals.models import NormResult, Renewal, Touch

# In the order of their references.
COPIED: tuple[type[models.Model], ...] = (
    User, Placement, Agent, Client, ContactPoint, Address, IdentityDocument, ContactPerson, Note, Consent, InsuredObject,
    Policy, Participant, Quote, Project, Claim, Instalment, Payment, Renewal, NormResult, Message, Signal, Touch,
)  # fmt: skip
# Layers of a thousand that one company's phones may take.
PHONE_LAYERS = 12


def _padded(number: str, digits: int) -> str:
    """``number`` as text with leading zeros."""
    return f"substr(CAST({10**digits} + {number} AS text), 2)"


def _phone(column: str) -> str:
    layer = _padded(f"CAST(substr({column}, 6, 3) AS integer) + c.k * {PHONE_LAYERS}", 3)
    return f"substr({column}, 1, 5) || {layer} || substr({column}, 9)"


def _address(column: str, kind: str) -> str:
    return (
        f"CASE WHEN {column} = '' THEN '' "
        f"WHEN b.{kind} IN ('phone', 'sms', 'robot', 'operator') THEN {_phone(column)} "
        f"WHEN b.{kind} = 'vk' THEN CAST(CAST({column} AS bigint) + c.k * 10000000 AS text) "
        f"WHEN b.{kind} = 'email' THEN 'c' || c.k || '.' || {column} ELSE {column} || '_' || c.k END"
    )


def _policy(column: str, prefix: str, tail: str) -> str:
    """OSAGO numbers keep their shape; the others get a letter and the number of the copy."""
    serial = _padded(f"CAST(substr({column}, {len(prefix) + 1}) AS bigint) + c.k * 1000000", 10)
    return f"CASE WHEN {column} LIKE '{prefix}%' THEN '{prefix}' || {serial} ELSE {column} || '{tail}' || c.k END"


def own_values(model: type[models.Model], strides: dict[type[models.Model], int]) -> dict[str, str]:
    """Column → expression, for what must or should differ; ``strides`` is how far the ids of a copy are apart."""
    older = "b.birth_date - (c.k % 12) * 29"
    if connection.vendor == "sqlite":
        older = "date(b.birth_date, '-' || ((c.k % 12) * 29) || ' days')"
    known: dict[type[models.Model], dict[str, str]] = {
        User: {"email": "'c' || c.k || '.' || b.email"},
        Agent: {"code": "b.code || '-' || c.k", "agreement_number": "b.agreement_number || '-' || c.k"},
        Client: {"birth_date": older},
        ContactPoint: {
            "value": _address("b.value", "kind"),
            "tail": f"CASE WHEN b.tail = '' THEN '' ELSE substr({_phone('b.value')}, 6) END",
        },
        InsuredObject: {
            "plate": "CASE WHEN b.plate = '' THEN '' ELSE substr(b.plate, 1, 6) || (100 + c.k) END",
            "vin": f"CASE WHEN b.vin = '' THEN '' ELSE substr(b.vin, 1, 3) || {_padded('c.k', 2)} || substr(b.vin, 6) END",
        },
        Policy: {
            "number": _policy("b.number", "ХХХ ", " D"),
            "number_key": _policy("b.number_key", "XXX", "D"),
        },
        Project: {"pay_token": f"substr(b.pay_token, 1, 28) || {_padded('c.k', 4)}"},
        Claim: {"number": "b.number || '-' || c.k"},
        Payment: {"external_id": "b.external_id || '-' || c.k"},
        Message: {
            "address": _address("b.address", "channel"),
            "external_id": "b.external_id || '-' || c.k",
            "origin_id": "b.origin_id + c.k * " + str(strides[Touch]),
            "token": f"CASE WHEN b.token = '' THEN '' ELSE substr(b.token, 1, 28) || {_padded('c.k', 4)} END",
        },
        Touch: {"message_id": f"b.message_id + c.k * {strides[Message]}"},
    }
    return known.get(model, {})


def write_documents(copies: int, strides: dict[type[models.Model], int]) -> int:
    """The documents of the copies, with numbers of their own: these are sealed, which no SQL can do."""
    columns = ("client_id", "kind", "number", "issued_on", "valid_until")
    base = list(IdentityDocument.objects.order_by("pk").values_list(*columns))
    rows = (
        (client + k * strides[Client], kind, f"{number[:4]}{_moved(number[4:], k)}", issued, until)
        for k in range(1, copies)
        for client, kind, number, issued, until in base
    )
    return write_rows(IdentityDocument, columns, rows)


def _moved(number: str, k: int) -> str:
    return f"{(int(number) + k * 49_999) % 1_000_000:06}"
