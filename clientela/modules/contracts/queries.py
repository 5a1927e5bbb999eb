"""Reading policies: by a key, and the facts of one client that the categories are made of."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from clientela.foundation.bulk import listed
from clientela.foundation.dates import local_today
from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.money import kopecks
from clientela.modules.clients.models import Client
from clientela.modules.clients.rules import Categories, Portfolio, categorise
from clientela.modules.contacts.models import Message
from clientela.modules.contracts import rules
from clientela.modules.contracts.models import InsuredObject, Policy, PolicyVersion, Project, Quote
from clientela.modules.products.queries import version_on

OPEN_PROJECT = (Project.State.OPEN, Project.State.OFFERED)


def by_number(user: Any, text: str) -> QuerySet[Policy]:
    """Visible policies whose number begins with ``text``, whatever way it is typed; the newest terms first."""
    found = Policy.objects.visible_to(user).filter(**prefix_range("number_key", policy_number_key(text)))
    return found.order_by("number_key", "-start_date")


def objects_by(user: Any, *, plate: str = "", vin: str = "") -> QuerySet[InsuredObject]:
    """Vehicles of visible clients whose plate or VIN begins like this (both in normal form)."""
    key = prefix_range("plate", plate) if plate else prefix_range("vin", vin)
    return InsuredObject.objects.filter(**key, client__in=Client.objects.visible_to(user))


def portfolio_of(client_id: int, today: date) -> Portfolio:
    """Facts of one client, for explaining the categories; two statements."""
    force = Q(status=Policy.Status.ISSUED, start_date__lte=today, end_date__gte=today)
    row = Policy.objects.filter(client_id=client_id).aggregate(
        in_force=Count(Case(When(force, then=1))),
        first_start=Min("start_date"),
        last_end=Max(Coalesce("cancelled_on", F("end_date"))),
        premium=Sum("premium"),
        loss_paid=Sum("loss_paid"),
    )
    wrote: datetime | None = (
        Message.objects.filter(client_id=client_id, direction=Message.Direction.IN)
        .order_by("-created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    return Portfolio(
        in_force=row["in_force"],
        first_start=row["first_start"],
        last_end=row["last_end"],
        premium=row["premium"] or Decimal(0),
        loss_paid=row["loss_paid"] or Decimal(0),
        last_incoming=wrote.date() if wrote else None,
    )


def categories_of(client_id: int, today: date) -> Categories:
    """The categories of one client with the reason of each."""
    return categorise(portfolio_of(client_id, today), today)


@dataclass(frozen=True)
class Next:
    """What stands ready for the next term: an open project, else the newest quote that still holds."""

    project: Project | None
    quote: Quote | None

    @property
    def premium(self) -> Any:
        if self.project is not None:
            return self.project.premium
        return self.quote.premium if self.quote else None


def standing_quotes(policy: Policy, today: date) -> QuerySet[Quote]:
    """Quotes that were not withdrawn and have not run out."""
    holds = Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    return Quote.objects.filter(holds, policy=policy, withdrawn_at__isnull=True)


def next_term_of(policy: Policy, today: date) -> Next:
    """The open project and the newest standing quote of the term after ``policy``."""
    project = Project.objects.filter(policy=policy, state__in=OPEN_PROJECT).first()
    return Next(project, standing_quotes(policy, today).order_by("-created_at").first())


# --- versions ------------------------------------------------------------------------------------------


def latest_version(policy: Policy) -> PolicyVersion | None:
    """The last version of a policy; none of one that came by an import and was not changed since."""
    return PolicyVersion.objects.filter(policy=policy).order_by("-number").first()


CHANGING = (PolicyVersion.Kind.ISSUE, PolicyVersion.Kind.ENDORSEMENT)


def version_in_force(policy: Policy, today: date) -> PolicyVersion | None:
    """What the policy says on ``today``: the last change that has begun, else what was agreed first.

    A change that was agreed ahead is not in force yet; a duplicate or a cancellation says nothing new.
    """
    rows = PolicyVersion.objects.filter(policy=policy, kind__in=CHANGING).order_by("-number")
    return rows.filter(valid_from__lte=today).first() or rows.last()


def terms_of(policy_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """How these policies are insured by their last change, else as they were sold; two statements."""
    sold = Project.objects.filter(next_policy__in=listed(policy_ids))
    found = {pk: terms or {} for pk, terms in sold.values_list("next_policy", "terms")}
    versions = PolicyVersion.objects.filter(policy__in=listed(policy_ids)).order_by("number")
    return found | {pk: terms for pk, terms in versions.values_list("policy", "terms") if terms}


def refund_of(policy: Policy, *, on: date, now: datetime, last: PolicyVersion | None = None) -> rules.Refund:
    """What comes back by the product's rule when the last day of cover is ``on`` and the client asks now.

    What was charged for a change that will not have begun by then comes back whole: it never was in force.
    """
    last = last or latest_version(policy)
    zone = policy.client.time_zone
    made = local_today(zone, policy.issued_at) if policy.issued_at else policy.start_date
    version = version_on(policy.product.code, policy.start_date)
    said = version.definition.get("cancellation") if version else None
    begun = version_in_force(policy, on)
    later = PolicyVersion.objects.filter(
        policy=policy, kind__in=CHANGING, number__gt=begun.number if begun else 0
    )
    ahead = later.aggregate(total=Sum("difference"))["total"] or Decimal(0)
    found = rules.refund(
        rules.refund_rule(policy.product.line, said), premium=begun.premium if begun else policy.premium,
        charged=(last.charged if last else policy.premium) - ahead, term=rules.Term(policy.start_date, policy.end_date),
        last_day=on, concluded=made, asked=local_today(zone, now), on_credit=policy.bank_id is not None,
        losses=policy.loss_paid, had_losses=policy.loss_count > 0,
    )  # fmt: skip
    return replace(found, amount=max(kopecks(found.amount + ahead), Decimal(0)))
