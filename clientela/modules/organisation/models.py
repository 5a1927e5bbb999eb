"""The company: branches, renewal centres, teams, agents and who sits where."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.jobs.models import Job


class Branch(models.Model):
    """A branch (филиал) with its regions."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    region_code = models.CharField(max_length=6)
    city = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=40)
    phone = models.CharField(max_length=20, blank=True)
    regions = models.JSONField(default=list, help_text="codes of the regions it serves")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RenewalCentre(models.Model):
    """A regional contact-centre team that supports agents with renewals."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    time_zone = models.CharField(max_length=40)
    branches = models.ManyToManyField(Branch, related_name="renewal_centres")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Agents under one lead."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["branch", "name"]
        constraints = [models.UniqueConstraint(fields=["branch", "name"], name="organisation_team_once")]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """The seller who owns the relation, under an agency agreement (АГД). The agent keeps this card current."""

    class LegalStatus(models.TextChoices):
        INDIVIDUAL = "individual", _("Individual")
        SELF_EMPLOYED = "self_employed", _("Self-employed")
        ENTREPRENEUR = "entrepreneur", _("Sole proprietor")
        COMPANY = "company", _("Legal entity")

    class Kind(models.TextChoices):
        AGENT = "agent", _("Agent")
        BROKER = "broker", _("Broker")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="agent"
    )
    code = models.CharField(max_length=40, unique=True, help_text="the agent's key in the policy system")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.AGENT)
    last_name = models.CharField(max_length=120)
    first_name = models.CharField(max_length=80, blank=True)
    middle_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="shown to clients in messages, E.164")
    email = models.EmailField(blank=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="agents")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="agents")
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.SET_NULL, related_name="agents",
        help_text="the renewal centre that supports this agent",
    )  # fmt: skip
    agreement_number = models.CharField(max_length=40, blank=True)
    agreement_date = models.DateField(null=True, blank=True)
    legal_status = models.CharField(max_length=16, choices=LegalStatus, default=LegalStatus.INDIVIDUAL)
    specialisations = models.JSONField(default=list, blank=True, help_text="lines the agent sells best")
    territories = models.JSONField(
        default=list, blank=True, help_text="codes of the regions the agent works in; none: all of the branch"
    )
    is_active = models.BooleanField(default=True)
    contacts_confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["last_name", "first_name"]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def photo_url(self) -> str:
        """Where the agent's photo is for a signed-in browser; empty without one. Needs ``user``."""
        return self.user.photo_url if self.user else ""


class Placement(models.Model):
    """Where a member of staff sits: this decides which records the role may touch."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="placement")
    branch = models.ForeignKey(
        Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="placements")
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )


class Absence(models.Model):
    """A period in which a person does not work and one colleague works with their clients (замещение).

    The clients, the terms and the commission stay the absent agent's; the substitute sees them on these days only.
    """

    class Kind(models.TextChoices):
        LEAVE = "leave", pgettext_lazy("absence", "Leave")
        SICK = "sick", pgettext_lazy("absence", "Sick leave")
        OTHER = "other", pgettext_lazy("absence", "Other")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences", db_index=False
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="substitutions", db_index=False
    )
    first_day = models.DateField()
    last_day = models.DateField(help_text="the last day away")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.LEAVE)
    note = models.CharField(max_length=200, blank=True)
    shows_phone = models.BooleanField(
        default=False, help_text="messages to the agent's clients carry the substitute's phone"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["first_day", "id"]
        indexes = [
            models.Index(fields=["person", "last_day"], name="organisation_absence_person"),
            models.Index(fields=["substitute", "last_day"], name="organisation_absence_for"),
            models.Index(fields=["last_day"], name="organisation_absence_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="organisation_absence_days"
            ),
            models.CheckConstraint(
                condition=~models.Q(substitute=models.F("person")), name="organisation_absence_not_self"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} → {self.substitute}"


class HandOverPart(models.Model):
    """Whose the clients and policies of one chunk of a hand-over were, kept while it can be undone.

    ``clients`` and ``policies`` are rows of plain values: ``Was`` of clients, ``Sold`` of contracts.
    """

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="hand_over_parts")
    clients = models.JSONField(default=list)
    policies = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.job_id}: {len(self.clients)}"


class NormTarget(models.Model):
    """The renewal norm of a line, for everybody or for one agreement: the share to keep and how it is counted."""

    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="norm_targets"
    )
    line = models.CharField(max_length=20)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    window_months = models.PositiveSmallIntegerField(default=3, help_text="months of expiry that are counted")
    grace_days = models.PositiveSmallIntegerField(default=30, help_text="a renewal this late still counts")
    min_expiring = models.PositiveSmallIntegerField(
        default=5, help_text="fewer expiring policies: no judgement"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "line"], name="organisation_norm_once"),
            models.UniqueConstraint(
                fields=["line"], condition=models.Q(agent__isnull=True), name="organisation_norm_default_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.agent or ''}".strip()
