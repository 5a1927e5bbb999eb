"""Scripts of talks in versions, and what was answered in each talk."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.modules.products.models import Product
from clientela.modules.sales.models.deals import Deal
from clientela.modules.sales.models.funnels import Funnel, Stage
from clientela.modules.sales.rules import scripts as rules


class Script(models.Model):
    """What a seller says in a stage of a funnel; no stage and no product mean any."""

    name = models.CharField(max_length=80)
    code = models.SlugField(max_length=40, unique=True)
    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="scripts")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="scripts")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["funnel", "stage__position", "id"]

    def __str__(self) -> str:
        return self.name


class ScriptVersion(models.Model):
    """One edition of a script; at most one is in force and one is being written."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("script", "Draft")
        ACTIVE = "active", pgettext_lazy("script", "In force")
        RETIRED = "retired", pgettext_lazy("script", "Replaced")

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    body = models.JSONField(default=dict)
    past = models.JSONField(
        default=list, help_text="bodies of the draft before its last changes, the newest last"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["script", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="sales_script_version_once"),
            models.UniqueConstraint(
                fields=["script", "state"],
                condition=Q(state__in=["draft", "active"]),
                name="sales_script_one_of_a_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.script} {self.number}"

    @property
    def content(self) -> rules.Script:
        return rules.parsed(self.body)


class Talk(models.Model):
    """A seller goes through a version with one deal; ``node`` is where they are, empty at the end."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="talks")
    version = models.ForeignKey(ScriptVersion, on_delete=models.CASCADE, related_name="talks")
    node = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["deal", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "version"], condition=Q(ended_at__isnull=True), name="sales_one_talk_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deal_id} {self.version_id}"


class Turn(models.Model):
    """The answer that was taken at a step; ``answer`` is its place there from 0."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="turns")
    node = models.CharField(max_length=40)
    answer = models.PositiveSmallIntegerField()
    objection = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["talk", "id"]

    def __str__(self) -> str:
        return f"{self.node} {self.answer}"
