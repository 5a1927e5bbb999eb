"""Which calculations the list shows, from its address."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from clientela.modules.quotes.models import Calculation


@dataclass(frozen=True)
class CalculationFilter:
    """``state`` and ``product`` are codes, ``text`` the beginning of a number or of a client's name."""

    state: str = ""
    product: str = ""
    text: str = ""
    own: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> "CalculationFilter":
        """Whatever the address says; words it does not know are left out."""
        state = query.get("state", "")
        return cls(
            state=state if state in Calculation.State.values else "",
            product=query.get("product", "")[:20],
            text=query.get("q", "").replace("\x00", "").strip()[:80],
            own=query.get("own") == "1",
        )

    def but(self, **changes: Any) -> "CalculationFilter":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The same as a query string."""
        values = {
            "state": self.state,
            "product": self.product,
            "q": self.text,
            "own": "1" if self.own else "",
        }
        return urlencode({key: value for key, value in values.items() if value})
