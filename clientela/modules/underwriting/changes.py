"""Changes of running policies that the rules gave to an underwriter: what is asked, what it costs, what was decided."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import local_today
from clientela.foundation.money import MoneyField, kopecks
from clientela.foundation.sealed_fields import SealedJSONField
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.organisation.queries import scope_of
from clientela.modules.quotes.change_prices import Wanted


class ChangeReferralQuerySet(models.QuerySet["ChangeReferral"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ChangeReferralQuerySet":
        """Those of policies this person may see."""
        return self.filter(scope_of(user).q("policy__client__"))

    def waiting(self) -> "ChangeReferralQuerySet":
        """Those that somebody has to decide."""
        return self.filter(state=ChangeReferral.State.WAITING)


class ChangeReferral(models.Model):
    """A change of a policy that waits for an underwriter, or was decided by one.

    ``seen`` is the version of the policy it was asked upon: once there is another one it is stale. ``wanted`` is the
    change as it was asked, ``steps`` what it does to the factors, ``changes`` what becomes otherwise.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("referral", "Waits for a decision")
        ACCEPTED = "accepted", pgettext_lazy("referral", "Accepted")
        DECLINED = "declined", pgettext_lazy("referral", "Declined")
        RETURNED = "returned", pgettext_lazy("referral", "Back with the seller")
        WITHDRAWN = "withdrawn", pgettext_lazy("referral", "Taken back")
        MADE = "made", pgettext_lazy("referral", "The change is made")
        STALE = "stale", pgettext_lazy("referral", "The policy changed meanwhile")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="change_referrals")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    seen = models.PositiveSmallIntegerField()
    wanted = SealedJSONField(encoder=DjangoJSONEncoder)
    changes = SealedJSONField(default=list, encoder=DjangoJSONEncoder)
    steps = SealedJSONField(default=list, encoder=DjangoJSONEncoder)
    reason = models.CharField(max_length=255)
    reasons = models.JSONField(default=list)
    before = MoneyField()
    premium = MoneyField()
    difference = MoneyField()
    sum_insured = models.DecimalField(max_digits=16, decimal_places=2, default=Decimal(0))
    loading = models.DecimalField(max_digits=6, decimal_places=4, default=1)
    conditions = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ChangeReferralQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state__in=["waiting", "accepted"]),
                name="underwriting_one_open_change",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "asked_at"], name="underwriting_changes")]

    def __str__(self) -> str:
        return str(self.policy)

    @property
    def price(self) -> Decimal:
        """What the whole term costs with the factor of the underwriter."""
        return kopecks(self.premium * self.loading)


def stored(wanted: Wanted) -> dict[str, Any]:
    """A change as it is kept."""
    people = None if wanted.participants is None else [dict(one) for one in wanted.participants]
    return {
        "valid_from": wanted.valid_from, "participants": people, "answers": dict(wanted.answers),
        "sum_insured": wanted.sum_insured,
    }  # fmt: skip


def first_day(row: ChangeReferral, now: datetime) -> date:
    """When the change begins if it is made now: the day asked for, or today where that day passed while it waited."""
    zone = row.policy.client.time_zone or settings.TIME_ZONE
    asked, today = date.fromisoformat(row.wanted["valid_from"]), local_today(zone, now)
    return today if local_today(zone, row.asked_at) <= asked < today else asked


def wanted_again(kept: Mapping[str, Any]) -> Wanted:
    """A change as it was asked."""
    return Wanted(
        date.fromisoformat(kept["valid_from"]), kept["participants"], kept["answers"],
        Decimal(kept["sum_insured"]) if kept["sum_insured"] else None,
    )  # fmt: skip


def what_changes(
    people: tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]],
    answers: tuple[Mapping[str, Any], Mapping[str, Any]], sums: tuple[Decimal | None, Decimal | None],
) -> list[dict[str, Any]]:  # fmt: skip
    """What becomes otherwise, as data: people by what happens to them, answers and the sum by what they were."""
    before, after = people
    names = [str(one["name"]) for one in after]
    old = {str(one["name"]): one for one in before}
    found: list[dict[str, Any]] = [
        {"what": "out", "before": _told(one), "after": None} for one in before if one["name"] not in names
    ]
    for one in after:
        stood = old.get(str(one["name"]))
        if stood is None or _told(stood) != _told(one):
            found.append(
                {"what": "in" if stood is None else "person", "before": _told(stood), "after": _told(one)}
            )
    was, now = answers
    found += [
        {"what": "answer", "key": key, "before": was.get(key), "after": value}
        for key, value in now.items()
        if value != was.get(key) and not isinstance(value, (list, dict))
    ]
    if sums[1] is not None:
        found.append({"what": "sum", "before": sums[0], "after": sums[1]})
    return found


def _told(one: Mapping[str, Any] | None) -> dict[str, Any] | None:
    names = ("role", "name", "birth_date", "experience_since")
    return None if one is None else {name: one.get(name) or "" for name in names}
