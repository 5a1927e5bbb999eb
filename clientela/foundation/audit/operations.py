"""Writing, sealing and verifying the journal."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from clientela.foundation.audit.models import Entry, Seal

SEAL_SIZE = 1000
_stands_in: list[Callable[[Any, Any], str]] = []


def ask_on_behalf(ask: Callable[[Any, Any], str]) -> None:
    """``ask(actor, obj)`` names the absent person for whom ``actor`` acts on ``obj``, or nothing."""
    _stands_in[:] = [ask]


def _plain_address(address: str | None) -> str:
    """One spelling for each address: databases write IPv6 in their own ways."""
    return ip_address(address).exploded if address else ""


def _digest(entry: Entry) -> str:
    fields = [
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_name,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.object_name,
        json.dumps(entry.changes, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=False),
        entry.reason,
        _plain_address(entry.address),
        *([entry.on_behalf_of] if entry.on_behalf_of else []),
    ]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def record(
    *,
    actor: Any,
    now: datetime,
    action: str,
    obj: Any = None,
    object_type: str = "",
    object_id: int | None = None,
    object_name: str = "",
    changes: dict[str, Any] | None = None,
    reason: str = "",
    address: str | None = None,
) -> Entry:
    """Add one entry. ``changes`` maps a field to ``[before, after]``; ``obj`` fills type, id and name."""
    entry = _entry(actor, now, action, obj, object_type, object_id, object_name, changes, reason, address)
    entry.save(force_insert=True)
    return entry


def record_many(
    objects: Iterable[Any],
    *,
    actor: Any,
    now: datetime,
    action: str,
    changes: Callable[[Any], dict[str, Any]] | None = None,
    reason: str = "",
) -> int:
    """One entry for each of ``objects`` in one statement; returns how many. For changes to thousands of rows."""
    entries = [
        _entry(actor, now, action, obj, "", None, "", changes(obj) if changes else None, reason, None)
        for obj in objects
    ]
    Entry.objects.bulk_create(entries, batch_size=1000)
    return len(entries)


def _entry(
    actor: Any,
    now: datetime,
    action: str,
    obj: Any,
    object_type: str,
    object_id: int | None,
    object_name: str,
    changes: dict[str, Any] | None,
    reason: str,
    address: str | None,
) -> Entry:
    if obj is not None:
        object_type = object_type or obj._meta.label_lower
        object_id, object_name = obj.pk, object_name or str(obj)
    stored = json.loads(json.dumps(changes or {}, cls=DjangoJSONEncoder))
    user = actor if getattr(actor, "pk", None) else None
    entry = Entry(
        at=now,
        actor=user,
        actor_name=str(actor) if actor else "system",
        on_behalf_of=_stands_in[0](actor, obj)[:200] if user is not None and _stands_in else "",
        action=action,
        object_type=object_type,
        object_id=object_id,
        object_name=object_name[:255],
        changes=stored,
        reason=reason[:255],
        address=address,
    )
    entry.digest = _digest(entry)
    return entry


def changed(before: Any, after: dict[str, Any]) -> dict[str, list[Any]]:
    """``{field: [old, new]}`` for those values of ``after`` that differ from the attributes of ``before``.

    A record is told by its name.
    """
    return {
        name: [_told(getattr(before, name)), _told(value)]
        for name, value in after.items()
        if getattr(before, name) != value
    }


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, models.Model) else value


def _chain(previous: str, digests: Iterable[str]) -> str:
    total = hashlib.sha256(previous.encode())
    for digest in digests:
        total.update(digest.encode())
    return total.hexdigest()


@transaction.atomic
def seal(*, now: datetime) -> int:
    """Seal all unsealed entries in runs of up to 1,000 and return how many entries were sealed."""
    last = Seal.objects.select_for_update().order_by("-last_id").first()
    start, previous, sealed = (last.last_id, last.digest, 0) if last else (0, "", 0)
    while True:
        run = list(Entry.objects.filter(id__gt=start).order_by("id").values_list("id", "digest")[:SEAL_SIZE])
        if not run:
            return sealed
        link = Seal.objects.create(
            first_id=run[0][0],
            last_id=run[-1][0],
            count=len(run),
            previous=previous,
            digest=_chain(previous, (digest for _, digest in run)),
            at=now,
        )
        start, previous, sealed = link.last_id, link.digest, sealed + len(run)


def redact(
    entries: "models.QuerySet[Entry]", *, actor: Any, now: datetime, action: str, **record_of: Any
) -> Entry:
    """Take what these entries say of a person, and say so in one entry more, which vouches for their digests.

    Their digests stay, so the chain still shows a removed or an added entry; ``verify`` asks the new entry for those
    whose words are gone.
    """
    found = list(entries.filter(redacted_by=None).order_by("id").values_list("id", "digest"))
    changes = {"entries": [None, len(found)], "digests": [None, _chain("", (digest for _, digest in found))]}
    entry = record(actor=actor, now=now, action=action, changes=changes, **record_of)
    ids = [pk for pk, _ in found]
    for start in range(0, len(ids), SEAL_SIZE):
        Entry.objects.filter(pk__in=ids[start : start + SEAL_SIZE]).update(
            changes={}, object_name="", reason="", redacted_by=entry.pk
        )
    return entry


def _false_redaction() -> str:
    """The first redacted entry that no entry vouches for."""
    for by in (
        Entry.objects.exclude(redacted_by=None)
        .order_by("redacted_by")
        .values_list("redacted_by", flat=True)
        .distinct()
    ):
        voucher = Entry.objects.filter(id__in=[by], redacted_by=None).first()
        digests = list(Entry.objects.filter(redacted_by=by).order_by("id").values_list("digest", flat=True))
        said = voucher.changes.get("digests", [None, ""]) if voucher else [None, ""]
        if said[1] != _chain("", digests):
            first = Entry.objects.filter(redacted_by=by).order_by("id").values_list("pk", flat=True).first()
            return f"entry {first}"
    return ""


def _is_whole(entry: Entry) -> bool:
    return entry.redacted_by is not None or _digest(entry) == entry.digest


@dataclass(frozen=True)
class Verdict:
    """Result of walking the whole chain; ``broken_at`` is the first bad entry or seal, or empty."""

    entries: int
    seals: int
    broken_at: str = ""


def verify(*, tell: Callable[[int], None] | None = None) -> Verdict:
    """Recompute every digest and every seal. Any edited, removed or inserted entry shows up.

    ``tell`` hears how many entries were walked, after each seal.
    """
    previous, entries, seals, last_id = "", 0, 0, 0
    for link in Seal.objects.order_by("last_id").iterator():
        run = list(Entry.objects.filter(id__gt=last_id, id__lte=link.last_id).order_by("id"))
        for entry in run:
            if not _is_whole(entry):
                return Verdict(entries, seals, f"entry {entry.pk}")
        if (
            link.previous != previous
            or link.count != len(run)
            or link.digest != _chain(previous, (e.digest for e in run))
        ):
            return Verdict(entries, seals, f"seal {link.pk}")
        previous, last_id = link.digest, link.last_id
        entries, seals = entries + len(run), seals + 1
        if tell:
            tell(entries)
    for entry in Entry.objects.filter(id__gt=last_id).order_by("id").iterator():
        if not _is_whole(entry):
            return Verdict(entries, seals, f"entry {entry.pk}")
        entries += 1
    return Verdict(entries, seals, _false_redaction())
