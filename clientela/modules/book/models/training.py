"""Tests of products and what people answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clientela.modules.products.models import Product


class Test(models.Model):
    """What a seller is asked about a product; from ``required_from`` on nobody sells it without a pass.

    ``asked_again_from`` is the day on which passes begun before ``asked_again_at`` hold no longer.
    """

    __test__ = False

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="test")
    title = models.CharField(max_length=120)
    pass_mark = models.PositiveSmallIntegerField(help_text="right answers needed")
    required_from = models.DateField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=10, help_text="time for the answers")
    valid_months = models.PositiveSmallIntegerField(default=12)
    pause_minutes = models.PositiveIntegerField(default=60, help_text="after a failed attempt")
    asked_again_from = models.DateField(null=True, blank=True)
    asked_again_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A question with its options; ``right`` holds the places of the right ones, counted from nought."""

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()
    text = models.TextField()
    topic = models.CharField(max_length=40, blank=True, help_text="what mistakes are about")
    options = models.JSONField(default=list)
    right = models.JSONField(default=list)
    explanation = models.TextField(blank=True)

    class Meta:
        ordering = ["test", "place"]
        constraints = [models.UniqueConstraint(fields=["test", "place"], name="book_question_place_once")]

    def __str__(self) -> str:
        return self.text


class Attempt(models.Model):
    """One passage through a test, with its own copy of what was asked.

    ``paper`` is a list of ``{question, topic, text, options, right, explanation, chosen, is_right}``: options stand
    in the order in which they were shown, ``right`` and ``chosen`` are places in it, ``chosen`` is null until given.
    """

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="answers that come later are not counted")
    finished_at = models.DateTimeField(null=True, blank=True)
    paper = models.JSONField(default=list)
    pass_mark = models.PositiveSmallIntegerField()
    right = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField()
    is_passed = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["user", "test", "-started_at"], name="book_attempt_of_user"),
            models.Index(fields=["ends_at"], condition=Q(finished_at=None), name="book_attempt_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["test", "user"], condition=Q(finished_at=None), name="book_attempt_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.test}: {self.right}/{self.asked}"


class Reminder(models.Model):
    """Somebody was told that ``until`` is the last day on which they may sell without passing the test."""

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["test", "user", "until"], name="book_reminder_once")]

    def __str__(self) -> str:
        return f"{self.test_id}: {self.user_id}, {self.until}"
