"""Taking facts in: under a consent of the day or not at all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.outbox.operations import publish_all
from clientela.foundation.refusals import Refusal
from clientela.foundation.sealing import seal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.models import Consent
from clientela.modules.group.events import GroupDataChanged
from clientela.modules.group.models import Candidate, Fact, FactKind, Refused, SisterCompany, Waiting
from clientela.modules.group.queries.consents import covered
from clientela.modules.group.queries.facts import kinds_by_code
from clientela.modules.group.queries.matching import matches
from clientela.modules.group.rules import BadValue, Match, Told, Value, Why, value_of

WAITS = timedelta(days=14)
SEALED = "group.waiting"
MOST_TOLD = 500


class CompanyAsleep(Refusal):
    """The company is not in use: nothing is taken from it."""

    message = _("Nothing is taken from this company now.")


@dataclass
class Taken:
    """What became of reports: ``outcome`` by ref is taken, same, waiting, bad or a reason not to take; all are counted."""

    outcome: dict[int, str] = field(default_factory=dict)
    bad: dict[int, list[str]] = field(default_factory=dict)
    facts: int = 0
    clients: set[int] = field(default_factory=set)
    waiting: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class _Batch:
    """One delivery of one company."""

    company: SisterCompany
    now: datetime
    via: str
    run: ImportRun | None
    kinds: dict[str, FactKind]
    consents: dict[int, int]
    known: dict[tuple[int, int], tuple[date, str]]
    facts: list[Fact] = field(default_factory=list)
    waiting: list[tuple[Waiting, tuple[int, ...]]] = field(default_factory=list)
    done: Taken = field(default_factory=Taken)

    @property
    def today(self) -> date:
        return local_today(settings.TIME_ZONE, self.now)


def bring(*, actor: Any, now: datetime, told: Sequence[Told]) -> Taken:
    """What a sister company's own program brings. Raises ``CompanyAsleep``, PermissionDenied."""
    ensure(actor, Permission.GROUP_FEED)
    company = SisterCompany.objects.filter(feeder=actor).first()
    if company is None:
        raise PermissionDenied("no sister company")
    with transaction.atomic():
        done = take_in(now=now, company=company, told=told, via=Fact.Via.API)
        record(
            actor=actor, now=now, action="group.taken", obj=company,
            changes={"facts": [0, done.facts], "refused": [0, sum(done.refused.values())]},
        )  # fmt: skip
    return done


def take_in(
    *, now: datetime, company: SisterCompany, told: Sequence[Told], via: str, import_run: ImportRun | None = None,
    dry: bool = False,
) -> Taken:  # fmt: skip
    """Tie reports to cards and keep what may be kept. ``dry``: only tell what would happen.

    Within the caller's transaction; consents that are relied on are held to its end. Raises ``CompanyAsleep``.
    """
    if not company.is_active:
        raise CompanyAsleep
    found = matches(told)
    ids = {pk for one in found.values() for pk in ([one.client] if one.client else one.candidates)}
    consents = covered(ids, company, now=now)
    if not dry:
        consents = _held(consents)
    batch = _Batch(
        company, now, via, import_run, kinds_by_code(), consents, _known(company, consents)
    )  # fmt: skip
    for one in told:
        _one(batch, one, found[one.ref])
    batch.done.facts = len(batch.facts)
    batch.done.clients = {one.client_id for one in batch.facts}
    batch.done.waiting = len(batch.waiting)
    if not dry:
        _write(batch)
    return batch.done


def _held(consents: dict[int, int]) -> dict[int, int]:
    """The same consents as they are under their locks: one withdrawn at this moment is not among them."""
    rows = Consent.objects.select_for_update().filter(
        pk__in=listed(consents.values()), withdrawn_at__isnull=True
    )
    return dict(rows.order_by("pk").values_list("client_id", "pk"))


def _known(company: SisterCompany, clients: Iterable[int]) -> dict[tuple[int, int], tuple[date, str]]:
    """The last word of the company by client and kind."""
    rows = Fact.objects.filter(company=company, client_id__in=listed(clients)).order_by("as_of", "pk")
    return {
        (client, kind): (as_of, value)
        for client, kind, as_of, value in rows.values_list("client_id", "kind_id", "as_of", "value")
    }


def _one(batch: _Batch, one: Told, match: Match) -> None:
    values = _read(batch, one)
    if match.client is None and match.candidates:
        if not any(pk in batch.consents for pk in match.candidates):
            _refuse(batch, one, values, Why.CONSENT)
        elif values:
            batch.waiting.append((_sealed(batch, one, values, match.why), match.candidates))
            batch.done.outcome[one.ref] = "waiting"
    elif match.client is None:
        _refuse(batch, one, values, match.why)
    elif match.client not in batch.consents:
        _refuse(batch, one, values, Why.CONSENT)
    else:
        _keep(batch, one, values, match.client, batch.consents[match.client])
    batch.done.outcome.setdefault(one.ref, "same")


def _read(batch: _Batch, one: Told) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for code, raw in one.values.items():
        kind = batch.kinds.get(code)
        if kind is None:
            batch.done.refused[code[:40], Why.KIND] += 1
            continue
        try:
            values[code] = value_of(kind.value_type, raw)
        except BadValue:
            batch.done.bad.setdefault(one.ref, []).append(code)
    if one.values and not values:
        batch.done.outcome[one.ref] = "bad" if one.ref in batch.done.bad else Why.KIND.value
    return values


def _refuse(batch: _Batch, one: Told, values: dict[str, Value], why: str) -> None:
    for code in values:
        batch.done.refused[code, str(why)] += 1
    if values:
        batch.done.outcome[one.ref] = str(why)


def _keep(batch: _Batch, one: Told, values: dict[str, Value], client: int, consent: int) -> None:
    for code, value in values.items():
        kind, as_of = batch.kinds[code], min(one.as_of, batch.today)
        if as_of + timedelta(days=kind.keep_days) <= batch.today:
            batch.done.refused[code, Why.OLD.value] += 1
            batch.done.outcome.setdefault(one.ref, Why.OLD.value)
            continue
        before = batch.known.get((client, kind.pk))
        if before is not None and (before[0] > as_of or before == (as_of, value.text)):
            continue
        batch.known[client, kind.pk] = (as_of, value.text)
        batch.facts.append(
            fact_of(batch.company, kind, value, client, consent, as_of, batch.now, batch.via, batch.run)
        )
        batch.done.outcome[one.ref] = "taken"


def fact_of(
    company: SisterCompany, kind: FactKind, value: Value, client: int, consent: int, as_of: date, now: datetime,
    via: str, run: ImportRun | None,
) -> Fact:  # fmt: skip
    """A fact with the days on which it grows old and goes."""
    return Fact(
        client_id=client, company=company, kind=kind, consent_id=consent, value=value.text, number=value.number,
        speaks=value.speaks, as_of=as_of, old_on=as_of + timedelta(days=kind.fresh_days),
        gone_on=as_of + timedelta(days=kind.keep_days), via=via, received_at=now, import_run=run,
    )  # fmt: skip


def _sealed(batch: _Batch, one: Told, values: dict[str, Value], why: str) -> Waiting:
    said: dict[str, Any] = {
        "name": one.name, "birth_date": one.birth_date, "phone": one.phone, "passport": one.passport[-4:],
        "as_of": one.as_of, "values": {code: value.text for code, value in values.items()},
    }  # fmt: skip
    return Waiting(
        company=batch.company, sealed=seal(SEALED, orjson.dumps(said).decode()), why=why, via=batch.via,
        received_at=batch.now, gone_on=batch.today + WAITS, import_run=batch.run,
    )  # fmt: skip


def _write(batch: _Batch) -> None:
    Fact.objects.bulk_create(batch.facts, batch_size=1000)
    for waiting, candidates in batch.waiting:
        _replace_waiting(batch.company, candidates)
        waiting.save(force_insert=True)
        Candidate.objects.bulk_create([Candidate(waiting=waiting, client_id=pk) for pk in candidates])
    for (code, why), number in sorted(batch.done.refused.items()):
        row, made = Refused.objects.get_or_create(
            company=batch.company, kind=code, why=why, on=batch.today, defaults={"facts": number}
        )
        if not made:
            Refused.objects.filter(pk=row.pk).update(facts=F("facts") + number)
    told = sorted(batch.done.clients)[:MOST_TOLD]
    publish_all([GroupDataChanged(pk) for pk in told], now=batch.now)


def _replace_waiting(company: SisterCompany, candidates: tuple[int, ...]) -> None:
    """A company that tells again of the same people is heard once."""
    rows = Waiting.objects.filter(company=company, candidates__client=candidates[0])
    for row in rows.prefetch_related("candidates"):
        if {one.client_id for one in row.candidates.all()} == set(candidates):
            row.delete()
