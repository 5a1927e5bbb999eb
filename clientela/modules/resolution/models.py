"""What was learnt about agreement of cards, and the pairs that may be one person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from clientela.modules.clients.models import Client, Merge


class LinkModel(models.Model):
    """One version of the weights, learnt without labels, with the report of how it was learnt."""

    kind = models.CharField(
        max_length=8, choices=Client.Kind, default=Client.Kind.PERSON, db_default=Client.Kind.PERSON
    )
    parameters = models.JSONField(help_text="the whole model as Splink reads it")
    report = models.JSONField(
        default=dict, help_text="weights by level, probabilities, what the blocks caught"
    )
    cards = models.PositiveBigIntegerField(help_text="on how many cards it was learnt")
    made_at = models.DateTimeField()
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(is_active=True), name="resolution_one_active_a_kind"
            )
        ]


class JoinRules(models.Model):
    """A version of what may be made one without a person; the newest counts, and without one nothing may."""

    on = models.BooleanField(default=False)
    threshold = models.FloatField(help_text="least probability")
    sources = models.JSONField(
        default=list, help_text="kinds of source whose cards may be joined without a person"
    )
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-pk"]


class JoinRun(models.Model):
    """One job's work by one version of the rules; what it joined are its pairs."""

    rules = models.ForeignKey(JoinRules, on_delete=models.PROTECT, related_name="+")
    job = models.BigIntegerField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    left = models.JSONField(default=dict, help_text="why pairs were left to people → how many")
    undo_asked_at = models.DateTimeField(null=True)
    undo_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]


class PairQuerySet(models.QuerySet["Pair"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "PairQuerySet":
        """Pairs both cards of which this person may see; of those made one, the card that stayed."""
        seen = Client.objects.visible_to(user).values("pk")
        both = models.Q(low_card__in=seen, high_card__in=seen)
        return self.filter(both | models.Q(state=Pair.State.MERGED, merge__kept_card__in=seen))

    def open(self) -> "PairQuerySet":
        return self.filter(state=Pair.State.OPEN)


class Pair(models.Model):
    """Two cards that may be one person.

    The cards are numbers, not references, as in ``Merge``: one of them does not exist while a merge holds.
    """

    class State(models.TextChoices):
        OPEN = "open", _("To be decided")
        MERGED = "merged", _("Made one")
        DIFFERENT = "different", _("Never the same")

    low_card = models.BigIntegerField()
    high_card = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    certain = models.BooleanField(default=False, help_text="above the upper threshold")
    probability = models.FloatField()
    weight = models.FloatField(help_text="bits for and against together")
    terms = models.JSONField(default=list, help_text="what is compared, how it agrees, bits")
    model = models.ForeignKey(LinkModel, on_delete=models.PROTECT, related_name="+")
    seen_by_job = models.BigIntegerField(help_text="the run that scored it last")
    merge = models.ForeignKey(Merge, null=True, on_delete=models.SET_NULL, related_name="+")
    join_run = models.ForeignKey(
        "JoinRun",
        null=True,
        on_delete=models.SET_NULL,
        related_name="pairs",
        db_index=False,
        help_text="rules made it one, nobody else",
    )
    left_to_people = models.BooleanField(
        default=False, db_default=False, help_text="somebody took a decision back: rules leave it alone"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    objects = PairQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low_card", "high_card"], name="resolution_pair_once"),
            models.CheckConstraint(
                condition=models.Q(low_card__lt=models.F("high_card")), name="resolution_pair_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-probability", "id"], name="resolution_queue", condition=models.Q(state="open")
            ),
            models.Index(fields=["high_card"], name="resolution_high_card"),
            models.Index(
                fields=["join_run", "id"],
                name="resolution_joined",
                condition=models.Q(join_run__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low_card} = {self.high_card}?"


class CardKeys(models.Model):
    """By what a card is found when another one is compared: a number for each block of the whole run.

    The card is a number, not a reference: the row outlives a merge by the seconds until the card is looked at.
    """

    card = models.BigIntegerField(primary_key=True)
    compared = models.BigIntegerField(
        null=True,
        help_text="what of the card was compared last, as one number: nothing else makes it due again",
    )
    k_birth = models.BigIntegerField(null=True)
    k_birth_last = models.BigIntegerField(null=True)
    k_birth_first = models.BigIntegerField(null=True)
    k_year = models.BigIntegerField(null=True)
    k_day = models.BigIntegerField(null=True)
    k_name = models.BigIntegerField(null=True)
    k_street = models.BigIntegerField(null=True)
    k_place = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=[name], name=f"resolution_{name}", condition=models.Q(**{f"{name}__isnull": False}))
            for name in ("k_birth", "k_birth_last", "k_birth_first", "k_year", "k_day", "k_name", "k_street", "k_place")
        ]  # fmt: skip


class DueCard(models.Model):
    """A card that was made or changed since it was compared. Written with the change itself, gone with its pairs."""

    card = models.BigIntegerField()


class BaseShape(models.Model):
    """What the last run over the whole base saw; a single row. New cards are weighed by it until the next one."""

    model = models.ForeignKey(LinkModel, on_delete=models.PROTECT, related_name="+")
    cards = models.PositiveBigIntegerField()
    frequencies = models.JSONField(help_text="column → name → share of the cards that know it")
    made_at = models.DateTimeField()
