"""Turning a project into a policy: the next term, or a new contract."""

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
from clientela.modules.contracts.operations.people import participants_of, people_from
from clientela.modules.contracts.operations.projects import (
    OPEN_STATES,
    ProjectClosed,
    carried_over,
    lock_project,
    lock_renewable,
    tell,
)
from clientela.modules.contracts.operations.versions import first_version
from clientela.modules.products.models import Product

MOST_TRIES = 1000


class NumbersExhausted(Exception):
    """A thousand numbers in a row are taken: the product's counter is wrong."""


@transaction.atomic
def issue_project(*, now: datetime, project: Project, actor: Any = None) -> Policy:
    """Issue the policy and return it; a project issued before returns the same policy again.

    Without ``actor`` it is the system, after a payment. Raises ``ProjectClosed``, ``AlreadyRenewed``,
    ``PermissionDenied``.
    """
    require(actor, "contracts.write", project.client_id)
    row = lock_project(project)
    if row.state == Project.State.ISSUED and row.next_policy is not None:
        return row.next_policy
    if row.state not in OPEN_STATES:
        raise ProjectClosed
    expiring = lock_renewable(row.policy) if row.policy is not None else None
    number = _next_number(row.product_id, row.start_date)
    policy = Policy.objects.create(
        number=number, number_key=policy_number_key(number), previous=expiring,
        package=_package(expiring) if expiring else None,
        renewal_year=expiring.renewal_year + 1 if expiring else 0, start_date=row.start_date,
        end_date=row.end_date, premium=row.premium, issued_at=now, created_at=now, updated_at=now,
        **carried_over(row),
    )  # fmt: skip
    if expiring is not None:
        _adopt_companions(expiring, policy)
    people = _people(row)
    Participant.objects.bulk_create(people_from(people, policy))
    first_version(policy, terms=row.terms, people=people, by=actor)
    before = row.state
    row.state, row.next_policy, row.updated_at = Project.State.ISSUED, policy, now
    row.save(update_fields=["state", "next_policy", "updated_at"])
    changes = {"state": [before, "issued"], "number": [expiring.number if expiring else None, number]}
    tell(row, actor=actor, now=now, action="project.issued", changes=changes)
    publish(PolicyIssued(policy.pk, policy.client_id, policy.previous_id), now=now)
    return policy


def _people(project: Project) -> list[dict[str, Any]]:
    """Who is named in the new policy: those of the project, else of the expiring term."""
    if project.participants is None:
        return participants_of(project.policy) if project.policy else []
    return project.participants


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
