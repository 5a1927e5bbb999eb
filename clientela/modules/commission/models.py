"""Rates, what was earned by them, and the statements it was settled in."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.accounts.rules import Role
from clientela.modules.billing.models import Payment, Refund
from clientela.modules.commission.rules import Terms
from clientela.modules.contracts.models import Policy
from clientela.modules.organisation.models import Agent
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Line, Product

MANAGING = (Role.ADMINISTRATOR, Role.AUDITOR, Role.RENEWALS_MANAGER)


def paid_agents(user: Any) -> "models.QuerySet[Agent]":
    """Agents whose pay this person may see: the own one, of the team, the branch, or all.

    Who stands in for a colleague sees the colleague's clients, never what the colleague earns.
    """
    scope = scope_of(user)
    if scope.everything:
        return Agent.objects.all() if user.role in MANAGING else Agent.objects.none()
    if scope.branch_id:
        return Agent.objects.filter(branch_id=scope.branch_id)
    absent = {pk for pk, _name in scope.absent}
    return Agent.objects.filter(pk__in=[pk for pk in scope.agent_ids if pk not in absent])


class RateQuerySet(models.QuerySet["Rate"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RateQuerySet":
        """Rates for everybody, and those of the agreements whose pay this person may see."""
        return self.filter(Q(agent__isnull=True) | Q(agent__in=paid_agents(user)))


class Rate(models.Model):
    """The share of a paid premium that an agent earns: of one agreement (АГД) or of all, with its days.

    A narrower rate goes before a wider one (`rules.best`). ``key`` is all that it holds for, as one word: two rates of
    one key never share a day.
    """

    class Term(models.TextChoices):
        NEW = "new", pgettext_lazy("commission", "New contract")
        RENEWAL = "renewal", pgettext_lazy("commission", "Renewal")
        RENT = "rent", pgettext_lazy("commission", "Rent")

    class Channel(models.TextChoices):
        AGENT = "agent", _("Agent")
        BROKER = "broker", _("Broker")
        OFFICE = "office", pgettext_lazy("contract", "Office")

    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="commission_rates"
    )
    line = models.CharField(max_length=20, choices=Line)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    term = models.CharField(max_length=7, choices=Term, blank=True)
    channel = models.CharField(max_length=6, choices=Channel, blank=True)
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="the last day")
    reason = models.CharField(max_length=120, blank=True, help_text="the paper it stands in")
    key = KeyField(max_length=80)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ["line", "key", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="commission_rate_begins_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(valid_until__isnull=True), name="commission_rate_open_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="commission_rate_percent"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="commission_rate_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_line_display()} {self.percent.normalize():f} %"

    @property
    def terms(self) -> Terms:
        """The rate as the rules take it."""
        return Terms(
            self.pk, self.percent, self.line, self.valid_from, self.valid_until, self.agent_id, self.product_id,
            self.term, self.channel,
        )  # fmt: skip


class Statement(models.Model):
    """The closed statement (ведомость) of an agent and a month: what stands in it stays as it is.

    ``accrued`` and ``taken_back`` (negative) add up to ``due``; ``tax`` is kept back of it.
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="commission_statements")
    month = models.DateField(help_text="its first day")
    number = KeyField(max_length=60, unique=True)
    agreement_number = models.CharField(max_length=40, blank=True)
    legal_status = models.CharField(max_length=16, choices=Agent.LegalStatus)
    count = models.PositiveIntegerField()
    premium = models.DecimalField(max_digits=16, decimal_places=2)
    accrued = models.DecimalField(max_digits=14, decimal_places=2)
    taken_back = models.DecimalField(max_digits=14, decimal_places=2)
    tax = models.DecimalField(max_digits=14, decimal_places=2)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    closed_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "agent"]
        constraints = [models.UniqueConstraint(fields=["agent", "month"], name="commission_statement_once")]

    def __str__(self) -> str:
        return self.number

    @property
    def due(self) -> Any:
        return self.accrued + self.taken_back

    @property
    def to_pay(self) -> Any:
        return self.due - self.tax


class CommissionEntryQuerySet(models.QuerySet["Entry"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "CommissionEntryQuerySet":
        """Entries of the agents whose pay this person may see."""
        return self.filter(agent__in=paid_agents(user))

    def unrated(self) -> "CommissionEntryQuerySet":
        """Premiums for which no rate is known yet."""
        return self.filter(percent__isnull=True)


class Entry(models.Model):
    """What an agent earned by one payment, or gives back by one refund. Never edited but to fill in a missing rate.

    A payment earns once: as commission, or as the rent that was approved for a term which the client renewed alone.

    Without ``percent`` no rate was found: the sum is nothing until there is one. ``month`` is the statement it belongs
    to: that of ``earned_on``, or the next one where that is closed.
    """

    class Kind(models.TextChoices):
        ACCRUAL = "accrual", pgettext_lazy("commission", "Accrued")
        CLAWBACK = "clawback", pgettext_lazy("commission", "Taken back")
        RENT = "rent", pgettext_lazy("commission", "Rent")

    agent = models.ForeignKey(
        Agent, on_delete=models.PROTECT, related_name="commission_entries", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="commission_entries")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="commission_entries")
    term = models.CharField(max_length=7, choices=Rate.Term)
    rate = models.ForeignKey(
        Rate, null=True, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    agreement_number = models.CharField(max_length=40, blank=True)
    percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)
    base = models.DecimalField(max_digits=14, decimal_places=2, help_text="paid premium; negative: returned")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    earned_on = models.DateField()
    month = models.DateField(help_text="first day of the statement's month")
    statement = models.ForeignKey(
        Statement, null=True, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    created_at = models.DateTimeField()

    EARNED = (Kind.ACCRUAL, Kind.RENT)

    objects = CommissionEntryQuerySet.as_manager()

    class Meta:
        ordering = ["earned_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment"], condition=Q(kind__in=["accrual", "rent"]), name="commission_accrued_once"
            ),
            models.UniqueConstraint(fields=["refund"], name="commission_taken_back_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["accrual", "rent"], refund__isnull=True)
                | Q(kind="clawback", refund__isnull=False),
                name="commission_entry_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(percent__isnull=False) | Q(statement__isnull=True, amount=0),
                name="commission_unrated_is_open",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "month", "earned_on", "id"], name="commission_of_month"),
            models.Index(fields=["month", "agent"], name="commission_month"),
            models.Index(fields=["rate"], name="commission_by_rate"),
            models.Index(fields=["agent"], name="commission_unrated", condition=Q(percent__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.amount}"
