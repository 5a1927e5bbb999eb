"""Splink on DuckDB: which pairs of cards agree, how much each field says, and what the base itself teaches.

Imported by the job alone: a web process pays nothing for it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.subjects import (
    Subject,
    blocks,
    labels,
    sobered,
    with_own_blocks,
)

# So many pairs teach as much as all of them, at whatever size of the base.
SAMPLED = 20_000_000
TAUGHT = 4_000_000
# Fainter pairs are not even counted.
FAINT = 0.01
# Of pairs with one home or phone, so many of other given names and other birth dates mean that families are in the base.
FEW_FAMILIES, ENOUGH_HOMES = 0.05, 50
STEPS = 1000


@dataclass(frozen=True)
class Found:
    """Two cards that may be one client; ``terms`` are (what is compared, how it agrees, weight in bits)."""

    low: int
    high: int
    probability: float
    weight: float
    terms: list[tuple[str, str, float]]


class Linking:
    """One base of cards in DuckDB, read from Parquet files of rows with the subject's columns."""

    def __init__(
        self, files: str, *, folder: Path, memory: str, threads: int, model: Mapping[str, Any] | None = None,
        subject: Subject = PEOPLE,
    ) -> None:  # fmt: skip
        self.subject = subject
        self.db = duckdb.connect(str(folder / "linking.duckdb"))
        self.db.execute(f"SET memory_limit='{memory}'")
        self.db.execute(f"SET temp_directory='{folder / 'spilled'}'")
        self.db.execute(f"SET threads={int(threads)}")
        self.db.execute("SET preserve_insertion_order=false")
        self.cards = self._prepare(files)
        self.api = DuckDBAPI(self.db)
        # In a base that nothing is known of, families are taken for granted.
        self.families = bool(model.get("families", True)) if model else True
        settings = with_own_blocks(subject, model) if model else self._settings()
        self.linker = Linker(self.api.register("cards"), settings)
        # It tells of every step on the way.
        logging.getLogger("splink").setLevel(logging.ERROR)
        self._scored = ""

    def _prepare(self, files: str) -> int:
        """The cards with their keys as numbers; a key of one card alone, or of too many, brings nobody together."""
        read = ", ".join(self.subject.read(name) for name in self.subject.columns)
        given = f"(SELECT {read} FROM read_parquet('{files}'))"
        hashed = ", ".join(
            f"CASE WHEN {one.sql} IS NOT NULL THEN hash({one.sql}) END AS {key}"
            for key, one in self.subject.keys.items()
        )
        self.db.execute(f"CREATE TABLE keyed AS SELECT unique_id, {hashed} FROM {given}")
        for key, one in self.subject.keys.items():
            self.db.execute(
                f"CREATE TABLE {key}_kept AS SELECT {key} FROM keyed WHERE {key} IS NOT NULL"
                f" GROUP BY 1 HAVING count(*) BETWEEN 2 AND {one.most}"
            )
        for key, one in self.subject.lists.items():
            self.db.execute(
                f"""CREATE TABLE {key}_kept AS SELECT unique_id, list(value ORDER BY value) AS {key} FROM (
                    SELECT unique_id, value, count(*) OVER (PARTITION BY value) AS shared FROM (
                        SELECT unique_id, hash(unnest({one.sql})) AS value FROM {given}))
                WHERE shared BETWEEN 2 AND {one.most} GROUP BY unique_id"""
            )
        own = ", ".join(f'given."{name}"' for name in self.subject.columns)
        chosen = ", ".join(f"{key}_kept.{key}" for key in (*self.subject.keys, *self.subject.lists))
        joins = " ".join(
            f"LEFT JOIN {key}_kept ON keyed.{key} = {key}_kept.{key}" for key in self.subject.keys
        )
        joins += "".join(f" LEFT JOIN {key}_kept USING (unique_id)" for key in self.subject.lists)
        self.db.execute(
            f"CREATE TABLE cards AS SELECT {own}, {chosen} FROM {given} AS given JOIN keyed USING (unique_id) {joins}"
        )
        for name in ("keyed", *(f"{key}_kept" for key in (*self.subject.keys, *self.subject.lists))):
            self.db.execute(f"DROP TABLE {name}")
        return int(self._number("SELECT count(*) FROM cards"))

    def _number(self, sql: str) -> Any:
        return self.db.execute(sql).fetchall()[0][0]

    def _settings(self) -> SettingsCreator:
        return SettingsCreator(
            link_type="dedupe_only",
            comparisons=[dict(one) for one in self.subject.comparisons if self._is_known(one)],
            blocking_rules_to_generate_predictions=blocks(self.subject),
            retain_intermediate_calculation_columns=True,
            retain_matching_columns=True,
            additional_columns_to_retain=[],
        )

    def _is_known(self, one: Mapping[str, Any]) -> bool:
        """Whether two cards of the base know the field: of what nobody knows there is nothing to learn."""
        unknown = str(one["comparison_levels"][0]["sql_condition"])
        own = unknown.replace("_l", "").replace("_r", "")
        return bool(
            self._number(f"SELECT count(*) FROM (SELECT 1 FROM cards WHERE NOT ({own}) LIMIT 2)") == 2
        )

    def train(self, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Learn the weights from the base itself, nobody having said which pairs are right."""
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [block_on(*names, arrays_to_explode=[name for name in names if name in self.subject.lists] or None)
             for names in self.subject.surest],
            recall=0.7,
        )  # fmt: skip
        tick()
        large = self.cards > 200_000
        training.estimate_u_using_random_sampling(max_pairs=SAMPLED if large else SAMPLED // 10, seed=7)
        tick()
        for names in self.subject.sessions:
            training.estimate_parameters_using_expectation_maximisation(
                block_on(*names), estimate_without_term_frequencies=True, max_pairs=TAUGHT if large else None
            )
            tick()
        learnt = self.linker.misc.save_model_to_json()
        pairs = min(self.cards * (self.cards - 1) / 2, SAMPLED)
        model = sobered(learnt, least=max(1 / pairs, 1e-6))
        self.families = self._has_families()
        self.linker = Linker(self.api.register("cards"), with_own_blocks(self.subject, model))
        return {**model, "families": self.families}

    def _has_families(self) -> bool:
        """Whether people who share a home are others as a rule, or the same one on another card."""
        if self.subject.household is None:
            return True
        alike, others = self.subject.household
        share = max(1, self.cards // 200_000)
        sides = ", ".join(
            f'l."{name}" AS "{name}_l", r."{name}" AS "{name}_r"' for name in self.subject.columns
        )
        pairs, relatives = self.db.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE {others}) FROM (
                SELECT {sides} FROM cards l JOIN cards r ON l.k_street = r.k_street AND l.unique_id < r.unique_id
                WHERE l.unique_id % {share} = 0) WHERE {alike}"""
        ).fetchall()[0]
        return bool(pairs < ENOUGH_HOMES or relatives > pairs * FEW_FAMILIES)

    def _score(self) -> str:
        """Every looked-at pair that is not too faint and that the veto leaves."""
        if not self._scored:
            found = self.linker.inference.predict(threshold_match_probability=FAINT, warning_mode="never")
            where = self.subject.apart if self.families else "TRUE"
            self.db.execute(f'CREATE VIEW scored AS SELECT * FROM "{found.physical_name}" WHERE {where}')
            self._scored = "scored"
        return self._scored

    def pairs(self, at_least: float) -> Iterator[Found]:
        """Every looked-at pair of at least this probability that the veto leaves, by numbers of the cards."""
        scored, levels = self._score(), labels(self.linker.misc.save_model_to_json())
        cursor = self.db.execute(
            f"SELECT * FROM {scored} WHERE match_probability >= {float(at_least)} ORDER BY unique_id_l, unique_id_r"
        )
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(2000):
            for values in rows:
                yield _found(dict(zip(names, values, strict=True)), levels)

    def expected(self) -> list[tuple[float, int, float]]:
        """By falling probability in steps: from which on, how many pairs, how many of them right by the model's word."""
        rows = self.db.execute(
            f"""SELECT floor(match_probability * {STEPS}) / {STEPS} AS least, count(*), sum(match_probability)
                FROM {self._score()} GROUP BY 1 ORDER BY 1 DESC"""
        ).fetchall()
        found, pairs, right = [], 0, 0.0
        for least, number, sure in rows:
            pairs, right = pairs + number, right + sure
            found.append((least, pairs, right))
        return found

    def close(self) -> None:
        self.db.close()


def _found(row: dict[str, Any], levels: dict[str, list[str]]) -> Found:
    terms = []
    for name, codes in levels.items():
        number = row[f"gamma_{name}"]
        if number >= 0:
            weight = (row[f"mw_{name}"] or 0.0) + (row.get(f"mw_tf_adj_{name}") or 0.0)
            terms.append((name, codes[number], round(weight, 2)))
    low, high = sorted((row["unique_id_l"], row["unique_id_r"]))
    return Found(low, high, row["match_probability"], round(row["match_weight"], 2), terms)
