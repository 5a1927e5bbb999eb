"""A few cards against those that share a key with them: the same Splink, the same weights and veto as over the whole base.

Imported by the worker alone, like ``linking``. A linker is kept warm: to make one costs more than to use it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from clientela.modules.resolution import linking
from clientela.modules.resolution.linking import Found
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.subjects import Subject, labels, settings, spelt

# Rarer names weigh as if they were so frequent: ``tf_minimum_u_value`` of the comparisons.
RAREST = 0.00001


def weighed_by_frequency(parameters: Mapping[str, Any]) -> list[str]:
    """Columns whose agreement weighs the more, the rarer the value is."""
    levels = (level for one in parameters["comparisons"] for level in one["comparison_levels"])
    return sorted({name for level in levels if (name := level.get("tf_adjustment_column"))})


def frequencies(db: Any, parameters: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """How frequent each name is among the cards of the base; those below ``RAREST`` are left out."""
    found = {}
    for name in weighed_by_frequency(parameters):
        rows = db.execute(
            f'SELECT "{name}", count(*) / (SELECT count("{name}") FROM cards) AS share FROM cards'
            f' WHERE "{name}" IS NOT NULL GROUP BY 1 HAVING share >= {RAREST}'
        ).fetchall()
        found[name] = dict(rows)
    return found


class KeyMaker:
    """Numbers that are equal where a block of the whole run would put two cards together."""

    def __init__(self) -> None:
        self.db = _memory()
        self.db.execute(f"CREATE TABLE raw ({_columns()})")

    def of(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, tuple[int | None, ...]]:
        """Card → its keys in the order of ``linking``'s blocks; a key with an unknown part is None."""
        _fill(self.db, "raw", rows)
        told = ", ".join(
            f"(md5_number_lower({sql})::HUGEINT - 9223372036854775808)::BIGINT"
            for sql in (one.sql for one in PEOPLE.keys.values())
        )
        found = self.db.execute(f"SELECT unique_id, {told} FROM raw").fetchall()
        return {card: tuple(keys) for card, *keys in found}

    def close(self) -> None:
        self.db.close()


class Near:
    """Scores given pairs of given cards with one model's weights and the names' frequencies in the whole base."""

    def __init__(self, parameters: Mapping[str, Any], shares: Mapping[str, Mapping[str, float]]) -> None:
        self.db, self.shares = _memory(), shares
        self.weighed = weighed_by_frequency(parameters)
        self.db.execute(f"CREATE TABLE cards ({_columns()})")
        self.db.execute("CREATE TABLE looked (match_key VARCHAR, join_key_l BIGINT, join_key_r BIGINT)")
        api = DuckDBAPI(self.db)
        self.apart = PEOPLE.apart if parameters.get("families", True) else "TRUE"
        self.linker = Linker(api.register("cards"), settings(parameters))
        for name in self.weighed:
            self.db.execute(f'CREATE TABLE tf_{name} ("{name}" VARCHAR, "tf_{name}" DOUBLE)')
            self.linker.table_management.register_term_frequency_lookup(api.register(f"tf_{name}"), name)
        self.linker.table_management.register_blocked_pairs_for_predict(api.register("looked"))
        _quiet()
        self.levels = labels(self.linker.misc.save_model_to_json())

    def score(
        self, rows: Sequence[Mapping[str, Any]], pairs: Iterable[tuple[int, int]], at_least: float
    ) -> Iterator[Found]:
        """Of ``pairs`` (lower number, higher number) those of at least this probability that the veto leaves."""
        import polars as pl

        _fill(self.db, "cards", rows)
        chosen = pl.DataFrame(  # noqa: F841  DuckDB reads it by its name
            [("0", low, high) for low, high in pairs],
            schema={"match_key": pl.String, "join_key_l": pl.Int64, "join_key_r": pl.Int64}, orient="row",
        )  # fmt: skip
        self.db.execute("DELETE FROM looked; INSERT INTO looked SELECT * FROM chosen")
        for name in self.weighed:
            self._tell_frequencies(name, {spelt(row[name]) for row in rows if row[name] is not None})
        scored = self.linker.inference.predict(threshold_match_probability=at_least, warning_mode="never")
        try:
            told = linking.told_sql(self.db, scored.physical_name, self.levels)
            found = self.db.execute(
                f"""SELECT least(unique_id_l, unique_id_r) AS low, greatest(unique_id_l, unique_id_r) AS high,
                    match_probability, round(match_weight, 2), {told}
                FROM "{scored.physical_name}" WHERE {self.apart} ORDER BY low, high"""
            ).fetchall()
            for row in found:
                yield linking.found_in(row, self.levels)
        finally:
            scored.drop_table_from_database_and_remove_from_cache()

    def _tell_frequencies(self, name: str, values: set[str]) -> None:
        import polars as pl

        known = self.shares.get(name, {})
        told = pl.DataFrame(  # noqa: F841  DuckDB reads it by its name
            [(value, known.get(value, RAREST)) for value in sorted(values)],
            schema={"value": pl.String, "share": pl.Float64}, orient="row",
        )  # fmt: skip
        self.db.execute(f"DELETE FROM tf_{name}; INSERT INTO tf_{name} SELECT * FROM told")

    def close(self) -> None:
        self.db.close()


def _memory() -> Any:
    """A database that never writes to the disk: nothing of the base is left behind."""
    db = duckdb.connect(":memory:")
    db.execute("SET temp_directory=''")
    db.execute("SET threads=1")
    return db


def frame_schema(subject: Subject) -> dict[str, Any]:
    """Column types of rows of traits, as Polars names them."""
    import polars as pl

    kinds: dict[str, Any] = {"BIGINT": pl.Int64, "VARCHAR": pl.String, "VARCHAR[]": pl.List(pl.String)}
    return {name: kinds[kind] for name, kind in subject.columns.items()}


def _columns() -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in PEOPLE.columns.items())


def _fill(db: Any, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    import polars as pl

    given = pl.DataFrame(  # noqa: F841  DuckDB reads it by its name
        [{name: row[name] for name in PEOPLE.columns} for row in rows],
        schema=frame_schema(PEOPLE),
    )
    read = ", ".join(PEOPLE.read(name) for name in PEOPLE.columns)
    db.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT {read} FROM given")


def _quiet() -> None:
    """Splink tells of every step of every prediction, and there is one for each card."""
    logging.getLogger("splink").setLevel(logging.ERROR)
