"""Erlang C: how many people a line needs. Pure.

Calls come by themselves (Poisson), talks last about as long as the mean says, who waits does not give up, the longest
waiting is served first. Since some do give up, the real line is a little better than this says.

Source: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
exchanges", 1917; B by the recursion B(n) = A·B(n−1) / (n + A·B(n−1)), which neither overflows nor loses digits.
"""

from dataclasses import dataclass
from math import ceil, exp, floor

MOST_PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class Service:
    """What ``people`` give: the share who wait, answered within T, mean wait in seconds, share of time they talk."""

    people: int
    waits: float
    level: float
    asa: float | None
    occupancy: float


def traffic(calls: float, *, seconds: float, aht: float) -> float:
    """Offered load in Erlang, A = λ·AHT, of ``calls`` within ``seconds``."""
    return calls / seconds * aht


def waits(load: float, people: int) -> float:
    """The probability that a caller waits, Pw = B / (1 − (A/N)(1 − B)); 1 where the load is not carried at all."""
    if load <= 0:
        return 0.0
    if people <= load:
        return 1.0
    blocked = 1.0
    for n in range(1, people + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / people * (1 - blocked))


def service(calls: float, people: int, *, seconds: float, aht: float, within: float) -> Service:
    """SL = 1 − Pw·e^(−(N−A)T/AHT) and ASA = Pw·AHT/(N−A). ``asa`` is None where the queue grows without end."""
    load = traffic(calls, seconds=seconds, aht=aht)
    if load <= 0:
        return Service(people, 0.0, 1.0, 0.0, 0.0)
    if people <= load:
        return Service(people, 1.0, 0.0, None, 1.0)
    share, spare = waits(load, people), people - load
    return Service(people, share, 1 - share * exp(-spare * within / aht), share * aht / spare, load / people)


def people_needed(calls: float, *, seconds: float, aht: float, within: float, aim: float) -> int:
    """The fewest people who answer the share ``aim`` (below 1) within ``within`` seconds; none without calls.

    Raises ``ValueError`` where more than `MOST_PEOPLE` would be needed.
    """
    load = traffic(calls, seconds=seconds, aht=aht)
    if load <= 0:
        return 0
    for people in range(floor(load) + 1, MOST_PEOPLE + 1):
        if service(calls, people, seconds=seconds, aht=aht, within=within).level >= aim:
            return people
    raise ValueError("more people than a line has")


def rostered(needed: int, shrinkage: float) -> int:
    """How many to put on the shift, so that ``needed`` are there while a share ``shrinkage`` of the time (0…0.9) goes
    to breaks, training and illness."""
    return ceil(needed / (1 - shrinkage) - 1e-9)
