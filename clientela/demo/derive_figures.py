"""Replace the tables of ``figures.json`` by figures computed from the published portfolio.

Usage: python -m clientela.demo.derive_figures path/to/Motor_vehicle_insurance_data.csv [figures.json]
Only distributions are kept: shares, quantiles, counts in bins. No row leaves the CSV file.
"""

import json
import sys
from pathlib import Path
from typing import Any

import polars as pl

from clientela.demo.figures import FIGURES, FILE, PROBABILITIES

TYPES = {1: "motorcycle", 2: "van", 3: "car", 4: "tractor"}
AGE_BINS = [(18, 24), (25, 29), (30, 34), (35, 39), (40, 44), (45, 49), (50, 54), (55, 59), (60, 64), (65, 69),
            (70, 79), (80, 100)]  # fmt: skip
LICENCE_BINS = [(18, 19), (20, 22), (23, 27), (28, 35), (36, 60)]
SENIORITY_BINS = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (6, 8), (9, 12), (13, 20), (21, 40)]
VEHICLE_AGE_BINS = [(0, 2), (3, 5), (6, 9), (10, 13), (14, 17), (18, 25)]
POLICY_BINS = [(1, 1), (2, 2), (3, 3), (4, 6)]
LONGEST_CLAIM_COUNT = 4


def read_portfolio(path: Path) -> pl.DataFrame:
    """The published file with dates parsed and the ages the tables need."""
    frame = pl.read_csv(path, separator=";", infer_schema_length=None)
    dates = [name for name in frame.columns if name.startswith("Date_")]
    frame = frame.with_columns(pl.col(name).str.to_date("%d/%m/%Y", strict=False) for name in dates)
    renewed = pl.col("Date_last_renewal")
    return frame.with_columns(
        age=_years(pl.col("Date_birth"), renewed),
        licence_at=_years(pl.col("Date_birth"), pl.col("Date_driving_licence")),
        vehicle_age=renewed.dt.year() - pl.col("Year_matriculation"),
        type=pl.col("Type_risk").replace_strict(TYPES, return_dtype=pl.String),
    )


def _years(since: pl.Expr, on: pl.Expr) -> pl.Expr:
    return ((on - since).dt.total_days() / 365.25).floor().cast(pl.Int64)


def shares(values: pl.Series, bins: list[tuple[int, int]]) -> list[list[float]]:
    """``[from, to, share]`` rows of whole numbers counted in bins; what lies outside is left out."""
    counts = [int(values.is_between(low, high).sum()) for low, high in bins]
    total = max(sum(counts), 1)
    return [[low, high, round(count / total, 4)] for (low, high), count in zip(bins, counts, strict=True)]


def quantiles(values: pl.Series, digits: int = 0) -> list[float]:
    """Values at the kept probabilities."""
    clean = values.drop_nulls()
    return [round(float(clean.quantile(share, "linear") or 0), digits) for share in PROBABILITIES]


def derive(frame: pl.DataFrame) -> dict[str, Any]:
    """Every table that the portfolio can give."""
    last = frame.sort("Date_last_renewal").group_by("ID").last()
    by_type = {name: frame.filter(pl.col("type") == name) for name in TYPES.values()}
    by_type = {name: part for name, part in by_type.items() if part.height}
    lapsed = frame.with_columns(lapsed=pl.col("Lapse") > 0)
    first = lapsed.filter(pl.col("Seniority") <= 1)["lapsed"].mean()
    later = lapsed.filter(pl.col("Seniority") > 1)["lapsed"].mean()
    months = frame["Date_next_renewal"].dt.month()
    cost = frame.filter(pl.col("N_claims_year") > 0)
    return {
        "vehicle_type": {name: round(part.height / frame.height, 4) for name, part in by_type.items()},
        "broker_share": _share(frame["Distribution_channel"] == 1),
        "second_driver_share": _share(frame["Second_driver"] == 1),
        "half_yearly_share": _share(frame["Payment"] == 1),
        "client_age": shares(last["age"], AGE_BINS),
        "licence_at_age": shares(last["licence_at"], LICENCE_BINS),
        # The data count the first year as 1, terms renewed count it as 0.
        "seniority_years": shares(last["Seniority"] - 1, SENIORITY_BINS),
        "vehicle_age": {
            name: shares(part["vehicle_age"], VEHICLE_AGE_BINS) for name, part in by_type.items()
        },
        "power_hp": {name: quantiles(part["Power"]) for name, part in by_type.items()},
        "value_eur": {name: quantiles(part["Value_vehicle"]) for name, part in by_type.items()},
        "premium_eur": {name: quantiles(part["Premium"], 2) for name, part in by_type.items()},
        "claims_a_year": {name: _claim_counts(part["N_claims_year"]) for name, part in by_type.items()},
        "claim_cost_eur": quantiles(cost["Cost_claims_year"] / cost["N_claims_year"], 2),
        "renewal_month": [_share(months == month) for month in range(1, 13)],
        "lapse_share": {"first_year": round(_number(first), 4), "later": round(_number(later), 4)},
        "motor_policies_a_client": shares(last["Policies_in_force"], POLICY_BINS),
    }


def _share(mask: pl.Series) -> float:
    return round(_number(mask.mean()), 4)


def _number(value: Any) -> float:
    return float(value or 0)


def _claim_counts(counts: pl.Series) -> list[float]:
    capped = counts.clip(upper_bound=LONGEST_CLAIM_COUNT)
    return [_share(capped == count) for count in range(LONGEST_CLAIM_COUNT + 1)]


def main(arguments: list[str]) -> None:
    """Write the derived tables over the assumed ones."""
    if not arguments:
        sys.exit(__doc__)
    target = Path(arguments[1]) if len(arguments) > 1 else FILE
    derived = derive(read_portfolio(Path(arguments[0])))
    figures = FIGURES | derived
    figures["source"] = FIGURES["source"] | {"stated_tables": [], "derived_tables": sorted(derived)}
    target.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
