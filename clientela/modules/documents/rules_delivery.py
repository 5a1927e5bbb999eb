"""Which state of a delivery follows which. Pure."""

from typing import Final

# way: state: what may follow. What starts from "ordered" by e-mail moves by receipts alone.
STEPS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "email": {
        "ordered": ("sent", "delivered", "not_delivered"),
        "sent": ("delivered", "not_delivered"),
    },
    "courier": {
        "ordered": ("handed_over", "cancelled"),
        "handed_over": ("on_the_way", "delivered", "not_delivered"),
        "on_the_way": ("delivered", "not_delivered"),
        "not_delivered": ("on_the_way", "returned"),
    },
    "pickup": {
        "ordered": ("ready", "cancelled"),
        "ready": ("issued", "expired", "cancelled"),
        "expired": ("ready", "returned"),
    },
}
NEEDS_REASON: Final = frozenset({"not_delivered", "returned", "cancelled"})
# Nothing more will happen by itself; a colleague looks at those that went wrong.
OVER: Final = frozenset({"delivered", "issued", "returned", "cancelled"})
WRONG: Final = frozenset({"not_delivered", "expired"})


def may_follow(way: str, state: str) -> tuple[str, ...]:
    """What a delivery in this state may come to."""
    return STEPS[way].get(state, ())


def by_hand(way: str, state: str) -> tuple[str, ...]:
    """The same, as far as a colleague may say it: receipts move an e-mail."""
    return () if way == "email" else may_follow(way, state)
