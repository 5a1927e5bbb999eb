"""The card of a car and what its contract says since a change: brought in line by a person, never by itself."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts.events import PolicyChanged
from clientela.modules.contracts.models import InsuredObject, Policy, PolicyVersion
from clientela.modules.contracts.queries import version_in_force
from clientela.modules.quotes.queries.prefill import plain

CAR = ("plate", "vin", "body_number", "make", "model", "year", "power")
PRICED = ("make", "model", "year", "power")


class InLine(Refusal):
    """The card says what the contract says."""

    message = _("The card says what the contract says.")


class OthersInsureIt(Refusal):
    """Other contracts insure the same car: whoever changes its card has seen them."""

    message = _("Other contracts insure this car too: look at them first.")


def card_differs(policy: Policy, today: date) -> dict[str, tuple[Any, Any]]:
    """What a change that is in force says of the car otherwise than its card: by field, the card's and the contract's."""
    thing, version = policy.insured_object, version_in_force(policy, today)
    first = PolicyVersion.objects.filter(policy=policy).order_by("number").first()
    if thing is None or thing.kind != InsuredObject.Kind.VEHICLE or version is None or first is None:
        return {}
    old, new = ((one.terms or {}).get("answers") or {} for one in (first, version))
    found = {}
    for name in CAR:
        if new.get(name) in (None, "") or new[name] == old.get(name):
            continue
        column: Any = InsuredObject._meta.get_field(name)
        told = column.to_python(new[name])
        if told != getattr(thing, name):
            found[name] = (getattr(thing, name), told)
    return found


def others_of(policy: Policy, today: date) -> list[Policy]:
    """Other contracts whose cover of the same car is not over."""
    rows = Policy.objects.filter(
        insured_object=policy.insured_object_id, status=Policy.Status.ISSUED, end_date__gte=today
    )
    return (
        list(rows.exclude(pk=policy.pk).select_related("product").order_by("pk"))
        if policy.insured_object_id
        else []
    )


@transaction.atomic
def bring_card_in_line(*, actor: Any, now: datetime, policy: Policy, aware: bool = False) -> InsuredObject:
    """Write what a change of ``policy`` says of the car into its card.

    Other contracts keep what they were priced by: it is written into their versions before the card changes. ``aware``:
    the person has seen that there are others. Raises ``InLine``, ``OthersInsureIt``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    thing = InsuredObject.objects.select_for_update().filter(pk=policy.insured_object_id or 0).first()
    if thing is None:
        raise InLine
    require(actor, "contracts.write", thing.client_id)
    policy.insured_object = thing
    today = local_today(policy.client.time_zone, now)
    differs = card_differs(policy, today)
    if not differs:
        raise InLine
    others = others_of(policy, today)
    if others and not aware:
        raise OthersInsureIt
    for other in others:
        _keep(other, {name: plain(old) for name, (old, _new) in differs.items() if name in PRICED})
    for name, (_old, new) in differs.items():
        setattr(thing, name, new)
    thing.save(update_fields=list(differs))
    changes = {name: [plain(old), plain(new)] for name, (old, new) in differs.items()}
    record(actor=actor, now=now, action="object.in_line", obj=thing, changes=changes, reason=policy.number)
    publish(PolicyChanged(policy.pk, policy.client_id), now=now)
    return thing


def _keep(other: Policy, stood: dict[str, Any]) -> None:
    """What a contract was priced by, where it stood on the card alone."""
    for version in PolicyVersion.objects.select_for_update().filter(policy=other):
        answers = (version.terms or {}).get("answers") or {}
        added = {
            name: value for name, value in stood.items() if value not in (None, "") and name not in answers
        }
        if answers and added:
            version.terms = version.terms | {"answers": answers | added}
            version.save(update_fields=["terms"])
