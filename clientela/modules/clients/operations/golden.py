"""Where each value of a card comes from, which values lost, and the rules of choosing between them (CB-7)."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.keyring import digest
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission
from clientela.modules.clients import golden
from clientela.modules.clients.events import ClientChanged, ContactabilityChanged
from clientela.modules.clients.models import Client, ContactPoint, FieldValue, GoldenRules
from clientela.modules.clients.operations.merge_log import RowLog
from clientela.modules.clients.queries import require
from clientela.modules.clients.rules import without_secrets

State = FieldValue.State
REACHED = ("phone", "email")


class WrongRules(Refusal):
    """Not a set of rules."""

    message = _("A rule names its field and ranks its sources from 1 to 9.")
    field = "rules"


class ValueGone(Refusal):
    """The value is on the card already, or is not there any more."""

    message = _("The card has this value already, or it was put away.")


def text_of(row: Client, field: str) -> dict[str, str]:
    """A field's value as it is kept: column → text."""
    columns: dict[str, Any] = {name: row._meta.get_field(name) for name in golden.COLUMNS[field]}
    return {
        name: "" if getattr(row, name) is None else column.value_to_string(row)
        for name, column in columns.items()
    }


def key_of(value: Mapping[str, str]) -> str:
    """One key for each value, for comparing and for telling two of them apart."""
    return digest(json.dumps(dict(value), sort_keys=True, ensure_ascii=False), "clients.field_value")


def current_rules() -> dict[str, golden.Rule]:
    """The rules in force: the newest version, else the shipped ones."""
    newest = GoldenRules.objects.order_by("-pk").first()
    return golden.rules_of(newest.rules if newest else {})


def note_values(
    client: Client,
    fields: Iterable[str],
    *,
    actor: Any,
    now: datetime,
    source: str = "",
    before: Client | None = None,
) -> None:
    """The one place through which every writer of a card says where its values come from.

    ``before`` is the card as it was: what it said by another source stays as an alternative, what the same source says
    anew is history.
    """
    kind = golden.source_kind(source, by_person=actor is not None)
    told = {name: text_of(client, name) for name in fields if name in golden.COLUMNS}
    if not told:
        return
    if before is not None:
        _put_aside(before, told, kind, actor)
    for name, value in told.items():
        if not any(value.values()):
            continue
        row, made = FieldValue.objects.get_or_create(
            client=client, field=name, value_key=key_of(value), defaults=_row(value, kind, source, actor, now)
        )
        if not made:
            row.state, row.source, row.source_name, row.by, row.last_seen = (
                State.CURRENT, kind, _name(kind, source), actor, now,
            )  # fmt: skip
            row.save(update_fields=["state", "source", "source_name", "by", "last_seen"])


def note_new(client: Client, *, actor: Any, now: datetime, source: str = "") -> None:
    """The values a card is made with, in one statement."""
    kind = golden.source_kind(source, by_person=actor is not None)
    told = {name: text_of(client, name) for name in golden.COLUMNS}
    FieldValue.objects.bulk_create(
        FieldValue(
            client=client, field=name, value_key=key_of(value), **_row(value, kind, source, actor, now)
        )
        for name, value in told.items()
        if any(value.values())
    )


def _name(kind: str, source: str) -> str:
    return "" if kind == "agent" else source[:120]


def _row(value: Mapping[str, str], kind: str, source: str, actor: Any, now: datetime) -> dict[str, Any]:
    return {
        "value": dict(value), "source": kind, "source_name": _name(kind, source), "by": actor, "first_seen": now,
        "last_seen": now,
    }  # fmt: skip


def _put_aside(before: Client, told: Mapping[str, Any], kind: str, actor: Any) -> None:
    rows = {
        row.field: row
        for row in FieldValue.objects.filter(client=before, field__in=told, state=State.CURRENT)
    }
    for name, value in told.items():
        old = text_of(before, name)
        if old == value or not any(old.values()):
            continue
        row = rows.get(name)
        if row is None or row.value_key != key_of(old):
            row = origin_of(before, name)
            row.state = State.OTHER if row.source != kind else State.PAST
            FieldValue.objects.bulk_create([row], ignore_conflicts=True)
        else:
            same = row.source == kind and (kind != "agent" or row.by_id == getattr(actor, "pk", None))
            row.state = State.PAST if same else State.OTHER
            row.save(update_fields=["state"])


def origin_of(card: Client, field: str) -> FieldValue:
    """The value of a field that has no row yet: from where the card itself comes. Not saved."""
    if card.import_run_id is not None:
        kind, name = "import", card.import_run.source if card.import_run else ""
    else:
        first = ContactPoint.objects.filter(client=card).exclude(source="").order_by("pk").first()
        name = first.source if first else ""
        kind = golden.source_kind(name, by_person=False)
    value = text_of(card, field)
    return FieldValue(
        client_id=card.pk, field=field, value=value, value_key=key_of(value), source=kind, source_name=name[:120],
        first_seen=card.created_at, last_seen=card.data_confirmed_at or card.created_at, state=State.CURRENT,
    )  # fmt: skip


def current_values(card: Client) -> dict[str, FieldValue]:
    """Each filled field's value with its source; unsaved where the card's own origin speaks."""
    rows = {
        row.field: row
        for row in FieldValue.objects.filter(client=card, state=State.CURRENT).select_related("by")
    }
    found: dict[str, FieldValue] = {}
    origin: FieldValue | None = None
    for name in golden.COLUMNS:
        value = text_of(card, name)
        if not any(value.values()):
            continue
        row = rows.get(name)
        if row is None or row.value_key != key_of(value):
            origin = origin or origin_of(card, name)
            row = FieldValue(
                client_id=card.pk, field=name, value=value, value_key=key_of(value), source=origin.source,
                source_name=origin.source_name, first_seen=origin.first_seen, last_seen=origin.last_seen,
                state=State.CURRENT,
            )  # fmt: skip
        found[name] = row
    return found


# --- two cards become one -----------------------------------------------------------------------------


def _held(row: FieldValue | None) -> golden.Held:
    if row is None:
        return golden.Held({})
    return golden.Held(row.value, row.source, row.last_seen, row.verified_at is not None)


def _reached(card: Client) -> dict[str, golden.Held]:
    found: dict[str, golden.Held] = {}
    for point in sorted(
        ContactPoint.objects.filter(client=card, kind__in=REACHED), key=lambda one: not one.is_primary
    ):
        kind = "import" if point.import_run_id else golden.source_kind(point.source, by_person=False)
        held = golden.Held(
            {"value": point.value}, kind, point.verified_at or point.created_at, point.verified_at is not None
        )
        found.setdefault(point.kind, held if point.usable else replace(held, value={}))
    return found


def choices(kept: Client, gone: Client) -> dict[str, tuple[bool, str]]:
    """Field → whether the other card's value wins by the rules, and the code of why."""
    rules = current_rules()
    mine, theirs = ({name: _held(row) for name, row in current_values(card).items()} for card in (kept, gone))
    mine, theirs = mine | _reached(kept), theirs | _reached(gone)
    none = golden.Held({})
    return {
        name: golden.chooses_other(name, rules[name], mine.get(name, none), theirs.get(name, none))
        for name in golden.FIELDS
    }


def keep_both(log: RowLog, kept: Client, gone: Client, take: Collection[str]) -> None:
    """Before rows move: the chosen values are on the card that stays, those that lost its alternatives."""
    rows: dict[tuple[int, str, str], FieldValue] = {
        (row.client_id, row.field, row.value_key): row
        for row in FieldValue.objects.filter(client__in=[kept, gone])
    }
    ours, others = current_values(kept), current_values(gone)
    for name in golden.COLUMNS:
        mine, theirs = ours.get(name), others.get(name)
        if theirs is None:
            continue
        if mine is not None and mine.value_key == theirs.value_key:
            _prove(log, mine, theirs)
            continue
        wins = mine is None or name in take
        loser = mine if wins else theirs
        if loser is not None:
            _state(log, rows, loser, kept, State.OTHER)
        if wins:
            _state(log, rows, theirs, kept, State.CURRENT)


def _prove(log: RowLog, mine: FieldValue, theirs: FieldValue) -> None:
    """What one of two equal values was verified by counts for the one that stays."""
    if theirs.verified_at and not mine.verified_at:
        if mine.pk:
            log.alter(mine, verified_at=theirs.verified_at)
        else:
            mine.verified_at = theirs.verified_at
            log.add(mine)


def _state(
    log: RowLog, rows: dict[tuple[int, str, str], FieldValue], one: FieldValue, kept: Client, state: str
) -> None:
    twin = rows.get((kept.pk, one.field, one.value_key))
    if twin is not None:
        log.alter(twin, state=state, last_seen=max(twin.last_seen, one.last_seen))
        if one.pk and one.pk != twin.pk and one.verified_at and not twin.verified_at:
            log.alter(twin, verified_at=one.verified_at)
    elif one.pk:
        log.alter(one, state=state)
    else:
        log.add(
            FieldValue(
                client=kept, field=one.field, value=one.value, value_key=one.value_key, state=state, source=one.source,
                source_name=one.source_name, first_seen=one.first_seen, last_seen=one.last_seen,
            )
        )  # fmt: skip


# --- what a person decides ----------------------------------------------------------------------------


@transaction.atomic
def take_value(*, actor: Any, now: datetime, value: FieldValue) -> FieldValue:
    """An alternative becomes the card's value; returns what stood there, which is an alternative now.

    Raises ``ValueGone``, ``NotAllowed``.
    """
    require(actor, Permission.CLIENTS_WRITE, value.client_id)
    card = Client.objects.select_for_update().get(pk=value.client_id)
    row = FieldValue.objects.select_for_update().filter(pk=value.pk).exclude(state=State.CURRENT).first()
    stood = current_values(card).get(row.field) if row else None
    if row is None or (stood is not None and stood.value_key == row.value_key):
        raise ValueGone
    FieldValue.objects.filter(client=card, field=row.field, state=State.CURRENT).update(state=State.OTHER)
    if stood is None:
        stood = origin_of(card, row.field)
    if not stood.pk:
        stood.state = State.OTHER
        FieldValue.objects.bulk_create([stood], ignore_conflicts=True)
        stood = FieldValue.objects.get(client=card, field=stood.field, value_key=stood.value_key)
    before, after = stood.value, row.value
    for name, text in after.items():
        field: Any = card._meta.get_field(name)
        setattr(card, name, None if text == "" and field.null else field.to_python(text))
    card.updated_at = now
    card.save(update_fields=[*after, "updated_at"])
    Client.objects.filter(pk=card.pk).update(version=F("version") + 1)
    row.state = State.CURRENT
    row.save(update_fields=["state"])
    changes = {name: [before.get(name), after[name]] for name in after if name != "name_key"}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    _said(actor, now, "client.value_taken", card, without_secrets(changes))
    return stood


@transaction.atomic
def mark_value(*, actor: Any, now: datetime, value: FieldValue, wrong: bool = True) -> FieldValue:
    """An alternative is wrong and not shown again, until ``wrong`` False takes it back. Raises ``ValueGone``."""
    require(actor, Permission.CLIENTS_WRITE, value.client_id)
    row = FieldValue.objects.select_for_update().filter(pk=value.pk).exclude(state=State.CURRENT).first()
    if row is None:
        raise ValueGone
    row.state = State.WRONG if wrong else State.OTHER
    row.save(update_fields=["state"])
    action = "client.value_wrong" if wrong else "client.value_back"
    _said(actor, now, action, row.client, {"field": [None, row.field]})
    return row


@transaction.atomic
def verify_value(*, actor: Any, now: datetime, client: Client, field: str) -> FieldValue:
    """The value on the card was compared with a document. Raises ``ValueGone`` where the card has none."""
    require(actor, Permission.CLIENTS_WRITE, client.pk)
    card = Client.objects.select_for_update().get(pk=client.pk)
    row = current_values(card).get(field)
    if row is None:
        raise ValueGone
    row.verified_at = row.last_seen = now
    row.save()
    _said(actor, now, "client.value_verified", card, {"field": [None, field]})
    return row


def _said(actor: Any, now: datetime, action: str, card: Client, changes: dict[str, Any]) -> None:
    from clientela.modules.clients.operations.cards import refresh_completeness

    refresh_completeness([card.pk])
    record(actor=actor, now=now, action=action, obj=card, changes=changes)
    publish_all([ClientChanged(card.pk), ContactabilityChanged(card.pk)], now=now)


@transaction.atomic
def set_rules(*, actor: Any, now: datetime, rules: Mapping[str, Any], note: str = "") -> GoldenRules:
    """A new version of the rules, in force at once. Raises ``WrongRules``, PermissionDenied."""
    require(actor, Permission.ORGANISATION_WRITE)
    if not golden.is_right(rules):
        raise WrongRules
    before, after = golden.written(current_rules()), golden.written(golden.rules_of(rules))
    version = GoldenRules.objects.create(rules=after, note=note.strip()[:200], made_at=now, made_by=actor)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record(actor=actor, now=now, action="client.golden_rules", obj=version, object_name=str(version.pk), changes=changes, reason=version.note)  # fmt: skip
    return version
