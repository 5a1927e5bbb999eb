"""How well cards of one client are found, and how fast: ``python -m benchmarks.linking [--set NAME] [--cards 1000000]``

Quality: pairwise precision, recall and F1 on febrl3, febrl4, a generated Russian base and generated companies, learnt and
judged by the product's own way (traits → ``Linking``), with no label but for the judging. The threshold is the lowest
probability of at least a half from which on the model itself expects 995 pairs of 1000 to be right (``rules.threshold_of``).
Reference in the same run: the settings of Splink's documentation for the data set, of its tutorial for the Russian one, at
the probability of a half, and at whatever threshold would be the best if somebody had labelled all pairs.

Speed: ``--cards N`` makes N cards of people in files and measures a run over them: seconds, memory, growth from a tenth.
Each figure is a process of its own. ``--ship`` writes the weights that a small base uses.
"""

import argparse
import json
import logging
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import base  # noqa: F401  sets Django up
from benchmarks.linking_sets import FOLDER, NAMES, Pairs, load, reference
from clientela.modules.resolution.linking import Linking
from clientela.modules.resolution.near import frame_schema
from clientela.modules.resolution.operations.weights import PRECISION, SHIPPED
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.rules import threshold_of, traits
from clientela.modules.resolution.tests.generated import many_surnames, people

HALF = 0.5
SLICE = 100_000
SURNAMES, DAYS = 60_000, 22_000


def score(found: Pairs, truth: Pairs) -> dict[str, float]:
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / len(truth)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall or 1),
    }


def best(pairs: Iterable[tuple[int, int, float]], truth: Pairs) -> float:
    """F1 at the threshold that labels would choose."""
    right, highest = 0, 0.0
    for place, (low, high, _p) in enumerate(sorted(pairs, key=lambda one: -one[2]), 1):
        right += (low, high) in truth
        highest = max(highest, 2 * right / (place + len(truth)))
    return highest


def ours(name: str) -> dict[str, Any]:
    known = load(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cards.parquet"
        pl.DataFrame(known.rows, schema=frame_schema(known.subject)).write_parquet(file)
        began = _now()
        linking = Linking(str(file), folder=Path(folder), memory="2GB", threads=2, subject=known.subject)
        linking.train()
        threshold = threshold_of(linking.expected(), precision=PRECISION)
        pairs = [(one.low, one.high, one.probability) for one in linking.pairs(0.01)]
        spent = _since(began)
        linking.close()
    found = {(low, high) for low, high, probability in pairs if probability >= threshold}
    return {
        "cards": len(known.rows), "pairs": len(known.truth), "threshold": threshold, **score(found, known.truth),
        "best": best(pairs, known.truth), **spent,
    }  # fmt: skip


def theirs(name: str) -> dict[str, Any]:
    known, began = load(name), _now()
    pairs = reference(name, known)
    spent = _since(began)
    found = {(low, high) for low, high, probability in pairs if probability >= HALF}
    return {"threshold": HALF, **score(found, known.truth), "best": best(pairs, known.truth), **spent}


def fill(cards: int, folder: Path) -> None:
    """Files of so many cards, and whose they are, a slice at a time."""
    dice = random.Random(3)
    numbers = range(1, cards + 1)
    made = people(cards, seed=3, surnames=many_surnames(SURNAMES), days=DAYS)
    for start in range(0, cards, SLICE):
        some = list(islice(made, min(SLICE, cards - start)))
        named = zip(numbers[start : start + len(some)], some, strict=True)
        rows = [(person, traits(card=card, **row)) for card, (person, row) in named]
        dice.shuffle(rows)
        schema = {"person": pl.Int64, **frame_schema(PEOPLE)}
        pl.DataFrame([{"person": person, **row} for person, row in rows], schema=schema).write_parquet(
            folder / f"{start:012}.parquet"
        )


def bulk(folder: Path, memory: str, threads: int, work: Path) -> dict[str, Any]:
    """One run: learning, scoring, reading the pairs as the product does."""
    began, steps = _now(), {}
    linking = Linking(str(folder / "*.parquet"), folder=work, memory=memory, threads=threads)
    steps["read and keys"] = _since(began)
    model = linking.train()
    steps["learning"] = _since(began)
    threshold = threshold_of(linking.expected(), precision=PRECISION)
    steps["comparing"] = _since(began)
    pairs = sum(1 for _one in linking.pairs(HALF))
    spent = _since(began)
    pairs_at, right, truth = linking.db.execute(
        f"""WITH of AS (SELECT unique_id, person FROM read_parquet('{folder}/*.parquet')),
            sizes AS (SELECT count(*) AS n FROM of GROUP BY person)
            SELECT count(*), count(*) FILTER (l.person = r.person), (SELECT sum(n * (n - 1) // 2) FROM sizes)
            FROM "{linking._score()}" JOIN of l ON l.unique_id = unique_id_l JOIN of r ON r.unique_id = unique_id_r
            WHERE match_probability >= {threshold}"""
    ).fetchall()[0]
    linking.close()
    return {
        "cards": linking.cards, "families": model["families"], "pairs": pairs, "threshold": threshold,
        "precision": right / max(pairs_at, 1), "recall": right / truth, **spent,
        "steps": {name: round(one["wall"], 1) for name, one in steps.items()},
    }  # fmt: skip


def _now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def _since(began: tuple[float, float]) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {"cpu": time.process_time() - began[0], "wall": time.perf_counter() - began[1], "gb": peak}


def _apart(*args: str) -> dict[str, Any]:
    """A figure from a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.linking", *args], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _told(label: str, one: dict[str, Any]) -> None:
    print(
        f"{label:<22} P {one['precision']:.4f}  R {one['recall']:.4f}"
        + (f"  F1 {one['f1']:.4f}  (best with labels {one['best']:.4f})" if "f1" in one else "")
        + f"  from {one['threshold']:.3f}  {one['cpu']:.1f} s processor, {one['wall']:.1f} s, {one['gb']:.2f} GB"
    )


def quality(names: Iterable[str]) -> None:
    for name in names:
        mine = _apart("--one", name)
        _told(f"{name} ({mine['cards']:,})", mine)
        if name != "companies":
            _told("  Splink's example", _apart("--one", name, "--reference"))


def speed(cards: int, memory: str, threads: int) -> None:
    spent = []
    for number in (cards // 10, cards):
        folder = FOLDER / f"cards-{number}"
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            began = _now()
            fill(number, folder)
            (folder / "done").touch()
            print(f"{number:,} cards made in {_since(began)['cpu']:.0f} s of the processor")
        one = _apart("--bulk", str(folder), "--memory", memory, "--threads", str(threads))
        spent.append(one["cpu"] / number)
        _told(f"{number:,} cards", one)
        print(f"{'':<22} {one['pairs']:,} pairs; seconds from the start: {one['steps']}")
    print(f"a card costs {spent[1] / spent[0]:.2f} times what it costs at a tenth of the size")


def ship() -> None:
    """Weights of the generated bases, with the number of cards that their prior is of."""
    shipped = {}
    for name, kind in (("russian", "person"), ("companies", "company")):
        known = load(name)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "cards.parquet"
            pl.DataFrame(known.rows, schema=frame_schema(known.subject)).write_parquet(file)
            linking = Linking(str(file), folder=Path(folder), memory="2GB", threads=2, subject=known.subject)
            shipped[kind] = {"cards": len(known.rows), "parameters": linking.train()}
            linking.close()
    SHIPPED.write_text(json.dumps(shipped, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=NAMES)
    parser.add_argument("--cards", type=int)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("--reference", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bulk", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    if asked.one:
        print(json.dumps(theirs(asked.one) if asked.reference else ours(asked.one)))
    elif asked.bulk:
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as work:
            print(json.dumps(bulk(Path(asked.bulk), asked.memory, asked.threads, Path(work))))
    elif asked.ship:
        ship()
    elif asked.cards:
        speed(asked.cards, asked.memory, asked.threads)
    else:
        quality([asked.set] if asked.set else NAMES)


if __name__ == "__main__":
    main()
