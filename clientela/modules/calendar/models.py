"""Events of people's own calendars, who is invited, reminders, and ways in for other programs."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.claims import Claimable
from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client


class EventQuerySet(models.QuerySet["Event"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "EventQuerySet":
        """Only what this person planned or is invited to, whatever the role; nothing that was taken off."""
        invited = Attendee.objects.filter(person_id=user.pk).values("event_id")
        return self.filter(
            models.Q(organiser_id=user.pk) | models.Q(pk__in=invited) | models.Q(series_id__in=invited),
            models.Q(series__isnull=True) | models.Q(series__deleted_at__isnull=True),
            deleted_at__isnull=True,
        )

    def whole(self) -> "EventQuerySet":
        """Without the moved occurrences of series, which hang on the series."""
        return self.filter(series__isnull=True)


class Event(models.Model):
    """Something planned. ``ends_at`` is the first moment after it; an all-day event runs from midnight to midnight
    on the clock of ``time_zone``.

    A recurring event is one row with its rule; an occurrence that was moved is a row of its own that names the series and
    the moment it stood at. What hangs on a higher module is named by kind and id (see ``links``).
    """

    class Kind(models.TextChoices):
        MEETING = "meeting", pgettext_lazy("event", "Meeting")
        CALL = "call", pgettext_lazy("event", "Call")
        VISIT = "visit", pgettext_lazy("event", "Visit")
        REMINDER = "reminder", pgettext_lazy("event", "Reminder")
        OTHER = "other", pgettext_lazy("event", "Other")

    organiser = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    uid = KeyField(max_length=255, help_text="the name every calendar program knows it by")
    resource = KeyField(max_length=255, help_text="the name of its file for programs that read and write it")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MEETING)
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    all_day = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=40)
    rrule = models.CharField(max_length=400, blank=True, help_text="RFC 5545, without DTSTART")
    left_out = models.JSONField(default=list, help_text="starts of occurrences that do not take place")
    until_at = models.DateTimeField(null=True, help_text="the end of the last occurrence; none: endless")
    next_at = models.DateTimeField(null=True, help_text="the next start when reminders were looked at last")
    series = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="moved")
    moved_from = models.DateTimeField(null=True, help_text="the start that the rule of the series gives")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    about_kind = models.CharField(max_length=20, blank=True, help_text="policy, renewal, claim, …")
    about_id = models.BigIntegerField(null=True)
    alarms = models.TextField(blank=True, help_text="what the person's own program set, as it came")
    sequence = models.PositiveIntegerField(default=0)
    asked_sequence = models.PositiveIntegerField(
        default=0, help_text="``sequence`` when its time was set: answers to an earlier one are old"
    )
    version = models.PositiveIntegerField(default=1)
    timed_at = models.DateTimeField(help_text="when its time was set last")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organiser", "uid"],
                condition=models.Q(series__isnull=True),
                name="calendar_event_uid_once",
            ),
            models.UniqueConstraint(
                fields=["organiser", "resource"],
                condition=models.Q(series__isnull=True),
                name="calendar_event_resource_once",
            ),
            models.UniqueConstraint(fields=["series", "moved_from"], name="calendar_event_moved_once"),
        ]
        indexes = [
            models.Index(fields=["organiser", "starts_at"], name="calendar_event_person"),
            models.Index(fields=["client", "starts_at"], name="calendar_event_client"),
            models.Index(
                fields=["next_at"], name="calendar_event_next", condition=models.Q(next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Attendee(models.Model):
    """Somebody invited: a person here, or an address outside."""

    class Answer(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("invitation", "No answer yet")
        YES = "yes", pgettext_lazy("invitation", "Will come")
        MAYBE = "maybe", pgettext_lazy("invitation", "Perhaps")
        NO = "no", pgettext_lazy("invitation", "Will not come")

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="attendees")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = KeyField(max_length=254)
    name = models.CharField(max_length=120, blank=True)
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True)
    apart = models.JSONField(
        default=dict,
        db_default={},
        help_text="answers about single times of a series: [answer, when] by start",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "email"], name="calendar_attendee_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def answer_to(self, start: datetime) -> str:
        """Whether the guest comes at the time of a series that its rule puts there."""
        said = self.apart.get(start.astimezone(UTC).isoformat())
        return said[0] if said else self.answer


class Change(models.Model):
    """That an event of a person's calendar changed, for programs that ask what is new since a number."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    resource = models.CharField(max_length=255)

    class Meta:
        indexes = [models.Index(fields=["person", "id"], name="calendar_change_person")]


class Keeper(models.Model):
    """What one person set for the own calendar; made when it is first needed."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_keeper"
    )
    feed_nonce = models.CharField(max_length=32, blank=True, help_text="none: the calendar has no address")


class Rule(models.Model):
    """When a person wants to be reminded. ``minutes`` counts before an event, ``at`` is the own clock of a day."""

    class When(models.TextChoices):
        WEEK = "week", _("At the start of the week")
        DAY = "day", _("At the start of a working day")
        BEFORE = "before", _("Before an event")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminder_rules"
    )
    when = models.CharField(max_length=6, choices=When)
    at = models.TimeField(null=True)
    minutes = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, blank=True, help_text="only events of this kind; none: of any")
    by_page = models.BooleanField(default=True)
    by_push = models.BooleanField(default=False)
    by_email = models.BooleanField(default=False)
    on = models.BooleanField(default=True)
    done_on = models.DateField(
        null=True, help_text="the last day that it was kept, of rules of days and weeks"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-when", "at", "minutes", "id"]

    @property
    def hours(self) -> int:
        """The lead in whole hours; nought where it is no whole number of them."""
        return self.minutes // 60 if self.minutes % 60 == 0 else 0

    @property
    def kind_word(self) -> str:
        """The kind of events it is for, in words."""
        return str(dict(Event.Kind.choices).get(self.kind, ""))


class Reminder(models.Model):
    """That a person was reminded, once for each ``key``: of an occurrence, of a day or of a week."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = KeyField(max_length=80, unique=True)
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)
    at = models.DateTimeField()
    by_page = models.BooleanField(default=False)
    shown_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["at"], name="calendar_reminder_age")]


class AppPassword(models.Model):
    """The password of one program of a person for the calendar alone. Only its digest is kept."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_passwords"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Letter(Claimable):
    """A mail of the calendar on its way: an invitation, or a reminder.

    An invitation whose sending was cut is sent again: programs know it by its uid and number. A reminder is not.
    """

    class Kind(models.TextChoices):
        REQUEST = "REQUEST"
        CANCEL = "CANCEL"
        REMINDER = "REMINDER"

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        DROPPED = "dropped"

    kind = models.CharField(max_length=8, choices=Kind)
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="letters")
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    content = models.TextField(blank=True, help_text="iCalendar")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["not_before"],
                name="calendar_letter_due",
                condition=models.Q(state__in=["queued", "sending"]),
            )
        ]
