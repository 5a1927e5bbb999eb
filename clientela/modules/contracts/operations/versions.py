"""The versions of a policy: what was agreed, changed, cancelled and taken back, and what it cost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.money import ZERO
from clientela.foundation.outbox.operations import publish, publish_all
from clientela.foundation.refusals import Refusal
from clientela.modules.clients.queries import require
from clientela.modules.contracts import rules
from clientela.modules.contracts.events import PolicyAmended, PolicyChanged
from clientela.modules.contracts.models import Participant, Policy, PolicyVersion
from clientela.modules.contracts.operations.people import NAMES, participants_of, people_from
from clientela.modules.contracts.operations.projects import clean_premium
from clientela.modules.contracts.queries import CHANGING, latest_version, version_in_force

Kind = PolicyVersion.Kind
CATCH_UP = timedelta(days=7)


class NotInForce(Refusal):
    """Only a policy in force is changed."""

    message = _("The policy is not in force.")


class NotCancelled(Refusal):
    """Only a cancelled policy whose term still runs is reinstated."""

    message = _("Only a cancelled policy whose term still runs can be reinstated.")


class DayOutsideTerm(Refusal):
    """A change begins within the term, and not before the change that was made last."""

    message = _("The day must lie within the term and not before the last change.")
    field = "valid_from"


class NothingChanged(Refusal):
    """An endorsement says what was agreed already."""

    message = _("Nothing differs from what was agreed.")


class WhyNeeded(Refusal):
    """A change of a policy needs a reason."""

    message = _("Say why.")
    field = "reason"


class ChangedMeanwhile(Refusal):
    """Somebody made a version since the person looked."""

    message = _("The policy was changed meanwhile: look at it again.")


def lock_policy(policy: Policy, *, seen: int | None = None) -> tuple[Policy, PolicyVersion]:
    """The policy held until the transaction ends, and its last version. ``ChangedMeanwhile`` unless it is ``seen``."""
    row = Policy.objects.select_for_update().get(pk=policy.pk)
    last = latest_version(row) or first_version(row)
    if seen is not None and seen != last.number:
        raise ChangedMeanwhile
    return row, last


def first_version(
    policy: Policy,
    *,
    terms: dict[str, Any] | None = None,
    people: list[dict[str, Any]] | None = None,
    by: Any = None,
) -> PolicyVersion:
    """What was agreed first. A policy that came by an import gets it when it is changed for the first time."""
    return PolicyVersion.objects.create(
        policy=policy, number=1, kind=Kind.ISSUE, valid_from=policy.start_date, premium=policy.premium,
        charged=policy.premium, sum_insured=policy.sum_insured, participants=participants_of(policy) if people is None else people,
        terms=terms or {}, by=by, at=policy.issued_at or policy.created_at,
    )  # fmt: skip


@transaction.atomic
def current_version(policy: Policy) -> PolicyVersion:
    """The last version; the first one is written down for a policy that has none yet."""
    return lock_policy(policy)[1]


def add_version(
    policy: Policy, last: PolicyVersion, kind: str, *, actor: Any, now: datetime, valid_from: date, reason: str = "",
    **values: Any,
) -> PolicyVersion:  # fmt: skip
    """The next version: ``values`` and else what the last one says; journalled and published."""
    kept = {
        name: getattr(last, name) for name in ("premium", "charged", "sum_insured", "participants", "terms")
    }
    version = PolicyVersion.objects.create(
        policy=policy, number=last.number + 1, kind=kind, valid_from=valid_from, reason=reason, by=actor, at=now,
        **kept | values,
    )  # fmt: skip
    publish_all(
        [
            PolicyAmended(policy.pk, policy.client_id, version.pk, kind),
            PolicyChanged(policy.pk, policy.client_id),
        ],
        now=now,
    )
    return version


@transaction.atomic
def endorse(
    *, actor: Any, now: datetime, policy: Policy, valid_from: date, reason: str, premium: Decimal | None = None,
    sum_insured: Decimal | None = None, participants: Sequence[dict[str, Any]] | None = None,
    terms: dict[str, Any] | None = None, seen: int | None = None, whole: Decimal = ZERO,
) -> PolicyVersion:  # fmt: skip
    """Change a policy from ``valid_from`` on. What is not named stays.

    ``premium`` is the price of the whole term by the new conditions: the client pays, or gets back, the difference for
    the days that are left, but ``whole`` of it in full. ``seen`` is the number of the version that the person looked at. Raises ``NotInForce``,
    ``DayOutsideTerm``, ``NothingChanged``, ``WhyNeeded``, ``ChangedMeanwhile``, ``InvalidPremium``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    reason = _reason(reason)
    row, last = lock_policy(policy, seen=seen)
    require_cards(actor, participants or (), last)
    if row.status != Policy.Status.ISSUED:
        raise NotInForce
    if not max(row.start_date, changed_from(row)) <= valid_from <= row.end_date:
        raise DayOutsideTerm
    price = last.premium if premium is None else clean_premium(premium)
    asked = {"premium": price, "sum_insured": sum_insured, "participants": participants, "terms": terms}
    new = {name: value for name, value in asked.items() if value is not None and value != getattr(last, name)}
    if not new:
        raise NothingChanged
    term = rules.Term(row.start_date, row.end_date)
    difference = whole + rules.extra_premium(last.premium + whole, price, term=term, valid_from=valid_from)
    before, row.premium, row.updated_at = row.premium, last.charged + difference, now
    row.save(update_fields=["premium", "updated_at"])
    counted = {"way": "rest_of_term", "left": (row.end_date - valid_from).days + 1, "days": _days(term),
               "before": str(last.premium), "after": str(price)} | ({"whole": str(whole)} if whole else {})  # fmt: skip
    version = add_version(
        row, last, Kind.ENDORSEMENT, actor=actor, now=now, valid_from=valid_from, reason=reason,
        charged=row.premium, difference=difference, counted=counted, **new,
    )  # fmt: skip
    if valid_from <= local_today(row.client.time_zone, now):
        _bring_in(row, version)
    changes = {"premium": [before, row.premium], "version": [last.number, version.number]}
    record(actor=actor, now=now, action="policy.endorsed", obj=row, changes=changes, reason=reason)
    return version


def require_cards(actor: Any, people: Iterable[Mapping[str, Any]], last: PolicyVersion) -> None:
    """Only people whose cards the person may write to are named anew; who was named already may stay."""
    known = {one.get("client_id") for one in last.participants}
    for person in people:
        if person.get("client_id") and person["client_id"] not in known:
            require(actor, "contracts.write", person["client_id"])


def _bring_in(policy: Policy, version: PolicyVersion) -> bool:
    """Let the policy itself say what the version says; False when it says so already."""
    if version.sum_insured is not None and policy.sum_insured != version.sum_insured:
        policy.sum_insured = version.sum_insured
        policy.save(update_fields=["sum_insured"])
    elif _names(version.participants) == _names(participants_of(policy)):
        return False
    policy.participants.all().delete()
    Participant.objects.bulk_create(people_from(version.participants, policy))
    return True


def _names(people: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: one.get(name) or None for name in NAMES} for one in people]


def bring_in_due(*, now: datetime) -> int:
    """Changes that were agreed ahead come into force on their day; returns how many did. Repeating it changes nothing.

    A card that became part of another one meanwhile is followed, so only the changes of the last days are looked at.
    """
    since = local_today(settings.TIME_ZONE, now) - CATCH_UP
    rows = PolicyVersion.objects.filter(
        kind=Kind.ENDORSEMENT, valid_from__gte=since, valid_from__lte=since + 2 * CATCH_UP, at__date__lt=F("valid_from"),
        policy__status=Policy.Status.ISSUED,
    )  # fmt: skip
    found = 0
    for pk in rows.order_by("pk").values_list("policy", flat=True).distinct():
        with transaction.atomic():
            policy = Policy.objects.select_for_update(of=("self",)).select_related("client").get(pk=pk)
            version = version_in_force(policy, local_today(policy.client.time_zone, now))
            if version is not None and _bring_in(policy, version):
                found += 1
                publish(PolicyChanged(policy.pk, policy.client_id), now=now)
    return found


@transaction.atomic
def reinstate_policy(
    *, actor: Any, now: datetime, policy: Policy, reason: str, seen: int | None = None
) -> PolicyVersion:
    """Take a cancellation back: cover runs as if it had not been, and what was to be returned is due again.

    Raises ``NotCancelled``, ``WhyNeeded``, ``ChangedMeanwhile``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    reason = _reason(reason)
    row, last = lock_policy(policy, seen=seen)
    today = local_today(row.client.time_zone, now)
    if row.status != Policy.Status.CANCELLED or row.end_date < today:
        raise NotCancelled
    before = row.cancelled_on
    row.status, row.cancelled_on, row.cancel_reason, row.updated_at = Policy.Status.ISSUED, None, "", now
    row.save(update_fields=["status", "cancelled_on", "cancel_reason", "updated_at"])
    version = add_version(
        row, last, Kind.REINSTATEMENT, actor=actor, now=now, valid_from=today, reason=reason,
        charged=row.premium, difference=row.premium - last.charged,
    )  # fmt: skip
    changes = {"status": ["cancelled", row.status], "cancelled_on": [before, None]}
    record(actor=actor, now=now, action="policy.reinstated", obj=row, changes=changes, reason=reason)
    return version


@transaction.atomic
def duplicate_policy(
    *, actor: Any, now: datetime, policy: Policy, reason: str, seen: int | None = None
) -> PolicyVersion:
    """Note that a duplicate is given out. Raises ``NotInForce``, ``WhyNeeded``, ``ChangedMeanwhile``."""
    require(actor, "contracts.write", policy.client_id)
    reason = _reason(reason)
    row, last = lock_policy(policy, seen=seen)
    if row.status != Policy.Status.ISSUED:
        raise NotInForce
    today = local_today(row.client.time_zone, now)
    version = add_version(row, last, Kind.DUPLICATE, actor=actor, now=now, valid_from=today, reason=reason)
    changes = {"version": [last.number, version.number]}
    record(actor=actor, now=now, action="policy.duplicated", obj=row, changes=changes, reason=reason)
    return version


def _reason(text: str) -> str:
    reason = text.strip()[:255]
    if not reason:
        raise WhyNeeded
    return reason


def _days(term: rules.Term) -> int:
    return (term.end - term.start).days + 1


def changed_from(policy: Policy) -> date:
    """From which day the last change of the price holds."""
    changes = policy.versions.filter(kind__in=CHANGING).order_by("-number")
    return changes.values_list("valid_from", flat=True)[0]
