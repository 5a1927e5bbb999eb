"""The portfolio target: what it asks, how one chunk goes into the base, and what follows from an import."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.imports.evaluate import problem_rows
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.targets import Field, Option, Outcome, Part, UndoStep
from clientela.foundation.outbox.operations import publish
from clientela.modules.clients.models import (
    Address,
    Client,
    ContactPoint,
    FieldValue,
    IdentityDocument,
    SourceLink,
)
from clientela.modules.clients.operations.golden_imports import note_import
from clientela.modules.contracts.events import PortfolioImported
from clientela.modules.contracts.imports import facts
from clientela.modules.contracts.imports.answers import OPTIONS, clean_answers, sight_of
from clientela.modules.contracts.imports.cards import (
    DETAILS,
    NAME,
    client_rows,
    compared_cards,
    gather,
    owners_of,
    write_changes,
    write_new,
)
from clientela.modules.contracts.imports.erased import erased_rows, known_erased
from clientela.modules.contracts.imports.fields import FIELDS, POLICY_NEEDS
from clientela.modules.contracts.imports.identity import Found, resolve
from clientela.modules.contracts.imports.keys import turn_of
from clientela.modules.contracts.imports.known import Base, Known
from clientela.modules.contracts.imports.newcards import with_facts
from clientela.modules.contracts.imports.owners import FILL, KEEP, Effects, Owners
from clientela.modules.contracts.imports.problems import PROBLEMS
from clientela.modules.contracts.imports.reach import write_reach
from clientela.modules.contracts.imports.terms import compared_terms, write_terms
from clientela.modules.contracts.imports.things import write_things
from clientela.modules.contracts.models import InsuredObject, Participant, Policy
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.products.models import Bank, Product

_MAPPINGS = Path(__file__).parent / "mappings"


class PortfolioSession:
    """One file going into the base."""

    def __init__(self, owners: Owners) -> None:
        self.owners = owners
        self.erased = known_erased()

    def check(self, frame: pl.DataFrame) -> list[tuple[pl.Series, str, str]]:
        """A policy needs its dates, product and price; dates and prices must be possible."""
        there, faults = set(frame.columns), []
        if "policy.number" in there:
            has_policy = frame["policy.number"].is_not_null()
            for code in POLICY_NEEDS:
                if code == "policy.product" and self.owners.run.answers.get("product"):
                    continue
                lacking = (
                    frame[code].is_null() if code in there else pl.repeat(True, frame.height, eager=True)
                )
                faults.append((has_policy & lacking, code, "required"))
            if {"policy.start_date", "policy.end_date"} <= there:
                faults.append(
                    (frame["policy.end_date"] < frame["policy.start_date"], "policy.end_date", "ends_before")
                )
        for code in ("policy.premium", "policy.loss_paid", "policy.sum_insured", "policy.loss_count"):
            if code in there:
                faults.append((frame[code] < 0, code, "negative"))
        faults += erased_rows(frame, self.erased)
        for code in ("policy.agent", "client.agent"):
            if code in there and not self.owners.scope.scope.everything:
                ours = self.owners.agents.filter(self.owners.scope.expression())["agent_id"]
                foreign = frame[code].is_not_null() & ~frame[code].is_in(ours.implode()).fill_null(True)
                faults.append((foreign, code, "foreign_agent"))
        return faults

    def turns(self, frame: pl.DataFrame) -> pl.Series:
        """Rows without a name come after the file."""

        def given(code: str) -> pl.Expr:
            return (
                pl.col(f"client.{code}")
                if f"client.{code}" in frame.columns
                else pl.lit(None, dtype=pl.String)
            )

        names = [
            given(code) for code in ("full_name", "company_name", "last_name", "first_name", "middle_name")
        ]
        named = pl.concat_str(names, ignore_nulls=True).str.contains(r"[\pL\d]")
        turn = turn_of(named, given("external_id"), given("inn"), given("passport"))
        return frame.with_columns(turn=turn)["turn"]

    def ready(self, frame: pl.DataFrame) -> pl.DataFrame:
        return client_rows(frame)

    def apply(self, frame: pl.DataFrame, ready: pl.DataFrame, store: Store, *, detail: int = 0) -> Outcome:
        owners, effects, rows = self.owners, Effects(), ready
        base = Base(
            store,
            Known(store, Client, "id", compared_cards(rows, owners.existing)),
            Known(store, Policy, "number_key", compared_terms(frame)),
        )
        found = resolve(rows, base, owners)
        rows, frame = self._settled(rows, frame, found, effects)
        known = base.cards.of(rows["client_id"]).with_columns(
            mine=(pl.col("import_run_id") == owners.run.pk).fill_null(False), writable=owners.scope.expression()
        )  # fmt: skip
        rows, new = self._with_cards(rows, known, store, effects)
        things = write_things(frame, rows, owners, store, effects)
        terms = write_terms(frame, rows, things, owners, base, effects)
        said = rows.filter(pl.col(ROW) == pl.col("leader")) if owners.existing == KEEP else rows
        write_new(with_facts(new, said, terms, owners.today), owners, store)
        if not store.rehearsal:
            self._lock(store, known, frame)
            facts.count_filled(effects.filled, among=known["id"])
        return _outcome(rows, effects, detail)

    def _settled(
        self, rows: pl.DataFrame, frame: pl.DataFrame, found: Found, effects: Effects
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Without rows that name nobody."""
        rows = rows.with_columns(
            client_id=found.client, leader=found.leader, link_found=found.link, several=found.several
        )
        nobody = pl.Series(rows["client_id"].is_null() & rows["leader"].is_null())
        if nobody.any():
            effects.problems.append(problem_rows(rows.filter(nobody)[ROW], "no_name", fatal=True))
            rows, frame = rows.filter(~nobody), frame.filter(~nobody)
        if rows["several"].any():
            effects.problems.append(problem_rows(rows.filter("several")[ROW], "several_cards"))
        return rows, frame

    def _with_cards(
        self, rows: pl.DataFrame, known: pl.DataFrame, store: Store, effects: Effects
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Known cards completed; every row gets its ``client_id``, of the new cards too, which are still to be written."""
        owners = self.owners
        columns = ["kind", *NAME, *DETAILS, "agent_id"]
        new = gather(rows.filter(pl.col("client_id").is_null()), "leader", columns, owners.existing)
        new = new.with_columns(id=store.reserve_ids(Client, new.height))
        effects.created.append(new["leader"])
        effects.count("clients_created", new.height)
        made = new.select("leader", made="id", made_agent=owners_of(new, owners)["agent_id"])
        rows = rows.join(made, on="leader", how="left", maintain_order="left").join(
            known.select(client_id="id", known_mine="mine", known_writable="writable", known_agent="agent_id"),
            on="client_id", how="left", maintain_order="left",
        )  # fmt: skip
        rows = rows.with_columns(
            fresh=pl.col("made").is_not_null(),
            mine=pl.col("made").is_not_null() | pl.col("known_mine").fill_null(False),
            writable=pl.col("made").is_not_null() | pl.col("known_writable").fill_null(False),
            card_agent_id=pl.coalesce("made_agent", "known_agent"),
            client_id=pl.coalesce("client_id", "made"),
        )
        hidden = rows.filter(~pl.col("writable"))
        if hidden.height:
            effects.problems.append(problem_rows(hidden[ROW], "foreign_client"))
        old = rows.filter(~pl.col("fresh")).with_columns(id=pl.col("client_id"))
        write_changes(gather(old, "id", columns, owners.existing), known, owners, store, effects)
        write_reach(rows, owners, store, effects)
        return rows, new

    def _lock(self, store: Store, known: pl.DataFrame, frame: pl.DataFrame) -> None:
        """What new rows point at stays until the end of the transaction."""
        store.lock_rows(Client, known["id"])
        owners = self.owners
        mine = (
            owners.agents.filter(pl.col("agent_id") == owners.agent_id) if owners.agent_id else owners.agents
        )
        codes = [frame[code] for code in ("policy.agent", "client.agent") if code in frame.columns]
        agents = pl.concat([mine["agent_id"].cast(pl.Int64), *codes]) if codes or owners.agent_id else None
        if agents is not None:
            store.lock_rows(Agent, agents)
            used = owners.agents.filter(pl.col("agent_id").is_in(agents.drop_nulls().unique().implode()))
            store.lock_rows(RenewalCentre, used["centre_id"])
            store.lock_rows(Branch, used["branch_id"])
        store.lock_rows(Branch, pl.Series([owners.branch_id]))
        for code, model in (("policy.product", Product), ("policy.bank", Bank)):
            if code in frame.columns:
                store.lock_rows(model, frame[code])


def _outcome(rows: pl.DataFrame, effects: Effects, detail: int) -> Outcome:
    created = pl.concat(effects.created).unique() if effects.created else pl.Series([], dtype=pl.Int64)
    changed = pl.concat(effects.changed).unique() if effects.changed else pl.Series([], dtype=pl.Int64)
    outcome = (
        pl.when(pl.col(ROW).is_in(created.implode())).then(pl.lit("created"))
        .when(pl.col(ROW).is_in(changed.implode())).then(pl.lit("changed"))
        .otherwise(pl.lit("same"))
    )  # fmt: skip
    cells: dict[int, dict[str, str]] = {}
    if detail:
        shown = rows[ROW].head(detail).implode()
        for table in effects.cells:
            for data in table.filter(pl.col(ROW).is_in(shown)).iter_rows(named=True):
                marks = {name: "new" for name, value in data.items() if name != ROW and value}
                cells.setdefault(data[ROW], {}).update(marks)
    problems = pl.concat(effects.problems) if effects.problems else None
    done = rows.select(ROW, "client_id", "fresh", outcome=outcome)
    before = done.filter(~pl.col("fresh") & (pl.col("outcome") != "same"))["client_id"]
    touched = pl.concat([before, *effects.stale]).unique()
    touched = touched.filter(~touched.is_in(done.filter("fresh")["client_id"].implode()))
    return Outcome(done.select(ROW, "outcome"), effects.counts, problems, cells, touched)


class Portfolio:
    """Clients with everything a policy system exports about them."""

    code = "portfolio"
    label = _("Clients and policies")
    open_prefixes: tuple[str, ...] = ("object.details",)
    subject: tuple[str, ...] = (
        "client.full_name",
        "client.last_name",
        "client.first_name",
        "client.company_name",
        "client.external_id",
    )
    problem_texts: Mapping[str, tuple[Any, Any]] = PROBLEMS
    fields: tuple[Field, ...] = FIELDS
    options: tuple[Option, ...] = OPTIONS

    @cached_property
    def mappings(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            json.loads(path.read_text(encoding="utf-8")) for path in sorted(_MAPPINGS.glob("*.json"))
        )

    @cached_property
    def undo_steps(self) -> tuple[UndoStep, ...]:
        """Dependants first. Parts of a row go with it; a card that people have changed since stays."""
        return (
            UndoStep(Policy, parts=(Part(Participant, "policy_id"),)),
            UndoStep(InsuredObject),
            # Of cards that stay, what they said when they came in stays too.
            *(
                UndoStep(
                    model,
                    where=(
                        "NOT EXISTS (SELECT 1 FROM clients_client c WHERE c.id = t.client_id AND c.import_run_id = {run})"
                    ),
                )
                for model in (ContactPoint, SourceLink, Address, IdentityDocument)
            ),
            UndoStep(
                Client,
                parts=(
                    Part(ContactPoint, "client_id", "t.import_run_id = {run}"),
                    Part(SourceLink, "client_id"),
                    Part(Address, "client_id"),
                    Part(IdentityDocument, "client_id"),
                    Part(FieldValue, "client_id"),
                ),
                edited="t.version > 1",
            ),
        )

    def clean_answers(self, answers: Mapping[str, str], *, actor: Any) -> dict[str, str]:
        return clean_answers(answers, actor=actor)

    def open(self, run: ImportRun, *, now: datetime) -> PortfolioSession:
        branch = Branch.objects.get(code=run.answers["branch"])
        agents = pl.DataFrame(
            list(Agent.objects.values_list("id", "branch_id", "centre_id")),
            schema={"agent_id": pl.Int64, "branch_id": pl.Int64, "centre_id": pl.Int64}, orient="row",
        )  # fmt: skip
        code = run.answers.get("agent")
        return PortfolioSession(Owners(
            run=run, now=now, today=local_today(settings.TIME_ZONE, now), source=run.source,
            existing=run.answers.get("existing", FILL), branch_id=branch.pk, time_zone=branch.time_zone,
            agent_id=Agent.objects.values_list("id", flat=True).get(code=code) if code else None, agents=agents,
            product_id=Product.objects.values_list("id", flat=True).get(code=run.answers["product"])
            if run.answers.get("product") else None,
            scope=sight_of(run.created_by),
        ))  # fmt: skip

    def settle(
        self, run: ImportRun, touched: Iterable[int], *, now: datetime, tick: Callable[[], None]
    ) -> None:
        if run.state == ImportRun.State.UNDOING:
            facts.refresh([*touched, *facts.kept(run)], now=now, tick=tick, emptied=True)
        else:
            facts.refresh(touched, now=now, tick=tick)

    def left_behind(self, run: ImportRun) -> Iterable[int]:
        return facts.left_behind(run)

    def finished(self, run: ImportRun, *, now: datetime) -> None:
        note_import(run)
        publish(PortfolioImported(run.pk), now=now)

    def result_links(self, run: ImportRun) -> list[tuple[Any, str]]:
        links = []
        for label, name in (
            (_("Open the clients"), "clients:list"),
            (_("Open the renewals"), "renewals:board"),
        ):
            try:
                links.append((label, f"{reverse(name)}?import={run.pk}"))
            except NoReverseMatch:
                continue
        return links
