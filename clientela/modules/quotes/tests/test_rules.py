"""Why a price moved, to the kopeck."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clientela.foundation.money import kopecks
from clientela.modules.quotes.rules import number_key, what_moved


def lines(*values: Decimal) -> list[dict[str, Any]]:
    """An explanation: the first value is a sum, the others multiply."""
    found, running = [], Decimal(1)
    for place, value in enumerate(values):
        running *= value
        found.append(
            {"code": f"K{place}", "title": f"K{place}", "value": str(value), "running": str(running)}
        )
    return found


def test_a_better_class_makes_it_cheaper() -> None:
    before = lines(Decimal(6120), Decimal("1.70"), Decimal("0.68"))
    after = lines(Decimal(6120), Decimal("1.70"), Decimal("0.63"))
    assert [(one.code, one.before, one.after, one.effect) for one in what_moved(before, after)] == [
        ("K2", Decimal("0.68"), Decimal("0.63"), Decimal("-520.20"))
    ]


FACTORS = st.lists(st.decimals("0.5", "4", places=2), min_size=4, max_size=4)


@given(FACTORS, FACTORS)
def test_effects_add_up_to_the_difference(before: list[Decimal], after: list[Decimal]) -> None:
    old, new = lines(Decimal(6120), *before), lines(Decimal(6120), *after)
    whole = kopecks(new[-1]["running"]) - kopecks(old[-1]["running"])
    assert abs(sum((one.effect for one in what_moved(old, new)), Decimal(0)) - whole) <= Decimal("0.01")


def test_a_number_is_found_however_it_is_typed() -> None:
    assert {number_key(text) for text in ("Р-26-000118", "р 26 000118", "P26000118")} == {"P26000118"}
