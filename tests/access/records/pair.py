"""The value of a parameter."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pair:
    """The value of a parameter. ``inside``: the roles in whose reach ``own`` is; the company's when None.

    ``foreign`` is out of reach of Казань; None where the record belongs to nobody in particular.
    """

    own: Any
    foreign: Any = None
    inside: frozenset[str] | None = None
