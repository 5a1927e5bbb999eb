"""Somebody asks us for a policy, and everything that became of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Conversation
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Product
from clientela.modules.requests.models.intake import ConsentText, Intake
from clientela.modules.routing.models import Desk


class RequestQuerySet(models.QuerySet["Request"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RequestQuerySet":
        """Of clients this person may see, of the own people, one's own, and those that wait where one has a desk."""
        scope = scope_of(user)
        if scope.everything:
            return self
        waiting = Q(assignee=None, branch__in=Desk.objects.filter(user=user.pk, takes=True).values("branch"))
        seen = scope.q() | Q(assignee=user.pk) | waiting
        if scope.agent_ids:
            seen |= Q(assignee__agent__in=scope.agent_ids)
        return self.filter(seen)

    def open(self) -> "RequestQuerySet":
        return self.filter(state__in=Request.OPEN)

    def waiting(self) -> "RequestQuerySet":
        """Nobody has answered yet."""
        return self.filter(state=Request.State.NEW, at_marketing=False)


class Request(models.Model):
    """One request. ``agent``, ``branch`` and ``centre`` are the client's, or of where it came in.

    ``client`` is empty while several share the phone: ``possible`` lists their cards. ``reasons``: the rules that gave
    ``score``. ``why``: what routing decided, as it keeps reasons; ``candidates``: everybody it looked at, with figures.
    ``due_at`` is the promise of the first answer, ``taken_at`` the answer. ``origin`` names what it was made of, once.
    """

    class Source(models.TextChoices):
        WEB = "web", pgettext_lazy("request", "Site")
        WIDGET = "widget", pgettext_lazy("request", "Another site")
        CHAT = "chat", pgettext_lazy("request", "Site, chat")
        MESSAGE = "message", pgettext_lazy("request", "Conversation")
        CALL = "call", pgettext_lazy("request", "Call")
        MISSED = "missed", pgettext_lazy("request", "Missed call")
        EMAIL = "email", pgettext_lazy("request", "E-mail")
        API = "api", pgettext_lazy("request", "Programs")
        PARTNER = "partner", pgettext_lazy("request", "Partner")
        HAND = "hand", pgettext_lazy("request", "Entered by hand")

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("request", "New")
        TAKEN = "taken", pgettext_lazy("request", "Taken")
        WORKING = "working", pgettext_lazy("request", "In work")
        DEAL = "deal", pgettext_lazy("request", "Became a deal")
        CLOSED = "closed", pgettext_lazy("request", "Closed")

    class Temperature(models.TextChoices):
        COLD = "cold", pgettext_lazy("request", "cold")
        WARM = "warm", pgettext_lazy("request", "warm")
        HOT = "hot", pgettext_lazy("request", "hot")

    class Reason(models.TextChoices):
        NO_ANSWER = "no_answer", pgettext_lazy("request", "Does not answer")
        NOT_NOW = "not_now", pgettext_lazy("request", "Not now")
        PRICE = "price", pgettext_lazy("request", "Too dear")
        ELSEWHERE = "elsewhere", pgettext_lazy("request", "Bought elsewhere")
        NOT_OURS = "not_ours", pgettext_lazy("request", "We do not insure it")
        DONE = "done", pgettext_lazy("request", "Answered, no sale was wanted")
        SPAM = "spam", pgettext_lazy("request", "Spam")
        SOLD = "sold", pgettext_lazy("request", "Bought and paid on the site")

    OPEN = (State.NEW, State.TAKEN, State.WORKING)
    # A person never says this: the payment does.
    NOT_BY_HAND = (Reason.SOLD,)

    source = models.CharField(max_length=8, choices=Source)
    intake = models.ForeignKey(Intake, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    partner = models.CharField(max_length=80, blank=True)
    client = models.ForeignKey(
        Client, null=True, on_delete=models.CASCADE, related_name="requests", db_index=False
    )
    possible = models.JSONField(default=list)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+", db_index=False)
    centre = models.ForeignKey(
        RenewalCentre, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    name = models.CharField(max_length=160, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    about = models.CharField(max_length=120, blank=True, help_text="what is to be insured, in a few words")
    text = models.TextField(max_length=4000, blank=True)
    answers = models.JSONField(default=list, help_text='[{"key", "label", "value"}]')
    utm = models.JSONField(default=dict)
    referrer = models.CharField(max_length=400, blank=True)
    page = models.CharField(max_length=400, blank=True)
    consent = models.ForeignKey(
        ConsentText, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    consent_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(default=0)
    temperature = models.CharField(max_length=4, choices=Temperature, default=Temperature.COLD)
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    at_marketing = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    assigned_at = models.DateTimeField(null=True)
    moves = models.PositiveSmallIntegerField(
        default=0, help_text="how often it went from one person to another"
    )
    why = models.JSONField(default=list)
    candidates = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    times = models.PositiveSmallIntegerField(default=1, help_text="how often it was asked")
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    note = models.CharField(max_length=500, blank=True)
    deal_id = models.BigIntegerField(null=True, help_text="the deal it became, in the module of sales")
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    call = models.ForeignKey(Call, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    origin = KeyField(max_length=60, null=True, unique=True, help_text="e.g. message:12")
    came_at = models.DateTimeField(help_text="when it was asked last")
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = RequestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="requests_newest"),
            models.Index(fields=["branch", "-created_at"], name="requests_of_branch"),
            models.Index(fields=["assignee", "state"], name="requests_of_person"),
            models.Index(fields=["client", "-created_at"], name="requests_of_client"),
            models.Index(fields=["phone", "-created_at"], name="requests_of_phone"),
            models.Index(
                fields=["due_at"],
                name="requests_due",
                condition=Q(state="new", at_marketing=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """З-26-000412."""
        return f"З-{self.created_at:%y}-{self.pk:06}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Step(models.Model):
    """One thing that happened to a request; ``facts`` are codes and names, put in words when read."""

    class Kind(models.TextChoices):
        CAME = "came", pgettext_lazy("request step", "Came")
        JOINED = "joined", pgettext_lazy("request step", "Came again")
        ASSIGNED = "assigned", pgettext_lazy("request step", "Given by the rule")
        GIVEN = "given", pgettext_lazy("request step", "Given by hand")
        BACK = "back", pgettext_lazy("request step", "Returned to the queue")
        LATE = "late", pgettext_lazy("request step", "Overdue")
        TAKEN = "taken", pgettext_lazy("request step", "Taken")
        WORKING = "working", pgettext_lazy("request step", "In work")
        SALES = "sales", pgettext_lazy("request step", "Handed over to sales")
        NAMED = "named", pgettext_lazy("request step", "The client was named")
        DEAL = "deal", pgettext_lazy("request step", "Became a deal")
        SOLD = "sold", pgettext_lazy("request step", "Bought and paid on the site")
        CLOSED = "closed", pgettext_lazy("request step", "Closed")
        REOPENED = "reopened", pgettext_lazy("request step", "Opened again")

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["request", "at"], name="requests_step_of")]
