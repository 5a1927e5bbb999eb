"""Calling lists, the clients on them, and every attempt to reach one."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.fields import KeyField
from clientela.modules.accounts.rules import Role
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Purpose
from clientela.modules.dialler.rules.attempts import Rules
from clientela.modules.dialler.rules.order import Place
from clientela.modules.dialler.rules.outcomes import Outcome
from clientela.modules.dialler.rules.questions import Question, parsed
from clientela.modules.organisation.models import Agent, Branch, Placement, RenewalCentre, Team
from clientela.modules.organisation.queries import scope_of

FIRST_COMES = (
    "-asked", F("ends_on").asc(nulls_last=True), F("premium").desc(nulls_last=True), "attempts", "id",
)  # fmt: skip


class CallingListQuerySet(models.QuerySet["CallingList"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "CallingListQuerySet":
        """Lists of everybody, and those of the person's own branch, team or centre."""
        if scope_of(user).everything:
            return self
        if user.role == Role.AGENT:
            place: Any = Agent.objects.filter(user=user.pk).first()
        else:
            place = Placement.objects.filter(user=user.pk).first()
        found = Q(branch=None, team=None, centre=None)
        for name in ("branch", "team", "centre"):
            if place is not None and getattr(place, f"{name}_id"):
                found |= Q(**{name: getattr(place, f"{name}_id")})
        return self.filter(found)

    def active(self) -> "CallingListQuerySet":
        return self.filter(is_active=True)


class CallingList(models.Model):
    """Clients to be called for one purpose, with the words and the rules by which they are called.

    A list without branch, team and centre is everybody's; whom a person calls is in any case the person's scope.
    ``opens`` … ``closes`` is the client's clock, within the hours of the communication policy.
    """

    class Mode(models.TextChoices):
        PREVIEW = "preview", pgettext_lazy("calling list", "Read, then call")
        PROGRESSIVE = "progressive", pgettext_lazy("calling list", "Calls by itself when you are free")

    code = KeyField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.SERVICE)
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    centre = models.ForeignKey(
        RenewalCentre, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.PREVIEW)
    countdown = models.PositiveSmallIntegerField(default=20, help_text="seconds before it dials by itself")
    script = models.TextField(blank=True, help_text="what to say; a blank line begins the next part")
    questions = models.JSONField(default=list)
    rules = models.JSONField(default=dict)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=100)
    updated_at = models.DateTimeField()

    objects = CallingListQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def asks(self) -> list[Question]:
        return parsed(self.questions)

    @property
    def attempt_rules(self) -> Rules:
        return Rules.from_json(self.rules)


class EntryQuerySet(models.QuerySet["Entry"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "EntryQuerySet":
        """Clients this person may see, on lists this person works with."""
        scope = scope_of(user)
        if scope.everything:
            return self
        lists = CallingList.objects.visible_to(user).values("pk")
        return self.filter(client__in=Client.objects.visible_to(user).values("pk"), calling__in=lists)

    def open(self) -> "EntryQuerySet":
        return self.filter(state__in=[Entry.State.WAITING, Entry.State.TAKEN])

    def first_comes(self) -> "EntryQuerySet":
        """In the order of ``rules.order``."""
        return self.order_by(*FIRST_COMES)


class Entry(Claimable):
    """A client on a list: asked for once by its origin, called until reached or too late.

    ``reasons`` are the asker's sentences why, in English where they are in the catalogues. ``asked``: the client named
    the moment ``next_at``, or asked for a person.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("calling list", "Waits")
        TAKEN = "taken", pgettext_lazy("calling list", "In work")
        DONE = "done", pgettext_lazy("calling list", "Done")
        DROPPED = "dropped", pgettext_lazy("calling list", "Taken off")

    calling = models.ForeignKey(CallingList, on_delete=models.CASCADE, related_name="entries", db_index=False)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="calling_entries", db_index=False
    )
    origin = models.CharField(max_length=40, help_text="who asked, e.g. renewals.touch")
    origin_id = models.BigIntegerField()
    subject = models.CharField(max_length=200, blank=True, help_text="what it is about: a policy, a need")
    reasons = models.JSONField(default=list)
    ends_on = models.DateField(null=True)
    premium = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked = models.BooleanField(default=False)
    next_at = models.DateTimeField()
    until = models.DateTimeField(help_text="no attempt after this")
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False,
        help_text="only this person gets it",
    )  # fmt: skip
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, help_text="of the last attempt")
    dropped = models.CharField(max_length=40, blank=True, help_text="code of why nobody calls any more")
    fault = models.CharField(max_length=10, blank=True)
    verdict = models.JSONField(default=dict, help_text="the communication policy's last answer")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "origin_id", "calling"], name="dialler_entry_once"),
            models.UniqueConstraint(
                fields=["client"], condition=Q(state="taken"), name="dialler_client_taken_once"
            ),
            models.UniqueConstraint(
                fields=["taken_by"], condition=Q(state="taken"), name="dialler_person_takes_one"
            ),
        ]
        indexes = [
            models.Index(fields=["calling", "next_at"], name="dialler_waiting", condition=Q(state="waiting")),
            models.Index(fields=["until"], name="dialler_until", condition=Q(state="waiting")),
            models.Index(fields=["lease_until"], name="dialler_taken", condition=Q(state="taken")),
            models.Index(fields=["calling", "-ended_at"], name="dialler_ended"),
            models.Index(fields=["client", "-created_at"], name="dialler_client"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.calling}"

    @property
    def place(self) -> Place:
        """As the rule of the order sees it."""
        return Place(self.pk, self.asked, self.ends_on, self.premium, self.attempts)

    def days_left(self, today: date) -> int | None:
        return (self.ends_on - today) // timedelta(days=1) if self.ends_on else None


class Attempt(models.Model):
    """One time a client was called for an entry. ``before`` is the entry as it was, to take the outcome back."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", db_index=False)
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    call = models.OneToOneField(Call, null=True, on_delete=models.SET_NULL, related_name="dialler_attempt")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    moment = models.DateTimeField(null=True, help_text="that the client named")
    note = models.CharField(max_length=500, blank=True)
    by_itself = models.BooleanField(default=False, help_text="the network said it, not a person")
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["entry", "number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="dialler_attempt_once")]
        indexes = [
            models.Index(fields=["client", "-began_at"], name="dialler_attempt_client"),
            models.Index(fields=["operator", "-began_at"], name="dialler_attempt_operator"),
        ]

    @property
    def is_open(self) -> bool:
        """Nobody said yet how it came out."""
        return not self.outcome and self.undone_at is None
