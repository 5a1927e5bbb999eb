"""What happened to expiring terms."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DayPlanned:
    """The touches of a day were planned."""

    day: str
    planned: int


@dataclass(frozen=True)
class RenewalChanged:
    """The state or the plan of an expiring term changed."""

    renewal_id: int
    client_id: int


@dataclass(frozen=True)
class ScheduleChanged:
    """A schedule got a new version in force."""

    schedule_id: int


@dataclass(frozen=True)
class RenewedAlone:
    """A client went on to pay the next term alone on the site."""

    project_id: int
    policy_id: int
    client_id: int
