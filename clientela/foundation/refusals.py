"""The common base of the named exceptions by which an operation says no."""

from typing import Any


class Refusal(Exception):
    """Nothing was changed. ``message`` tells a person why and how to mend it, ``field`` what it is about."""

    message: Any = ""
    field: str = ""

    def __str__(self) -> str:
        return str(self.message)


class FileRefused(Refusal):
    """The file is not kept; ``message`` says why and what would be."""

    field = "file"

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message
