"""Making and changing a client's card."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.erased import come_back
from clientela.modules.clients.events import ClientChanged, ContactabilityChanged
from clientela.modules.clients.models import Address, Client, ContactPoint, IdentityDocument
from clientela.modules.clients.operations.data import (
    Errors,
    clean_contact,
    clean_details,
    clean_document,
    complete_details,
    region_of,
    zone_of,
)
from clientela.modules.clients.operations.golden import note_new, note_values
from clientela.modules.clients.queries import NotAllowed, documents_by_number, percent_expression, require
from clientela.modules.clients.rules import GROUPS, without_secrets
from clientela.modules.organisation.models import Agent, Branch

PLACE_FIELDS = ("city", "region_code")
REACH_FIELDS = {"time_zone", "contact_from", "contact_to", "preferred_channel", "language"}


class OutdatedVersion(Refusal):
    """Somebody changed the card after it was read."""

    message = _("Somebody changed the card meanwhile: look at it and repeat.")


class AgentRequired(Refusal):
    """Neither an agent nor a branch is known for the new client."""

    message = _("Choose the agent whose client this is.")
    field = "agent"


class DocumentTaken(Refusal):
    """The client already has this document."""

    message = _("The client already has this document.")
    field = "number"


@transaction.atomic
def create_client(
    *,
    actor: Any,
    now: datetime,
    details: Mapping[str, Any],
    kind: str = Client.Kind.PERSON,
    contacts: Iterable[tuple[str, str]] = (),
    documents: Iterable[Mapping[str, Any]] = (),
    address: Mapping[str, Any] | None = None,
    agent: Agent | None = None,
    branch: Branch | None = None,
    source: str = "",
) -> Client:
    """Make a card. ``contacts`` are (kind, value); the first of a kind is primary.

    The owner is ``agent``, else the person themselves if an agent, else ``branch`` or the person's branch.
    Raises ``InvalidData`` with every error at once, ``AgentRequired``, ``NotAllowed``.
    """
    require(actor, "clients.write")
    agent, branch = _owner(actor, agent, branch)
    errors = Errors()
    today = local_today(settings.TIME_ZONE, now)
    values = clean_details(details, kind=kind, today=today, errors=errors)
    client = Client(kind=kind, agent=agent, branch=branch, created_at=now, updated_at=now, **values)
    client.centre = agent.centre if agent else branch.renewal_centres.first()
    complete_details(client, errors)
    points = [(kind, *clean_contact(kind, value, errors, kind)) for kind, value in contacts if value]
    papers = [
        {**paper, "number": clean_document(paper["kind"], paper["number"], errors, paper["kind"])}
        for paper in documents
        if paper.get("number")
    ]
    errors.refuse()
    client.region_code = client.region_code or region_of(client.city, branch.region_code)
    client.time_zone = zone_of(client.city, client.region_code, branch.time_zone)
    client.save(force_insert=True)
    note_new(client, actor=actor, now=now, source=source)
    seen: set[str] = set()
    for point_kind, value, tail in points:
        ContactPoint.objects.create(
            client=client, kind=point_kind, value=value, tail=tail, is_primary=point_kind not in seen,
            source=source, created_at=now,
        )  # fmt: skip
        seen.add(point_kind)
    for paper in papers:
        IdentityDocument.objects.create(client=client, **paper)
    if address and any(address.values()):
        _write_address(client, address)
    if actor is not None and not Client.objects.visible_to(actor).filter(pk=client.pk).exists():
        raise NotAllowed("scope")
    refresh_completeness([client.pk])
    record(actor=actor, now=now, action="client.created", obj=client, changes={"name": [None, client.name]})
    if come_back(client):
        record(actor=actor, now=now, action="client.came_back", obj=client)
    publish(ClientChanged(client.pk), now=now)
    publish(ContactabilityChanged(client.pk), now=now)
    client.refresh_from_db(fields=["completeness"])
    return client


def _owner(actor: Any, agent: Agent | None, branch: Branch | None) -> tuple[Agent | None, Branch]:
    if agent is None and actor is not None:
        agent = Agent.objects.filter(user=actor).first()
    if agent is not None:
        return agent, agent.branch
    if branch is None and actor is not None and getattr(actor, "placement", None):
        branch = actor.placement.branch
    if branch is None:
        raise AgentRequired
    return None, branch


def lock(client: Client) -> Client:
    """The row as it is now, held until the end of the transaction."""
    return Client.objects.select_for_update().get(pk=client.pk)


@transaction.atomic
def update_client(
    *, actor: Any, now: datetime, client: Client, version: int, details: Mapping[str, Any], source: str = ""
) -> Client:
    """Change fields of a card that still has ``version``; only differing fields are written and recorded.

    Raises ``OutdatedVersion``, ``InvalidData``, ``NotAllowed``.
    """
    require(actor, "clients.write", client.pk)
    row = lock(client)
    if row.version != version:
        raise OutdatedVersion
    errors = Errors()
    values = clean_details(details, kind=row.kind, today=local_today(settings.TIME_ZONE, now), errors=errors)
    before = Client.objects.get(pk=row.pk)
    for name, value in values.items():
        setattr(row, name, value)
    complete_details(row, errors)
    errors.refuse()
    values |= {"sex": row.sex, "name_key": row.name_key}
    if any(getattr(before, name) != getattr(row, name) for name in PLACE_FIELDS):
        if "region_code" not in details:
            values["region_code"] = row.region_code = region_of(row.city, row.region_code)
        values["time_zone"] = row.time_zone = zone_of(row.city, row.region_code, before.time_zone)
    changes = changed(before, values)
    changes.pop("name_key", None)
    changes = without_secrets(changes)
    if not changes:
        return row
    row.version += 1
    row.updated_at = now
    row.save(update_fields=[*values, "version", "updated_at"])
    touched = [group for group, names in GROUPS.items() if changes.keys() & set(names)]
    note_values(row, touched, actor=actor, now=now, source=source, before=before)
    refresh_completeness([row.pk])
    record(actor=actor, now=now, action="client.changed", obj=row, changes=changes)
    publish(ClientChanged(row.pk), now=now)
    if REACH_FIELDS & changes.keys():
        publish(ContactabilityChanged(row.pk), now=now)
    row.refresh_from_db(fields=["completeness"])
    return row


@transaction.atomic
def set_address(
    *, actor: Any, now: datetime, client: Client, address: Mapping[str, Any], kind: str = Address.Kind.LIVING,
    source: str = "",
) -> Address:  # fmt: skip
    """Write the client's address of one kind; the time zone follows the town."""
    require(actor, "clients.write", client.pk)
    row = lock(client)
    old = Address.objects.filter(client=row, kind=kind).first()
    before = str(old) if old else None
    place = _write_address(row, address, kind=kind)
    zone = zone_of(place.city, place.region_code, row.time_zone)
    if str(place) == before and zone == row.time_zone:
        return place
    Client.objects.filter(pk=row.pk).update(
        city=place.city,
        region_code=place.region_code,
        time_zone=zone,
        updated_at=now,
        version=F("version") + 1,
    )
    note_values(lock(row), ["place"], actor=actor, now=now, source=source, before=row)
    refresh_completeness([row.pk])
    record(actor=actor, now=now, action="client.address", obj=row, changes={"address": [before, str(place)]})
    publish(ClientChanged(row.pk), now=now)
    if zone != row.time_zone:
        publish(ContactabilityChanged(row.pk), now=now)
    return place


def _write_address(client: Client, address: Mapping[str, Any], kind: str = Address.Kind.LIVING) -> Address:
    names = ("region_code", "city", "street", "postal_code")
    values = {name: " ".join(str(address.get(name) or "").split()) for name in names}
    values["city"] = values["city"] or client.city
    values["region_code"] = values["region_code"] or region_of(values["city"], client.region_code)
    zone = zone_of(values["city"], values["region_code"], client.time_zone)
    defaults = {**values, "time_zone": zone, "is_primary": True}
    return Address.objects.update_or_create(client=client, kind=kind, defaults=defaults)[0]


@transaction.atomic
def add_document(
    *, actor: Any, now: datetime, client: Client, kind: str, number: str,
    issued_on: date | None = None, issued_by: str = "", unit_code: str = "", valid_until: date | None = None,
) -> IdentityDocument:  # fmt: skip
    """Keep a passport, licence or other document. Raises ``InvalidData``, ``DocumentTaken``."""
    require(actor, "clients.write", client.pk)
    lock(client)
    errors = Errors()
    clean = clean_document(kind, number, errors)
    errors.refuse()
    if documents_by_number(clean, kind).filter(client=client).exists():
        raise DocumentTaken
    document = IdentityDocument.objects.create(
        client=client, kind=kind, number=clean, issued_on=issued_on, issued_by=issued_by,
        unit_code=unit_code, valid_until=valid_until,
    )  # fmt: skip
    refresh_completeness([client.pk])
    record(
        actor=actor,
        now=now,
        action="client.document_added",
        obj=client,
        changes={kind: [None, masked(clean)]},
    )
    publish(ClientChanged(client.pk), now=now)
    return document


@transaction.atomic
def remove_document(*, actor: Any, now: datetime, document: IdentityDocument) -> None:
    """Take a document off the card; the journal keeps that it was there."""
    require(actor, "clients.write", document.client_id)
    client = document.client
    document.delete()
    refresh_completeness([client.pk])
    changes = {document.kind: [masked(document.number), None]}
    record(actor=actor, now=now, action="client.document_removed", obj=client, changes=changes)
    publish(ClientChanged(client.pk), now=now)


def masked(number: str) -> str:
    """``92 08 •••• 41``: enough to recognise a document, not enough to use it."""
    return f"{number[:2]} {number[2:4]} •••• {number[-2:]}" if len(number) > 6 else f"•••• {number[-2:]}"


_when_stopped: list[Callable[[int, datetime, Any], None]] = []


def when_stopped(react: Callable[[int, datetime, Any], None]) -> None:
    """Called once when the apps are ready: ``react(client_id, now, actor)`` runs when nobody may contact a client any more."""
    if react not in _when_stopped:
        _when_stopped.append(react)


@transaction.atomic
def set_do_not_contact(*, actor: Any, now: datetime, client: Client, value: bool, reason: str = "") -> Client:
    """Mark, or clear, that this client must not be contacted at all. Repeating it changes nothing."""
    require(actor, "clients.write", client.pk)
    row = lock(client)
    values = {"do_not_contact": value, "do_not_contact_reason": reason[:200] if value else ""}
    changes = changed(row, values)
    if not changes:
        return row
    for name, new in values.items():
        setattr(row, name, new)
    row.version, row.updated_at = row.version + 1, now
    row.save(update_fields=[*values, "version", "updated_at"])
    record(actor=actor, now=now, action="client.do_not_contact", obj=row, changes=changes, reason=reason)
    for react in _when_stopped if value else ():
        react(row.pk, now, actor)
    publish(ContactabilityChanged(row.pk), now=now)
    publish(ClientChanged(row.pk), now=now)
    return row


@transaction.atomic
def confirm_data(*, actor: Any, now: datetime, client: Client) -> Client:
    """The client or the agent says that the card is right today."""
    require(actor, "clients.write", client.pk)
    row = lock(client)
    row.data_confirmed_at = row.updated_at = now
    row.save(update_fields=["data_confirmed_at", "updated_at"])
    record(actor=actor, now=now, action="client.confirmed", obj=row)
    publish(ClientChanged(row.pk), now=now)
    return row


def refresh_completeness(client_ids: Iterable[int] | None = None) -> int:
    """Recompute the completeness of these cards, or of all, in one statement; returns how many have another one now."""
    clients = Client.objects.annotate(percent=percent_expression())
    if client_ids is not None:
        clients = clients.filter(pk__in=listed(client_ids))
    try:
        counted, params = clients.values("id", "percent").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE clients_client SET completeness = n.percent FROM ({counted}) n "
            "WHERE clients_client.id = n.id AND clients_client.completeness <> n.percent",
            params,
        )
        return cursor.rowcount
