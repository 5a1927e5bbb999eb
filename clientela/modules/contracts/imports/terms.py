"""Policies of a chunk: one for each number and first day, written, corrected and linked into chains of renewals."""

from typing import Any

import polars as pl

from clientela.foundation.imports.evaluate import problem_rows
from clientela.foundation.imports.kinds.identifiers import policy_number_keys
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.store.base import table_of
from clientela.modules.contracts.imports.cards import owners_of, remember
from clientela.modules.contracts.imports.chain import link_terms
from clientela.modules.contracts.imports.known import Base
from clientela.modules.contracts.imports.owners import KEEP, Effects, Owners
from clientela.modules.contracts.models import Participant, Policy

TERM = ["number_key", "start_date"]
# Facts of the contract follow the file; whose it is and what it renews does not.
FACTS = (
    "product_id", "end_date", "premium", "sum_insured", "status", "cancelled_on", "cancel_reason", "instalments",
    "sales_channel", "loss_count", "loss_paid", "bank_id", "insured_object_id", "issued_at",
)  # fmt: skip
# What the row that makes the policy says, and no later one.
_MADE_WITH = {"number", "client_id", "renewal_year", "previous_key", "agent_row", "thing_id"}
_COLUMNS = {
    "product_id": "policy.product", "end_date": "policy.end_date", "premium": "policy.premium",
    "sum_insured": "policy.sum_insured", "status": "policy.status", "cancelled_on": "policy.cancelled_on",
    "cancel_reason": "policy.cancel_reason", "instalments": "policy.instalments",
    "sales_channel": "policy.sales_channel", "loss_count": "policy.loss_count", "loss_paid": "policy.loss_paid",
    "bank_id": "policy.bank", "issued_at": "policy.issued_on", "agent_id": "policy.agent",
    "renewal_year": "policy.renewal_year",
}  # fmt: skip


def compared_terms(frame: pl.DataFrame) -> list[str]:
    """What of a known policy has to be looked at: nothing that the file does not tell can differ."""
    there = set(frame.columns)
    told = [name for name in FACTS if _COLUMNS.get(name) in there]
    if "policy.cancelled_on" in there:
        told.append("status")
    needed = ["id", "start_date", "end_date", "product_id", "insured_object_id", "client_id", "previous_id",
              "renewal_year", "import_run_id", "branch_id", "agent_id", "centre_id"]  # fmt: skip
    return list(dict.fromkeys([*told, *needed]))


def write_terms(
    frame: pl.DataFrame, rows: pl.DataFrame, things: pl.Series, owners: Owners, base: Base, effects: Effects
) -> pl.DataFrame:
    """Make or correct the policies of the rows that name one; returns the new ones."""
    if "policy.number" not in frame.columns:
        return pl.DataFrame(schema=table_of(Policy).types)
    given = _given(frame, rows, things, owners)
    merged = _last_said(given, [*FACTS, *sorted(_MADE_WITH)], owners.existing)
    known, store = base.terms.of(merged["number_key"]), base.store
    both = merged.join(known, on=TERM, how="left", suffix="_was", maintain_order="left")
    new = both.filter(pl.col("id").is_null()).select(merged.columns)
    new = new.with_columns(id=store.reserve_ids(Policy, new.height), insured_object_id="thing_id")
    stored = _insert(new, known, rows, owners, store, effects)
    effects.created.append(new[ROW])
    effects.count("policies_created", new.height)
    _drivers(frame, rows, stored, store)
    _correct(both.filter(pl.col("id").is_not_null()), owners, store, effects)
    _repeats(given, merged, effects)
    return stored


def _given(frame: pl.DataFrame, rows: pl.DataFrame, things: pl.Series, owners: Owners) -> pl.DataFrame:
    """The rows that name a policy, in the columns of the table; null where the file says nothing."""
    types = table_of(Policy).types
    there = set(frame.columns)
    columns = [
        (pl.col(code) if code in there else pl.lit(None)).cast(
            pl.Date if name == "issued_at" else types[name]
        ).alias(name)
        for name, code in _COLUMNS.items()
    ]  # fmt: skip
    key = policy_number_keys(frame["policy.number"])
    previous = frame["policy.previous_number"] if "policy.previous_number" in there else None
    data = frame.select(ROW, *columns, number="policy.number", start_date="policy.start_date").with_columns(
        number_key=key,
        insured_object_id=things,
        thing_id=things,
        previous_key=policy_number_keys(previous) if previous is not None else pl.lit(None, dtype=pl.String),
        client_id=rows["client_id"],
        writable=rows["writable"],
    )
    cancelled = pl.lit(Policy.Status.CANCELLED.value)
    return data.filter(pl.col("number_key").is_not_null()).with_columns(
        agent_row=pl.col("agent_id"),
        product_id=pl.col("product_id").fill_null(pl.lit(owners.product_id, dtype=pl.Int64)),
        status=pl.when(pl.col("cancelled_on").is_not_null()).then(cancelled).otherwise("status"),
        issued_at=pl.col("issued_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    )  # fmt: skip


def _last_said(given: pl.DataFrame, columns: list[str], existing: str) -> pl.DataFrame:
    """One row for each term, as if its rows had come one after the other: the last that says something."""
    keep = [*TERM, ROW, "writable", *columns]
    again = pl.struct(TERM).is_duplicated()
    if not given.select(again.any()).item():
        return given.select(keep)
    if existing == KEEP:
        return given.unique(TERM, keep="first", maintain_order=True).select(keep)
    picks = [
        pl.col(name).first()
        if name in _MADE_WITH
        else pl.col(name).drop_nulls().first()
        if name == "insured_object_id"
        else pl.col(name).drop_nulls().last()
        for name in columns
    ]
    merged = given.filter(again).group_by(TERM, maintain_order=True).agg(
        pl.col(ROW).first(), pl.col("writable").first(), *picks
    )  # fmt: skip
    return pl.concat([given.filter(~again).select(keep), merged]).sort(ROW)


def _repeats(given: pl.DataFrame, merged: pl.DataFrame, effects: Effects) -> None:
    """Later rows of a term that say something else have changed it."""
    later = given.join(merged.select(ROW), on=ROW, how="anti")
    if later.is_empty():
        return
    first = given.join(merged.select(ROW), on=ROW, how="semi")
    pairs = later.join(first, on=TERM, suffix="_was")
    differs = pl.any_horizontal(
        pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in FACTS
    )
    effects.changed.append(pairs.filter(differs)[ROW])


def _insert(
    new: pl.DataFrame, known: pl.DataFrame, rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects
) -> pl.DataFrame:
    # Without an agent of its own a policy goes to the agent of the client's card.
    cards = rows.select("client_id", "card_agent_id").unique("client_id")
    sellers = new.select("client_id", "agent_row").join(
        cards, on="client_id", how="left", maintain_order="left"
    )
    seller = pl.coalesce("agent_row", pl.lit(owners.agent_id, dtype=pl.Int64), "card_agent_id")
    fresh = new.with_columns(owners_of(sellers.select(agent_id=seller), owners))
    linked = link_terms(fresh, known, owners, store, effects)
    store.insert(Policy, linked.select(
        "id", *TERM, "number", "client_id", *FACTS, "agent_id", "branch_id", "centre_id", "previous_id",
        "renewal_year", created_at=pl.lit(owners.now), updated_at=pl.lit(owners.now),
        import_run_id=pl.lit(owners.run.pk),
    ))  # fmt: skip
    return linked


def _correct(both: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    """Facts that differ follow the file, except with ``keep`` and for policies out of the person's sight."""
    if both.is_empty():
        return
    other = both.filter(pl.col("client_id") != pl.col("client_id_was"))
    if other.height:
        effects.problems.append(problem_rows(other[ROW], "policy_other_client", field="policy.number"))
    if owners.existing == KEEP:
        return
    both = both.filter(pl.col("writable") & owners.scope.expression("_was", both.columns))
    mine = (pl.col("import_run_id") == owners.run.pk).fill_null(False)
    expressions: dict[str, Any] = {}
    facts = [name for name in FACTS if f"{name}_was" in both.columns]
    for name in facts:
        was, given = pl.col(f"{name}_was"), pl.col(name)
        differs = given.is_not_null() & was.ne_missing(given)
        if name == "insured_object_id":
            # The thing is what the policy was made with; an older policy without one is told it.
            differs = given.is_not_null() & was.is_null() & ~mine
        expressions[f"{name}_new"] = pl.when(differs).then(given).otherwise(was)
        expressions[f"{name}_diff"] = differs
    marks = both.select(
        "id",
        ROW,
        mine.alias("mine"),
        pl.col("client_id_was").alias("owner"),
        *(pl.col(f"{name}_was") for name in facts),
        **expressions,
    )
    marks = marks.filter(pl.any_horizontal(pl.col("^.*_diff$")))
    if marks.is_empty():
        return
    store.update(Policy, marks.select(
        "id", *(pl.col(f"{name}_new").alias(name) for name in facts), updated_at=pl.lit(owners.now)
    ))  # fmt: skip
    remember(Policy, marks, facts, owners, store)
    effects.changed.append(marks[ROW])
    effects.stale.append(marks["owner"])
    effects.count("policies_changed", marks.filter(~pl.col("mine")).height)
    effects.cells.append(marks.select(ROW, *(
        pl.col(f"{name}_diff").alias(_COLUMNS.get(name, "object.title")) for name in facts
    )))  # fmt: skip


def _drivers(frame: pl.DataFrame, rows: pl.DataFrame, stored: pl.DataFrame, store: Store) -> None:
    """The insured as the driver of new policies, where the file tells since when they drive."""
    if "driver.experience_since" not in frame.columns or stored.is_empty():
        return
    people = rows.select(ROW, "birth_date", name=pl.concat_str(
        [pl.col(name).fill_null("") for name in ("company_name", "last_name", "first_name", "middle_name")],
        separator=" ",
    ).str.replace_all(r"\s+", " ").str.strip_chars().str.slice(0, 200))  # fmt: skip
    since = frame.select(ROW, experience_since="driver.experience_since").drop_nulls()
    drivers = stored.select(ROW, "client_id", policy_id="id").join(since, on=ROW).join(people, on=ROW)
    store.insert(Participant, drivers.drop(ROW).with_columns(
        id=store.reserve_ids(Participant, drivers.height), role=pl.lit(Participant.Role.DRIVER.value)
    ))  # fmt: skip
