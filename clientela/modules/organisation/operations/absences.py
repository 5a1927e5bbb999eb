"""Leave, sickness and other absences, each with one substitute."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.events import OrganisationChanged
from clientela.modules.organisation.models import Absence, Agent
from clientela.modules.organisation.operations.saving import add, change
from clientela.modules.organisation.queries import SUBSTITUTED, absence_planned_by, substitutes_for

LONGEST = timedelta(days=3 * 366)


class NotYourTeam(PermissionDenied):
    """Absences are entered by the person, the team lead, the head of the branch or an administrator."""


class WrongAbsence(ValidationError):
    """The period or the substitute does not do."""


@transaction.atomic
def plan_absence(
    *,
    actor: Any,
    now: datetime,
    person: User,
    substitute: User,
    first_day: date,
    last_day: date,
    kind: str = Absence.Kind.LEAVE,
    note: str = "",
    shows_phone: bool = False,
) -> Absence:
    """Write down that ``person`` is away on these days, both included, and who works instead.

    Raises NotYourTeam, WrongAbsence.
    """
    _ensure(actor, person)
    if person.role not in SUBSTITUTED:
        raise WrongAbsence({"person": _("Only agents, team leads and operators have substitutes.")})
    _check_days(first_day, last_day, today=local_today(person.time_zone, now))
    if not substitutes_for(person).filter(pk=substitute.pk).exists():
        raise WrongAbsence({"substitute": _("Choose a colleague of the same branch or renewal centre.")})
    # Two people who name each other at once meet here; the order of the keys keeps them from a deadlock.
    list(
        User.objects.select_for_update()
        .filter(pk__in=[person.pk, substitute.pk])
        .order_by("pk")
        .values_list("pk")
    )
    _check_others(person, substitute, first_day, last_day)
    if shows_phone:
        _check_phone(person, substitute)
    absence = Absence(
        person=person, substitute=substitute, first_day=first_day, last_day=last_day, kind=kind, note=note.strip(),
        shows_phone=shows_phone, created_at=now,
    )  # fmt: skip
    changes = {"substitute": [None, str(substitute)], "days": [None, f"{first_day} – {last_day}"]}
    if shows_phone:
        changes["shows_phone"] = [False, True]  # type: ignore[list-item]
    return add(absence, actor=actor, now=now, action="absence.planned", changes=changes)


@transaction.atomic
def end_absence(*, actor: Any, now: datetime, absence: Absence, last_day: date | None = None) -> None:
    """The person is back earlier: away through ``last_day``, yesterday by default.

    An absence that would not have begun is taken away; the journal keeps it. Raises NotYourTeam, WrongAbsence.
    """
    _ensure(actor, absence.person)
    yesterday = local_today(absence.person.time_zone, now) - timedelta(days=1)
    last_day = last_day or yesterday
    if not yesterday <= last_day < absence.last_day:
        raise WrongAbsence({"last_day": _("Choose a day from yesterday to before the last day away.")})
    _end(absence, last_day, actor=actor, now=now)


def end_impossible(*, actor: Any, now: datetime, person: User) -> None:
    """End at once what can no longer be: ``person`` moved, and one of the two works elsewhere now.

    Inside the transaction of the move; who may move a person needs no other right for it.
    """
    open_ones = Absence.objects.filter(last_day__gte=now.date() - timedelta(days=1))
    of_both = Q(person=person) | Q(substitute=person)
    for absence in open_ones.filter(of_both).select_related("person", "substitute"):
        today = local_today(absence.person.time_zone, now)
        if (
            absence.last_day < today
            or substitutes_for(absence.person).filter(pk=absence.substitute_id).exists()
        ):
            continue
        _end(absence, today - timedelta(days=1), actor=actor, now=now)


def _end(absence: Absence, last_day: date, *, actor: Any, now: datetime) -> None:
    if last_day >= absence.first_day:
        change(absence, {"last_day": last_day}, actor=actor, now=now, action="absence.ended")
        return
    days = f"{absence.first_day} – {absence.last_day}"
    record(actor=actor, now=now, action="absence.removed", obj=absence, changes={"days": [days, None]})
    publish(OrganisationChanged(object_type="absence", object_id=absence.pk), now=now)
    absence.delete()


def _ensure(actor: Any, person: User) -> None:
    if actor is not None and not absence_planned_by(actor).filter(pk=person.pk).exists():
        raise NotYourTeam("absence")


def _check_days(first_day: date, last_day: date, *, today: date) -> None:
    if last_day < first_day:
        raise WrongAbsence({"last_day": _("The last day is before the first.")})
    if last_day < today:
        raise WrongAbsence({"last_day": _("This period is over already.")})
    if last_day - first_day > LONGEST:
        raise WrongAbsence({"last_day": _("Not longer than three years.")})


def _check_others(person: User, substitute: User, first_day: date, last_day: date) -> None:
    """No overlap, no substitute who is away, and nobody away whom others count on: so there are no circles."""
    there = Absence.objects.filter(first_day__lte=last_day, last_day__gte=first_day)
    there = there.select_related("person", "substitute")
    if own := there.filter(person=person).first():
        raise WrongAbsence({"first_day": _("There is an absence already: %(days)s.") % {"days": _days(own)}})
    if away := there.filter(person=substitute).first():
        words = {"name": substitute, "days": _days(away)}
        raise WrongAbsence({"substitute": _("%(name)s is away too: %(days)s.") % words})
    if counted_on := there.filter(substitute=person).first():
        words = {"name": person, "other": counted_on.person, "days": _days(counted_on)}
        text = _("%(name)s stands in for %(other)s, %(days)s: find another substitute there first.")
        raise WrongAbsence({"first_day": text % words})


def _check_phone(person: User, substitute: User) -> None:
    if person.role != Role.AGENT:
        raise WrongAbsence({"shows_phone": _("Only an agent's clients see a phone.")})
    if not Agent.objects.filter(user=substitute).exclude(phone="").exists():
        raise WrongAbsence({"shows_phone": _("The substitute has no card with a phone.")})


def _days(absence: Absence) -> str:
    return f"{absence.first_day:%d.%m.%Y} – {absence.last_day:%d.%m.%Y}"
