"""Chains of renewals: which term each term follows, whatever order the terms come in.

The term before is the one with the same number and the latest earlier start; for another number the latest earlier
term of the same thing and product that ended at most ``GAP`` days before; or the policy the file names.
"""

from datetime import timedelta

import polars as pl

from clientela.foundation.imports.store import Store
from clientela.modules.contracts.imports.cards import remember
from clientela.modules.contracts.imports.owners import Effects, Owners
from clientela.modules.contracts.models import Policy

GAP = timedelta(days=60)
_SEEN = ["id", "number_key", "start_date", "end_date", "previous_id", "renewal_year", "import_run_id"]


def link_terms(
    new: pl.DataFrame, known: pl.DataFrame, owners: Owners, store: Store, effects: Effects
) -> pl.DataFrame:
    """``new`` with ``previous_id`` and ``renewal_year``; terms of the base that now follow a new one are updated."""
    if new.is_empty():
        return new.with_columns(previous_id=pl.lit(None, dtype=pl.Int64))
    known = known.join(new.select("number_key").unique(), on="number_key", how="semi")
    told = new.select("id", told="renewal_year")
    fresh = new.with_columns(previous_id=pl.lit(None, dtype=pl.Int64))
    terms = _together(fresh, known)
    terms = _follow(terms, ["number_key"], gap=None)
    terms = _by_thing(terms, effects.things, store)
    terms = _named(terms, new, store)
    terms = _count_years(terms.join(told, on="id", how="left", maintain_order="left"))
    links = terms.select("id", "previous_id", "renewal_year")
    _relink(terms, owners, store, effects)
    return new.drop("renewal_year").join(links, on="id", how="left", maintain_order="left")


def _together(fresh: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    columns = [*_SEEN, "insured_object_id", "product_id"]
    old = known.select(columns).with_columns(is_new=pl.lit(False))
    made = fresh.with_columns(import_run_id=pl.lit(None, dtype=pl.Int64)).select(columns)
    return pl.concat([old, made.with_columns(is_new=pl.lit(True))], how="vertical_relaxed").with_columns(
        previous_was="previous_id", year_was="renewal_year"
    )


def _follow(terms: pl.DataFrame, keys: list[str], gap: timedelta | None) -> pl.DataFrame:
    """``previous_id`` = the term before in the group; with ``gap`` only where none is set yet and it is near enough.

    A link that was made another way before is only replaced by one within the same group.
    """
    ordered = terms.sort([*keys, "start_date", "id"])
    before = ordered.select(*keys, "id", "start_date", "end_date").shift(1)
    near = pl.col("start_date") > before["start_date"]
    if gap is not None:
        near = near & pl.col("previous_id").is_null() & (pl.col("start_date") - before["end_date"] <= gap)
    grouped = pl.all_horizontal(pl.col(key) == before[key] for key in keys)
    touched = pl.col("is_new").any().over(keys)
    return ordered.with_columns(
        previous_id=pl.when(near & grouped & touched).then(before["id"]).otherwise("previous_id")
    )


def _by_thing(terms: pl.DataFrame, made: pl.Series, store: Store) -> pl.DataFrame:
    """Renewals under a new number: the same thing and product, one term after the other."""
    alone = terms.filter(pl.col("is_new") & pl.col("insured_object_id").is_not_null())
    if alone.is_empty():
        return terms
    several = alone.select("insured_object_id", "number_key").unique()
    known_things = several.select("insured_object_id").unique().filter(
        ~pl.col("insured_object_id").is_in(made.implode())
    )  # fmt: skip
    others = store.find(Policy, known_things, [*_SEEN, "product_id"])
    others = others.join(terms, on="id", how="anti")
    if others.is_empty() and not several["insured_object_id"].is_duplicated().any():
        return terms
    others = others.with_columns(is_new=pl.lit(False), previous_was="previous_id", year_was="renewal_year")
    return _follow(
        pl.concat([terms, others.select(terms.columns)], how="vertical_relaxed"),
        ["insured_object_id", "product_id"],
        gap=GAP,
    )


def _named(terms: pl.DataFrame, new: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Where the file itself names the policy that is renewed."""
    wanted = new.select("id", "start_date", number_key="previous_key").drop_nulls()
    if wanted.is_empty():
        return terms
    stored = store.find(Policy, wanted.select("number_key").unique(), ["id", "start_date"])
    candidates = pl.concat([
        stored.select("number_key", "start_date", before="id"),
        terms.select("number_key", "start_date", before="id"),
    ]).unique("before")  # fmt: skip
    pairs = wanted.join(candidates, on="number_key", suffix="_before").filter(
        pl.col("start_date_before") < pl.col("start_date")
    )
    best = pairs.sort("start_date_before").unique("id", keep="last").select("id", named="before")
    return terms.join(best, on="id", how="left", maintain_order="left").with_columns(
        previous_id=pl.coalesce("named", "previous_id")
    ).drop("named")  # fmt: skip


def _count_years(terms: pl.DataFrame) -> pl.DataFrame:
    """``renewal_year``: as told, else one more than the term before; chains are short, so a few passes do.

    Where the file tells the years of its own terms, those of the base are left alone.
    """
    if terms["told"].is_not_null().any():
        terms = terms.with_columns(told=pl.when(pl.col("is_new")).then("told").otherwise("year_was"))
    current = terms.with_columns(
        renewal_year=pl.coalesce(
            "told", pl.when("is_new").then(pl.lit(0)).otherwise(pl.col("year_was"))
        ).cast(pl.Int64)
    )
    for _ in range(64):
        before = current.select(previous_id="id", before="renewal_year")
        step = current.join(before, on="previous_id", how="left", maintain_order="left")
        counted = (
            pl.when(pl.col("told").is_not_null() | pl.col("before").is_null())
            .then("renewal_year")
            .when(~pl.col("is_new") & (pl.col("year_was") > pl.col("before")))
            .then("year_was")
            .otherwise(pl.col("before") + 1)
        )
        following = step.select(counted).to_series()
        if following.eq_missing(current["renewal_year"]).all():
            break
        current = current.with_columns(renewal_year=following)
    return current


def _relink(terms: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    """Terms of the base whose place in the chain is another now."""
    marks = terms.filter(~pl.col("is_new")).select(
        "id",
        previous_id_was="previous_was",
        previous_id_new="previous_id",
        renewal_year_was="year_was",
        renewal_year_new="renewal_year",
        previous_id_diff=pl.col("previous_id").ne_missing(pl.col("previous_was")),
        renewal_year_diff=pl.col("renewal_year").ne_missing(pl.col("year_was")),
        mine=(pl.col("import_run_id") == owners.run.pk).fill_null(False),
    )
    marks = marks.filter(pl.col("previous_id_diff") | pl.col("renewal_year_diff"))
    if marks.is_empty():
        return
    names = ["previous_id", "renewal_year"]
    store.update(Policy, marks.select("id", *(pl.col(f"{name}_new").alias(name) for name in names)))
    remember(Policy, marks, names, owners, store)
