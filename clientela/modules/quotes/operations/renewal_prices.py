"""Pricing the next term of everything that expires: by current tariffs and classes, thousands at once.

A chunk of terms is read in a fixed number of statements, priced by one compiled tariff, and written as sets in one
transaction with the checkpoint: cut anywhere, the next worker goes on after the last whole chunk.
"""

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import override

from clientela.foundation.audit.operations import record
from clientela.foundation.bulk import insert_missing, listed, update_rows
from clientela.foundation.dates import full_years, term_end
from clientela.foundation.jobs.operations import Run
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish_all
from clientela.modules.clients.models import Client
from clientela.modules.contracts.events import ProjectChanged
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.contracts.queries import terms_of
from clientela.modules.products.models import Line, Product
from clientela.modules.quotes.operations.closing import moved_of, why_of
from clientela.modules.quotes.operations.renewal_classes import (
    ask_wanted,
    classes_of,
    driver_key,
    people_of,
    want_classes,
)
from clientela.modules.quotes.queries.factors import REGULAR_CODE, regular_discount, years_with_us
from clientela.modules.quotes.queries.facts import number
from clientela.modules.quotes.queries.products import asked_of
from clientela.modules.quotes.queries.territory import homes_of
from clientela.modules.rating.queries import plan_of, territories_on
from clientela.modules.rating.rules import MissingFacts, OutOfTariff
from clientela.modules.rating.rules.plan import Plan
from clientela.modules.rating.rules.territories import Territories

CHUNK = 500
OPEN = (Project.State.OPEN, Project.State.OFFERED)
# Who was with us longer pays less where the company's own tariff sets the price; OSAGO knows no such thing by law.
REGULAR = ((5, Decimal("0.07")), (3, Decimal("0.05")), (1, Decimal("0.03")))


@dataclass(frozen=True)
class Priced:
    """The next term of one policy: its price, how it came about, and why it is not last term's."""

    policy: Policy
    premium: Decimal
    terms: dict[str, Any]
    reason: str


def discount_of(line: str, renewal_year: int) -> Decimal:
    """The share that a regular client is let off in this year of renewal."""
    if line == Line.OSAGO:
        return Decimal(0)
    return next((share for years, share in REGULAR if renewal_year >= years), Decimal(0))


def lacking(keys: Iterable[str]) -> set[str]:
    """What of these missing facts a person would look for: a class, drivers, a territory, something else."""
    return {
        "class" if key.endswith(".kbm") else "drivers" if key.startswith("drivers") else
        "territory" if key == "territory" else "answers"
        for key in keys
    }  # fmt: skip


def expiring(since: date, until: date) -> QuerySet[Policy]:
    """Terms in force that end in this window and have no next one."""
    rows = Policy.objects.filter(
        status=Policy.Status.ISSUED,
        end_date__range=(since, until),
        next_terms=None,
        product__is_renewable=True,
    )
    return rows.select_related("client", "product", "insured_object", "bank").order_by("pk")


class Tariffs:
    """What tariffs and products say of a day of cover, read once while a run lasts."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, date], Plan | None] = {}
        self._usual: dict[tuple[int, date], dict[str, Any]] = {}
        self._territories: dict[date, Territories] = {}

    def plan(self, product: Product, on: date) -> Plan | None:
        """The tariff of a product, nothing where it has none."""
        if (product.code, on) not in self._plans:
            try:
                self._plans[product.code, on] = plan_of(product.code, on)
            except OutOfTariff:
                self._plans[product.code, on] = None
        return self._plans[product.code, on]

    def usual(self, product: Product, on: date) -> dict[str, Any]:
        """What is taken of a product unless somebody says more."""
        if (product.pk, on) not in self._usual:
            asked = asked_of(product, on)
            self._usual[product.pk, on] = {name: value for name, value in asked.items() if value is not None}
        return self._usual[product.pk, on]

    def territories(self, on: date) -> Territories:
        """The territories of OSAGO."""
        if on not in self._territories:
            self._territories[on] = territories_on(on)
        return self._territories[on]


def run_prices(run: Run, *, now: datetime) -> dict[str, int]:
    """The job: all terms of the window, in chunks. ``args``: ``since`` and ``until`` as ISO days."""
    since, until = (date.fromisoformat(run.args[name]) for name in ("since", "until"))
    parts: dict[str, int] = defaultdict(int, run.job.parts)
    last, done = int(run.checkpoint.get("last", 0)), int(run.job.done or 0)
    run.progress(total=expiring(since, until).count() if not run.job.total else run.job.total)
    tariffs, asking = Tariffs(), bool(run.args.get("ask"))
    while True:
        run.check()
        chunk = list(expiring(since, until).filter(pk__gt=last)[:CHUNK])
        if not chunk:
            return dict(parts)
        if asking:
            parts["asked"] += want_classes(chunk, now=now)
            asking = ask_wanted(run, now=now)
        with transaction.atomic():
            for name, count in price_chunk(chunk, tariffs, now=now).items():
                parts[name] += count
            last, done = chunk[-1].pk, done + len(chunk)
            run.progress(done=done, parts=dict(parts), checkpoint={"last": last})


def price_chunk(chunk: Sequence[Policy], tariffs: Tariffs, *, now: datetime) -> dict[str, int]:
    """Price and write a chunk inside the caller's transaction; answers with what became of how many."""
    found: list[Priced] = []
    counts: dict[str, int] = defaultdict(int)
    for policy, plan, facts, last in _to_price(chunk, tariffs):
        if plan is None:
            counts["no tariff"] += 1
            continue
        try:
            found.append(_priced(plan, policy, _first_day(policy), facts, last))
        except MissingFacts as missing:
            counts["not known"] += 1
            for what in lacking(missing.keys):
                counts[f"lacks {what}"] += 1
        except OutOfTariff:
            counts["out of tariff"] += 1
    for name, count in _write(found, now=now).items():
        counts[name] += count
    return counts


def verdict_of(policy: Policy, premium: Decimal) -> str:
    """What the underwriting tables decide of the next term at this price: ``accept``, ``refer``, ``inspect``, ``decline``.

    What cannot be looked at is referred.
    """
    _policy, plan, facts, _last = next(_to_price([policy], Tariffs()))
    if plan is None:
        return "refer"
    try:
        return plan.verdict(
            facts | {"premium": premium}, _first_day(policy), settings.LANGUAGE_CODE[:2]
        ).decision
    except (MissingFacts, OutOfTariff):
        return "refer"


def _first_day(policy: Policy) -> date:
    return policy.end_date + timedelta(days=1)


def _to_price(
    chunk: Sequence[Policy], tariffs: Tariffs
) -> Iterator[tuple[Policy, Plan | None, dict[str, Any], dict[str, Any]]]:
    """Each policy with its tariff, what is known of its next term, and the terms of this one."""
    before = terms_of([one.pk for one in chunk])
    drivers = people_of(chunk)
    classes = classes_of(drivers.values())
    homes = homes_of([policy.client for policy in chunk])
    for policy in chunk:
        start, last = _first_day(policy), before.get(policy.pk, {})
        plan = tariffs.plan(policy.product, start)
        if plan is None:
            yield policy, None, {}, last
            continue
        usual = tariffs.usual(policy.product, start) | {
            "territory": tariffs.territories(start).of(*homes[policy.client_id])
        }
        yield policy, plan, _facts(policy, start, usual, last, drivers.get(policy.pk, []), classes), last


def _facts(
    policy: Policy,
    start: date,
    usual: dict[str, Any],
    last: dict[str, Any],
    people: Iterable[dict[str, Any]],
    classes: dict[tuple[str, str], str],
) -> dict[str, Any]:
    thing, client = policy.insured_object, policy.client
    facts: dict[str, Any] = {}
    if thing is not None:
        shown = {"power": thing.power, "year": thing.year, "make": thing.make, "model": thing.model,
                 "value": thing.value, "address": thing.address}  # fmt: skip
        facts |= thing.details | {name: value for name, value in shown.items() if value not in (None, "")}
    facts = usual | facts | dict(last.get("answers", {}))
    facts |= {"owner": "company" if client.kind == Client.Kind.COMPANY else facts.get("owner", "person"),
              "renewal_year": policy.renewal_year + 1}  # fmt: skip
    if "continuous" in usual:  # the next term begins the day after this one ends
        facts["continuous"] = True
    if "instalments" in usual and policy.instalments > 1:
        facts["instalments"] = str(policy.instalments)
    if policy.bank is not None:
        facts.setdefault("bank", policy.bank.code)
    if policy.sum_insured is not None:
        facts.setdefault("sum_insured", policy.sum_insured)
    for name in ("power", "sum_insured", "deductible", "value"):
        if isinstance(facts.get(name), str):
            facts[name] = number(facts[name])
    if facts.get("unlimited") is not True:
        facts["drivers"] = [_driver(one, start, classes) for one in people]
    return facts


def _driver(one: dict[str, Any], on: date, classes: dict[tuple[str, str], str]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": one["name"]}
    if one["birth_date"]:
        found["age"] = max(0, full_years(date.fromisoformat(one["birth_date"]), on))
        klass = classes.get(driver_key(one))
        if klass:
            found["kbm"] = klass
    if one["experience_since"]:
        found["experience"] = max(0, full_years(date.fromisoformat(one["experience_since"]), on))
    return found


def _priced(plan: Plan, policy: Policy, start: date, facts: dict[str, Any], last: dict[str, Any]) -> Priced:
    premium = plan.price(facts, start, settings.LANGUAGE_CODE[:2])
    data = premium.to_json()
    share = discount_of(policy.product.line, policy.renewal_year + 1)
    amount = kopecks(premium.amount * (1 - share))
    if share:
        data["factors"].append(
            {
                "code": REGULAR_CODE, "label": "", "title": _said(regular_discount()), "value": str(1 - share), "part": "",
                "why": _said(years_with_us(policy.renewal_year + 1)), "table": "", "version": 0, "running": str(amount),
            }
        )  # fmt: skip
    answers = {
        name: _plain(value) for name, value in facts.items() if name not in ("drivers", "renewal_year")
    }
    terms = {
        "answers": answers, "coverages": data["parts"], "factors": data["factors"], "tariff": data["tariff"],
        "discount": str(share), "moved": moved_of(last.get("factors", []), data["factors"]),
    }  # fmt: skip
    return Priced(policy, amount, terms, why_of(terms["moved"]))


def _said(words: Any) -> str:
    with override(settings.LANGUAGE_CODE):
        return str(words)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value


def _write(found: Sequence[Priced], *, now: datetime) -> dict[str, int]:
    """Make or update the projects; one that somebody priced by a calculation or by hand is left alone."""
    rows = Project.objects.filter(policy__in=listed([one.policy.pk for one in found]), state__in=OPEN)
    known = {row.policy_id: row for row in rows.select_for_update(of=("self",))}
    fresh = [one for one in found if one.policy.pk not in known]
    made = insert_missing(Project, [_row(one, now) for one in fresh])
    again = {
        known[one.policy.pk].pk: {
            "premium": str(one.premium), "terms": one.terms, "adjustment_reason": one.reason, "updated_at": now,
        }
        for one in found
        if one.policy.pk in known and _ours(known[one.policy.pk]) and known[one.policy.pk].premium != one.premium
    }  # fmt: skip
    update_rows(Project, again)
    told = Project.objects.filter(pk__in=listed([*made, *again])).values_list(
        "pk", "policy", "client", "state"
    )
    publish_all([ProjectChanged(*row) for row in told], now=now)
    return {"made": len(made), "repriced": len(again), "as it was": len(found) - len(made) - len(again)}


def _ours(project: Project) -> bool:
    """Whether the price is one this job gave, or the bare price of last term."""
    return "discount" in project.terms or not is_priced(project)


def is_priced(project: Project) -> bool:
    """Whether the tariff or a person gave the price; else it is only last term's."""
    bare = not project.calculation_number and project.premium == project.carried_premium
    return "discount" in project.terms or not bare


def _row(one: Priced, now: datetime) -> dict[str, Any]:
    start = _first_day(one.policy)
    carried = carried_over(one.policy)
    return {name.removesuffix("_id"): _plain(value) for name, value in carried.items()} | {
        "policy": one.policy.pk, "state": Project.State.OPEN.value, "start_date": start, "end_date": term_end(start),
        "premium": str(one.premium), "carried_premium": str(one.policy.premium), "adjustment_reason": one.reason,
        "terms": one.terms, "calculation_number": "", "pay_token": secrets.token_urlsafe(24), "created_at": now,
        "updated_at": now, "participants": None, "next_policy": None, "created_by": None,
    }  # fmt: skip


def journal(*, actor: Any, now: datetime, parts: dict[str, int]) -> None:
    """One entry for the whole run."""
    record(actor=actor, now=now, action="renewals.priced", object_type="contracts.project", changes={
        name: [None, count] for name, count in parts.items()
    })  # fmt: skip
