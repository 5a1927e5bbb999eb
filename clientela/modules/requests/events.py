"""What happened to requests. Modules above react; ``client_id`` is empty while nobody knows whose it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RequestCame:
    """Somebody asks for a policy; or asks once more (``again``), and it joined the earlier request."""

    request_id: int
    client_id: int | None
    people: list[int]
    again: bool = False


@dataclass(frozen=True)
class RequestChanged:
    """It went to somebody else, or was counted, named or returned. ``people`` had it or have it."""

    request_id: int
    client_id: int | None
    people: list[int]


@dataclass(frozen=True)
class RequestTaken:
    """Somebody answered it and works on it: a deal may begin."""

    request_id: int
    client_id: int | None
    product_id: int | None
    person_id: int | None


@dataclass(frozen=True)
class RequestClosed:
    """It is over: ``reason`` is a code of ``Request.Reason``, or deal with the deal's number in ``deal_id``."""

    request_id: int
    client_id: int | None
    reason: str
    deal_id: int | None = None
