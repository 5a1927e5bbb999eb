"""Reading the queue, and who may decide what."""

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from clientela.modules.accounts.access import Permission
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import ROLE_PERMISSIONS
from clientela.modules.contracts.models import Policy
from clientela.modules.underwriting.models import Authority, ChangeReferral, Referral, View

VIEWS = {
    "vehicle": [View.FRONT, View.BACK, View.LEFT, View.RIGHT, View.VIN, View.MILEAGE],
    "flat": [View.OUTSIDE, View.ROOMS, View.PAPERS],
    "house": [View.OUTSIDE, View.ROOMS, View.PAPERS],
}
MOST = 99


def queue(user: Any) -> "QuerySet[Referral]":
    """What waits for a decision, the oldest first."""
    rows = Referral.objects.visible_to(user).waiting()
    return rows.select_related(
        "calculation__client__agent", "calculation__product", "calculation__created_by"
    )


def changes_queue(user: Any) -> "QuerySet[ChangeReferral]":
    """Changes of policies that wait for a decision, the oldest first."""
    rows = ChangeReferral.objects.visible_to(user).waiting()
    return rows.select_related("policy__client__agent", "policy__product", "asked_by")


def change_shown(policy: Policy) -> ChangeReferral | None:
    """The change that stands on the policy's page: asked last, unless it was made or taken back."""
    rows = ChangeReferral.objects.filter(policy=policy).select_related("asked_by", "decided_by")
    last = rows.order_by("-pk").first()
    over = (ChangeReferral.State.MADE, ChangeReferral.State.WITHDRAWN)
    return last if last is not None and last.state not in over else None


def may_decide_change(user: Any, row: ChangeReferral) -> bool:
    """Whether the decision is within the person's authority."""
    if user is None or not user.can(Permission.UNDERWRITING_DECIDE):
        return False
    limit = limit_of(user, row.policy.product_id)
    return limit is None or row.sum_insured <= limit


def deciders() -> "QuerySet[User]":
    """People whose role lets them decide at all, by name."""
    permission = Permission.UNDERWRITING_DECIDE
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    return User.objects.filter(role__in=roles, is_active=True).order_by("last_name", "first_name")


def authority_of(user: Any, product_id: int) -> Authority | None:
    """How far this person decides for a product: its own row counts before that of all products; None is not at all."""
    rows = Authority.objects.filter(Q(product=product_id) | Q(product=None), user=user)
    found = sorted(rows, key=lambda row: row.product_id is None)
    return found[0] if found else None


def limit_of(user: Any, product_id: int) -> Decimal | None:
    """The sum insured up to which this person decides for a product; None is any sum, minus one is nothing."""
    row = authority_of(user, product_id)
    return row.most if row else Decimal(-1)


def may_decide(user: Any, referral: Referral) -> bool:
    """Whether the decision is within the person's authority."""
    if user is None or not user.can(Permission.UNDERWRITING_DECIDE):
        return False
    limit = limit_of(user, referral.calculation.product_id)
    return limit is None or referral.sum_insured <= limit


def within_authority(user: Any, product: str) -> Q:
    """Rows with a ``sum_insured`` that this person may decide; ``product`` is the way to the product."""
    own: Any = Authority.objects.filter(user=user).values_list("product", "most")
    limits = dict(own)
    found = Q(pk=None)
    for one, most in limits.items():
        of = Q(**{product: one}) if one else ~Q(**{f"{product}__in": [known for known in limits if known]})
        found |= of if most is None else of & Q(sum_insured__lte=most)
    return found


def waiting_for(user: Any) -> int:
    """How many wait, for the menu."""
    if not user.can(Permission.UNDERWRITING_DECIDE):
        return 0
    calculations = Referral.objects.visible_to(user).waiting().order_by().values("pk")[:MOST].count()
    changes = ChangeReferral.objects.visible_to(user).waiting().order_by().values("pk")[:MOST].count()
    return min(MOST, calculations + changes)
