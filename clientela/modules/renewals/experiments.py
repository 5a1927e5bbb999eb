"""Who gets which version in an experiment: pure arithmetic, the same here and in both databases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

# A prime; every intermediate value stays below 2⁶², so that no database overflows or turns it into a float.
MODULUS = 2**31 - 1
BUCKETS = 100
# What a client can notice of a step. Name and place on the board are for the staff alone.
NOTICED = (
    "day", "until_day", "channel", "at_time", "conditions", "subject", "text", "subject_en", "text_en",
)  # fmt: skip


def coefficients(experiment_id: int) -> tuple[int, int, int]:
    """The three numbers of an experiment's polynomial, drawn once and for all from the digest of its id."""
    digest = sha256(f"experiment {experiment_id}".encode()).digest()
    a, b, c = (int.from_bytes(digest[at : at + 8]) for at in (0, 8, 16))
    return 1 + a % (MODULUS - 1), b % MODULUS, c % MODULUS


def bucket(client_id: int, experiment_id: int) -> int:
    """The client's place from 0 to 99 in an experiment: ``(a·x² + b·x + c) mod p mod 100``.

    A polynomial of the second degree with drawn coefficients modulo a prime is 3-independent (Wegman and Carter,
    “New hash functions and their use in authentication and set equality”, 1981): neighbours by id, such as the
    members of a family entered one after another, and the sides of two experiments tell nothing of one another.
    Nothing is stored for a client and nothing is drawn when a day is planned, so planning again gives the same side;
    a digest would do as well, but SQLite has none.
    """
    a, b, c = coefficients(experiment_id)
    x = client_id % MODULUS
    return ((a * x + b) % MODULUS * x + c) % MODULUS % BUCKETS


@dataclass(frozen=True)
class Arm:
    """One side of an experiment.

    B is for the clients in the first ``share`` buckets, with terms that end from ``first_end`` to ``last_end``;
    A is for everybody else, so for all terms that were under way before the experiment or come after it.
    """

    experiment_id: int
    share: int
    first_end: date
    last_end: date | None
    gets_b: bool

    def takes(self, client_id: int, end_date: date) -> bool:
        """Whether a term of this client goes by this side."""
        entered = self.first_end <= end_date and (self.last_end is None or end_date <= self.last_end)
        return (entered and bucket(client_id, self.experiment_id) < self.share) == self.gets_b


def differing(control: Iterable[Any], candidate: Iterable[Any]) -> set[str]:
    """Keys of the steps that a client could tell apart in two versions; a step of one version alone is among them."""
    one, other = ({step.key: _noticed(step) for step in steps} for steps in (control, candidate))
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _noticed(step: Any) -> tuple[Any, ...]:
    values = {name: getattr(step, name) for name in NOTICED}
    values["conditions"] = sorted(repr(sorted(condition.items())) for condition in step.conditions)
    return tuple(values.values())
