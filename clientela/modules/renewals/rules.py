"""When a touch goes and why not: pure rules over plain facts, no clock and no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import add_months
from clientela.modules.renewals.experiments import Arm


class Condition(TextChoices):
    """The vocabulary of a step. Audience conditions choose whom a step is for; stops hold it back."""

    LINE_IN = "line_in", _("Line is")
    PRODUCT_IN = "product_in", _("Product is")
    BANK_IN = "bank_in", _("Bank is")
    BANK_NOT_IN = "bank_not_in", _("Bank is not")
    FIRST_RENEWAL_YEAR = "first_renewal_year", _("First renewal year")
    LATER_RENEWAL_YEAR = "later_renewal_year", _("Second renewal year or later")
    CENTRE_SUPPORTED = "centre_supported", _("Agent is supported by a renewal centre")
    CENTRE_NOT_SUPPORTED = "centre_not_supported", _("Agent is not supported by a renewal centre")
    NO_PROJECT = "no_project", _("No project")
    NO_QUOTE = "no_quote", _("No quote")
    NO_PAYMENT = "no_payment", _("No payment")
    NOT_OPENED_SINCE = "not_opened_since", _("Opened nothing since day")
    NOT_CLICKED_SINCE = "not_clicked_since", _("Followed no link since day")
    NOT_REPLIED_SINCE = "not_replied_since", _("Did not reply since day")
    AGENT_BELOW_NORM = "agent_below_norm", _("Agent does not keep the norm")
    CHANNEL_PRESENT = "channel_present", _("Channel and consent are present")


AUDIENCE = frozenset(
    {
        Condition.LINE_IN,
        Condition.PRODUCT_IN,
        Condition.BANK_IN,
        Condition.BANK_NOT_IN,
        Condition.FIRST_RENEWAL_YEAR,
        Condition.LATER_RENEWAL_YEAR,
        Condition.CENTRE_SUPPORTED,
        Condition.CENTRE_NOT_SUPPORTED,
    }
)
LIST_VALUED = frozenset({Condition.LINE_IN, Condition.PRODUCT_IN, Condition.BANK_IN, Condition.BANK_NOT_IN})
DAY_VALUED = frozenset({Condition.NOT_OPENED_SINCE, Condition.NOT_CLICKED_SINCE, Condition.NOT_REPLIED_SINCE})


class Reason(TextChoices):
    """Why a touch does not go, in the order in which reasons are given."""

    PAID = "paid", _("The next term is paid")
    LOST = "lost", _("The term is marked as lost")
    OBJECT_SOLD = "object_sold", _("The insured object is sold")
    IN_DISPUTE = "in_dispute", _("A claim is in dispute")
    DO_NOT_CONTACT = "do_not_contact", _("The client asked not to be contacted")
    HELD = "held", _("The plan is held by a person")
    HAS_PROJECT = "has_project", _("There is a project")
    HAS_QUOTE = "has_quote", _("There is a quote")
    NORM_KEPT = "norm_kept", _("The agent keeps the norm")
    OPENED = "opened", _("The client opened a message")
    CLICKED = "clicked", _("The client followed a link")
    REPLIED = "replied", _("The client replied")
    NO_CHANNEL = "no_channel", _("No usable contact or no consent for the channel")
    POLICY = "policy", _("Stopped by the communication policy")
    NO_ROBOT = "no_robot", _("The voice robot is not connected")
    EXPIRED = "expired", _("The term ended before the touch could go")
    ADDRESS = "address", _("The address does not exist")
    CANCELLED = "cancelled", _("Cancelled by a person")


# A condition that holds a step back, and the reason it gives.
STOPS: dict[Condition, Reason] = {
    Condition.NO_PROJECT: Reason.HAS_PROJECT,
    Condition.NO_QUOTE: Reason.HAS_QUOTE,
    Condition.AGENT_BELOW_NORM: Reason.NORM_KEPT,
    Condition.NOT_OPENED_SINCE: Reason.OPENED,
    Condition.NOT_CLICKED_SINCE: Reason.CLICKED,
    Condition.NOT_REPLIED_SINCE: Reason.REPLIED,
}

REACH_BITS = {"sms": 1, "email": 2, "vk": 4, "telegram": 16, "robot": 8, "operator": 8}


class BadCondition(ValueError):
    """A condition that is not in the vocabulary or lacks its value."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(str(message))
        self.code = code


@dataclass(frozen=True)
class StepSpec:
    """A step as the rules see it. ``day`` and ``until_day`` count days before the end.

    ``arm`` is the side of an experiment that the step is for, None where it is for both.
    """

    key: str
    day: int
    channel: str
    conditions: tuple[Mapping[str, Any], ...] = ()
    until_day: int | None = None
    arm: Arm | None = None

    def value_of(self, code: str) -> Any:
        """The value of a condition, True for one without a value, None when the step does not have it."""
        for condition in self.conditions:
            if condition["code"] == code:
                return condition.get("value", True)
        return None


@dataclass(frozen=True)
class TermFacts:
    """Everything about an expiring term that decides a touch."""

    end_date: date
    line: str
    client_id: int = 0
    product: str = ""
    bank: str | None = None
    renewal_year: int = 1
    centre_supported: bool = False
    reach: int = 0
    has_project: bool = False
    has_quote: bool = False
    paid: bool = False
    lost: bool = False
    object_sold: bool = False
    in_dispute: bool = False
    do_not_contact: bool = False
    norm_kept: bool = False
    held_until: date | None = None
    opened_on: date | None = None
    clicked_on: date | None = None
    replied_on: date | None = None


def check_conditions(conditions: Sequence[Mapping[str, Any]]) -> None:
    """Raise ``BadCondition`` for anything outside the vocabulary."""
    for condition in conditions:
        code = condition.get("code", "")
        if code not in Condition.values:
            raise BadCondition(code, _("There is no such condition."))
        value = condition.get("value")
        if code in LIST_VALUED and not (
            isinstance(value, list) and value and all(isinstance(v, str) for v in value)
        ):
            raise BadCondition(code, _("Choose at least one value."))
        if code in DAY_VALUED and not (
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 365
        ):
            raise BadCondition(code, _("Give the day as a number from 0 to 365."))


def is_audience(step: StepSpec, facts: TermFacts) -> bool:
    """Whether the step is for this term at all (a step for others leaves no trace on it)."""
    matches = {
        Condition.LINE_IN: lambda v: facts.line in v,
        Condition.PRODUCT_IN: lambda v: facts.product in v,
        Condition.BANK_IN: lambda v: facts.bank in v,
        Condition.BANK_NOT_IN: lambda v: facts.bank not in v,
        Condition.FIRST_RENEWAL_YEAR: lambda _v: facts.renewal_year == 1,
        Condition.LATER_RENEWAL_YEAR: lambda _v: facts.renewal_year > 1,
        Condition.CENTRE_SUPPORTED: lambda _v: facts.centre_supported,
        Condition.CENTRE_NOT_SUPPORTED: lambda _v: not facts.centre_supported,
    }
    return is_on_side(step, facts) and all(
        matches[Condition(c["code"])](c.get("value")) for c in step.conditions if c["code"] in AUDIENCE
    )


def is_on_side(step: StepSpec, facts: TermFacts) -> bool:
    """Whether the step is on the term's side of an experiment; without an experiment there is one side."""
    return step.arm is None or step.arm.takes(facts.client_id, facts.end_date)


def stop_reason(step: StepSpec, facts: TermFacts, *, today: date) -> Reason | None:
    """Why the step must not go now, or None. The first reason in the order of ``Reason`` is given."""
    reasons = stop_reasons(step, facts, today=today)
    return reasons[0] if reasons else None


def stop_reasons(step: StepSpec, facts: TermFacts, *, today: date) -> list[Reason]:
    """Every reason that holds the step back, most weighty first."""
    since = {
        Reason.OPENED: (facts.opened_on, step.value_of(Condition.NOT_OPENED_SINCE)),
        Reason.CLICKED: (facts.clicked_on, step.value_of(Condition.NOT_CLICKED_SINCE)),
        Reason.REPLIED: (facts.replied_on, step.value_of(Condition.NOT_REPLIED_SINCE)),
    }
    found = {
        Reason.PAID: facts.paid,
        Reason.LOST: facts.lost,
        Reason.OBJECT_SOLD: facts.object_sold,
        Reason.IN_DISPUTE: facts.in_dispute,
        Reason.DO_NOT_CONTACT: facts.do_not_contact,
        Reason.HELD: facts.held_until is not None and facts.held_until >= today,
        Reason.HAS_PROJECT: facts.has_project and step.value_of(Condition.NO_PROJECT) is not None,
        Reason.HAS_QUOTE: facts.has_quote and step.value_of(Condition.NO_QUOTE) is not None,
        Reason.NORM_KEPT: facts.norm_kept and step.value_of(Condition.AGENT_BELOW_NORM) is not None,
        **{
            reason: day is not None and when is not None and when >= facts.end_date - timedelta(days=day)
            for reason, (when, day) in since.items()
        },
        Reason.NO_CHANNEL: not facts.reach & REACH_BITS[step.channel],
    }
    return [reason for reason in Reason if found.get(reason)]


def share(renewed: int, expiring: int) -> Decimal | None:
    """Renewal rate by count in percent with two decimals: renewed / expiring (DOMAIN: indicators)."""
    if not expiring:
        return None
    return (Decimal(renewed) * 100 / Decimal(expiring)).quantize(Decimal("0.01"))


def keeps_norm(*, renewed: int, expiring: int, target: Decimal, min_expiring: int) -> bool:
    """An agent keeps the norm of a line with enough expiring policies and at least the target share renewed.

    Compared as renewed × 100 ≥ target × expiring, so that rounding never decides.
    """
    return expiring >= max(min_expiring, 1) and Decimal(renewed) * 100 >= target * expiring


def missing_to_norm(*, renewed: int, expiring: int, target: Decimal) -> int:
    """How many more of the expiring policies must renew for the share to reach the target."""
    needed = (target * expiring / 100).to_integral_value(ROUND_CEILING)
    return max(0, int(needed) - renewed)


def norm_window(today: date, *, months: int, grace_days: int) -> tuple[date, date]:
    """Days of expiry that are judged: those whose grace is over, ``months`` months back from there."""
    last = today - timedelta(days=grace_days + 1)
    return add_months(last, -months) + timedelta(days=1), last
