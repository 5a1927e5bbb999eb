"""Telephone numbers a second: our short cut, our column version and the library alone.

Usage: python -m benchmarks.phones [count]
Mix: 85 % Russian mobiles in seven spellings, 12 % fixed lines, 3 % others and rubbish.
"""

import random
import sys
import time
from collections.abc import Callable

import polars as pl

from clientela.foundation import phones
from clientela.foundation.imports.kinds.phones import normalize_series

SPELLINGS = (
    "+7{0}{1}{2}{3}", "8{0}{1}{2}{3}", "7{0}{1}{2}{3}", "{0}{1}{2}{3}",
    "+7 ({0}) {1}-{2}-{3}", "8 {0} {1} {2} {3}", "8-{0}-{1}-{2}-{3}",
)  # fmt: skip


def sample(count: int, seed: int = 1) -> list[str]:
    """Raw numbers as they come in partner files."""
    rng = random.Random(seed)
    numbers = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.97:
            code = (
                str(rng.randint(901, 999)) if kind < 0.85 else rng.choice(("495", "812", "843", "383", "423"))
            )
            parts = (
                code,
                f"{rng.randrange(1000):03d}",
                f"{rng.randrange(100):02d}",
                f"{rng.randrange(100):02d}",
            )
            numbers.append(rng.choice(SPELLINGS).format(*parts))
        else:
            numbers.append(
                rng.choice(("+49 30 901820", "+7 701 234 5678", "нет", "12345", "8 916 12-34-567 доб. 3"))
            )
    return numbers


def rate(label: str, count: int, work: Callable[[], object]) -> float:
    """Best of three runs, numbers a second."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    print(f"{label:<32}{count / best:>12,.0f} /s")
    return count / best


def main() -> None:
    """Print rates and the ratio of each to the library; fail if an answer differs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    raw = sample(count)
    column = pl.Series("phone", raw)
    few = raw[: max(1, count // 20)]
    if [phones.normalize(text) for text in few] != [phones.normalize_by_library(text) for text in few]:
        sys.exit("the short cut and the library disagree")
    library = rate(
        "phonenumbers alone", len(few), lambda: [phones.normalize_by_library(text) for text in few]
    )
    one = rate("normalize", count, lambda: [phones.normalize(text) for text in raw])
    many = rate("normalize_series", count, lambda: normalize_series(column))
    print(f"ratio to the library: {one / library:.1f} one by one, {many / library:.1f} as a column")


if __name__ == "__main__":
    main()
