"""Expiring terms, the schedules of touches, and the touches themselves."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Channel
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Bank, Product
from clientela.modules.renewals.experiments import Arm


class TermLine(models.TextChoices):
    """What a schedule speaks about; KASKO sold with OSAGO is one term to the client."""

    KASKO = "kasko", _("KASKO")
    OSAGO = "osago", _("OSAGO")
    KASKO_OSAGO = "kasko_osago", _("KASKO + OSAGO")
    PROPERTY = "property", _("Property")
    MORTGAGE = "mortgage", _("Mortgage")


class Reach(models.IntegerChoices):
    """Bits of ``Renewal.reach``: channels that have a usable address and a consent for service messages."""

    SMS = 1, "SMS"
    EMAIL = 2, "E-mail"
    VK = 4, "VK"
    CALL = 8, _("Call")
    TELEGRAM = 16, "Telegram"


class RenewalQuerySet(models.QuerySet["Renewal"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RenewalQuerySet":
        """Only the expiring terms this person may see."""
        return self.filter(scope_of(user).q())


class Renewal(models.Model):
    """An expiring term: everything the planner, the board and the re-check need, kept in one row.

    ``reach`` and the facts below are kept current by handlers of lower modules' events and by a nightly pass,
    so that planning a day never looks into the client table.
    """

    class State(models.TextChoices):
        NOTHING = "nothing", _("No project")
        PROJECT = "project", _("Project")
        QUOTED = "quoted", _("Quoted")
        PAID = "paid", _("Paid")
        LOST = "lost", _("Lost")

    policy = models.OneToOneField(Policy, on_delete=models.CASCADE, related_name="renewal")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="renewals")
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, db_index=False)
    centre = models.ForeignKey(RenewalCentre, null=True, on_delete=models.PROTECT, db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_index=False)
    bank = models.ForeignKey(Bank, null=True, on_delete=models.PROTECT, db_index=False)
    line = models.CharField(max_length=12, choices=TermLine)
    end_date = models.DateField()
    renewal_year = models.PositiveSmallIntegerField(help_text="1 when the first term is expiring")
    time_zone = models.CharField(max_length=40)

    reach = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.NOTHING)
    has_project = models.BooleanField(default=False)
    has_quote = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True)
    in_dispute = models.BooleanField(default=False)
    object_sold = models.BooleanField(default=False)
    do_not_contact = models.BooleanField(default=False)
    norm_kept = models.BooleanField(default=False, help_text="the agent keeps the norm of the line")
    held_until = models.DateField(null=True, help_text="a person asked to hold the plan")
    held_reason = models.CharField(max_length=200, blank=True)
    lost_reason = models.ForeignKey("LossReason", null=True, on_delete=models.PROTECT, db_index=False)
    lost_at = models.DateTimeField(null=True)

    last_opened_at = models.DateTimeField(null=True)
    last_clicked_at = models.DateTimeField(null=True)
    last_replied_at = models.DateTimeField(null=True)
    last_touch_at = models.DateTimeField(null=True)
    premium = models.DecimalField(max_digits=14, decimal_places=2, help_text="of the expiring term")
    next_premium = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, help_text="of the project or quote"
    )
    next_policy = models.ForeignKey(
        Policy, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RenewalQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["end_date", "line"],
                include=[
                    "id",
                    "reach",
                    "has_project",
                    "has_quote",
                    "norm_kept",
                    "centre",
                    "renewal_year",
                    "time_zone",
                ],
                name="renewals_due",
            ),
            models.Index(fields=["agent", "end_date", "id"], name="renewals_agent_end"),
            models.Index(fields=["branch", "end_date", "id"], name="renewals_branch_end"),
            models.Index(fields=["centre", "end_date", "id"], name="renewals_centre_end"),
        ]


class LossReason(models.Model):
    """Why a term was not renewed: car sold, went elsewhere, too dear …"""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    counts_in_norm = models.BooleanField(default=True, help_text="off for sold and total-loss objects")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """A set of steps that a manager edits as one."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=255, blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class ScheduleVersion(models.Model):
    """One version of a schedule; in force from ``active_from`` until the next one is.

    On trial it is version B of an experiment: for a share of the clients from ``active_from`` on, the experiment's
    first day.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Retired")
        TRIAL = "trial", _("In an experiment")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    active_from = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=255, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["schedule", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="renewals_version_once"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(active_from__isnull=False), name="renewals_version_dated"
            ),
        ]


class Step(models.Model):
    """What happens so many days before the end, to whom, through which channel, in which words.

    ``conditions`` is a list like ``[{"code": "line_in", "value": ["kasko"]}, {"code": "no_project"}]``; the
    vocabulary is in ``rules.py``. A period (robot, operator) runs from ``day`` down to ``until_day``.
    """

    version = models.ForeignKey(ScheduleVersion, on_delete=models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=60, help_text="stays the same from version to version")
    name = models.CharField(max_length=120)
    day = models.PositiveSmallIntegerField()
    until_day = models.PositiveSmallIntegerField(null=True, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    at_time = models.TimeField(help_text="the client's local time")
    conditions = models.JSONField(default=list)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    text_en = models.TextField(blank=True)
    subject_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    # Not stored: ``steps_in_force`` says whom a step is for while an experiment runs, and since when after one.
    arm: Arm | None = None
    anew: date | None = None

    class Meta:
        ordering = ["-day", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="renewals_step_once"),
            models.CheckConstraint(
                condition=Q(until_day__isnull=True) | Q(until_day__lte=models.F("day")),
                name="renewals_step_period",
            ),
        ]


class Experiment(models.Model):
    """Two versions of a schedule set against each other: A is in force, B goes to a share of the clients.

    Terms enter from ``first_day`` to ``last_day`` (or until it is ended), each on its day ``lead_days`` before the end,
    the first on which the versions differ, and stay on their side to the end of the term. So nobody gets a part of
    both, and the plan of terms already under way does not change. From ``ended_from`` on everybody goes by one version.
    """

    class Winner(models.TextChoices):
        A = "a", _("Version A stays in force")
        B = "b", _("Version B comes into force")

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="experiments")
    control = models.ForeignKey(
        ScheduleVersion, on_delete=models.RESTRICT, related_name="+", help_text="version A"
    )
    candidate = models.OneToOneField(
        ScheduleVersion, on_delete=models.RESTRICT, related_name="trial", help_text="version B"
    )
    share = models.PositiveSmallIntegerField(default=50, help_text="percent of clients who get version B")
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    lead_days = models.PositiveSmallIntegerField(
        help_text="days before the end when the versions first differ"
    )
    ended_from = models.DateField(null=True, help_text="from this day everybody goes by one version")
    winner = models.CharField(max_length=1, choices=Winner, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule"], condition=Q(ended_from__isnull=True), name="renewals_experiment_one_open"
            ),
            models.CheckConstraint(
                condition=Q(share__gte=1, share__lte=99), name="renewals_experiment_share"
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=models.F("first_day")),
                name="renewals_experiment_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.control.number} / {self.candidate.number}"

    def runs_on(self, day: date) -> bool:
        """Whether the two versions go side by side on ``day``."""
        return self.first_day <= day and (self.ended_from is None or day < self.ended_from)

    def arm(self, *, gets_b: bool) -> Arm:
        """One side; entry over, the terms that entered still go by it."""
        lead = timedelta(days=self.lead_days)
        last = self.last_day + lead if self.last_day else None
        return Arm(self.pk, self.share, self.first_day + lead, last, gets_b)


class Touch(Claimable):
    """One planned contact: unique for a policy, a step and a term, whatever version planned it."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        DISPATCHING = "dispatching", _("Being prepared")
        QUEUED = "queued", _("On its way")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        OPENED = "opened", _("Read")
        REPLIED = "replied", _("Replied")
        FAILED = "failed", _("Not delivered")
        DROPPED = "dropped", _("Will not go")
        DONE = "done", pgettext_lazy("touch", "Done")

    renewal = models.ForeignKey(Renewal, on_delete=models.CASCADE, related_name="touches", db_index=False)
    step_key = models.CharField(max_length=100, help_text="schedule code and step key")
    step = models.ForeignKey(Step, null=True, on_delete=models.SET_NULL, db_index=False)
    term_end = models.DateField()
    day = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10, choices=Channel)
    due_on = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    reason = models.CharField(max_length=40, blank=True, help_text="code of why it was dropped or waits")
    reason_detail = models.CharField(max_length=255, blank=True)
    verdict = models.JSONField(default=dict)
    message_id = models.BigIntegerField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "touches"
        constraints = [
            models.UniqueConstraint(fields=["renewal", "step_key", "term_end"], name="renewals_touch_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="renewals_touch_open",
                condition=Q(state__in=["planned", "dispatching"]),
            ),
            models.Index(fields=["due_on", "channel", "state"], name="renewals_touch_day"),
        ]


class PlanDay(models.Model):
    """What one day's planning did."""

    day = models.DateField(unique=True)
    opened = models.BigIntegerField(default=0, help_text="expiring terms found")
    planned = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    runs = models.PositiveSmallIntegerField(default=0)
    newest_term = models.BigIntegerField(default=0, help_text="id of the newest expiring term it has seen")
    at = models.DateTimeField()


class NormResult(models.Model):
    """How an agent stands to the norm of a line: the numerator, the denominator, and the answer."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="norm_results")
    line = models.CharField(max_length=10)
    window_from = models.DateField()
    window_to = models.DateField()
    expiring = models.PositiveIntegerField(help_text="denominator")
    renewed = models.PositiveIntegerField(help_text="numerator")
    excluded = models.PositiveIntegerField(help_text="sold and total-loss objects, not counted")
    target = models.DecimalField(max_digits=5, decimal_places=2)
    kept = models.BooleanField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "line"], name="renewals_norm_result_once")]


class SelfRenewal(models.Model):
    """A next term that the client took alone on the site, and how it is known who that was."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="self_renewal")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="self_renewals")
    phone = models.CharField(max_length=20, help_text="the number that a one-time code confirmed, E.164")
    confirmed_at = models.DateTimeField(help_text="when the code was typed in")
    begun_at = models.DateTimeField(help_text="when the client went on to the payment")

    class Meta:
        ordering = ["-begun_at"]

    def __str__(self) -> str:
        return f"{self.project}"
