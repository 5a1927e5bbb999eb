"""Insured objects of a chunk: one for each thing of a client, found again by key, VIN, plate or words."""

from typing import Any

import polars as pl

from clientela.foundation.imports.kinds.base import fold_series
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.store.base import table_of
from clientela.modules.contracts.imports.cards import remember
from clientela.modules.contracts.imports.owners import KEEP, Effects, Owners
from clientela.modules.contracts.models import InsuredObject

DETAILS = "object.details."
_TEXTS = ("plate", "vin", "make", "model", "address")
_FACTS = (*_TEXTS, "year", "power", "value", "details")


def write_things(
    frame: pl.DataFrame, rows: pl.DataFrame, owners: Owners, store: Store, effects: Effects
) -> pl.Series:
    """Make or complete the things; the id of each row's thing, null where a row names none."""
    if not any(name.startswith("object.") for name in frame.columns):
        return pl.repeat(None, rows.height, dtype=pl.Int64, eager=True)
    named = _given(frame, rows).filter(pl.col("key").is_not_null())
    named = named.with_columns(_find(named, owners, store))
    new = _first_said(named.filter(pl.col("id").is_null()), "leader", owners)
    new = new.with_columns(id=store.reserve_ids(InsuredObject, new.height))
    _insert(new, owners, store)
    effects.things = new["id"]
    effects.count("objects_created", new.height)
    _complete(_first_said(named.filter(pl.col("id").is_not_null()), "id", owners), owners, store, effects)
    made = named.join(new.select("leader", made="id"), on="leader", how="left", maintain_order="left")
    ids = made.select(ROW, thing=pl.coalesce("id", "made"))
    return rows.select(ROW).join(ids, on=ROW, how="left", maintain_order="left")["thing"]


def _given(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Everything the rows say about their things, in the columns of the table."""
    types = table_of(InsuredObject).types
    there = set(frame.columns)

    def column(name: str) -> pl.Expr:
        code = f"object.{name}"
        return (
            pl.col(code).cast(types.get(name, pl.String))
            if code in there
            else pl.lit(None, dtype=types.get(name, pl.String))
        )

    extra = [name for name in frame.columns if name.startswith(DETAILS)]
    data = frame.select(ROW, external_id=column("external_id"), kind=column("kind"), title=column("title"),
                        make_model=column("make_model"), details=_json(frame, extra),
                        **{name: column(name) for name in (*_TEXTS, "year", "power", "value")})  # fmt: skip
    make_model = pl.col("make_model")
    data = data.with_columns(
        make=pl.coalesce("make", make_model.str.extract(r"^(\S+)\s+\S", 1).str.slice(0, 60)),
        model=pl.coalesce("model", make_model.str.extract(r"^\S+\s+(.+)$", 1).str.slice(0, 80),
                          pl.when(pl.col("make").is_null()).then(make_model.str.slice(0, 80))),
    )  # fmt: skip
    words = pl.concat_str(["make", "model"], separator=" ", ignore_nulls=True)
    words = pl.when(words != "").then(words)
    year = pl.when(words.is_not_null() & pl.col("year").is_not_null()).then(
        pl.format("{}, {}", words, "year")
    )
    data = data.with_columns(
        title=pl.coalesce("title", year, words, "plate", "vin", "address").str.slice(0, 200),
        kind=pl.coalesce("kind", pl.when(pl.any_horizontal(
            pl.col(name).is_not_null() for name in ("vin", "plate", "make", "model", "power")
        )).then(pl.lit(InsuredObject.Kind.VEHICLE.value)), pl.when(pl.col("address").is_not_null()).then(
            pl.lit(InsuredObject.Kind.FLAT.value)), pl.lit(InsuredObject.Kind.OTHER.value)),
    )  # fmt: skip
    data = data.with_columns(words=fold_series(data["title"]))
    return (
        rows.select(ROW, "client_id", "mine", "fresh", "writable")
        .join(data, on=ROW, maintain_order="left")
        .with_columns(
            key=pl.coalesce(
                pl.format("key:{}", "external_id"),
                pl.format("vin:{}", "vin"),
                pl.format("plate:{}", "plate"),
                pl.format("{}:{}", "kind", "words"),
            )
        )
    )


def _json(frame: pl.DataFrame, columns: list[str]) -> pl.Expr:
    """Free facts as a JSON object, without those that are not given; null when none is."""
    if not columns:
        return pl.lit(None, dtype=pl.String)
    pairs = []
    for name in columns:
        value = pl.col(name)
        if frame.schema[name] == pl.String:
            text = pl.format(
                '"{}"',
                value.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True),
            )
        else:
            text = value.cast(pl.String)
        pairs.append(pl.format(f'"{name.removeprefix(DETAILS)}": {{}}', text))
    joined = pl.concat_str(pairs, separator=", ", ignore_nulls=True)
    return pl.when(joined != "").then(pl.concat_str([pl.lit("{"), joined, pl.lit("}")]))


def _find(named: pl.DataFrame, owners: Owners, store: Store) -> list[pl.Series]:
    """``id`` of a known thing, or ``leader``, the row that makes a new one.

    A thing is known by its key in the source, else it is the client's thing with that VIN, else with that plate and
    no other VIN, else with those words and no other VIN or plate.
    """
    by_key = _by_key(named, owners, store)
    rest = by_key.is_null()
    theirs = store.find(
        InsuredObject,
        named.filter(rest & ~pl.Series(named["fresh"])).select("client_id").unique(),
        ["id", "vin", "plate", "title", "kind"],
    )
    with_vin = theirs.filter(pl.col("vin") != "").group_by("client_id", "vin").agg(pl.col("id").min())
    by_vin = named.select("client_id", "vin").join(
        with_vin, on=["client_id", "vin"], how="left", maintain_order="left"
    )["id"]  # fmt: skip
    ids = pl.select(pl.coalesce(by_key, by_vin)).to_series()
    group = pl.coalesce(
        pl.when(pl.col("external_id").is_not_null()).then("key"), pl.format("{}/{}", "client_id", "key")
    )
    leader = named.select(pl.col(ROW).first().over(group)).to_series().set(ids.is_not_null(), None)
    # Things that VINs do not tell apart, of clients who have several or had some: one row after the other.
    by_vin_alone = pl.col("vin").is_not_null() & pl.col("external_id").is_null()
    people = named.select("client_id", "key", by_vin_alone.alias("clear"), "vin", open=ids.is_null())
    owned = theirs.group_by("client_id").agg(bare=(pl.col("vin") == "").any())
    several = (pl.col("key").n_unique() > 1) & ~pl.col("clear").all()
    unclear = pl.col("bare") | (pl.col("bare").is_not_null() & pl.col("vin").is_null())
    busy = (
        people.join(owned, on="client_id", how="left")
        .group_by("client_id")
        .agg(busy=pl.col("open").any() & (several | unclear.any()))
        .filter("busy")
    )
    if busy.is_empty():
        return [ids.alias("id"), leader.alias("leader")]
    places = named["client_id"].is_in(busy["client_id"].implode()).arg_true()
    slow_ids, slow_leaders = _one_by_one(named[places], by_key[places], theirs, owners)
    return [ids.scatter(places, slow_ids).alias("id"), leader.scatter(places, slow_leaders).alias("leader")]


def _by_key(named: pl.DataFrame, owners: Owners, store: Store) -> pl.Series:
    own = named.select("external_id").drop_nulls().unique()
    if own.is_empty():
        return pl.repeat(None, named.height, dtype=pl.Int64, eager=True)
    keys = own.with_columns(source=pl.lit(owners.source)).select("source", "external_id")
    found = store.find(InsuredObject, keys, ["id"]).group_by("external_id").agg(pl.col("id").min())
    return named.select("external_id").join(found, on="external_id", how="left", maintain_order="left")["id"]


def _one_by_one(
    named: pl.DataFrame, by_key: pl.Series, theirs: pl.DataFrame, owners: Owners
) -> tuple[list[int | None], list[int | None]]:
    known: dict[int, list[dict[str, Any]]] = {}
    for stored in theirs.with_columns(words=fold_series(theirs["title"])).sort("id").iter_rows(named=True):
        known.setdefault(stored["client_id"], []).append(stored | {"leader": None})
    by_source: dict[str, dict[str, Any]] = {}
    ids: list[int | None] = []
    leaders: list[int | None] = []
    for row, found in zip(named.iter_rows(named=True), by_key, strict=True):
        things = known.setdefault(row["client_id"], [])
        key = row["external_id"]
        thing: dict[str, Any] | None = by_source.get(key) if key else None
        if thing is None and found is not None:
            thing = next((one for one in things if one["id"] == found), {"id": found, "leader": None})
        if thing is None:
            thing = _same(things, row)
        if thing is None:
            words = {name: row[name] or "" for name in ("vin", "plate", "words", "kind")}
            thing = {**words, "id": None, "leader": row[ROW]}
            things.append(thing)
            if key:
                by_source[key] = thing
        elif owners.existing != KEEP:
            for name in ("vin", "plate"):
                thing[name] = thing.get(name) or row[name] or ""
        ids.append(thing["id"])
        leaders.append(thing["leader"])
    return ids, leaders


def _same(things: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any] | None:
    def agrees(thing: dict[str, Any], *names: str) -> bool:
        return all(not row[name] or not thing[name] or row[name] == thing[name] for name in names)

    if row["vin"]:
        for thing in things:
            if thing["vin"] == row["vin"]:
                return thing
    if row["plate"]:
        for thing in things:
            if thing["plate"] == row["plate"] and agrees(thing, "vin"):
                return thing
    for thing in things:
        if thing["words"] == row["words"] and thing["kind"] == row["kind"] and agrees(thing, "vin", "plate"):
            return thing
    return None


def _first_said(rows: pl.DataFrame, by: str, owners: Owners) -> pl.DataFrame:
    """One row for each thing: of several rows the first that says something."""
    columns = ["client_id", "mine", "writable", "external_id", "kind", "title", *_FACTS]
    keep = [by, ROW, *columns]
    if not rows.select(pl.col(by).is_duplicated().any()).item():
        return rows.select(keep)
    if owners.existing == KEEP:
        return rows.unique(by, keep="first", maintain_order=True).select(keep)
    # One row after the other: what the first says stays.
    return rows.group_by(by, maintain_order=True).agg(
        pl.col(ROW).first(), *(pl.col(name).drop_nulls().first() for name in columns)
    ).select(keep)  # fmt: skip


def _insert(new: pl.DataFrame, owners: Owners, store: Store) -> None:
    store.insert(InsuredObject, new.select(
        "id", "client_id", "kind", "external_id", "title", *_FACTS,
        source=pl.lit(owners.source), import_run_id=pl.lit(owners.run.pk),
    ).with_columns(pl.col("title").fill_null("")))  # fmt: skip


def _complete(known: pl.DataFrame, owners: Owners, store: Store, effects: Effects) -> None:
    """Fill what a known thing lacks; words and numbers that people may have corrected stay."""
    if owners.existing == KEEP or known.is_empty():
        return
    table = table_of(InsuredObject)
    stored = store.find(InsuredObject, known.select("id"), [*_FACTS, "import_run_id"])
    both = (
        known.filter("writable")
        .drop("mine")
        .join(stored, on="id", suffix="_was")
        .with_columns(mine=(pl.col("import_run_id") == owners.run.pk).fill_null(False))
    )
    expressions: dict[str, Any] = {}
    for name in _FACTS:
        was = pl.col(f"{name}_was")
        empty = was.is_null() | was.is_in(["", "{}"]) if table.types[name] == pl.String else was.is_null()
        takes = empty & pl.col(name).is_not_null()
        expressions[f"{name}_new"] = pl.when(takes).then(pl.col(name)).otherwise(was)
        expressions[f"{name}_diff"] = takes
    marks = both.select("id", ROW, "mine", *(pl.col(f"{name}_was") for name in _FACTS), **expressions)
    marks = marks.filter(pl.any_horizontal(pl.col("^.*_diff$")))
    if marks.is_empty():
        return
    store.update(InsuredObject, marks.select("id", *(pl.col(f"{name}_new").alias(name) for name in _FACTS)))
    remember(InsuredObject, marks, list(_FACTS), owners, store)
    effects.changed.append(marks[ROW])
    effects.cells.append(
        marks.select(ROW, *(pl.col(f"{name}_diff").alias(f"object.{name}") for name in _FACTS))
    )
