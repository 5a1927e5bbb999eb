"""What a kind of client is compared by, told to Splink: columns, keys that bring two cards together, how fields agree."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# DuckDB measures likeness in bytes, and a Russian letter has two of them: names are compared in letters of one byte.
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_CODES = "abvgdejziyklmnoprstufhcwxq123456"
_ONE_BYTE = str.maketrans(_LETTERS, _CODES)


def spelt(text: str) -> str:
    """A folded name in letters of one byte each, for comparing alone."""
    return text.translate(_ONE_BYTE)


def spelt_sql(column: str) -> str:
    return f"translate({column}, '{_LETTERS}', '{_CODES}')"


@dataclass(frozen=True)
class Key:
    """An expression equal on two cards that are looked at; a value that more than ``most`` cards share makes no pair."""

    sql: str
    most: int = 20


@dataclass(frozen=True)
class Subject:
    """One kind of client. ``apart`` is the condition that a pair must meet whatever it weighs, in a base with families."""

    kind: str
    columns: Mapping[str, str]
    # Columns compared by likeness.
    spelt: frozenset[str]
    keys: Mapping[str, Key]
    lists: Mapping[str, Key]
    comparisons: Sequence[Mapping[str, Any]]
    apart: str
    # Of two who share an address: that they look like one family, and that they are two of it for certain.
    household: tuple[str, str] | None
    # Pairs that agree in one of these are one client nearly always: they tell how many pairs there are.
    surest: Sequence[str]
    # What two cards agree in where they are the same in a field: counted over the whole base.
    same: Mapping[str, str]
    # Weights are learnt from pairs that share the columns of each, never of the columns themselves.
    sessions: Sequence[Sequence[str]]
    # What must speak for and against when it is learnt.
    strongest: frozenset[str]
    hidden: Callable[[dict[str, Any], Callable[[str], str]], dict[str, Any]]

    def read(self, name: str) -> str:
        """The column of a given row as it is compared."""
        return f"{spelt_sql(name)} AS {name}" if name in self.spelt else f'"{name}"'


def comparison(name: str, known: str, *levels: tuple[str, str], often: str = "") -> dict[str, Any]:
    """A field and how it may agree, the strongest first; ``often`` is the column whose rare values weigh more."""
    made: list[dict[str, Any]] = [
        {"sql_condition": f"NOT ({known})", "label_for_charts": "unknown", "is_null_level": True}
    ]
    for label, sql in levels:
        level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label}
        if often and label == "same":
            level |= {
                "tf_adjustment_column": often,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": 0.00001,
            }
        made.append(level)
    made.append({"sql_condition": "ELSE", "label_for_charts": "other"})
    return {"output_column_name": name, "comparison_levels": made}


def both(name: str) -> str:
    return f'"{name}_l" IS NOT NULL AND "{name}_r" IS NOT NULL'


def both_lists(name: str) -> str:
    return f'len("{name}_l") > 0 AND len("{name}_r") > 0'


def lists(name: str) -> dict[str, Any]:
    """Two lists agree where they share a value."""
    return comparison(name, both_lists(name), ("same", f'list_has_any("{name}_l", "{name}_r")'))


def shared(name: str) -> dict[str, Any]:
    """Words of a text, in whatever order and with some of them wrong."""
    common = f'len(list_intersect("{name}_l", "{name}_r"))'
    return comparison(
        name, both_lists(name), ("same", f'"{name}_l" = "{name}_r"'),
        ("most", f'{common} * 2 >= greatest(len("{name}_l"), len("{name}_r"))'),
        ("some", f"{common} >= 2"), ("word", f"{common} >= 1"),
    )  # fmt: skip


# What the product keeps beside Splink's own parameters.
OWN = ("families",)
# Which pairs are looked at is given: no block of the model may ask for columns that are not compared.
BLOCKS = [{"blocking_rule": 'l."unique_id" = r."unique_id"', "sql_dialect": "duckdb"}]


def settings(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Stored weights as Splink reads them, for pairs that it is given."""
    kept = {name: value for name, value in parameters.items() if name not in OWN}
    return {**kept, "blocking_rules_to_generate_predictions": BLOCKS}


def fits(subject: Subject, parameters: Mapping[str, Any]) -> bool:
    """Whether weights were learnt for the comparisons of this version of the product."""
    known = {_levels(one) for one in subject.comparisons}
    return all(_levels(one) in known for one in parameters["comparisons"])


def _levels(one: Mapping[str, Any]) -> tuple[Any, ...]:
    levels = ((level["label_for_charts"], level["sql_condition"]) for level in one["comparison_levels"])
    return (one["output_column_name"], *levels)


def labels(model: Mapping[str, Any]) -> dict[str, list[str]]:
    """The levels' codes of each comparison; a level's number counts from the weakest."""
    return {
        row["output_column_name"]: [
            level["label_for_charts"]
            for level in reversed(row["comparison_levels"])
            if not level.get("is_null_level")
        ]
        for row in model["comparisons"]
    }


def is_sound(subject: Subject, parameters: Mapping[str, Any]) -> bool:
    """Whether learnt weights may be used: sameness speaks for one client, difference against it, in every main field.

    A base without duplicates teaches from strangers who share a birth date: there another last name speaks *for* them.
    """
    for one in parameters["comparisons"]:
        if one["output_column_name"] not in subject.strongest:
            continue
        levels = [level for level in one["comparison_levels"] if not level.get("is_null_level")]
        weights = {
            level["label_for_charts"]: (level.get("m_probability"), level.get("u_probability"))
            for level in levels
        }
        if any(None in weights[name] for name in ("same", "other")):
            return False
        if weights["same"][0] <= weights["same"][1] or weights["other"][0] >= weights["other"][1]:
            return False
    return True


# Nothing is impossible: what no pair has taught weighs ten bits at most.
SELDOM = 0.001


def sobered(parameters: Mapping[str, Any], *, least: float) -> dict[str, Any]:
    """Learnt weights cleared of what a sample of pairs cannot know.

    The share of a level among sampled pairs is ``(1 - p) u + p m``, where ``p`` is the share of pairs that are one client: in
    a base of many duplicates it is far above ``u`` where strangers nearly never agree. ``least`` is the smallest share that
    the sample can tell. A level that was seen in no pair says nothing for or against.
    """
    prior = parameters["probability_two_random_records_match"]

    def cleared(level: Mapping[str, Any]) -> dict[str, Any]:
        if level.get("is_null_level"):
            return dict(level)
        m, u = level.get("m_probability"), level.get("u_probability")
        m = max(m or 0.0, SELDOM)
        u = SELDOM if u is None else max((u - prior * m) / (1 - prior), u / 20, least)
        return {**level, "m_probability": m, "u_probability": min(u, 1 - least)}

    return {
        **parameters,
        "comparisons": [
            {**one, "comparison_levels": [cleared(level) for level in one["comparison_levels"]]}
            for one in parameters["comparisons"]
        ],
    }
