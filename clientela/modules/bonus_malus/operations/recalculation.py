"""The first of April: every class of the local registry takes its step; kept answers are asked for again.

The claims of the year come through a port: claims stand above this module, and so do the policies that say who was
insured. A registry that is not ours recalculates by itself; of it only the answers kept past the day are renewed.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed
from clientela.foundation.jobs.operations import Run
from clientela.modules.bonus_malus.models import Lookup, Recalculation, RegistryEntry
from clientela.modules.bonus_malus.ports import claims_of
from clientela.modules.bonus_malus.rules import next_class, rank, season_of

CHUNK = 5000


def recalculate(run: Run, *, now: datetime) -> dict[str, Any]:
    """Every class still of an earlier April, in chunks; a restart goes on where the last chunk ended.

    Who was not insured in the year keeps the class: it neither gets better nor worse.
    """
    since = season_of(timezone.localdate(now))
    report, _made = Recalculation.objects.get_or_create(year=since.year, defaults={"started_at": now})
    if report.finished_at is not None:
        return {"drivers": 0}
    while _one_chunk(run, report, since):
        run.check()
    with transaction.atomic():
        report.asked_again = _ask_again(since, now)
        report.finished_at = now
        report.save()
        names = ("drivers", "better", "worse", "same", "asked_again")
        told = {name: getattr(report, name) for name in names}
        record(actor=None, now=now, action="class.recalculated", obj=report, changes=told)
    return told


@transaction.atomic
def _one_chunk(run: Run, report: Recalculation, since: date) -> int:
    due = RegistryEntry.objects.filter(since__lt=since)
    rows = list(due.order_by("pk").values_list("pk", "klass", "client_id")[:CHUNK])
    if not rows:
        return 0
    year_before = since.replace(year=since.year - 1)
    clients = {client for _pk, _klass, client in rows if client}
    claims = claims_of(clients, year_before, since - timedelta(days=1))
    moves: Counter[tuple[str, str]] = Counter()
    of_class: dict[str, list[int]] = defaultdict(list)
    for pk, klass, client in rows:
        after = next_class(klass, claims[client]) if client in claims else klass
        moves[klass, after] += 1
        of_class[after].append(pk)
    for after, ids in of_class.items():
        entries = RegistryEntry.objects.filter(pk__in=listed(ids))
        entries.update(previous_klass=F("klass"), klass=after, since=since)
    for (before, after), count in moves.items():
        move = f"{before}>{after}"
        report.moves[move] = report.moves.get(move, 0) + count
        step = rank(before) - rank(after)
        kind = "same" if not step else "better" if step < 0 else "worse"
        setattr(report, kind, getattr(report, kind) + count)
    report.drivers += len(rows)
    report.save()
    run.progress(done=report.drivers)
    return len(rows)


def _ask_again(since: date, now: datetime) -> int:
    """Answers for days after the step that were given before it are no answers any more."""
    began = timezone.make_aware(datetime.combine(since, time()))
    stale = Lookup.objects.filter(on__gte=since, answered_at__lt=began, state=Lookup.State.KNOWN)
    return stale.update(state=Lookup.State.PENDING, next_attempt_at=now, attempts=0)
