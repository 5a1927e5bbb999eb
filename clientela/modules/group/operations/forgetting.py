"""The one way out: what was told of a client goes, and all that was made of it, in one transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Consent, Purpose
from clientela.modules.group.events import GroupDataChanged
from clientela.modules.group.models import Candidate, Fact, Refused, Waiting
from clientela.modules.group.operations.traces import clear_traces, clear_unfinished

# How long a word that a newer one replaced is kept, so that an import can be undone; and counts of what was refused.
REPLACED_KEPT = timedelta(days=30)
COUNTS_KEPT = timedelta(days=400)
UNFINISHED_KEPT = timedelta(days=1)

_made_of_facts: list[Callable[[list[int], datetime], None]] = []


def when_forgotten(react: Callable[[list[int], datetime], None]) -> None:
    """Called once when the apps are ready: ``react(client_ids, now)`` takes away what a module made of facts."""
    if react not in _made_of_facts:
        _made_of_facts.append(react)


@transaction.atomic
def forget(*, actor: Any, now: datetime, client_ids: Iterable[int], why: str) -> int:
    """Remove every fact about these clients and all that follows from one; returns the number of facts."""
    ids = sorted(set(client_ids))
    for react in _made_of_facts:
        react(ids, now)
    facts = Fact.objects.filter(client_id__in=listed(ids))
    touched = sorted(set(facts.order_by().values_list("client_id", flat=True)))
    gone, _tables = facts.delete()
    waiting = Candidate.objects.filter(client_id__in=listed(ids)).values("waiting")
    Waiting.objects.filter(pk__in=waiting).delete()
    clear_traces()
    for client in Client.objects.filter(pk__in=listed(touched)):
        record(actor=actor, now=now, action="group.forgotten", obj=client, reason=why)
        publish(GroupDataChanged(client.pk), now=now)
    return gone


def on_consent_ended(client_id: int, purpose: str, now: datetime, actor: Any) -> None:
    """A consent ended; without another one that holds nothing told under it stays. In the withdrawal's transaction."""
    if purpose == Purpose.GROUP_DATA:
        forget(actor=actor, now=now, client_ids=[client_id], why="consent withdrawn")


def on_do_not_contact(client_id: int, now: datetime, actor: Any) -> None:
    """Who is not to be contacted is not asked again: the consent ends too."""
    ended = Consent.objects.filter(
        client_id=client_id, purpose=Purpose.GROUP_DATA, withdrawn_at__isnull=True
    ).update(withdrawn_at=now, withdrawn_via="do not contact")
    if ended or Fact.objects.filter(client_id=client_id).exists():
        forget(actor=actor, now=now, client_ids=[client_id], why="do not contact")


def forget_uncovered(client_id: int, *, now: datetime) -> None:
    """After two cards became one: facts whose consent holds no more go."""
    facts = Fact.objects.filter(client_id=client_id)
    if facts.filter(consent__withdrawn_at__isnull=False).exists():
        forget(actor=None, now=now, client_ids=[client_id], why="consent withdrawn on the other card")


def expire(*, now: datetime) -> dict[str, int]:
    """What ran out: facts past their day, words long replaced, reports nobody decided on, files left lying."""
    today = local_today(settings.TIME_ZONE, now)
    newer = Fact.objects.filter(
        Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), id__gt=OuterRef("id")),
        client=OuterRef("client"), kind=OuterRef("kind"), company=OuterRef("company"),
    )  # fmt: skip
    with transaction.atomic():
        gone, _tables = Fact.objects.filter(gone_on__lte=today).delete()
        long_ago = Fact.objects.filter(received_at__lt=now - REPLACED_KEPT).filter(Exists(newer.order_by()))
        replaced, _tables = Fact.objects.filter(pk__in=list(long_ago.values_list("pk", flat=True))).delete()
        waiting, _tables = Waiting.objects.filter(gone_on__lte=today).delete()
        Refused.objects.filter(on__lt=today - COUNTS_KEPT).delete()
        clear_traces()
        clear_unfinished(before=now - UNFINISHED_KEPT)
    return {"facts": gone, "replaced": replaced, "waiting": waiting}
