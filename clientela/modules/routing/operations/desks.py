"""Heads say who shares the requests of a branch, and stop and resume that."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.access import Permission, PermissionDenied, ensure
from clientela.modules.accounts.models import User
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import branches_visible_to, people_visible_to
from clientela.modules.routing.desks import queue_of_branch
from clientela.modules.routing.events import StationChanged
from clientela.modules.routing.models import Desk, Queue
from clientela.modules.routing.operations.moving import route_waiting
from clientela.modules.routing.operations.stations import PULLED, WrongStation

MOST_PLACES, MOST_WEIGHT = 200, 1000


@transaction.atomic
def change_desk(
    *, actor: Any, now: datetime, person: User, branch: Branch, takes: bool, capacity: int, weight: int
) -> Desk:
    """Say which part a person has in a branch's requests. Raises WrongStation, PermissionDenied."""
    ensure(actor, Permission.ROUTING_WRITE)
    if actor is not None and not (
        people_visible_to(actor).filter(pk=person.pk).exists()
        and branches_visible_to(actor).filter(pk=branch.pk).exists()
    ):
        raise PermissionDenied("scope")
    if not 0 <= capacity <= MOST_PLACES:
        raise WrongStation({"capacity": _("Between 0 and 200 requests.")})
    if not 0 <= weight <= MOST_WEIGHT:
        raise WrongStation({"weight": _("The share is between 0 and 1000 %.")})
    values = {"branch": branch, "takes": takes and weight > 0, "capacity": capacity, "weight": weight}
    desk, made = Desk.objects.select_for_update(of=("self",)).get_or_create(
        user=person, defaults={**values, "idle_since": now}
    )
    before = {} if made else changed(desk, values)
    if made or before:
        for name, value in values.items():
            setattr(desk, name, value)
        desk.save(update_fields=list(values))
        record(
            actor=actor,
            now=now,
            action="desk.changed",
            obj=person,
            changes=before or {"branch": [None, branch.name]},
        )
        publish(StationChanged(person.pk), now=now)
        route_waiting(limit=PULLED, now=now, of=[person.pk])
    return desk


@transaction.atomic
def change_sharing(*, actor: Any, now: datetime, branch: Branch, is_paused: bool, takes_back: bool) -> Queue:
    """Stop or resume the sharing of a branch's requests; say whether what nobody answers in time is taken back."""
    ensure(actor, Permission.ROUTING_WRITE)
    if actor is not None and not branches_visible_to(actor).filter(pk=branch.pk).exists():
        raise PermissionDenied("scope")
    key = queue_of_branch(branch.pk)
    queue, _made = Queue.objects.select_for_update().get_or_create(key=key)
    values = {"is_paused": is_paused, "takes_back_letters": takes_back}
    changes = changed(queue, values)
    if changes:
        queue.is_paused, queue.takes_back_letters = is_paused, takes_back
        queue.save(update_fields=list(values))
        record(actor=actor, now=now, action="sharing.changed", obj=branch, changes=changes)
    return queue
