"""What the API says and takes of rent."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from clientela.modules.rent.models import Rent
from clientela.modules.rent.rules import Check

Words = Annotated[str, Field(max_length=500)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class RentCheck(Schema):
    """One check: ``facts`` are what it was judged by, as they stood when the evidence was gathered."""

    code: str
    met: bool
    facts: dict[str, Any]


class RentOut(Schema):
    """A term that the client renewed alone. ``percent`` is null while no rate of rent is known.

    ``state`` is waiting, approved, returned, office (the head office decides) or refused.
    """

    id: int
    policy_id: int
    policy_number: str
    client_id: int
    agent_id: int
    state: str
    percent: Decimal | None
    base: Decimal
    amount: Decimal
    passed: int
    is_clean: bool
    returned: int
    reason: str
    words: str
    month: date | None
    renewed_at: datetime
    waits_since: datetime
    decided_at: datetime | None

    @staticmethod
    def resolve_policy_number(row: Rent) -> str:
        return row.policy.number

    @staticmethod
    def resolve_client_id(row: Rent) -> int:
        return row.policy.client_id


class RentWhole(RentOut):
    """A rent with its evidence."""

    checks: list[RentCheck]
    evidence_at: datetime

    @staticmethod
    def resolve_checks(row: Rent) -> list[dict[str, Any]]:
        return [
            {
                "code": check.value,
                "met": facts["met"],
                "facts": {k: v for k, v in facts.items() if k != "met"},
            }
            for check in Check
            if (facts := row.evidence.get(check.value))
        ]


class RentApproval(Schema):
    """``words`` say why, where not every check is met."""

    words: Words = ""


class RentReturn(Schema):
    """The agent reads ``words``; the reason «other» needs them."""

    reason: Literal["no_quote", "other_agent", "low_level", "twice", "other"]
    words: Words = ""


class RentAnswer(Schema):
    words: Words


class RentCleanOut(Schema):
    approved: int
    amount: Decimal


class RentTermsIO(Schema):
    """``days`` in which the branch decides; ``targets``: the level asked for by line, of others the norm."""

    days: Annotated[int, Field(ge=1, le=60)]
    targets: Annotated[dict[Annotated[str, Field(max_length=20)], Percent], Field(max_length=20)] = {}
