"""The common base of the named exceptions by which an operation says no."""

from typing import Any


class Refusal(Exception):
    """Nothing was changed. ``message`` tells a person why and how to mend it, ``field`` what it is about."""

    message: Any = ""
    field: str = ""

    def __str__(self) -> str:
        return str(self.message)
