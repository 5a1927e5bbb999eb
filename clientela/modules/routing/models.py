"""Who is at work, which queues they serve, and every piece of work with each decision about it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of


class Station(models.Model):
    """A person's place of work: the declared state, what the person can do and how much there is in hand.

    ``load`` is the sum of what the person's pieces of work take; ``capacity`` is how much fits.
    """

    class State(models.TextChoices):
        AVAILABLE = "available", pgettext_lazy("station", "Available")
        BUSY = "busy", pgettext_lazy("station", "Busy")
        BREAK = "break", pgettext_lazy("station", "Break")
        AWAY = "away", pgettext_lazy("station", "Away")
        OFFLINE = "offline", pgettext_lazy("station", "Offline")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="station")
    state = models.CharField(max_length=10, choices=State, default=State.AVAILABLE)
    since = models.DateTimeField(help_text="when the state was declared")
    seen_at = models.DateTimeField(null=True, help_text="when a page of the person was open last")
    capacity = models.PositiveSmallIntegerField(default=100)
    load = models.PositiveIntegerField(default=0)
    idle_since = models.DateTimeField(help_text="when the person got or ended work last")
    skills = models.JSONField(default=list, help_text='e.g. ["language:en", "channel:vk", "product:kasko"]')
    serves = models.BooleanField(default=False, help_text="gets work from the queue of the own place")

    def __str__(self) -> str:
        return f"{self.user}: {self.state}"


class StateChange(models.Model):
    """One change of a person's state as others see it: written with the change, never altered.

    ``offline`` is dated back to when the last page was seen, and written when the person comes again.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=Station.State)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["user", "at"], name="routing_state_of_person")]


class Queue(models.Model):
    """When work leaves a queue, and how soon its calls are to be answered: ``key`` is centre:ID, branch:ID or company. Seconds; none: never."""

    key = KeyField(max_length=24, unique=True)
    live_overflow = models.PositiveIntegerField(
        null=True, blank=True, default=30, help_text="a call or a chat goes to the wider queue"
    )
    letter_overflow = models.PositiveIntegerField(
        null=True, blank=True, default=3600, help_text="the same of a letter, in working time"
    )
    live_take_back = models.PositiveIntegerField(
        null=True, blank=True, default=20, help_text="a call or a chat is taken from who does not accept it"
    )
    takes_back_letters = models.BooleanField(
        default=False, help_text="a letter nobody answered in time goes to the queue"
    )
    answer_within = models.PositiveSmallIntegerField(
        default=20, help_text="a call answered within these seconds counts to the service level"
    )
    answer_share = models.PositiveSmallIntegerField(default=80, help_text="the service level aimed at, %")
    is_paused = models.BooleanField(default=False, help_text="a sales queue gives nothing out by itself")

    def __str__(self) -> str:
        return self.key


class Desk(models.Model):
    """A person's part in the sales queue of a branch: how many requests fit, and which share of them is theirs.

    ``weight`` is 100 for a full share. A desk is counted apart from the station: who works on requests still gets calls.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="desk")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="desks")
    takes = models.BooleanField(default=True)
    capacity = models.PositiveSmallIntegerField(default=10, help_text="so many requests in hand at once")
    load = models.PositiveIntegerField(default=0)
    weight = models.PositiveSmallIntegerField(default=100, help_text="the share of the branch's requests, %")
    idle_since = models.DateTimeField(help_text="when the person got or ended a request last")

    def __str__(self) -> str:
        return f"{self.user}: {self.load}/{self.capacity}"


class Dealt(models.Model):
    """How many requests the queue gave a person on a day of the company; what is taken back later stays counted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="routing_dealt_once")]


class WorkItemQuerySet(models.QuerySet["WorkItem"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "WorkItemQuerySet":
        """Only work about the clients this person may see."""
        return self.filter(scope_of(user).q())

    def open(self) -> "WorkItemQuerySet":
        return self.exclude(state=WorkItem.State.DONE)


class WorkItem(models.Model):
    """A piece of work that wants a person: whose it is, in which queue it waits, and why.

    ``agent``, ``branch`` and ``centre`` are the client's. ``load`` is what the work takes of the assignee's
    capacity now. ``decisions``: everything decided about it, oldest first, as ``Reason`` with its moment.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("work", "Waiting")
        OFFERED = "offered", pgettext_lazy("work", "Offered")
        HELD = "held", pgettext_lazy("work", "In hand")
        DONE = "done", pgettext_lazy("work", "Done")

    class Media(models.TextChoices):
        CALL = "call", pgettext_lazy("work", "Call")
        CHAT = "chat", pgettext_lazy("work", "Chat")
        LETTER = "letter", pgettext_lazy("work", "Letter")
        REQUEST = "request", pgettext_lazy("work", "Request")

    kind = models.CharField(max_length=20, help_text="what it is: conversation, call")
    ref_id = models.BigIntegerField(help_text="which one")
    media = models.CharField(max_length=8, choices=Media)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    queue = KeyField(max_length=24)
    priority = models.SmallIntegerField(default=0)
    skills = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    load = models.PositiveSmallIntegerField(default=0)
    passed = models.JSONField(default=list, help_text="who let it pass: they do not get it again")
    queued_at = models.DateTimeField(help_text="since when somebody waits")
    since = models.DateTimeField(help_text="when it came where it is")
    move_at = models.DateTimeField(null=True, help_text="when it overflows or is taken back")
    due_at = models.DateTimeField(null=True, help_text="by when it is answered; none: nobody waits")
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decisions = models.JSONField(default=list)

    objects = WorkItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref_id"], name="routing_work_once")]
        indexes = [
            models.Index(
                fields=["queue", "-priority", "queued_at", "id"],
                name="routing_work_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["move_at"], name="routing_work_moves", condition=models.Q(move_at__isnull=False)
            ),
            models.Index(
                fields=["due_at"],
                name="routing_work_due",
                condition=models.Q(due_at__isnull=False, escalated_at__isnull=True),
            ),
            models.Index(
                fields=["escalated_to"],
                name="routing_work_escalated",
                condition=models.Q(escalated_to__isnull=False) & ~models.Q(state="done"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref_id}"


class Answer(models.Model):
    """Somebody waited and was answered: the first answer to what began to wait at ``asked_at``. Never altered.

    ``due_at`` was the moment by which it should have been. ``agent``, ``branch`` and ``centre`` are the client's.
    """

    kind = models.CharField(max_length=20)
    media = models.CharField(max_length=8, choices=WorkItem.Media)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["answered_at"], name="routing_answer_at")]


class WallScreen(models.Model):
    """A link by which a screen on the wall shows the figures of one queue without a sign-in; no names stand there.

    The token itself is shown once: ``digest`` is its SHA-256.
    """

    name = models.CharField(max_length=80)
    queue = models.CharField(max_length=24)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
