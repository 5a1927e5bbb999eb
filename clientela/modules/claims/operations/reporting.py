"""Reporting a loss: by the client, or by a colleague for them."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.identifiers import InvalidIdentifier, normalize_account, normalize_bic
from clientela.foundation.money import ZERO, kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.claims import rules
from clientela.modules.claims.events import ClaimOpened
from clientela.modules.claims.models import Claim, ClaimParticipant, EventKind
from clientela.modules.claims.operations.telling import step
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import Policy

NUMBER_PREFIX = "У"


class OutsideCover(Refusal):
    """The policy gave no cover on that day, or the moment is yet to come."""

    message = _("The policy gave no cover on this day.")
    field = "occurred_on"


class ClaimExists(Refusal):
    """There is a claim with this number."""

    message = _("There is a claim with this number already.")
    field = "number"


class NotOfLine(Refusal):
    """Such an event does not happen under this policy."""

    message = _("Choose what happened from the list: this policy knows no such event.")
    field = "kind"


class PayoutWrong(Refusal):
    """The money cannot go there; ``field`` says what is wrong."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Somebody else who was there, as far as known."""

    name: str = ""
    phone: str = ""
    car: str = ""
    plate: str = ""
    policy_number: str = ""

    @property
    def is_known(self) -> bool:
        return any((self.name, self.phone, self.car, self.plate, self.policy_number))


def payout_fields(line: str, payout: str, *, payee: str, bic: str, account: str) -> dict[str, str]:
    """How the client is made good, checked and as it is stored. Raises ``PayoutWrong``."""
    if not payout:
        return {"payout": "", "payee": "", "bic": "", "account": ""}
    if payout not in rules.ways_of(line):
        raise PayoutWrong("payout", _("Choose how to get the money."))
    if payout != rules.Payout.BANK:
        return {"payout": payout, "payee": "", "bic": "", "account": ""}
    if not payee.strip():
        raise PayoutWrong("payee", _("Write whose account it is."))
    try:
        bic = normalize_bic(bic)
    except InvalidIdentifier as wrong:
        raise PayoutWrong("bic", str(wrong)) from None
    try:
        account = normalize_account(account, bic)
    except InvalidIdentifier as wrong:
        raise PayoutWrong("account", str(wrong)) from None
    return {"payout": payout, "payee": payee.strip()[:200], "bic": bic, "account": account}


@transaction.atomic
def open_claim(
    *, actor: Any, now: datetime, policy: Policy, occurred_on: date, description: str = "",
    amount: Decimal = ZERO, number: str = "", kind: str = EventKind.OTHER, occurred_at: time | None = None,
    place: str = "", latitude: Decimal | None = None, longitude: Decimal | None = None,
    participants: Sequence[Participant] = (), channel: str = Claim.Channel.AGENT, payout: str = "", payee: str = "",
    bic: str = "", account: str = "", notice_key: str | None = None,
) -> Claim:  # fmt: skip
    """Write down a loss under ``policy`` and tell the client. Without ``number`` it gets one: ``У-26-000017``.

    Asked for again with the same ``notice_key`` it is the same claim, and nobody is told twice. Raises
    ``OutsideCover``, ``NotOfLine``, ``PayoutWrong``, ``ClaimExists``, ``PermissionDenied``.
    """
    require(actor, Permission.CLAIMS_WRITE, policy.client_id)
    client = Client.objects.select_for_update(of=("self",)).get(pk=policy.client_id)
    if notice_key:
        known = Claim.objects.filter(notice_key=notice_key, client=client).first()
        if known is not None:
            return known
    occurred_at = occurred_at.replace(tzinfo=None) if occurred_at else None
    line, today = policy.product.line, local_today(settings.TIME_ZONE, now)
    _ensure_covered(policy, occurred_on, occurred_at, client=client, now=now)
    if kind not in rules.kinds_of(line):
        raise NotOfLine
    if number and Claim.objects.filter(number=number).exists():
        raise ClaimExists
    claim = Claim.objects.create(
        number=number or uuid.uuid4().hex, policy=policy, client=client, kind=kind, occurred_on=occurred_on,
        occurred_at=occurred_at, place=place.strip()[:255], latitude=latitude, longitude=longitude,
        description=description.strip()[:4000], channel=channel, reported_at=now, due_on=rules.due_day(line, today),
        amount=kopecks(amount), token=secrets.token_urlsafe(24), notice_key=notice_key or None,
        **payout_fields(line, payout, payee=payee, bic=bic, account=account),
    )  # fmt: skip
    if not number:
        claim.number = f"{NUMBER_PREFIX}-{today:%y}-{claim.pk:06}"
        claim.save(update_fields=["number"])
    ClaimParticipant.objects.bulk_create(
        ClaimParticipant(
            claim=claim, name=one.name[:200], phone=one.phone[:20], car=one.car[:120], plate=one.plate[:15],
            policy_number=one.policy_number[:60],
        )
        for one in participants if one.is_known
    )  # fmt: skip
    changes = {"occurred_on": [None, occurred_on], "channel": [None, channel]}
    record(actor=actor, now=now, action="claim.opened", obj=claim, changes=changes)
    step(claim, actor=actor, now=now)
    publish(ClaimOpened(claim.pk, policy.pk, policy.client_id), now=now)
    return claim


def _ensure_covered(policy: Policy, day: date, at: time | None, *, client: Client, now: datetime) -> None:
    last = policy.cancelled_on or policy.end_date
    if not policy.start_date <= day <= last or day > local_today(client.time_zone, now):
        raise OutsideCover
    if at is not None and local_moment(day, at, client.time_zone) > now:
        raise OutsideCover
