"""What a courier service is asked. The port of the vendor; by hand until one is connected."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class CourierDown(Exception):
    """The service does not answer now; the job tries again."""


@dataclass(frozen=True, slots=True)
class CourierOrder:
    """A trip. ``key`` is the same for the same delivery, however often it is asked for."""

    key: str
    recipient: str
    phone: str
    address: str
    day: date
    hour_from: int
    hour_to: int


class CourierService(Protocol):
    """A courier service."""

    def order(self, order: CourierOrder) -> str:
        """Order the trip and answer its number; asked again with the same key, the same. Raises ``CourierDown``."""
        ...


class ByHand:
    """The company's own courier: a colleague marks every step."""

    def order(self, order: CourierOrder) -> str:
        return order.key
