"""Policies, the things they insure, and what is prepared for the next term."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.sealed_fields import SealedJSONField
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Bank, Product


class InsuredObject(models.Model):
    """A vehicle, flat, house or other thing insured, owned by a client."""

    class Kind(models.TextChoices):
        VEHICLE = "vehicle", _("Vehicle")
        FLAT = "flat", _("Flat")
        HOUSE = "house", _("House")
        LIFE = "life", _("Life and health")
        OTHER = "other", pgettext_lazy("object", "Other")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="insured_objects")
    kind = models.CharField(max_length=8, choices=Kind)
    title = models.CharField(max_length=200, help_text="as people call it: Hyundai Creta, 2021")
    plate = KeyField(max_length=16, blank=True, default="", help_text="Cyrillic, no spaces")
    vin = KeyField(max_length=17, blank=True, default="")
    body_number = KeyField(
        max_length=25, blank=True, default="", help_text="of the body or chassis, as old cars have it"
    )
    make = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=80, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    power = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True, help_text="hp")
    value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True, help_text="RUB")
    address = models.CharField(max_length=255, blank=True)
    details = models.JSONField(default=dict)
    sold_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True)
    external_id = KeyField(max_length=120, null=True, blank=True)
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="contracts_object_source_once")
        ]
        indexes = [
            models.Index(fields=["plate"], name="contracts_object_plate", condition=~Q(plate="")),
            models.Index(fields=["vin"], name="contracts_object_vin", condition=~Q(vin="")),
            models.Index(fields=["body_number"], name="contracts_object_body", condition=~Q(body_number="")),
            models.Index(
                fields=["import_run"], name="contracts_object_import", condition=Q(import_run__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "PolicyQuerySet":
        """Policies of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def in_force(self, *, on: date) -> "PolicyQuerySet":
        """Policies whose cover runs on this day (both ends included)."""
        return self.filter(status=Policy.Status.ISSUED, start_date__lte=on, end_date__gte=on)


class Policy(models.Model):
    """One contract term."""

    class Status(models.TextChoices):
        ISSUED = "issued", pgettext_lazy("policy", "Issued")
        SUSPENDED = "suspended", _("Suspended")
        CANCELLED = "cancelled", _("Cancelled")

    class SalesChannel(models.TextChoices):
        AGENT = "agent", _("Agent")
        BROKER = "broker", _("Broker")
        OFFICE = "office", pgettext_lazy("contract", "Office")
        WEB = "web", pgettext_lazy("contract", "Web")

    number = models.CharField(max_length=60)
    number_key = KeyField(max_length=60)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="policies", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="policies", db_index=False)
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, db_index=False)
    centre = models.ForeignKey(RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    insured_object = models.ForeignKey(
        InsuredObject, null=True, blank=True, on_delete=models.PROTECT, related_name="policies"
    )
    bank = models.ForeignKey(Bank, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    package = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="companions", db_index=False,
        help_text="the KASKO policy that this OSAGO policy is sold and renewed with",
    )  # fmt: skip
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="next_terms", db_index=False
    )
    renewal_year = models.PositiveSmallIntegerField(default=0, help_text="0 for a new contract")
    status = models.CharField(max_length=10, choices=Status, default=Status.ISSUED)
    start_date = models.DateField()
    end_date = models.DateField(help_text="last day of cover")
    cancelled_on = models.DateField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=120, blank=True)
    premium = models.DecimalField(max_digits=14, decimal_places=2)
    sum_insured = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    instalments = models.PositiveSmallIntegerField(default=1)
    sales_channel = models.CharField(max_length=8, choices=SalesChannel, default=SalesChannel.AGENT)
    loss_count = models.PositiveSmallIntegerField(
        default=0, help_text="claims in the term as the source reports them"
    )
    loss_paid = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    issued_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    import_run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["number_key", "start_date"], name="contracts_policy_term_once"),
            models.CheckConstraint(condition=Q(end_date__gte=F("start_date")), name="contracts_policy_dates"),
            models.CheckConstraint(condition=Q(premium__gte=0), name="contracts_policy_premium"),
        ]
        indexes = [
            models.Index(fields=["client", "-end_date"], name="contracts_policy_client"),
            # Most policies have neither: an index of the others only, or the planner of SQLite turns to scanning.
            models.Index(
                fields=["previous"], name="contracts_policy_previous", condition=Q(previous__isnull=False)
            ),
            models.Index(
                fields=["package"], name="contracts_policy_package", condition=Q(package__isnull=False)
            ),
            models.Index(fields=["end_date", "status"], name="contracts_policy_end"),
            models.Index(fields=["agent", "end_date"], name="contracts_policy_agent_end"),
            models.Index(fields=["branch", "end_date"], name="contracts_policy_branch_end"),
            models.Index(
                fields=["import_run"], name="contracts_policy_import", condition=Q(import_run__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Participant(models.Model):
    """A driver, beneficiary, owner or insured person named in a policy."""

    class Role(models.TextChoices):
        DRIVER = "driver", _("Driver")
        BENEFICIARY = "beneficiary", _("Beneficiary")
        OWNER = "owner", pgettext_lazy("contract", "Owner")
        INSURED = "insured", _("Insured person")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="participants")
    role = models.CharField(max_length=12, choices=Role)
    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="participations"
    )
    name = models.CharField(max_length=200)
    birth_date = models.DateField(null=True, blank=True)
    experience_since = models.DateField(null=True, blank=True, help_text="date of the first driving licence")


class Quote(models.Model):
    """A calculated price kept in the system."""

    policy = models.ForeignKey(
        Policy, on_delete=models.CASCADE, related_name="quotes", help_text="the expiring term"
    )
    premium = models.DecimalField(max_digits=14, decimal_places=2)
    note = models.CharField(max_length=255, blank=True)
    calculation_number = KeyField(max_length=24, blank=True, default="", help_text="of which it is the price")
    valid_until = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]


class ProjectQuerySet(models.QuerySet["Project"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "ProjectQuerySet":
        """Projects of the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))


class Project(models.Model):
    """A prepared contract, of a next term or a new one; paid, it becomes a policy."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("project", "Prepared")
        OFFERED = "offered", _("Sent to the client")
        ISSUED = "issued", pgettext_lazy("policy", "Issued")
        WITHDRAWN = "withdrawn", pgettext_lazy("project", "Withdrawn")

    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.CASCADE, related_name="projects",
        help_text="the expiring term; none for a new contract",
    )  # fmt: skip
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="projects")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    bank = models.ForeignKey(
        Bank, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    insured_object = models.ForeignKey(
        InsuredObject, null=True, blank=True, on_delete=models.PROTECT, related_name="projects"
    )
    sum_insured = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    instalments = models.PositiveSmallIntegerField(default=1)
    sales_channel = models.CharField(
        max_length=8, choices=Policy.SalesChannel, default=Policy.SalesChannel.AGENT
    )
    participants = SealedJSONField(
        null=True, blank=True,
        help_text="[{role, name, client_id, birth_date, experience_since}]; null: those of the expiring term",
    )  # fmt: skip
    terms = models.JSONField(default=dict, blank=True, help_text="{answers, coverages, factors, tariff}")
    calculation_number = KeyField(max_length=24, blank=True, default="", help_text="Р-26-118402")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    start_date = models.DateField()
    end_date = models.DateField()
    premium = models.DecimalField(max_digits=14, decimal_places=2)
    carried_premium = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="last term's price; the calculated one of a new contract"
    )
    adjustment_reason = models.CharField(max_length=255, blank=True)
    pay_token = KeyField(max_length=32, unique=True)
    next_policy = models.OneToOneField(
        Policy, null=True, on_delete=models.SET_NULL, related_name="issued_from"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(state__in=["open", "offered"]),
                name="contracts_one_open_project",
            ),
            models.UniqueConstraint(
                fields=["calculation_number"],
                condition=Q(state__in=["open", "offered"]) & ~Q(calculation_number=""),
                name="contracts_calculation_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.start_date:%d.%m.%Y}"


class PolicyVersion(models.Model):
    """What a policy said from a day on, and what the change cost. Never edited: a correction is a new version."""

    class Kind(models.TextChoices):
        ISSUE = "issue", pgettext_lazy("version", "Issue")
        ENDORSEMENT = "endorsement", pgettext_lazy("version", "Endorsement")
        CANCELLATION = "cancellation", pgettext_lazy("version", "Cancellation")
        REINSTATEMENT = "reinstatement", pgettext_lazy("version", "Reinstatement")
        DUPLICATE = "duplicate", pgettext_lazy("version", "Duplicate")

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=13, choices=Kind)
    valid_from = models.DateField(help_text="a cancellation's: the last day of cover")
    premium = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="price of the whole term by these conditions"
    )
    charged = models.DecimalField(
        max_digits=14, decimal_places=2, help_text="what the client pays for the term in all"
    )
    difference = models.DecimalField(
        max_digits=14, decimal_places=2, default=0,
        help_text="charged against the version before: to be paid, or negative to be returned",
    )  # fmt: skip
    counted = models.JSONField(default=dict, help_text="how the difference was counted")
    sum_insured = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    participants = SealedJSONField(default=list)
    terms = models.JSONField(default=dict, help_text="{answers, coverages, factors, tariff}")
    reason = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["policy", "number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="contracts_policy_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy}/{self.number}"
