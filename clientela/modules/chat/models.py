"""Talk among colleagues: rooms, who follows them, and what was said. Talk with clients lies in `contacts`."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.modules.chat import records

CHANGEABLE = timedelta(hours=1)


class RoomQuerySet(models.QuerySet["Room"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "RoomQuerySet":
        """Rooms this person is in, and rooms of records the person may see now: being in those gives no right."""
        if not getattr(user, "is_active", False):
            return self.none()
        mine = Membership.objects.filter(room=OuterRef("pk"), user_id=user.pk)
        allowed = Q(kind__in=[Room.Kind.DIRECT, Room.Kind.GROUP]) & Q(Exists(mine))
        for name, kind in records.KINDS.items():
            if user.can(kind.permission):
                seen = kind.visible(user).filter(pk=OuterRef("record_id")).order_by()
                allowed |= Q(kind=Room.Kind.RECORD, record_type=name) & Q(Exists(seen))
        return self.filter(allowed)


class Room(models.Model):
    """A place to talk: two people, a named group, or everybody who may see a record."""

    class Kind(models.TextChoices):
        DIRECT = "direct", pgettext_lazy("chat", "Direct")
        GROUP = "group", pgettext_lazy("chat", "Group")
        RECORD = "record", pgettext_lazy("chat", "Discussion")

    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=80, blank=True, help_text="of a group")
    pair = KeyField(max_length=48, blank=True, default="", help_text="ids of the two, the smaller first")
    record_type = KeyField(max_length=20, blank=True, default="")
    record_id = models.BigIntegerField(null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    last_number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    last_text = models.CharField(max_length=200, blank=True)
    last_author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair"], condition=~Q(pair=""), name="chat_room_pair_once"),
            models.UniqueConstraint(
                fields=["record_type", "record_id"],
                condition=~Q(record_type=""),
                name="chat_room_record_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.get_kind_display()} {self.pk}"


class Membership(models.Model):
    """A person in a room, and how far they have read. On a record: who follows the discussion."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rooms")
    read_number = models.PositiveIntegerField(default=0)
    called_number = models.PositiveIntegerField(default=0, help_text="the last message that calls the person")
    muted = models.BooleanField(default=False)
    draft = models.TextField(blank=True)
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="chat_membership_once")]

    @property
    def unread(self) -> int:
        """Messages after the last one read. Needs ``room``."""
        return max(0, self.room.last_number - self.read_number)

    @property
    def is_called(self) -> bool:
        """A message not read yet calls the person."""
        return self.called_number > self.read_number


class Message(models.Model):
    """One thing said. ``number`` counts within the room; a deleted one keeps its place and is shown empty."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    text = models.TextField(blank=True)
    folded = models.TextField(blank=True, help_text="as search compares it")
    reply_to = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    called = models.JSONField(default=list, help_text="[[id of the person, what stands after @]]")
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="chat_message_number")]

    def __str__(self) -> str:
        return f"{self.room_id}.{self.number}"

    def may_change(self, user: Any, now: datetime) -> bool:
        """Own words may be changed or deleted for an hour."""
        return self.author_id == user.pk and now < self.created_at + CHANGEABLE


class MessageFile(models.Model):
    """A file sent with a message; who may read the room may have it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(upload_to="chat/%Y/%m/")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.name


class Reaction(models.Model):
    """One of a few signs that a person put under a message; each of them once."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    emoji = models.CharField(max_length=8)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "user", "emoji"], name="chat_reaction_once")
        ]

    def __str__(self) -> str:
        return self.emoji
