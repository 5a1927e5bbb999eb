"""Preparing a contract, a next term or a new one: priced, adjusted by hand with a reason, offered, withdrawn."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import record
from clientela.foundation.money import kopecks
from clientela.foundation.outbox.operations import publish
from clientela.foundation.refusals import Refusal
from clientela.modules.book.operations.training import ensure_may_sell
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contracts import rules
from clientela.modules.contracts.events import ProjectChanged
from clientela.modules.contracts.models import InsuredObject, Policy, Project
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.products.models import Bank, Product

OPEN_STATES = (Project.State.OPEN, Project.State.OFFERED)
HIGHEST_PREMIUM = Decimal("999999999.99")


# What a next term takes over from the expiring one.
_CARRIED = ("client_id", "product_id", "agent_id", "branch_id", "centre_id", "bank_id", "insured_object_id",
            "sum_insured", "instalments", "sales_channel")  # fmt: skip


class Cover(TypedDict, total=False):
    """What is insured and how. What a next term does not say is as in the expiring one."""

    bank: Bank | None
    insured_object: InsuredObject | None
    sum_insured: Decimal | None
    instalments: int
    sales_channel: str
    participants: Sequence[dict[str, Any]]
    terms: dict[str, Any]
    calculation_number: str


class InvalidPremium(Refusal):
    """A premium is a positive sum of roubles."""

    message = _("A price is a positive sum.")
    field = "premium"


class ReasonRequired(Refusal):
    """A price other than last term's, or than the calculated one, needs a reason."""

    message = _("Say why the price differs from last year's.")
    field = "reason"

    def __init__(self, *, calculated: bool = False) -> None:
        super().__init__()
        if calculated:
            self.message = _("Say why the price differs from the calculated one.")


class InvalidTerm(Refusal):
    """Cover ends on the day it begins or later."""

    message = _("The last day of cover is not before the first.")
    field = "end_date"


class AlreadyRenewed(Refusal):
    """The next term has been issued already; ``policy`` is it."""

    message = _("The next term has been issued already.")

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy.pk)
        self.policy = policy


class ProjectExists(Refusal):
    """There is an open project for the next term, or of the calculation; ``project`` is it."""

    message = _("There is an open project for the next term already.")

    def __init__(self, project: Project) -> None:
        super().__init__(project.pk)
        self.project = project


class ProjectClosed(Refusal):
    """The project was issued or withdrawn, or its policy cancelled, meanwhile."""

    message = _("The project was issued or withdrawn meanwhile.")


def clean_premium(premium: Decimal) -> Decimal:
    """The premium in kopecks; ``InvalidPremium`` unless it is a positive sum."""
    amount = kopecks(premium)
    if not 0 < amount <= HIGHEST_PREMIUM:
        raise InvalidPremium
    return amount


def lock_renewable(policy: Policy) -> Policy:
    """The expiring term, held until the transaction ends, when a next one may still be made."""
    row = Policy.objects.select_for_update().get(pk=policy.pk)
    if row.status == Policy.Status.CANCELLED:
        raise ProjectClosed
    successor = Policy.objects.filter(previous_id=row.pk).exclude(status=Policy.Status.CANCELLED).first()
    if successor is not None:
        raise AlreadyRenewed(successor)
    return row


def lock_project(project: Project) -> Project:
    """The project as it is now, held until the transaction ends. The policy is always locked before it."""
    policy = Policy.objects.select_for_update().get(pk=project.policy_id) if project.policy_id else None
    row = Project.objects.select_for_update().get(pk=project.pk)
    row.policy = policy
    return row


def _lock_open(project: Project) -> Project:
    row = lock_project(project)
    if row.state not in OPEN_STATES:
        raise ProjectClosed
    return row


def tell(
    project: Project, *, actor: Any, now: datetime, action: str, changes: dict[str, Any], reason: str = ""
) -> None:
    """Journal an act on a project under the policy that it renews, or under itself, and publish it."""
    about = project.policy or project
    record(actor=actor, now=now, action=action, obj=about, changes=changes, reason=reason)
    publish(ProjectChanged(project.pk, project.policy_id, project.client_id, project.state), now=now)


def carried_over(contract: Policy | Project) -> dict[str, Any]:
    """What a project takes over from the expiring term, and a policy from its project.

    A term that the client renewed alone on the site is its agent's again when the next one is prepared.
    """
    carried = {name: getattr(contract, name) for name in _CARRIED}
    web = Policy.SalesChannel.WEB
    if isinstance(contract, Policy) and contract.agent_id is not None and contract.sales_channel == web:
        carried["sales_channel"] = Policy.SalesChannel.AGENT.value
    return carried


@transaction.atomic
def prepare_project(
    *,
    actor: Any,
    now: datetime,
    policy: Policy,
    premium: Decimal | None = None,
    reason: str = "",
    start_date: date | None = None,
    end_date: date | None = None,
    **cover: Unpack[Cover],
) -> Project:
    """Make the project of the next term. Without ``premium`` last term's price is carried over, without days
    a year follows without a gap; ``cover`` names what differs from the expiring term.

    Raises ``ReasonRequired`` for another price without a reason, ``ProjectExists``, ``AlreadyRenewed``,
    ``InvalidPremium``, ``InvalidTerm``, ``NotAdmitted``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", policy.client_id)
    row = lock_renewable(policy)
    ensure_may_sell(actor, row.product, now)
    price = clean_premium(row.premium if premium is None else premium)
    reason = reason.strip()[:255]
    if price != row.premium and not reason:
        raise ReasonRequired
    known = Project.objects.filter(policy=row, state__in=OPEN_STATES).first()
    if known is not None:
        raise ProjectExists(known)
    term = rules.next_term(row.end_date)
    values = carried_over(row) | {
        "policy": row, "start_date": start_date or term.start, "end_date": end_date or term.end,
        "premium": price, "carried_premium": row.premium, "adjustment_reason": reason, **cover,
    }  # fmt: skip
    return _prepare(values, actor=actor, now=now)


@transaction.atomic
def prepare_new(
    *,
    actor: Any,
    now: datetime,
    client: Client,
    product: Product,
    premium: Decimal,
    start_date: date,
    end_date: date,
    agent: Agent | None = None,
    branch: Branch | None = None,
    centre: RenewalCentre | None = None,
    **cover: Unpack[Cover],
) -> Project:
    """Make the project of a new contract. Agent, branch and centre are the client's unless they are named.

    A calculation has one open project: asked again, it is returned as it stands.
    Raises ``InvalidPremium``, ``InvalidTerm``, ``NotAdmitted``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", client.pk)
    price, number = clean_premium(premium), cover.get("calculation_number", "")
    if number and (known := _open_of(number)):
        return known
    ensure_may_sell(actor, product, now)
    values = {
        "client": client, "product": product, "agent": agent or client.agent, "branch": branch or client.branch,
        "centre": centre or client.centre, "start_date": start_date, "end_date": end_date, "premium": price,
        "carried_premium": price, "participants": [], **cover,
    }  # fmt: skip
    return _prepare(values, actor=actor, now=now)


def _open_of(calculation_number: str) -> Project | None:
    return Project.objects.filter(calculation_number=calculation_number, state__in=OPEN_STATES).first()


def _prepare(values: dict[str, Any], *, actor: Any, now: datetime) -> Project:
    if values["end_date"] < values["start_date"]:
        raise InvalidTerm
    for person in values.get("participants") or ():
        if person.get("client_id"):
            require(actor, "contracts.write", person["client_id"])
    try:
        with transaction.atomic():
            project = Project.objects.create(
                pay_token=secrets.token_urlsafe(24),
                created_by=actor,
                created_at=now,
                updated_at=now,
                **values,
            )
    except IntegrityError:
        same = Q(policy=values.get("policy"), policy__isnull=False)
        if number := values.get("calculation_number"):
            same |= Q(calculation_number=number)
        raise ProjectExists(Project.objects.get(same, state__in=OPEN_STATES)) from None
    tell(
        project, actor=actor, now=now, action="project.prepared", changes={"premium": [None, project.premium]},
        reason=project.adjustment_reason,
    )  # fmt: skip
    return project


@transaction.atomic
def reprice_project(
    *, actor: Any, now: datetime, project: Project, premium: Decimal, reason: str = ""
) -> Project:
    """Set another price before payment; the reason may be left out only for last term's or the calculated price."""
    require(actor, "contracts.write", project.client_id)
    price = clean_premium(premium)
    row = _lock_open(project)
    ensure_may_sell(actor, row.product, now)
    reason = reason.strip()[:255]
    if price != row.carried_premium and not reason:
        raise ReasonRequired(calculated=row.policy is None)
    if (price, reason) == (row.premium, row.adjustment_reason):
        return row
    before = row.premium
    row.premium, row.adjustment_reason, row.updated_at = price, reason, now
    row.save(update_fields=["premium", "adjustment_reason", "updated_at"])
    changes = {"premium": [before, price]}
    tell(row, actor=actor, now=now, action="project.repriced", changes=changes, reason=reason)
    return row


@transaction.atomic
def mark_offered(*, actor: Any, now: datetime, project: Project) -> Project:
    """The project went to the client. Saying it twice changes nothing."""
    require(actor, "contracts.write", project.client_id)
    row = _lock_open(project)
    if row.state == Project.State.OFFERED:
        return row
    row.state, row.updated_at = Project.State.OFFERED, now
    row.save(update_fields=["state", "updated_at"])
    tell(row, actor=actor, now=now, action="project.offered", changes={"state": ["open", "offered"]})
    return row


@transaction.atomic
def withdraw_project(*, actor: Any, now: datetime, project: Project, reason: str = "") -> Project:
    """Take an open project back; a new one may then be made. ``ProjectClosed`` when it is not open."""
    require(actor, "contracts.write", project.client_id)
    row = _lock_open(project)
    before = row.state
    row.state, row.updated_at = Project.State.WITHDRAWN, now
    row.save(update_fields=["state", "updated_at"])
    changes = {"state": [before, "withdrawn"]}
    tell(row, actor=actor, now=now, action="project.withdrawn", changes=changes, reason=reason)
    return row
