"""Which message a receipt speaks of: by the network's id, by ours, by its low half, or by the address."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from clientela.foundation.bulk import listed, read_rows
from clientela.modules.contacts.models import Message, ProviderId
from clientela.modules.contacts.operations.outcomes import UNCERTAIN
from clientela.modules.contacts.ports import Receipt

State = Message.State
# Clocks of networks and ours differ; an older receipt speaks of an older message.
_CLOCK_SKEW = timedelta(hours=1)


def is_open(state: str, fault: str) -> bool:
    """On its way with an unknown end: only receipts can tell."""
    return state in (State.SENDING, State.UNCERTAIN) or (state == State.QUEUED and fault == UNCERTAIN)


def count_parts(message_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = (
        ProviderId.objects.filter(message_id__in=listed(message_ids))
        .values_list("message_id")
        .annotate(Count("id"), Count("delivered_at"))
    )
    return {message_id: (known, delivered) for message_id, known, delivered in rows}


def by_provider_id(channel: str, receipts: Iterable[Receipt]) -> dict[str, tuple[int, int]]:
    """The network's id → (row, message)."""
    values = {receipt.provider_id for receipt in receipts if receipt.provider_id}
    rows = read_rows(ProviderId, ("id", "value", "message_id"), "value", values, channel=channel)
    return {value: (row_id, message_id) for row_id, value, message_id in rows}


def owners_of(
    channel: str,
    receipts: Sequence[Receipt],
    known: Mapping[str, tuple[int, int]],
    *,
    in_order: bool,
) -> tuple[dict[Receipt, int], list[Receipt]]:
    """Which message each receipt speaks of, and the receipts that name none.

    ``in_order``: receipts with an unknown id are given to the messages in doubt at their address one after
    the other, as they were submitted; otherwise only where there is a single such message.
    """
    owners: dict[Receipt, int] = {}
    strangers = []
    for receipt in receipts:
        if receipt.provider_id is not None and receipt.provider_id in known:
            owners[receipt] = known[receipt.provider_id][1]
        else:
            strangers.append(receipt)
    if not strangers:
        return owners, []
    candidates = _candidates(channel, strangers)
    named = {candidate.id: candidate for candidate in candidates}
    by_address: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(named.values(), key=lambda one: one.id):
        if candidate.is_open:
            by_address[candidate.address].append(candidate)
    taken: dict[str, int] = {}
    unmatched = []
    for receipt in strangers:
        value = receipt.provider_id or ""
        owner: int | None
        if receipt.message_id is not None:
            owner = receipt.message_id if receipt.message_id in named else None
        elif value in taken:
            owner = taken[value]
        else:
            owner = _guess(receipt, by_address[receipt.to_address], in_order=in_order)
        if owner is None:
            unmatched.append(receipt)
        else:
            owners[receipt] = owner
            if value and value not in taken:
                taken[value] = owner
                named[owner].known += 1
    return owners, unmatched


@dataclass(slots=True)
class Candidate:
    """A message a receipt without a known id may speak of."""

    id: int
    address: str
    state: str
    fault: str
    parts: int
    not_before: datetime
    known: int = 0

    @property
    def is_open(self) -> bool:
        return is_open(self.state, self.fault)


def _candidates(channel: str, receipts: Sequence[Receipt]) -> list[Candidate]:
    ids = {receipt.message_id for receipt in receipts if receipt.message_id is not None}
    addresses = {
        receipt.to_address for receipt in receipts if receipt.message_id is None and receipt.to_address
    }
    ours = Message.objects.outgoing().filter(channel=channel)
    open_states = Q(state__in=[State.SENDING, State.UNCERTAIN]) | Q(state=State.QUEUED, fault=UNCERTAIN)
    found: list[Candidate] = []
    if ids:
        found += _read(ours.filter(id__in=listed(ids)))
    if addresses:
        found += _read(ours.filter(open_states, address__in=listed(addresses)))
    several = [candidate.id for candidate in found if candidate.parts > 1]
    counts = count_parts(several) if several else {}
    for candidate in found:
        candidate.known = counts.get(candidate.id, (0, 0))[0]
    return found


def _read(rows: "QuerySet[Message]") -> list[Candidate]:
    columns = ("id", "address", "state", "fault", "parts", "not_before")
    return [Candidate(*row) for row in rows.order_by("id").values_list(*columns)]


def _guess(receipt: Receipt, candidates: Sequence[Candidate], *, in_order: bool) -> int | None:
    """The message of this address that the receipt must mean, if there is no doubt."""
    fit = [one for one in candidates if receipt.at >= one.not_before - _CLOCK_SKEW]
    if receipt.message_id_low16 is not None:
        low = [one for one in fit if one.id % 65536 == receipt.message_id_low16]
        return low[0].id if len(low) == 1 else None
    fit = [one for one in fit if one.known < one.parts]
    if in_order:
        if any(one.state == State.SENDING for one in fit):  # its worker may still tell the ids
            return None
        return fit[0].id if fit else None
    return fit[0].id if len(fit) == 1 else None
