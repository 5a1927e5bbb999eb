"""Dialogues with their versions, and the robot's calls with what was said in them."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.organisation.queries import scope_of
from clientela.modules.robot.rules.dialogue import Dialogue as Graph
from clientela.modules.robot.rules.dialogue import Outcome


class Dialogue(models.Model):
    """What the robot talks about; a manager edits it as versions."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=255, blank=True)
    robot = models.CharField(max_length=40, help_text="what the robot calls itself")
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class DialogueVersion(models.Model):
    """One version of a dialogue; in force from ``active_from`` until the next one is.

    ``graph`` is a ``rules.dialogue.Dialogue`` as JSON. A version that clients heard is never edited.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Retired")

    dialogue = models.ForeignKey(Dialogue, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    active_from = models.DateField(null=True, blank=True)
    graph = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["dialogue", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dialogue", "number"], name="robot_version_once"),
            models.UniqueConstraint(
                fields=["dialogue"], condition=Q(state="draft"), name="robot_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(active_from__isnull=False), name="robot_version_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dialogue} {self.number}"

    @property
    def parsed(self) -> Graph:
        """The graph as the rules see it."""
        return Graph.from_json(self.graph)


class RobotCallQuerySet(models.QuerySet["RobotCall"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RobotCallQuerySet":
        """Calls to the clients this person may see."""
        return self.filter(scope_of(user).q("client__"))

    def live(self) -> "RobotCallQuerySet":
        return self.filter(state__in=[RobotCall.State.RINGING, RobotCall.State.TALKING])


class RobotCall(Claimable):
    """A client to be reached by a dialogue: asked for once by its origin, rung until reached or too late.

    ``values`` are the words of the dialogue's variables when it was asked for; ``talk`` is the engine's state of the
    attempt in hand. ``look_at`` is when a live call is looked at by itself: silence, or a line that tells nothing.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("robot call", "Waits")
        TAKEN = "taken", pgettext_lazy("robot call", "Being prepared")
        RINGING = "ringing", pgettext_lazy("robot call", "Rings")
        TALKING = "talking", pgettext_lazy("robot call", "Talks")
        DONE = "done", pgettext_lazy("robot call", "Done")
        DROPPED = "dropped", pgettext_lazy("robot call", "Not made")

    origin = models.CharField(max_length=40, help_text="who asked, e.g. renewals.touch")
    origin_id = models.BigIntegerField()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="robot_calls", db_index=False)
    dialogue = models.ForeignKey(Dialogue, on_delete=models.PROTECT, related_name="calls", db_index=False)
    version = models.ForeignKey(
        DialogueVersion, null=True, on_delete=models.PROTECT, related_name="calls", db_index=False,
        help_text="by which the client was or is talked to",
    )  # fmt: skip
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    next_at = models.DateTimeField()
    until = models.DateTimeField(help_text="no attempt after this")
    look_at = models.DateTimeField(null=True)
    talk = models.JSONField(default=dict)
    contact_point = models.ForeignKey(
        ContactPoint, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    address = models.CharField(max_length=32, blank=True)
    verdict = models.JSONField(default=dict, help_text="the communication policy's answer with every check")
    tries = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    promised = models.DateField(null=True)
    score = models.PositiveSmallIntegerField(null=True, help_text="what the client gave in a survey")
    dropped = models.CharField(max_length=40, blank=True, help_text="code of why nobody is rung any more")
    fault = models.CharField(max_length=10, blank=True, help_text="whose reason it is: guard or policy")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = RobotCallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "origin_id"], name="robot_call_once_per_origin"),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(state__in=["ringing", "talking"]),
                name="robot_call_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], name="robot_call_due", condition=Q(state="waiting")),
            models.Index(fields=["lease_until"], name="robot_call_taken", condition=Q(state="taken")),
            models.Index(fields=["look_at"], name="robot_call_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["client", "-created_at"], name="robot_call_client"),
            models.Index(fields=["dialogue", "-ended_at"], name="robot_call_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.dialogue}"


class Attempt(models.Model):
    """One time a client was rung. ``line`` is our id of the line; ``who`` picked up: person, machine or unknown."""

    call = models.ForeignKey(RobotCall, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    line = KeyField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", db_index=False)
    rung_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    who = models.CharField(max_length=8, blank=True)
    ending = models.CharField(max_length=12, blank=True)
    cause = models.CharField(max_length=80, blank=True, help_text="the network's own word")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "number"], name="robot_attempt_once")]
        indexes = [models.Index(fields=["client", "-rung_at"], name="robot_attempt_client")]

    @property
    def seconds(self) -> int:
        """How long the line was up."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at) / timedelta(seconds=1))


class Said(models.Model):
    """One thing the robot said, and how the client answered it: the transcript, and what figures are counted from."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="said")
    version = models.ForeignKey(DialogueVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    move = models.PositiveSmallIntegerField()
    node = models.CharField(max_length=60)
    text = models.TextField()
    at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    via = models.CharField(max_length=8, blank=True, help_text="key, word or silence")
    heard = models.CharField(max_length=400, blank=True, help_text="the words, or the key")
    confidence = models.FloatField(null=True)
    meaning = models.CharField(max_length=16, blank=True)
    to = models.CharField(max_length=60, blank=True, help_text="key of the node that followed")

    class Meta:
        ordering = ["attempt", "move"]
        constraints = [models.UniqueConstraint(fields=["attempt", "move"], name="robot_said_once")]
        indexes = [models.Index(fields=["version", "at"], name="robot_said_version")]


class Pause(models.Model):
    """The robot rings nobody from ``since`` until it is ended; what is being said goes on to its end."""

    since = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(ended_at__isnull=True), name="robot_pause_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.since:%d.%m.%Y %H:%M}"
