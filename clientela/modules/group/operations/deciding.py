"""A person says whose a report is, or that it is nobody's."""

from datetime import date, datetime
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.foundation.sealing import unseal
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.clients.models import Client
from clientela.modules.group.events import GroupDataChanged
from clientela.modules.group.models import Candidate, Fact, Waiting
from clientela.modules.group.operations.taking import SEALED, fact_of
from clientela.modules.group.queries.consents import covered
from clientela.modules.group.queries.facts import kinds_by_code
from clientela.modules.group.rules import value_of


class DecidedAlready(Refusal):
    """Somebody decided before, or the report ran out."""

    message = _("This was decided already.")


class NotAgreed(Refusal):
    """The chosen client has not agreed to it."""

    message = _("This client has not agreed to data from this company.")


def said_in(waiting: Waiting) -> dict[str, Any]:
    """What a report says: name, birth_date (ISO), phone, last digits of the passport, as_of, values by kind."""
    found: dict[str, Any] = orjson.loads(unseal(SEALED, waiting.sealed))
    return found


@transaction.atomic
def attach(*, actor: Any, now: datetime, waiting: Waiting, client: Client) -> int:
    """The report is about this candidate; returns how many facts are kept.

    Raises ``DecidedAlready``, ``NotAgreed``, PermissionDenied.
    """
    row = _open(actor, waiting)
    seen = Client.objects.visible_to(actor) if actor is not None else Client.objects.all()
    if not Candidate.objects.filter(waiting=row, client=client, client__in=seen.values("pk")).exists():
        raise PermissionDenied("scope")
    consent = covered([client.pk], row.company, now=now).get(client.pk)
    if consent is None:
        raise NotAgreed
    said = said_in(row)
    kinds = kinds_by_code(list(said["values"]))
    as_of = date.fromisoformat(said["as_of"])
    facts = [
        fact_of(
            row.company, kinds[code], value_of(kinds[code].value_type, value), client.pk, consent, as_of, now,
            Fact.Via.HAND, row.import_run,
        )
        for code, value in said["values"].items() if code in kinds
    ]  # fmt: skip
    Fact.objects.bulk_create(facts)
    row.delete()
    record(actor=actor, now=now, action="group.attached", obj=client, reason=row.company.name)
    publish(GroupDataChanged(client.pk), now=now)
    return len(facts)


@transaction.atomic
def dismiss(*, actor: Any, now: datetime, waiting: Waiting) -> None:
    """The report is about none of them: it goes. Raises ``DecidedAlready``, PermissionDenied."""
    row = _open(actor, waiting)
    row.delete()
    record(actor=actor, now=now, action="group.dismissed", obj=row.company)


def _open(actor: Any, waiting: Waiting) -> Waiting:
    ensure(actor, Permission.GROUP_WRITE)
    row = (
        Waiting.objects.select_for_update(of=("self",))
        .select_related("company", "import_run")
        .filter(pk=waiting.pk)
        .first()
    )
    if row is None:
        raise DecidedAlready
    return row
