"""What clients are advised to buy besides, by rules that can be read."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy

from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.group.models import Fact
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Line
from clientela.modules.sales.models.deals import Deal


class AdviceRule(models.Model):
    """Who is advised which line: clients with a policy in force of every line in ``has`` and of none in ``lacks``.

    ``told``: kinds of facts of sister companies of which each must say yes, fresh and allowed in offers.

    ``months_off``: how long a client who declined is not asked again. ``why`` is the sentence a seller reads.
    """

    code = models.SlugField(max_length=40, unique=True)
    line = models.CharField(max_length=10, choices=Line)
    has = models.JSONField(default=list)
    lacks = models.JSONField(default=list)
    told = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    kind = models.CharField(max_length=8, choices=Client.Kind, blank=True)
    least_age = models.PositiveSmallIntegerField(null=True, blank=True)
    most_age = models.PositiveSmallIntegerField(null=True, blank=True)
    why = models.CharField(max_length=160)
    why_en = models.CharField(max_length=160, blank=True)
    months_off = models.PositiveSmallIntegerField(default=6)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.why_en if self.why_en and (get_language() or "").startswith("en") else self.why


class AdviceQuerySet(models.QuerySet["Advice"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "AdviceQuerySet":
        return self.filter(scope_of(user).q("client__"))

    def open(self) -> "AdviceQuerySet":
        return self.filter(state__in=[Advice.State.ADVISED, Advice.State.OFFERED])


class Advice(models.Model):
    """One line advised to one client, and what became of it (CB-4)."""

    class State(models.TextChoices):
        ADVISED = "advised", pgettext_lazy("advice", "Advised")
        OFFERED = "offered", pgettext_lazy("advice", "Offered")
        SOLD = "sold", pgettext_lazy("advice", "Sold")
        DECLINED = "declined", pgettext_lazy("advice", "Declined")
        DROPPED = "dropped", pgettext_lazy("advice", "No longer fits")

    class Reason(models.TextChoices):
        DEAR = "dear", pgettext_lazy("declined", "Too dear")
        HAS = "has", pgettext_lazy("declined", "Insured elsewhere")
        NO_NEED = "no_need", pgettext_lazy("declined", "Sees no need")
        LATER = "later", pgettext_lazy("declined", "Not now")
        TRUST = "trust", pgettext_lazy("declined", "Does not trust insurance")
        OTHER = "other", pgettext_lazy("declined", "Another reason")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="advice", db_index=False)
    rule = models.ForeignKey(AdviceRule, null=True, on_delete=models.SET_NULL, related_name="advice")
    line = models.CharField(max_length=10, choices=Line)
    state = models.CharField(max_length=8, choices=State, default=State.ADVISED)
    reason = models.CharField(max_length=8, choices=Reason, blank=True)
    note = models.CharField(max_length=255, blank=True)
    not_before = models.DateField(null=True, help_text="the line is not advised again before this day")
    deal = models.ForeignKey(Deal, null=True, on_delete=models.SET_NULL, related_name="advice")
    policy = models.ForeignKey(Policy, null=True, on_delete=models.SET_NULL, related_name="+")
    advised_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # Filled by ``queries.advice.with_sources``.
    told_by: "list[Fact]"

    objects = AdviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "line"],
                condition=Q(state__in=["advised", "offered"]),
                name="sales_advice_open_once",
            )
        ]
        indexes = [models.Index(fields=["client", "line", "state"], name="sales_advice_client")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.line}"
