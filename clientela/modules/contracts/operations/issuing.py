"""Turning a project into the next policy."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.outbox.operations import publish
from clientela.modules.clients.queries import require
from clientela.modules.contracts import rules
from clientela.modules.contracts.events import PolicyIssued
from clientela.modules.contracts.models import Participant, Policy, Project
from clientela.modules.contracts.operations.projects import (
    OPEN_STATES,
    ProjectClosed,
    lock_project,
    lock_renewable,
    tell,
)
from clientela.modules.products.models import Product

MOST_TRIES = 1000


class NumbersExhausted(Exception):
    """A thousand numbers in a row are taken: the product's counter is wrong."""


@transaction.atomic
def issue_project(*, now: datetime, project: Project, actor: Any = None) -> Policy:
    """Issue the next term and return it; a project issued before returns the same policy again.

    The agent, the branch and the renewal centre of the expiring term are kept. Without ``actor`` it is the
    system, after a payment. Raises ``ProjectClosed``, ``AlreadyRenewed``, ``PermissionDenied``.
    """
    require(actor, "contracts.write", project.policy.client_id)
    row = lock_project(project)
    if row.state == Project.State.ISSUED and row.next_policy is not None:
        return row.next_policy
    if row.state not in OPEN_STATES:
        raise ProjectClosed
    expiring = lock_renewable(row.policy)
    number = _next_number(expiring.product_id, row.start_date)
    policy = Policy.objects.create(
        number=number, number_key=policy_number_key(number), previous=expiring,
        product_id=expiring.product_id, client_id=expiring.client_id, agent_id=expiring.agent_id,
        branch_id=expiring.branch_id, centre_id=expiring.centre_id, bank_id=expiring.bank_id,
        insured_object_id=expiring.insured_object_id, package=_package(expiring),
        renewal_year=expiring.renewal_year + 1, start_date=row.start_date, end_date=row.end_date,
        premium=row.premium, sum_insured=expiring.sum_insured, instalments=expiring.instalments,
        sales_channel=expiring.sales_channel, issued_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    _adopt_companions(expiring, policy)
    people = expiring.participants.order_by("id")
    Participant.objects.bulk_create(Participant(policy=policy, **_copied(person)) for person in people)
    before = row.state
    row.state, row.next_policy, row.updated_at = Project.State.ISSUED, policy, now
    row.save(update_fields=["state", "next_policy", "updated_at"])
    changes = {"state": [before, "issued"], "number": [expiring.number, number]}
    tell(row, actor=actor, now=now, action="project.issued", changes=changes)
    publish(PolicyIssued(policy.pk, policy.client_id, expiring.pk), now=now)
    return policy


def _copied(person: Participant) -> dict[str, Any]:
    names = ("role", "client_id", "name", "birth_date", "experience_since")
    return {name: getattr(person, name) for name in names}


def _next_number(product_id: int, start: date) -> str:
    """The next free number. The counter's row stays locked until commit, so numbers have no gap and no double."""
    for _attempt in range(MOST_TRIES):
        Product.objects.filter(pk=product_id).update(next_serial=F("next_serial") + 1)
        product = Product.objects.get(pk=product_id)
        number = rules.policy_number(
            product.number_format, code=product.code.upper(), serial=product.next_serial - 1, start=start
        )
        if not Policy.objects.filter(number_key=policy_number_key(number)).exists():
            return number
    raise NumbersExhausted


def _package(expiring: Policy) -> Policy | None:
    """The next term of the KASKO that the expiring OSAGO was sold with, if it is issued already."""
    if expiring.package_id is None:
        return None
    return (
        Policy.objects.filter(previous_id=expiring.package_id).exclude(status=Policy.Status.CANCELLED).first()
    )


def _adopt_companions(expiring: Policy, policy: Policy) -> None:
    """Next terms of companions that were issued before this one join its package."""
    Policy.objects.filter(previous__package_id=expiring.pk, package__isnull=True).update(package=policy)
