"""Splink on DuckDB: which pairs of cards agree, how much each field says, and what the base itself teaches.

Imported by the job alone: a web process pays nothing for it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.subjects import BLOCKS, Subject, labels, settings, sobered

# So many pairs teach as much as all of them, at whatever size of the base.
SAMPLED, TAUGHT = 1_000_000, 2_000_000
# A smaller base teaches as a whole.
LARGE = 200_000
# A smaller share of strangers with one value is not believed.
LEAST = 1e-6
# Of the pairs of one client, so many agree in what tells one client for certain.
RECALL = 0.7
# Pairs of so many cards are looked for at once.
A_PART = 4_000_000
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
        self.linker = self._linker(settings(model) if model else self._settings())
        self._scored = ""

    def _linker(self, model: Any) -> Linker:
        made = Linker(self.api.register("compared"), model)
        # It tells of every step on the way.
        logging.getLogger("splink").setLevel(logging.ERROR)
        return made

    def _prepare(self, files: str) -> int:
        """The cards with their keys as numbers, read once."""
        own = ", ".join(f'"{name}"' for name in self.subject.columns)
        read = ", ".join(self.subject.read(name) for name in self.subject.columns)
        hashed = ", ".join(
            f"CASE WHEN {one.sql} IS NOT NULL THEN hash({one.sql}) END AS {key}"
            for key, one in self.subject.keys.items()
        )
        self.db.execute(
            f"CREATE TABLE cards AS SELECT *, {hashed} FROM (SELECT {read} FROM read_parquet('{files}'))"
        )
        self.db.execute(f"CREATE VIEW compared AS SELECT {own} FROM cards")
        return int(self._number("SELECT count(*) FROM cards"))

    def _number(self, sql: str) -> Any:
        return self.db.execute(sql).fetchall()[0][0]

    def _settings(self) -> SettingsCreator:
        return SettingsCreator(
            link_type="dedupe_only",
            comparisons=[dict(one) for one in self.subject.comparisons if self._is_known(one)],
            blocking_rules_to_generate_predictions=list(BLOCKS),
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
        """Learn the weights from the base itself, nobody having said which pairs are right. Raises ValueError where it cannot."""
        self.linker.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLED, seed=7, min_count_per_level=None
        )
        tick()
        model = self._counted(self.linker.misc.save_model_to_json())
        self.linker = self._linker(model | {"probability_two_random_records_match": self._prior()})
        tick()
        taught = TAUGHT if self.cards > LARGE else None
        for names in self.subject.sessions:
            self.linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*names), estimate_without_term_frequencies=True, max_pairs=taught
            )
            tick()
        model = sobered(self.linker.misc.save_model_to_json(), least=LEAST)
        self.families = self._has_families()
        self.linker = self._linker(settings(model))
        return {**model, "families": self.families}

    def _prior(self) -> float:
        """How likely two cards are one client: by the pairs of which a rule is nearly always right, most of which agree so."""
        pairs = sum(self._sharing(one) for one in self.subject.surest)
        if not pairs:
            raise ValueError("no two cards agree in what tells one client")
        return float(min(pairs / RECALL / (self.cards * (self.cards - 1) / 2), 0.5))

    def _sharing(self, columns: str) -> int:
        """How many pairs share a value; columns of a list share it where they have one value in common."""
        return int(
            self._number(
                f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM (SELECT count(*) AS n FROM (SELECT {columns} AS value"
                " FROM cards) WHERE value IS NOT NULL GROUP BY value)"
            )
        )

    def _counted(self, model: dict[str, Any]) -> dict[str, Any]:
        """How often strangers have the same value is counted over the whole base: a sample sees the rare hardly ever."""
        known = {one["output_column_name"]: one for one in model["comparisons"]}
        for name, one in known.items():
            value = self.subject.same.get(name)
            if value is None:
                continue
            cards = self._number(
                f"SELECT count(*) FROM (SELECT {value} AS value FROM cards) WHERE value IS NOT NULL"
            )
            if value.startswith("unnest"):
                cards = self._number(f"SELECT count(*) FROM cards WHERE len({name}) > 0")
            share = self._sharing(value) / max(cards * (cards - 1) / 2, 1)
            level = next(level for level in one["comparison_levels"] if level["label_for_charts"] == "same")
            level["u_probability"] = min(max(share, LEAST), 1 - LEAST)
        return model

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

    def _look(self) -> None:
        """Every pair that shares a key and that the veto leaves, once; a part of the cards at a time, so that it fits."""
        self.db.execute("CREATE TABLE looked (match_key VARCHAR, join_key_l BIGINT, join_key_r BIGINT)")
        veto = self.subject.apart if self.families else "TRUE"
        asked = [name for name in self.subject.columns if f"{name}_l" in veto]
        used = ", ".join(['"unique_id"', *(f'"{name}"' for name in asked)])
        sides = ", ".join(
            f'l."{name}" AS "{name}_l", r."{name}" AS "{name}_r"' for name in ("unique_id", *asked)
        )
        for key, one in self.subject.keys.items():
            self._keep(key, f"SELECT {key} AS key, {used} FROM cards WHERE {key} IS NOT NULL", one.most)
        for key, one in self.subject.lists.items():
            self._keep(key, f"SELECT hash(unnest({one.sql})) AS key, {used} FROM cards", one.most)
        found = " UNION ALL ".join(
            f"SELECT unique_id_l, unique_id_r FROM (SELECT {sides} FROM {key}_kept l JOIN {key}_kept r"
            f" ON l.key = r.key AND l.unique_id < r.unique_id WHERE l.unique_id % {{parts}} = {{part}}) WHERE {veto}"
            for key in (*self.subject.keys, *self.subject.lists)
        )
        parts = 1 + self.cards // A_PART
        for part in range(parts):
            self.db.execute(
                f"INSERT INTO looked SELECT DISTINCT '0', * FROM ({found.format(parts=parts, part=part)})"
            )
        for key in (*self.subject.keys, *self.subject.lists):
            self.db.execute(f"DROP TABLE {key}_kept")

    def _keep(self, key: str, select: str, most: int) -> None:
        """The cards by one key; one that a single card has, or too many, brings nobody together."""
        self.db.execute(
            f"""CREATE TABLE {key}_kept AS WITH keyed AS ({select}), few AS (
                SELECT key FROM keyed GROUP BY key HAVING count(*) BETWEEN 2 AND {most})
            SELECT keyed.* FROM keyed SEMI JOIN few ON keyed.key = few.key"""
        )

    def _score(self) -> str:
        """Every looked-at pair that is not too faint."""
        if not self._scored:
            self._look()
            self.linker.table_management.register_blocked_pairs_for_predict(self.api.register("looked"))
            found = self.linker.inference.predict(threshold_match_probability=FAINT, warning_mode="never")
            self._scored = found.physical_name
        return self._scored

    def pairs(self, at_least: float) -> Iterator[Found]:
        """Every looked-at pair of at least this probability that the veto leaves, by numbers of the cards."""
        scored, levels = self._score(), labels(self.linker.misc.save_model_to_json())
        terms = told_sql(self.db, scored, levels)
        cursor = self.db.execute(
            f"""SELECT least(unique_id_l, unique_id_r) AS low, greatest(unique_id_l, unique_id_r) AS high,
                match_probability, round(match_weight, 2), {terms}
            FROM "{scored}" WHERE match_probability >= {float(at_least)} ORDER BY low, high"""
        )
        while rows := cursor.fetchmany(10_000):
            for row in rows:
                yield found_in(row, levels)

    def expected(self) -> list[tuple[float, int, float]]:
        """By falling probability in steps: from which on, how many pairs, how many of them right by the model's word."""
        rows = self.db.execute(
            f"""SELECT floor(match_probability * {STEPS}) / {STEPS} AS least, count(*), sum(match_probability)
                FROM "{self._score()}" GROUP BY 1 ORDER BY 1 DESC"""
        ).fetchall()
        found, pairs, right = [], 0, 0.0
        for least, number, sure in rows:
            pairs, right = pairs + number, right + sure
            found.append((least, pairs, right))
        return found

    def close(self) -> None:
        self.db.close()


def told_sql(db: Any, scored: str, levels: Mapping[str, Any]) -> str:
    """Columns of what each comparison says: its level, and its weight in bits with the rarity of the value."""
    known = {row[0] for row in db.execute(f'DESCRIBE "{scored}"').fetchall()}

    def weight(name: str) -> str:
        rarity = f" + coalesce(mw_tf_adj_{name}, 0)" if f"mw_tf_adj_{name}" in known else ""
        return f"round(coalesce(mw_{name}, 0){rarity}, 2)"

    return ", ".join(f"gamma_{name}, {weight(name)}" for name in levels)


def found_in(row: Sequence[Any], levels: Mapping[str, Sequence[str]]) -> Found:
    """A row of: lower and higher number, probability, weight, and of each comparison the level and its weight."""
    terms = [
        (name, codes[row[place]], row[place + 1])
        for place, (name, codes) in zip(range(4, len(row), 2), levels.items(), strict=True)
        if row[place] >= 0
    ]
    return Found(row[0], row[1], row[2], row[3], terms)
