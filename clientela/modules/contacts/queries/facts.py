"""What the communication policy must know, read for many messages at once."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q

from clientela.foundation.bulk import listed, read_rows
from clientela.modules.clients.models import Address, Client, ContactPoint
from clientela.modules.contacts.models import CommunicationPolicy, Consent, Message
from clientela.modules.contacts.rules import (
    DEFAULT_POLICY,
    Hours,
    PointFacts,
    PolicyRules,
    SendFacts,
    Verdict,
    assess,
    consent_channel,
)
from clientela.modules.contacts.rules.policy import PUBLIC
from clientela.modules.contacts.rules.unsafe import one_line
from clientela.modules.organisation.models import Branch, RenewalCentre

POST = "post"  # no contact point: an address of the card
_POSTAL_ORDER = (Address.Kind.POSTAL, Address.Kind.LIVING, Address.Kind.REGISTERED)
_POSTAL_CODE = re.compile(r"\d{6}")
KINDS = {
    "sms": ContactPoint.Kind.PHONE,
    "robot": ContactPoint.Kind.PHONE,
    "operator": ContactPoint.Kind.PHONE,
    "email": ContactPoint.Kind.EMAIL,
    "vk": ContactPoint.Kind.VK,
    "telegram": ContactPoint.Kind.TELEGRAM,
    "webchat": ContactPoint.Kind.WEBCHAT,
    "vk_wall": ContactPoint.Kind.VK,
    "letter": POST,
}
# Fixed lines and toll-free numbers of Russia take no SMS.
_NO_SMS = ("+73", "+74", "+78")
_CAP_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ask:
    """A message (or a call, with no text) to be judged. ``contact_point_id`` None picks the best one.

    In public ``address`` is whom it answers, and the client may be nobody's card; so it is with what is ``awaited`` by
    somebody who has just typed the address.
    """

    client_id: int | None
    channel: str
    purpose: str
    text: str = ""
    subject: str = ""
    html: str = ""
    contact_point_id: int | None = None
    replies_to: datetime | None = None
    not_before: datetime | None = None
    address: str = ""
    awaited: bool = False


class ClientRow(NamedTuple):
    id: int
    agent_id: int | None
    language: str
    time_zone: str
    preferred_channel: str
    contact_from: time | None
    contact_to: time | None
    do_not_contact: bool
    do_not_contact_reason: str


class PointRow(NamedTuple):
    id: int
    client_id: int
    kind: str
    value: str
    is_primary: bool
    verified_at: datetime | None
    do_not_use: bool
    bad_since: datetime | None
    bad_reason: str
    time_zone: str
    lacks: str = ""

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """Usable first, then primary, then confirmed, then the oldest."""
        unusable = self.do_not_use or self.bad_since is not None
        return unusable, not self.is_primary, self.verified_at is None, self.id


_NOBODY = ClientRow(0, None, "ru", settings.TIME_ZONE, "", None, None, False, "")


@dataclass(frozen=True, slots=True)
class Assessed:
    """The verdict on one ask, with the address it was given for (None: there is none)."""

    verdict: Verdict
    point: PointRow | None
    client: ClientRow


def policy_in_force() -> PolicyRules:
    """The newest policy, or the shipped one while nobody has set any. One statement."""
    row = CommunicationPolicy.objects.order_by("-id").first()
    if row is None:
        return PolicyRules(DEFAULT_POLICY.hours, DEFAULT_POLICY.caps, (), own_links())
    return PolicyRules(
        Hours(row.weekday_from, row.weekday_to, row.weekend_from, row.weekend_to),
        row.caps,
        _compiled(tuple(row.nda_patterns)),
        own_links(),
    )


def own_links() -> tuple[str, ...]:
    """Beginnings of our tracked, unsubscribe, feedback, pay, offer, photo, signing, claim, delivery and Telegram links."""
    parts = ("t", "u", "f", "pay", "offer", "photos", "sign", "claim", "delivery", "tg")
    return tuple(f"{settings.PUBLIC_URL.rstrip('/')}/{part}/" for part in parts)


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def assess_all(
    asks: Sequence[Ask], *, now: datetime, policy: PolicyRules | None = None, besides: Collection[int] = ()
) -> list[Assessed]:
    """Verdicts on ``asks``, in order, in five statements whatever their number.

    An ask that is allowed counts against the caps of those after it. ``besides`` are the ids of the very
    messages that are judged: they do not count against themselves. Raises KeyError for an unknown client.
    """
    if not asks:
        return []
    policy = policy or policy_in_force()
    client_ids = {ask.client_id for ask in asks if ask.client_id is not None}
    phones = own_phones() if any(ask.channel in PUBLIC for ask in asks) else frozenset()
    clients = {row[0]: ClientRow(*row) for row in read_rows(Client, ClientRow._fields, "id", client_ids)}
    points = _points(asks, client_ids)
    consents = _consents(asks, client_ids)
    recent = _recent(client_ids, now=now, besides=besides)
    answers = []
    for ask in asks:
        client = _NOBODY if ask.client_id is None else clients[ask.client_id]
        point = _pick(points[client.id], ask)
        moment = max(now, ask.not_before) if ask.not_before else now
        facts = SendFacts(
            channel=ask.channel,
            purpose=ask.purpose,
            time_zone=point.time_zone if point and point.time_zone else client.time_zone,
            point=_point_facts(point),
            consent_since=consents.get((client.id, ask.purpose, consent_channel(ask.channel))),
            text=ask.text,
            subject=ask.subject,
            html=ask.html,
            has_agent=client.agent_id is not None,
            do_not_contact=client.do_not_contact,
            do_not_contact_reason=client.do_not_contact_reason,
            contact_from=client.contact_from,
            contact_to=client.contact_to,
            preferred_channel=client.preferred_channel,
            recent=tuple(recent[client.id, ask.purpose]),
            replies_to=ask.replies_to,
            own_phones=phones,
            awaited=ask.awaited,
        )
        verdict = assess(facts, policy, moment)
        if verdict.decision == "send" and not ask.awaited:
            recent[client.id, ask.purpose].append(moment)
        answers.append(Assessed(verdict, point, client))
    return answers


def _points(asks: Sequence[Ask], client_ids: Iterable[int]) -> dict[int, list[PointRow]]:
    kinds = {KINDS[ask.channel] for ask in asks}
    rows = ContactPoint.objects.filter(client_id__in=listed(client_ids), kind__in=kinds)
    points: dict[int, list[PointRow]] = defaultdict(list)
    for row in rows.order_by().values_list(*PointRow._fields[:-1]):
        points[row[1]].append(PointRow(*row))
    if POST in kinds:
        for client_id, address in postal_addresses(client_ids).items():
            line = one_line(str(address), 254)
            points[client_id].append(
                PointRow(0, client_id, POST, line, True, None, False, None, "", "", lacking(address))
            )
    return points


def postal_addresses(client_ids: Iterable[int]) -> dict[int, Address]:
    """Where each client takes post: the postal address, else where they live, else where they are registered; of
    several the main one. One statement."""
    rows = Address.objects.filter(client_id__in=listed(client_ids))
    best: dict[int, Address] = {}
    for row in sorted(rows, key=_postal_rank):
        best.setdefault(row.client_id, row)
    return best


def _postal_rank(address: Address) -> tuple[bool, int, bool, int]:
    """An address that post arrives at stands before one that lacks something."""
    return (
        bool(lacking(address)),
        _POSTAL_ORDER.index(Address.Kind(address.kind)),
        not address.is_primary,
        address.pk,
    )


def lacking(address: Address) -> str:
    """What the post needs and the address does not have, empty when it has all."""
    if not _POSTAL_CODE.fullmatch(address.postal_code.strip()):
        return "postal_code"
    return next((name for name in ("city", "street") if not getattr(address, name).strip()), "")


def can_be_written(channel: str, value: str) -> bool:
    """Whether an address of the right kind takes messages: a bot writes to chats, not to Telegram names."""
    if channel == "sms":
        return not value.startswith(_NO_SMS)
    return channel != "telegram" or value.isdecimal()


def own_phones() -> frozenset[str]:
    """Digits of the phones that the company shows to everybody."""
    shown = [
        *Branch.objects.values_list("phone", flat=True),
        *RenewalCentre.objects.values_list("phone", flat=True),
    ]
    return frozenset(phone.removeprefix("+") for phone in shown)


def _pick(points: list[PointRow], ask: Ask) -> PointRow | None:
    kind = KINDS[ask.channel]
    if ask.channel in PUBLIC or ask.awaited:
        return PointRow(0, ask.client_id or 0, kind, ask.address, True, None, False, None, "", "")
    if ask.contact_point_id is not None:
        return next(
            (point for point in points if (point.id, point.kind) == (ask.contact_point_id, kind)), None
        )
    fit = [point for point in points if point.kind == kind and can_be_written(ask.channel, point.value)]
    return min(fit, key=lambda point: point.rank, default=None)


def _point_facts(point: PointRow | None) -> PointFacts | None:
    if point is None:
        return None
    return PointFacts(
        verified=point.verified_at is not None,
        do_not_use=point.do_not_use,
        bad_since=point.bad_since.date() if point.bad_since else None,
        bad_reason=point.bad_reason,
        lacks=point.lacks,
    )


def _consents(asks: Sequence[Ask], client_ids: Iterable[int]) -> dict[tuple[int, str, str], datetime]:
    rows = Consent.objects.filter(
        client_id__in=listed(client_ids),
        purpose__in={ask.purpose for ask in asks},
        channel__in={consent_channel(ask.channel) for ask in asks},
        withdrawn_at__isnull=True,
    )
    return {
        (client_id, purpose, channel): granted_at
        for client_id, purpose, channel, granted_at in rows.values_list(
            "client_id", "purpose", "channel", "granted_at"
        )
    }


def _recent(
    client_ids: Iterable[int], *, now: datetime, besides: Collection[int]
) -> defaultdict[tuple[int, str], list[datetime]]:
    """Moments of what was sent in the last seven days; what is on its way right now counts as sent now."""
    under_way = Q(state__in=[Message.State.SENDING, Message.State.UNCERTAIN])
    rows = Message.objects.outgoing().filter(
        Q(sent_at__gte=now - _CAP_WINDOW) | under_way, client_id__in=listed(client_ids), awaited=None
    )
    moments: defaultdict[tuple[int, str], list[datetime]] = defaultdict(list)
    own = set(besides)
    for message_id, client_id, purpose, sent_at in rows.values_list("id", "client_id", "purpose", "sent_at"):
        if message_id not in own:
            moments[client_id, purpose].append(sent_at or now)
    return moments
