"""The one error every identifier rule raises."""

from typing import Any


class InvalidIdentifier(ValueError):
    """The text cannot be the identifier asked for.

    ``code`` is a stable machine word (``empty``, ``format``, ``zeros``, ``check_digit``);
    ``message`` is a lazy translatable sentence for people.
    """

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)
