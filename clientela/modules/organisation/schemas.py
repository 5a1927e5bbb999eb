"""Shapes of the organisation in the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import AfterValidator, Field

from clientela.foundation.api.pagination import Id
from clientela.modules.accounts.queries import photo_address
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Agent


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError(error.message) from None
    return text


Email = Annotated[str, Field(max_length=254), AfterValidator(_email)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Short = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[-a-zA-Z0-9_]+$")]
Word = Annotated[str, Field(max_length=80)]
RegionCode = Annotated[str, Field(max_length=6)]
Zone = Annotated[str, Field(min_length=1, max_length=40)]
Phone = Annotated[str, Field(max_length=20)]
Code = Annotated[str, Field(min_length=1, max_length=40)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]


class BranchIn(Schema):
    code: Short
    name: Name
    region_code: Annotated[str, Field(min_length=1, max_length=6)]
    city: Annotated[str, Field(min_length=1, max_length=80)]
    time_zone: Zone
    phone: Phone = ""
    regions: Annotated[list[RegionCode], Field(max_length=100)] = []
    is_active: bool = True


class BranchOut(BranchIn):
    id: int


class TeamIn(Schema):
    name: Name


class TeamOut(TeamIn):
    id: int
    branch_id: int


class CentreIn(Schema):
    code: Short
    name: Name
    phone: Annotated[str, Field(min_length=1, max_length=20)]
    time_zone: Zone
    branch_ids: Annotated[list[Id], Field(max_length=1000)] = []


class CentreOut(Schema):
    id: int
    code: str
    name: str
    phone: str
    time_zone: str
    branch_ids: list[int]

    @staticmethod
    def resolve_branch_ids(centre: Any) -> list[int]:
        return sorted(branch.pk for branch in centre.branches.all())


class PersonIn(Schema):
    """A person with a sign-in. The place depends on the role: a lead needs a team, a head a branch and so on."""

    email: Email
    first_name: Annotated[str, Field(min_length=1, max_length=80)]
    last_name: Annotated[str, Field(min_length=1, max_length=80)]
    middle_name: Word = ""
    role: Role
    totp_required: bool = False
    branch_id: Id | None = None
    team_id: Id | None = None
    centre_id: Id | None = None
    agent_id: Id | None = None


class PersonOut(Schema):
    """``photo`` is the address of the picture in this API; empty without one."""

    id: int
    email: str
    first_name: str
    last_name: str
    middle_name: str
    role: str
    is_active: bool
    totp_required: bool
    last_login: datetime | None
    photo: str = ""
    branch_id: int | None = None
    team_id: int | None = None
    centre_id: int | None = None
    agent_id: int | None = None

    @staticmethod
    def resolve_photo(user: Any) -> str:
        return photo_address(user)

    @staticmethod
    def _of_place(user: Any, name: str) -> int | None:
        value: int | None = getattr(getattr(user, "placement", None), name, None)
        return value

    @staticmethod
    def resolve_branch_id(user: Any) -> int | None:
        return PersonOut._of_place(user, "branch_id")

    @staticmethod
    def resolve_team_id(user: Any) -> int | None:
        return PersonOut._of_place(user, "team_id")

    @staticmethod
    def resolve_centre_id(user: Any) -> int | None:
        return PersonOut._of_place(user, "centre_id")

    @staticmethod
    def resolve_agent_id(user: Any) -> int | None:
        return getattr(getattr(user, "agent", None), "pk", None)


class ActivityIn(Schema):
    active: bool


class LinkOut(Schema):
    link: str


Specialisation = Literal["kasko", "osago", "property", "mortgage", "other"]


class AgentIn(Schema):
    code: Code
    last_name: Name
    first_name: Word = ""
    middle_name: Word = ""
    kind: Literal["agent", "broker"] = "agent"
    phone: Phone = ""
    email: Email | Literal[""] = ""
    branch_id: Id
    team_id: Id | None = None
    centre_id: Id | None = None
    agreement_number: Annotated[str, Field(max_length=40)] = ""
    agreement_date: date | None = None
    legal_status: Agent.LegalStatus = Agent.LegalStatus.INDIVIDUAL
    specialisations: Annotated[list[Specialisation], Field(max_length=10)] = []
    territories: Annotated[list[Annotated[str, Field(max_length=6)]], Field(max_length=100)] = []
    is_active: bool = True


class AgentOut(Schema):
    """``photo`` is the address of the picture in this API; empty without one."""

    id: int
    code: str
    kind: str
    last_name: str
    first_name: str
    middle_name: str
    phone: str
    email: str
    branch_id: int
    team_id: int | None
    centre_id: int | None
    agreement_number: str
    agreement_date: date | None
    legal_status: str
    specialisations: list[str]
    territories: list[str]
    is_active: bool
    contacts_confirmed_at: datetime | None
    photo: str = ""

    @staticmethod
    def resolve_photo(agent: Any) -> str:
        return photo_address(agent.user)


class ContactsIn(Schema):
    """What clients see; left out means unchanged."""

    last_name: Name | None = None
    first_name: Word | None = None
    middle_name: Word | None = None
    phone: Phone | None = None
    email: Email | Literal[""] | None = None


class AbsenceIn(Schema):
    """Days away, both included, and who works instead."""

    person_id: Id
    substitute_id: Id
    first_day: date
    last_day: date
    kind: Literal["leave", "sick", "other"] = "leave"
    note: Annotated[str, Field(max_length=200)] = ""
    shows_phone: bool = False


class AbsenceOut(Schema):
    id: int
    person_id: int
    substitute_id: int
    first_day: date
    last_day: date
    kind: str
    note: str
    shows_phone: bool
    created_at: datetime


class EndingIn(Schema):
    """The new last day away; yesterday if left out."""

    last_day: date | None = None


class NormIn(Schema):
    agent_id: Id | None = None
    line: Literal["kasko", "osago", "property", "mortgage"]
    percent: Percent
    window_months: Annotated[int, Field(ge=1, le=36)] = 3
    grace_days: Annotated[int, Field(ge=0, le=180)] = 30
    min_expiring: Annotated[int, Field(ge=0, le=10_000)] = 5


class NormOut(Schema):
    id: int
    agent_id: int | None
    line: str
    percent: Decimal
    window_months: int
    grace_days: int
    min_expiring: int
