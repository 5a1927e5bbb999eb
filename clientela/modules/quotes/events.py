"""What happened to calculations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CalculationStarted:
    """A need of a client is being calculated; it may have begun as a request or a deal."""

    calculation_id: int
    client_id: int
    request_id: int | None
    deal_id: int | None


@dataclass(frozen=True)
class CalculationPriced:
    """The chosen variant has a price."""

    calculation_id: int
    client_id: int
    premium: str
    deal_id: int | None


@dataclass(frozen=True)
class CalculationReferred:
    """The rules give the decision to an underwriter, with or without an inspection."""

    calculation_id: int
    client_id: int
    inspect: bool


@dataclass(frozen=True)
class CalculationSent:
    """The client got the comparison."""

    calculation_id: int
    client_id: int
    deal_id: int | None


@dataclass(frozen=True)
class CalculationAccepted:
    """The client chose a variant."""

    calculation_id: int
    client_id: int
    variant_id: int
    deal_id: int | None


@dataclass(frozen=True)
class CalculationClosed:
    """It became a project or a policy, ran out, was declined or lost; ``state`` says which."""

    calculation_id: int
    client_id: int
    state: str
    deal_id: int | None
