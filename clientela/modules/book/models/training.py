"""Tests of products and what people answered."""

from django.conf import settings
from django.db import models

from clientela.modules.products.models import Product


class Test(models.Model):
    """What a seller is asked about a product; from ``required_from`` on nobody sells it without a pass."""

    __test__ = False

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="test")
    title = models.CharField(max_length=120)
    pass_mark = models.PositiveSmallIntegerField(help_text="right answers needed")
    required_from = models.DateField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=10, help_text="time for the answers")
    valid_months = models.PositiveSmallIntegerField(default=12)
    pause_minutes = models.PositiveIntegerField(default=60, help_text="after a failed attempt")

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """A question with its options; ``right`` holds the places of the right ones, counted from nought."""

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="questions")
    place = models.PositiveSmallIntegerField()
    text = models.TextField()
    options = models.JSONField(default=list)
    right = models.JSONField(default=list)
    explanation = models.TextField(blank=True)

    class Meta:
        ordering = ["test", "place"]
        constraints = [models.UniqueConstraint(fields=["test", "place"], name="book_question_place_once")]

    def __str__(self) -> str:
        return self.text


class Attempt(models.Model):
    """One passage through a test, as it was marked then."""

    test = models.ForeignKey(Test, on_delete=models.CASCADE, related_name="attempts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    answers = models.JSONField(default=list, help_text="each question, what was chosen, whether it was right")
    right = models.PositiveSmallIntegerField()
    asked = models.PositiveSmallIntegerField()
    is_passed = models.BooleanField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["user", "test", "-made_at"], name="book_attempt_of_user")]

    def __str__(self) -> str:
        return f"{self.test}: {self.right}/{self.asked}"
