"""Setting up a list, putting clients on it, giving them to people."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.dialler.events import EntryChanged
from clientela.modules.dialler.models import CallingList, Entry
from clientela.modules.dialler.operations.requests import Request, request_calls
from clientela.modules.dialler.operations.states import drop, open_attempt
from clientela.modules.dialler.operations.taking import InHand
from clientela.modules.dialler.rules.attempts import Rules
from clientela.modules.dialler.rules.questions import parsed
from clientela.modules.organisation.queries import scope_of

SHIPPED = Path(__file__).resolve().parents[1] / "shipped"
ORIGIN = "dialler.list"
# A client put on a list by hand is tried so long.
TRIED_FOR = timedelta(days=30)
_FIELDS = (
    "name", "purpose", "branch", "team", "centre", "mode", "countdown", "script", "questions", "rules", "opens",
    "closes", "is_active",
)  # fmt: skip


class NameMissing(Refusal):
    """A list is called somehow."""

    message = _("Give the list a name.")
    field = "name"


class CannotTakeList(Refusal):
    """The person does not work with this list."""

    message = _("This person does not see these clients: choose somebody of their branch or centre.")
    field = "person"


@dataclass(frozen=True, slots=True)
class Added:
    """How many clients are on the list now who were not before, and how many were there or out of sight."""

    added: int
    left: int


def may_set_up(user: Any, calling: CallingList | None = None) -> bool:
    """Whether this person sets up lists, or this very one: of the company, or of the own branch."""
    if not user.can(Permission.ROUTING_WRITE):
        return False
    scope = scope_of(user)
    if scope.everything or calling is None:
        return True
    branch = calling.branch_id or (calling.team.branch_id if calling.team else None)
    return branch is not None and branch == scope.branch_id


@transaction.atomic
def save_list(
    *, actor: User, now: datetime, values: Mapping[str, Any], calling: CallingList | None = None
) -> CallingList:
    """Make a list or change one. Raises ``NameMissing``, ``BadRules``, ``BadQuestion``, PermissionDenied."""
    ensure(actor, Permission.ROUTING_WRITE)
    row = CallingList(code=f"list-{get_random_string(10).lower()}", updated_at=now)
    if calling is not None:
        row = CallingList.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=calling.pk)
        if not may_set_up(actor, row):
            raise PermissionDenied
    kept = {name: values[name] for name in _FIELDS if name in values}
    if "rules" in kept:
        kept["rules"] = Rules.from_json(kept["rules"]).to_json()
    if "questions" in kept:
        kept["questions"] = [one.to_json() for one in parsed(kept["questions"])]
    changes = {name: [_plain(one) for one in pair] for name, pair in changed(row, kept).items()}
    for name, value in kept.items():
        setattr(row, name, value)
    scope = scope_of(actor)
    if not scope.everything and calling is None and row.branch_id is None and row.team_id is None:
        row.branch_id = scope.branch_id
    if not row.name.strip():
        raise NameMissing
    if not may_set_up(actor, row):
        raise PermissionDenied
    if calling is not None and not changes:
        return row
    row.updated_at = now
    row.save()
    action = "calling_list.changed" if calling is not None else "calling_list.created"
    record(actor=actor, now=now, action=action, obj=row, changes=changes)
    publish(EntryChanged(0, 0, row.pk), now=now)
    return row


def _plain(value: Any) -> Any:
    """As the journal keeps it: a place by its name."""
    return str(value) if isinstance(value, Model) else value


@transaction.atomic
def add_clients(
    *, actor: User, now: datetime, calling: CallingList, client_ids: Collection[int], reason: str = ""
) -> Added:
    """Put clients on a list by hand; who is on it and waits stays as they are. Raises PermissionDenied, ``NoList``."""
    ensure(actor, Permission.CONTACTS_WRITE)
    if not CallingList.objects.visible_to(actor).active().filter(pk=calling.pk).exists():
        raise PermissionDenied
    seen = Client.objects.visible_to(actor).filter(pk__in=list(client_ids)).order_by("pk")
    rows = list(seen.values_list("pk", "next_end_date"))
    requests = [
        Request(
            client_id=pk, list=calling.code, origin=ORIGIN, origin_id=pk, until=now + TRIED_FOR, ends_on=ends,
            reasons=[reason.strip()] if reason.strip() else [], again=True,
        )
        for pk, ends in rows
    ]  # fmt: skip
    added = request_calls(requests, now=now, added_by=actor)
    if added:
        changes = {"clients": [None, added]}
        record(
            actor=actor, now=now, action="calling_list.filled", obj=calling, changes=changes, reason=reason
        )
    return Added(added, len(set(client_ids)) - added)


@transaction.atomic
def assign(
    *, actor: User, now: datetime, calling: CallingList, entry_ids: Collection[int], person: User | None
) -> int:
    """Keep waiting clients for one person, or let everybody have them again. Raises ``CannotTakeList``."""
    ensure(actor, Permission.ROUTING_WRITE)
    rows = Entry.objects.visible_to(actor).filter(
        calling=calling, pk__in=list(entry_ids), state=Entry.State.WAITING
    )
    ids = list(rows.values_list("pk", flat=True))
    if person is not None:
        fit = person.is_active and person.can(Permission.CONTACTS_WRITE)
        if not fit or Entry.objects.visible_to(person).filter(pk__in=ids).count() < len(ids):
            raise CannotTakeList
    moved = Entry.objects.filter(pk__in=ids, state=Entry.State.WAITING).update(reserved_for=person)
    if moved:
        changes = {"person": [None, str(person) if person else None], "clients": [None, moved]}
        record(actor=actor, now=now, action="calling_list.assigned", obj=calling, changes=changes)
        publish(EntryChanged(0, 0, calling.pk), now=now)
    return moved


@transaction.atomic
def take_off(*, actor: User, now: datetime, entry: Entry, reason: str = "") -> None:
    """Nobody calls this client for this entry any more. Raises ``InHand``, PermissionDenied."""
    ensure(actor, Permission.ROUTING_WRITE)
    rows = Entry.objects.visible_to(actor).open().select_for_update(of=("self",))
    row = rows.select_related("calling", "client").filter(pk=entry.pk).first()
    if row is None:
        return
    if open_attempt(row) is not None:
        raise InHand
    drop(row, "taken_off", "person", now=now)
    record(actor=actor, now=now, action="dialler.taken_off", obj=row.client, reason=reason.strip()[:200])


@transaction.atomic
def load_shipped(*, now: datetime) -> None:
    """Create the lists the product ships with; what is there already stays as people left it."""
    for position, file in enumerate(sorted(SHIPPED.glob("*.json"))):
        data = json.loads(file.read_text())
        values = {name: data[name] for name in ("name", "script", "questions", "mode")}
        CallingList.objects.get_or_create(
            code=data["code"],
            defaults=values | {"rules": Rules().to_json(), "position": position, "updated_at": now},
        )
