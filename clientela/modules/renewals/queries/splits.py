"""Experiments as sets: which clients get the other version, and the steps each side goes by."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import BigIntegerField, ExpressionWrapper, F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import LessThan

from clientela.modules.renewals.experiments import BUCKETS, MODULUS, Arm, coefficients, differing
from clientela.modules.renewals.models import Step

# A day may be planned so many days late; until then an experiment that ended is not forgotten.
CATCH_UP_DAYS = 30


def bucket_of(experiment_id: int, client: str = "client_id") -> Combinable:
    """Expression: the bucket of the client whose id is in the column (``experiments.bucket`` as a set)."""
    a, b, c, modulus, buckets = (_number(n) for n in (*coefficients(experiment_id), MODULUS, BUCKETS))
    x = ExpressionWrapper(F(client) % modulus, BigIntegerField())
    return ((a * x + b) % modulus * x + c) % modulus % buckets


def _number(value: int) -> Value:
    return Value(value, output_field=BigIntegerField())


def taken_by(arm: Arm) -> Q:
    """Filter for the terms that go by a side of an experiment (``Arm.takes`` as a set)."""
    entered = Q(end_date__gte=arm.first_end)
    if arm.last_end is not None:
        entered &= Q(end_date__lte=arm.last_end)
    chosen = entered & Q(LessThan(bucket_of(arm.experiment_id), arm.share))
    return chosen if arm.gets_b else ~chosen


def on_trial(day: date) -> Q:
    """Filter for the steps of versions B of experiments that run on ``day`` or ended shortly before it."""
    lately = Q(version__trial__ended_from__gte=day - timedelta(days=CATCH_UP_DAYS))
    return Q(version__trial__first_day__lte=day) & (Q(version__trial__ended_from__isnull=True) | lately)


def split(steps: Iterable[Step], *, in_force: set[int], day: date) -> list[Step]:
    """The steps people go by on ``day``, out of those of the versions ``in_force`` and of ``on_trial``.

    Where an experiment runs, steps in which its versions differ get the ``arm`` they are for; those that are the same
    in both stand once, for everybody. Where it has ended, the version that stayed begins anew for those who come back.
    """
    of: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        of[step.version_id].append(step)
    found = [step for version, own in of.items() if version in in_force for step in own]
    for version, own in list(of.items()):
        trial = getattr(own[0].version, "trial", None)
        if trial is None or version in in_force:
            continue
        control = of[trial.control_id]
        if trial.runs_on(day):
            keys = differing(control, own)
            for gets_b, side in ((False, control), (True, own)):
                for step in side:
                    step.arm = trial.arm(gets_b=gets_b) if step.key in keys else step.arm
            found += [step for step in own if step.key in keys]
        else:
            for step in control:
                step.anew = trial.ended_from
    return sorted(found, key=lambda s: (-s.day, s.version.schedule.position, s.position, s.pk))
