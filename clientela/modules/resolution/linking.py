"""Splink on DuckDB: which pairs of cards agree, how much each field says, and what the base itself teaches.

Imported by the job alone: a web process pays nothing for it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

# A key that more cards share than this says too little to look at all their pairs: blocks, and the work, stay linear.
LARGEST_BLOCK = 50
_KEYS = {
    "k_birth_last": "birth || '|' || left(last, 1)",
    "k_birth_first": "birth || '|' || first",
    "k_year": "last || '|' || first || '|' || left(birth, 4)",
    "k_day": "last || '|' || first || '|' || right(birth, 5)",
    "k_name": "last || '|' || first || '|' || middle",
}
_LISTS = {"k_phones": "phones", "k_emails": "emails", "k_documents": "documents"}
COLUMNS = {
    "unique_id": "BIGINT", "last": "VARCHAR", "first": "VARCHAR", "middle": "VARCHAR", "birth": "VARCHAR",
    "phones": "VARCHAR[]", "emails": "VARCHAR[]", "documents": "VARCHAR[]", "address": "VARCHAR",
}  # fmt: skip
_NEAR_DAY = """(damerau_levenshtein(birth_l, birth_r) <= 1
    OR (left(birth_l, 4) = left(birth_r, 4) AND substr(birth_l, 6, 2) = substr(birth_r, 9, 2)
        AND substr(birth_l, 9, 2) = substr(birth_r, 6, 2)))"""
_INITIAL = """((length("{0}_l") = 1 OR length("{0}_r") = 1) AND left("{0}_l", 1) = left("{0}_r", 1))"""
_NEAR_FIRST = f"(jaro_winkler_similarity(first_l, first_r) >= 0.88 OR {_INITIAL.format('first')})"
# A family shares surname, patronymic, phone and address: another given name or another birth date is another person.
SAME_PERSON = f"""(first_l IS NULL OR first_r IS NULL OR {_NEAR_FIRST} OR (last_l = first_r AND first_l = last_r))
    AND CASE WHEN birth_l IS NULL OR birth_r IS NULL
        THEN middle_l IS NULL OR middle_r IS NULL OR jaro_winkler_similarity(middle_l, middle_r) >= 0.93
            OR {_INITIAL.format("middle")}
        ELSE {_NEAR_DAY} END"""


@dataclass(frozen=True)
class Found:
    """Two cards that may be one person; ``terms`` are (what is compared, how it agrees, weight in bits)."""

    low: int
    high: int
    probability: float
    weight: float
    terms: list[tuple[str, str, float]]


def _comparison(name: str, known: str, *levels: tuple[str, str], often: bool = False) -> dict[str, Any]:
    made: list[dict[str, Any]] = [
        {"sql_condition": f"NOT ({known})", "label_for_charts": "unknown", "is_null_level": True}
    ]
    for label, sql in levels:
        level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label}
        if often and label == "same":
            level |= {
                "tf_adjustment_column": name,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": 0.00001,
            }
        made.append(level)
    made.append({"sql_condition": "ELSE", "label_for_charts": "other"})
    return {"output_column_name": name, "comparison_levels": made}


def _both(name: str) -> str:
    return f'"{name}_l" IS NOT NULL AND "{name}_r" IS NOT NULL'


def _lists(name: str) -> dict[str, Any]:
    return _comparison(
        name,
        f'len("{name}_l") > 0 AND len("{name}_r") > 0',
        ("same", f'list_has_any("{name}_l", "{name}_r")'),
    )


def comparisons() -> list[dict[str, Any]]:
    """How each field may agree, the strongest first."""
    return [
        _comparison(
            "last", _both("last"), ("same", "last_l = last_r"),
            ("near", "jaro_winkler_similarity(last_l, last_r) >= 0.9 OR damerau_levenshtein(last_l, last_r) <= 1"),
            ("swapped", "last_l = first_r AND first_l = last_r"),
            ("maiden", "right(middle_l, 2) = 'на' OR right(middle_r, 2) = 'на' OR right(last_l, 1) = 'а'"), often=True,
        ),
        _comparison(
            "first", _both("first"), ("same", "first_l = first_r"), ("initial", _INITIAL.format("first")),
            ("near", "jaro_winkler_similarity(first_l, first_r) >= 0.88"), ("swapped", "last_l = first_r"), often=True,
        ),
        _comparison(
            "middle", _both("middle"), ("same", "middle_l = middle_r"), ("initial", _INITIAL.format("middle")),
            ("near", "jaro_winkler_similarity(middle_l, middle_r) >= 0.93"), often=True,
        ),
        _comparison("birth", _both("birth"), ("same", "birth_l = birth_r"), ("near", _NEAR_DAY)),
        _lists("phones"), _lists("emails"), _lists("documents"),
        _comparison("address", _both("address"), ("same", "address_l = address_r")),
    ]  # fmt: skip


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*comparisons()],
        blocking_rules_to_generate_predictions=blocks(),
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
        additional_columns_to_retain=[],
    )


def blocks() -> list[Any]:
    """Which pairs are looked at: those that share one of these keys."""
    plain = [block_on(key) for key in _KEYS]
    return plain + [block_on(key, arrays_to_explode=[key]) for key in _LISTS]


class Linking:
    """One base of cards in DuckDB, read from Parquet files of ``rules.traits`` rows."""

    def __init__(
        self, files: str, *, folder: Path, memory: str, threads: int, model: dict[str, Any] | None = None
    ) -> None:
        self.db = duckdb.connect(str(folder / "linking.duckdb"))
        self.db.execute(f"SET memory_limit='{memory}'")
        self.db.execute(f"SET threads={int(threads)}")
        self.db.execute("SET preserve_insertion_order=false")
        self.cards = self._prepare(files)
        self.api = DuckDBAPI(self.db)
        table = self.api.register("cards")
        self.linker = Linker(table, model or _settings())

    def _prepare(self, files: str) -> int:
        keys = ", ".join(f"{sql} AS {key}" for key, sql in _KEYS.items())
        self.db.execute(f"CREATE TABLE raw AS SELECT *, {keys} FROM read_parquet(?)", [files])
        capped = [
            f"CASE WHEN count(*) OVER (PARTITION BY {key}) <= {LARGEST_BLOCK} THEN {key} END AS {key}"
            for key in _KEYS
        ]
        for key, name in _LISTS.items():
            self.db.execute(
                f"""CREATE TABLE {key} AS SELECT unique_id, list(value ORDER BY value) AS {key} FROM (
                    SELECT unique_id, value, count(*) OVER (PARTITION BY value) AS shared
                    FROM (SELECT unique_id, unnest({name}) AS value FROM raw)) WHERE shared <= {LARGEST_BLOCK}
                GROUP BY unique_id"""
            )
        joins = " ".join(f"LEFT JOIN {key} USING (unique_id)" for key in _LISTS)
        own = ", ".join(f'raw."{name}"' for name in COLUMNS)
        lists = ", ".join(_LISTS)
        keys = ", ".join(capped)
        self.db.execute(f"CREATE TABLE cards AS SELECT {own}, {keys}, {lists} FROM raw {joins}")
        self.db.execute("DROP TABLE raw")
        return int(self.db.execute("SELECT count(*) FROM cards").fetchall()[0][0])

    def train(self, tick: Callable[[], None] = lambda: None) -> dict[str, Any]:
        """Learn the weights from the base itself, nobody having said which pairs are right."""
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("last", "first", "birth"), block_on("k_documents", arrays_to_explode=["k_documents"])],
            recall=0.7,
        )
        tick()
        training.estimate_u_using_random_sampling(max_pairs=2e6 if self.cards < 200_000 else 2e7, seed=7)
        tick()
        # Blocks of one phone would teach families as matches; a birth date is shared by strangers and by oneself.
        training.estimate_parameters_using_expectation_maximisation(block_on("birth"))
        tick()
        training.estimate_parameters_using_expectation_maximisation(block_on("k_name"))
        tick()
        model: dict[str, Any] = self.linker.misc.save_model_to_json()
        return model

    def pairs(self, at_least: float) -> Iterator[Found]:
        """Every looked-at pair of at least this probability that the veto leaves, by numbers of the cards."""
        scored = self.linker.inference.predict(threshold_match_probability=at_least)
        levels = labels(self.linker.misc.save_model_to_json())
        cursor = self.db.execute(
            f'SELECT * FROM "{scored.physical_name}" WHERE {SAME_PERSON} ORDER BY unique_id_l, unique_id_r'
        )
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(2000):
            for values in rows:
                yield _found(dict(zip(names, values, strict=True)), levels)

    def close(self) -> None:
        self.db.close()


def labels(model: dict[str, Any]) -> dict[str, list[str]]:
    """The levels' codes of each comparison; a level's number counts from the weakest."""
    return {
        row["output_column_name"]: [
            level["label_for_charts"]
            for level in reversed(row["comparison_levels"])
            if not level.get("is_null_level")
        ]
        for row in model["comparisons"]
    }


def _found(row: dict[str, Any], levels: dict[str, list[str]]) -> Found:
    terms = []
    for name, codes in levels.items():
        number = row[f"gamma_{name}"]
        if number >= 0:
            weight = (row[f"mw_{name}"] or 0.0) + (row.get(f"mw_tf_adj_{name}") or 0.0)
            terms.append((name, codes[number], round(weight, 2)))
    low, high = sorted((row["unique_id_l"], row["unique_id_r"]))
    return Found(low, high, row["match_probability"], round(row["match_weight"], 2), terms)
