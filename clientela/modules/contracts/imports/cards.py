"""Clients of a chunk: new cards, what is filled in or changed on known ones, and how to reach them."""

import json
from typing import Any

import polars as pl

from clientela.foundation.imports.models import Change
from clientela.foundation.imports.reading.prepare import ROW
from clientela.foundation.imports.store import Store
from clientela.foundation.imports.store.base import table_of
from clientela.foundation.regions import BY_CODE, region_of_city, zone_of_city
from clientela.modules.clients.models import Client
from clientela.modules.contracts.imports.keys import source_keys, turn_of
from clientela.modules.contracts.imports.naming import names_of
from clientela.modules.contracts.imports.owners import KEEP, UPDATE, Effects, Owners

NAME = ("last_name", "first_name", "middle_name", "company_name", "name_key")
DETAILS = ("birth_date", "sex", "inn", "kpp", "ogrn", "snils", "region_code", "city", "client_since")
# What a newer file may replace; the rest is only filled where it is empty.
REPLACED = tuple(name for name in DETAILS if name != "client_since")
OWNER = ("agent_id", "branch_id", "centre_id")


FACTS = (
    "policies_in_force", "premium_in_force", "next_end_date", "loyalty", "temperature", "profitability", "completeness",
)  # fmt: skip


def client_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """One row a row of the file with everything it says about its client, in the columns of the card."""
    given = set(frame.columns)

    def column(code: str, kind: Any = pl.String) -> pl.Expr:
        name = f"client.{code}"
        return pl.col(name) if name in given else pl.lit(None, dtype=kind)

    names = names_of(frame)
    phones = pl.concat_str([column("phone"), column("phone2")], separator=" ", ignore_nulls=True)
    rows = frame.select(
        ROW,
        external_id=column("external_id"),
        birth_date=column("birth_date", pl.Date),
        sex=pl.coalesce(column("sex"), names["guessed_sex"]),
        inn=column("inn"), kpp=column("kpp"), ogrn=column("ogrn"), snils=column("snils"),
        phones=pl.when(phones != "").then(phones),
        email=column("email"), passport=column("passport"), licence=column("licence"),
        region_code=column("region"), city=column("city"), street=column("street"),
        postal_code=column("postal_code"), client_since=column("since", pl.Date),
        agent_id=column("agent", pl.Int64),
    )  # fmt: skip
    rows = rows.with_columns(
        *names.drop("guessed_sex"), region_code=pl.coalesce("region_code", _regions(rows["city"]))
    )
    if "policy.number" in given:
        start = "policy.start_date"
        starts = frame[start] if start in given else pl.lit(None, dtype=pl.Date)
        rows = rows.with_columns(policy_number=frame["policy.number"], policy_start=starts)
    turn = turn_of(pl.col("name_key") != "", pl.col("external_id"), pl.col("inn"), pl.col("passport"))
    return rows.with_columns(link=source_keys(rows), turn=turn)


def _regions(towns: pl.Series) -> pl.Series:
    """The region of each town that has only one of that name worth knowing."""
    distinct = towns.drop_nulls().unique()
    known = {town: region.code for town in distinct if (region := region_of_city(town))}
    if not known:
        return pl.repeat(None, len(towns), dtype=pl.String, eager=True).alias("region_code")
    return towns.replace_strict(known, default=None, return_dtype=pl.String).alias("region_code")


def compared_cards(rows: pl.DataFrame, existing: str) -> list[str]:
    """What of a known card has to be looked at: nothing that no row tells can differ."""
    told = [name for name in DETAILS if rows[name].null_count() < rows.height]
    names = ["kind", *NAME] if existing == UPDATE else ["name_key"]
    needed = ["birth_date", "region_code", "city", *OWNER, "time_zone", "version", "import_run_id"]
    return list(dict.fromkeys([*names, *told, *needed]))


def owners_of(rows: pl.DataFrame, owners: Owners) -> pl.DataFrame:
    """``agent_id``, ``branch_id`` and ``centre_id`` by a column of agents, else by the answers of the run."""
    return (
        rows.select(agent_id=pl.coalesce("agent_id", pl.lit(owners.agent_id, dtype=pl.Int64)))
        .join(owners.agents, on="agent_id", how="left", maintain_order="left")
        .with_columns(pl.col("branch_id").fill_null(owners.branch_id))
        .select(*OWNER)
    )


def gather(rows: pl.DataFrame, by: str, columns: list[str], existing: str) -> pl.DataFrame:
    """One row for each ``by``, as if its rows had come one after the other.

    The first row that says something decides; with ``update`` the last one, of names the longest.
    """
    texts = [name for name in columns if rows.schema[name] == pl.String]
    filled = rows.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts)
    again = pl.col(by).is_duplicated()
    if not filled.select(again.any()).item():
        return filled.select(by, ROW, *columns)
    if existing == KEEP:
        return filled.unique(by, keep="first", maintain_order=True).select(by, ROW, *columns)
    merged = (
        filled.filter(again)
        .group_by(by, maintain_order=True)
        .agg(pl.col(ROW).first(), *(_pick(name, existing).alias(name) for name in columns))
    )
    return pl.concat([filled.filter(~again).select(by, ROW, *columns), merged]).sort(ROW)


def _pick(name: str, existing: str) -> pl.Expr:
    column = pl.col(name)
    if name in (*NAME, "kind"):
        named = pl.col("name_key").is_not_null()
        first = column.filter(named).first()
        if existing != UPDATE or name == "kind":
            return first
        # A person does not become a company; of names of one kind the last of the longest.
        alike = named & (pl.col("kind") == pl.col("kind").filter(named).first())
        keys = pl.col("name_key").filter(alike)
        longest = keys.sort_by(keys.str.len_chars(), maintain_order=True).last()
        return column.filter(alike & (pl.col("name_key") == longest)).first()
    given = column.drop_nulls()
    return given.last() if existing == UPDATE and name in REPLACED else given.first()


def with_zones(people: pl.DataFrame, default: str) -> pl.DataFrame:
    """``time_zone`` and ``region_code`` by town and region; ``default`` where neither is known."""
    places = people.select("city", "region_code").unique()
    zones = [
        (zone_of_city(city, region or None) if city else None)
        or (BY_CODE[region].zone if region in BY_CODE else None) or default
        for city, region in places.iter_rows()
    ]  # fmt: skip
    return people.join(
        places.with_columns(time_zone=pl.Series(zones, dtype=pl.String)),
        on=["city", "region_code"], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip


def write_new(people: pl.DataFrame, owners: Owners, store: Store) -> None:
    """Insert cards; ``people`` has ``id`` and the facts of ``newcards.with_facts``."""
    cards = with_zones(people, owners.time_zone).with_columns(owners_of(people, owners))
    store.insert(Client, cards.select(
        "id", "kind", *NAME, *DETAILS, *OWNER, *FACTS, "time_zone",
        created_at=pl.lit(owners.now), updated_at=pl.lit(owners.now), import_run_id=pl.lit(owners.run.pk),
    ))  # fmt: skip


def write_changes(
    people: pl.DataFrame, known: pl.DataFrame, owners: Owners, store: Store, effects: Effects
) -> None:
    """Fill empty fields of known cards (``update``: also replace) and remember what was there before."""
    if owners.existing == KEEP or people.is_empty():
        return
    table = table_of(Client)
    replaced = REPLACED if owners.existing == UPDATE else ()
    both = people.join(known, on="id", suffix="_was").filter(pl.col("writable"))
    new_values: dict[str, pl.Expr] = {}
    differs: dict[str, pl.Expr] = {}
    for name in DETAILS:
        if name not in known.columns:
            continue
        was, given = pl.col(f"{name}_was"), pl.col(name).cast(table.types[name])
        empty = was.is_null() | (was == "") if table.types[name] == pl.String else was.is_null()
        takes = given.is_not_null() if name in replaced else given.is_not_null() & empty
        new_values[name] = pl.when(takes).then(given).otherwise(was)
        differs[name] = takes & (given != was).fill_null(True)
    if owners.existing == UPDATE:
        # A whole name only: an initial does not replace a first name.
        renamed = (
            (pl.col("kind") == pl.col("kind_was"))
            & (pl.col("name_key") != pl.col("name_key_was"))
            & (pl.col("name_key") != "")
            & (pl.col("name_key").str.len_chars() >= pl.col("name_key_was").str.len_chars())
        )
        for name in NAME:
            new_values[name] = (
                pl.when(renamed).then(pl.col(name).fill_null("")).otherwise(pl.col(f"{name}_was"))
            )
            differs[name] = renamed & (pl.col(name).fill_null("") != pl.col(f"{name}_was"))
    marks = both.select(
        "id", ROW, "version", "mine", "time_zone", *(pl.col(f"{name}_was") for name in new_values),
        *(value.alias(f"{name}_new") for name, value in new_values.items()),
        *(mark.alias(f"{name}_diff") for name, mark in differs.items()),
    )  # fmt: skip
    marks = marks.filter(pl.any_horizontal(pl.col("^.*_diff$")))
    if marks.is_empty():
        return
    names = [*new_values, "time_zone"]
    marks = _moved(marks, owners)
    fresh = marks.select("id", *(pl.col(f"{name}_new").alias(name) for name in names), updated_at=pl.lit(owners.now),
                         version=pl.col("version") + pl.when("mine").then(0).otherwise(1))  # fmt: skip
    store.update(Client, fresh)
    effects.changed.append(marks[ROW])
    effects.filled.append(marks["id"])
    effects.stale.append(marks["id"])
    effects.count("clients_changed", marks.filter(~pl.col("mine")).height)
    remember(Client, marks, names, owners, store)
    effects.cells.append(
        marks.select(ROW, *(pl.col(f"{name}_diff").alias(f"client.{name}") for name in names))
    )


def _moved(marks: pl.DataFrame, owners: Owners) -> pl.DataFrame:
    """The zone follows the town."""
    moved = pl.col("city_diff") | pl.col("region_code_diff")
    zones = with_zones(marks.select(city="city_new", region_code="region_code_new"), owners.time_zone)
    return marks.with_columns(zone=zones["time_zone"]).select(
        pl.exclude("zone", "time_zone"),
        time_zone_was="time_zone",
        time_zone_new=pl.when(moved).then("zone").otherwise("time_zone"),
        time_zone_diff=moved & (pl.col("zone") != pl.col("time_zone")),
    )


def remember(model: Any, marks: pl.DataFrame, names: list[str], owners: Owners, store: Store) -> None:
    """``Change`` rows: values before and after, for rows that this import did not make itself."""
    others = marks.filter(~pl.col("mine"))
    if others.is_empty():
        return
    before, after = [], []
    for data in others.iter_rows(named=True):
        changed = [name for name in names if data[f"{name}_diff"]]
        before.append(
            json.dumps({name: data[f"{name}_was"] for name in changed}, default=str, ensure_ascii=False)
        )
        after.append(
            json.dumps({name: data[f"{name}_new"] for name in changed}, default=str, ensure_ascii=False)
        )
    store.insert(Change, pl.DataFrame({"object_id": others["id"], "before": before, "after": after}).with_columns(
        id=store.reserve_ids(Change, others.height), run_id=pl.lit(owners.run.pk), table=pl.lit(table_of(model).name),
        kind=pl.lit(Change.Kind.CHANGED.value),
    ))  # fmt: skip
