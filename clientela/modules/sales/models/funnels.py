"""Funnels and their stages, as data that a manager edits."""

from decimal import Decimal

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import get_language

from clientela.modules.dialler.rules.questions import Question, parsed


def _named(row: "Funnel | Stage | LostReason") -> str:
    return row.name_en if row.name_en and (get_language() or "").startswith("en") else row.name


class Funnel(models.Model):
    """The way of deals on products of some lines. ``questions`` are the need: answers stand on the deal.

    ``won_on`` and ``lost_on`` are happenings that close a deal. ``version`` counts the changes by people.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    lines = models.JSONField(default=list, help_text="lines of products sold through it")
    questions = models.JSONField(default=list)
    won_on = models.JSONField(default=list)
    lost_on = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return _named(self)

    @property
    def asks(self) -> dict[str, Question]:
        """The questions of the need by key."""
        return {one.key: one for one in parsed(self.questions)}


class Stage(models.Model):
    """A step of a funnel. ``required`` fields are filled before a person may move a deal here.

    ``norm_days``: how long a deal may stay. A stage that was taken out stays for the history of its deals.
    """

    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField()
    probability = models.PositiveSmallIntegerField(default=50, validators=[MaxValueValidator(100)])
    norm_days = models.DecimalField(max_digits=5, decimal_places=1, default=Decimal(2))
    required = models.JSONField(default=list)
    moves_on = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["funnel", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="sales_probability_percent")
        ]

    def __str__(self) -> str:
        return _named(self)


class LostReason(models.Model):
    """Why deals are lost."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return _named(self)
