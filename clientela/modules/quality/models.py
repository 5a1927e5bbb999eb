"""Surveys, and what became of each time a client was to be asked."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of
from clientela.modules.quality import rules


def new_token() -> str:
    """The secret of a link: 128 random bits."""
    return secrets.token_urlsafe(16)


class Survey(models.Model):
    """One question asked after one kind of occasion."""

    class Occasion(models.TextChoices):
        PURCHASE = "purchase", pgettext_lazy("occasion", "After a purchase")
        SERVICE = "service", pgettext_lazy("occasion", "After a conversation")
        CLAIM = "claim", pgettext_lazy("occasion", "After a claim")

    class Metric(models.TextChoices):
        NPS = rules.Metric.NPS.value, _("NPS: would recommend, 0–10")
        CSI = rules.Metric.CSI.value, _("CSI: content, 1–5")
        CES = rules.Metric.CES.value, _("CES: it was easy, 1–7")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    occasion = models.CharField(max_length=8, choices=Occasion)
    metric = models.CharField(max_length=3, choices=Metric)
    question = models.CharField(max_length=200)
    invitation = models.TextField(max_length=600, help_text="the message; {link} stands for the page")
    subject = models.CharField(max_length=120, blank=True, help_text="of an e-mail")
    channels = models.JSONField(default=list, help_text="the first that reaches the client is taken")
    delay_hours = models.PositiveSmallIntegerField(default=24, validators=[MaxValueValidator(720)])
    rest_days = models.PositiveSmallIntegerField(
        default=90, validators=[MaxValueValidator(730)], help_text="nobody is asked twice within so many days"
    )
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def scale(self) -> rules.Scale:
        return rules.SCALES[rules.Metric(self.metric)]


class RequestQuerySet(models.QuerySet["SurveyRequest"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RequestQuerySet":
        """Of clients this person may see."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(scope.q("client__"))

    def answered(self) -> "RequestQuerySet":
        return self.filter(state=SurveyRequest.State.ANSWERED)

    def to_call_back(self) -> "RequestQuerySet":
        """Clients who are not content and whom nobody has called back yet."""
        return self.filter(call_back_by__isnull=False, settled_at=None)


class SurveyRequest(models.Model):
    """A client to be asked, being asked, or who answered. ``agent``, ``branch`` and ``centre`` are those of that day."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("survey", "To be asked")
        ASKED = "asked", pgettext_lazy("survey", "Asked")
        ANSWERED = "answered", pgettext_lazy("survey", "Answered")
        DROPPED = "dropped", pgettext_lazy("survey", "Not asked")

    class Group(models.TextChoices):
        GOOD = rules.Group.GOOD.value, pgettext_lazy("score", "Content")
        NEUTRAL = rules.Group.NEUTRAL.value, pgettext_lazy("score", "Neutral")
        BAD = rules.Group.BAD.value, pgettext_lazy("score", "Not content")

    class Via(models.TextChoices):
        LINK = "link", pgettext_lazy("answered", "by the link")
        REPLY = "reply", pgettext_lazy("answered", "by a reply")
        CALL = "call", pgettext_lazy("answered", "in a call")
        ROBOT = "robot", pgettext_lazy("answered", "to the robot")

    class Reason(models.TextChoices):
        LATELY = "lately", _("The client was asked lately.")
        OFF = "off", _("The survey was switched off.")
        REOPENED = "reopened", _("The conversation went on.")
        UNREACHABLE = "unreachable", _("No channel may be used to ask.")
        LATE = "late", _("Too late to ask.")

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="requests", db_index=False)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="survey_requests", db_index=False
    )
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    occasion = KeyField(max_length=60, help_text="what happened, e.g. policy:12; one request each")
    about = models.CharField(max_length=120, blank=True, help_text="the same for people")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    token = KeyField(max_length=32, default=new_token, unique=True)
    due_at = models.DateTimeField()
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    group = models.CharField(max_length=7, choices=Group, blank=True)
    comment = models.TextField(max_length=2000, blank=True)
    via = models.CharField(max_length=5, choices=Via, blank=True)
    answered_at = models.DateTimeField(null=True)
    call_back_by = models.DateTimeField(null=True, help_text="the client is not content: call by this moment")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    settled_note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "occasion"], name="quality_request_once"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="quality_request_due", condition=models.Q(state="waiting")),
            models.Index(fields=["client", "-asked_at"], name="quality_request_client"),
            models.Index(
                fields=["survey", "-answered_at", "-id"], name="quality_request_answered",
                condition=models.Q(state="answered"),
            ),
            models.Index(
                fields=["agent", "-answered_at", "-id"], name="quality_request_agent",
                condition=models.Q(state="answered"),
            ),
            models.Index(
                fields=["-answered_at", "-id"], name="quality_request_newest", condition=models.Q(state="answered")
            ),
            models.Index(
                fields=["call_back_by", "id"], name="quality_request_call_back",
                condition=models.Q(call_back_by__isnull=False, settled_at=None),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.survey.name}: {self.client.name}"

    def is_overdue(self, now: datetime) -> bool:
        """The client should have been called back by now."""
        return self.settled_at is None and self.call_back_by is not None and self.call_back_by < now
