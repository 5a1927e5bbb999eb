"""Our numbers and their menus, calls with their lines and steps, recordings, people to be called back."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.calls.rules import Outcome
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of


class Sound(models.Model):
    """A sound that people gave us, as telephones play it. What it holds never changes: another one gets a new row."""

    class Use(models.TextChoices):
        FREE = "", pgettext_lazy("sound", "Where it is chosen")
        RECORDING = "recording", pgettext_lazy("sound", "“The conversation is recorded”")
        CALL_BACK = "call-back", pgettext_lazy("sound", "“We call you back”")

    name = models.CharField(max_length=80, unique=True)
    text = models.TextField(max_length=1000, blank=True, help_text="what is said, in words; empty for music")
    use = models.CharField(max_length=10, choices=Use, blank=True)
    file = models.FileField(upload_to="sounds/")
    mark = models.CharField(max_length=8, help_text="changes with the content")
    seconds = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True, help_text="may be chosen; what uses it already goes on")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["use"],
                condition=models.Q(is_active=True) & ~models.Q(use=""),
                name="calls_sound_one_a_use",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """The name by which exchanges ask for it."""
        return f"file-{self.pk}.{self.mark}"


class QueueMusic(models.Model):
    """What those hear who wait: of one queue (``centre:1``, ``branch:2``), or of all others (empty)."""

    queue = KeyField(max_length=24, unique=True, blank=True)
    sound = models.ForeignKey(Sound, on_delete=models.PROTECT, related_name="+")


class Menu(models.Model):
    """What a caller hears first (IVR), and what each key does.

    ``keys`` is a list of ``{"key": "1", "do": …, "words": …, "target": id}``; who presses nothing is connected.
    """

    name = models.CharField(max_length=80, unique=True)
    greeting = models.TextField(max_length=1000)
    keys = models.JSONField(default=list)
    opens = models.TimeField(null=True, blank=True, help_text="company time; empty: day and night")
    closes = models.TimeField(null=True, blank=True)
    closed = models.TextField(max_length=1000, blank=True, help_text="said outside of the opening hours")
    greeting_sound = models.ForeignKey(
        Sound, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False,
        help_text="played instead of the greeting, whose words stay for people to read",
    )  # fmt: skip
    closed_sound = models.ForeignKey(
        Sound, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Number(models.Model):
    """A number of ours that clients call, and that they see when we call from its branch or centre."""

    value = KeyField(max_length=20, unique=True, help_text="E.164, or a short number such as *0999")
    label = models.CharField(max_length=80)
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by_region = models.BooleanField(
        default=False, help_text="calls reach the renewal centre of the caller's region, not the agent"
    )
    menu = models.ForeignKey(Menu, null=True, blank=True, on_delete=models.PROTECT, related_name="numbers")
    records = models.BooleanField(default=False, help_text="conversations are recorded, and callers are told")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["label", "value"]

    def __str__(self) -> str:
        return f"{self.label} {self.value}"


class CallQuerySet(models.QuerySet["Call"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "CallQuerySet":
        """Calls with the clients this person may see, and those that the person had or is offered."""
        scope = scope_of(user)
        if scope.everything:
            return self
        return self.filter(scope.q() | models.Q(person=user.pk) | models.Q(offered_to=user.pk))

    def live(self) -> "CallQuerySet":
        return self.exclude(state=Call.State.ENDED)

    def missed(self) -> "CallQuerySet":
        """Callers who reached nobody."""
        return self.filter(direction=Call.Direction.IN, state=Call.State.ENDED, answered_at=None, person=None)


class Call(models.Model):
    """One call with a client. ``agent``, ``branch`` and ``centre`` are the client's, or of the number called.

    ``person`` talks or talked; ``offered_to`` is rung now. ``client`` is empty while several share the number.
    """

    class Direction(models.TextChoices):
        IN = "in", pgettext_lazy("call", "Incoming")
        OUT = "out", pgettext_lazy("call", "Outgoing")

    class State(models.TextChoices):
        MENU = "menu", pgettext_lazy("call", "In the menu")
        WAITING = "waiting", pgettext_lazy("call", "In the queue")
        RINGING = "ringing", pgettext_lazy("call", "Ringing")
        TALKING = "talking", pgettext_lazy("call", "Talking")
        ENDED = "ended", pgettext_lazy("call", "Ended")

    direction = models.CharField(max_length=3, choices=Direction)
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="calls", db_index=False
    )
    number = KeyField(max_length=32, blank=True, help_text="the client's, E.164; empty when withheld")
    our = models.ForeignKey(Number, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    our_number = models.CharField(max_length=32, blank=True)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=State)
    menu = models.ForeignKey(Menu, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    offered_until = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list, help_text="why it is offered to whom: codes with their facts")
    due_at = models.DateTimeField(null=True, help_text="when the call is looked at again by itself")
    reason = models.CharField(max_length=200, blank=True, help_text="why the client calls or is called")
    verdict = models.JSONField(
        null=True, help_text="what the communication policy said of a call to the client"
    )
    started_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, help_text="since when the caller waited for a person")
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wrapped_at = models.DateTimeField(null=True, help_text="when the person said how it came out")
    ending = models.CharField(max_length=12, blank=True)
    cause = models.CharField(max_length=80, blank=True, help_text="the network's own word")
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    note = models.TextField(blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="calls_call_due", condition=models.Q(due_at__isnull=False)),
            models.Index(
                fields=["state", "started_at"], name="calls_call_live", condition=~models.Q(state="ended")
            ),
            models.Index(fields=["client", "-started_at"], name="calls_call_client"),
            models.Index(fields=["number", "-started_at"], name="calls_call_number"),
            models.Index(fields=["person", "-started_at", "-id"], name="calls_call_person"),
            models.Index(fields=["agent", "-started_at", "-id"], name="calls_call_agent"),
            models.Index(fields=["branch", "-started_at", "-id"], name="calls_call_branch"),
            models.Index(fields=["centre", "-started_at", "-id"], name="calls_call_centre"),
            models.Index(fields=["-started_at", "-id"], name="calls_call_recent"),
            models.Index(
                fields=["queued_at"], name="calls_call_queued", condition=models.Q(queued_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.client.name if self.client else self.number

    @property
    def is_in(self) -> bool:
        return self.direction == self.Direction.IN

    @property
    def is_missed(self) -> bool:
        """The caller reached nobody."""
        return self.is_in and self.state == self.State.ENDED and self.answered_at is None

    @property
    def seconds(self) -> int:
        """How long they talked."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(0, int((self.ended_at - self.answered_at).total_seconds()))

    @property
    def room(self) -> str:
        """Where client and staff hear each other."""
        return f"call-{self.pk}"


class Line(models.Model):
    """One person's connection in a call, under the id by which the exchange knows it."""

    class Role(models.TextChoices):
        CLIENT = "client", pgettext_lazy("line", "Client")
        DESK = "desk", pgettext_lazy("line", "Desk")
        COLLEAGUE = "colleague", pgettext_lazy("line", "Colleague")
        SUPERVISOR = "supervisor", pgettext_lazy("line", "Supervisor")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("line", "Asked for")
        RINGING = "ringing", pgettext_lazy("line", "Ringing")
        UP = "up", pgettext_lazy("line", "Connected")
        HELD = "held", pgettext_lazy("line", "On hold")
        LEAVING = "leaving", pgettext_lazy("line", "Leaving")
        ENDED = "ended", pgettext_lazy("line", "Ended")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="lines")
    line = KeyField(max_length=120, unique=True)
    role = models.CharField(max_length=10, choices=Role)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    number = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    rung_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, blank=True)
    cause = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["person"], name="calls_line_of_person", condition=models.Q(ended_at__isnull=True)
            ),
        ]

    @property
    def is_alive(self) -> bool:
        return self.state != self.State.ENDED


class CallStep(models.Model):
    """What happened in a call, one line a step: menu choices, places in the queue, to whom it was offered and why."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]


class Order(models.Model):
    """A request to the exchange, kept in the transaction that decides it and deleted when the exchange has it.

    ``verb`` is a method of ``ports.Exchange``; what was asked for and not yet done is asked again after a crash.
    """

    call = models.ForeignKey(Call, null=True, on_delete=models.CASCADE, related_name="orders")
    verb = models.CharField(max_length=20)
    args = models.JSONField(default=dict)
    at = models.DateTimeField()


class Recording(models.Model):
    """What was said, kept as a private file until its day."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    name = KeyField(max_length=60, unique=True, help_text="as the exchange knows it")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="calls/%Y/%m/", blank=True)
    keep_until = models.DateField()

    class Meta:
        ordering = ["id"]


class CallBackQuerySet(models.QuerySet["CallBack"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "CallBackQuerySet":
        """Of clients this person may see."""
        return self.filter(scope_of(user).q())

    def open(self) -> "CallBackQuerySet":
        return self.filter(done_at=None)

    def for_person(self, user: Any, now: datetime) -> "CallBackQuerySet":
        """Own ones, those of nobody and of whom the person stands in for, and all whose hour is over."""
        absent = [pk for pk, _name in scope_of(user).absent]
        mine = models.Q(person=user.pk) | models.Q(person=None) | models.Q(call_by__lt=now)
        return self.visible_to(user).open().filter(mine | models.Q(agent__in=absent))


class CallBack(models.Model):
    """Somebody waits to be called: they hung up before anybody answered, or asked for it.

    ``asked_at`` keeps the place in the queue. ``person`` is who calls back, empty for whoever is free.
    """

    class Why(models.TextChoices):
        MISSED = "missed", pgettext_lazy("call back", "Missed call")
        ASKED = "asked", pgettext_lazy("call back", "Asked to be called")

    class Result(models.TextChoices):
        TALKED = "talked", pgettext_lazy("call back", "We talked")
        OTHERWISE = "otherwise", pgettext_lazy("call back", "Settled in another way")
        NOT_REACHED = "not_reached", pgettext_lazy("call back", "Could not be reached")
        NO_NEED = "no_need", pgettext_lazy("call back", "No need to call")

    call = models.OneToOneField(Call, null=True, on_delete=models.CASCADE, related_name="call_back")
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="call_backs", db_index=False
    )
    number = KeyField(max_length=32)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    why = models.CharField(max_length=6, choices=Why)
    asked_at = models.DateTimeField()
    call_by = models.DateTimeField(
        help_text="until when they should be called: working time after they tried"
    )
    times = models.PositiveSmallIntegerField(default=1, help_text="how often they tried")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    result = models.CharField(max_length=12, choices=Result, blank=True)
    note = models.CharField(max_length=500, blank=True)

    objects = CallBackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(done_at__isnull=True), name="calls_call_back_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["asked_at", "id"], name="calls_call_back_open", condition=models.Q(done_at=None)
            ),
            models.Index(fields=["client"], name="calls_call_back_client"),
        ]

    def __str__(self) -> str:
        return self.client.name if self.client else self.number


class Watch(models.Model):
    """Which worker holds the connection to the exchange. One row."""

    name = models.CharField(max_length=20, unique=True)
    held_by = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
