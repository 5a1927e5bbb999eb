"""Where requests come from, the words people agree to there, the rules of points and of time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.calls.models import Number
from clientela.modules.mailboxes.models import Mailbox
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.requests.rules import FACTS, Rule
from clientela.modules.requests.rules import Test as Comparison


class Intake(models.Model):
    """A place requests come from: a form on our page and on any site, and with it a mailbox or a number of ours.

    ``fields`` beyond name and phone: ``{"key", "label", "kind", "required", "choices"}``; kind is one of
    ``KINDS``. ``origins`` are the sites that may show the form.
    """

    class Colour(models.TextChoices):
        LAKE = "lake", _("Lake")
        INK = "ink", _("Ink")
        SUN = "sun", pgettext_lazy("colour", "Sun")
        MOSS = "moss", _("Moss")

    KINDS = ("text", "long", "email", "choice", "date", "number", "yes")

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80, help_text=_("as colleagues see it"))
    title = models.CharField(max_length=120, help_text=_("as visitors see it"))
    intro = models.CharField(max_length=400, blank=True)
    thanks = models.CharField(max_length=300, blank=True)
    partner = models.CharField(max_length=80, blank=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    branch = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fields = models.JSONField(default=list)
    origins = models.JSONField(default=list)
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.LAKE)
    mailbox = models.OneToOneField(
        Mailbox, null=True, blank=True, on_delete=models.SET_NULL, related_name="intake"
    )
    number = models.OneToOneField(
        Number, null=True, blank=True, on_delete=models.SET_NULL, related_name="intake"
    )
    to_marketing = models.BooleanField(
        default=False, help_text="marketing keeps it until it is handed over to sales"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """The words people agree to at one place, in one version: never altered, a change makes the next one."""

    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="consents", db_index=False)
    number = models.PositiveIntegerField()
    text = models.TextField(max_length=4000)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["intake", "number"], name="requests_consent_once")]

    def __str__(self) -> str:
        return f"{self.intake.key} {self.number}"


class ScoreRule(models.Model):
    """One readable rule of points."""

    code = models.SlugField(max_length=40, unique=True)
    words = models.CharField(max_length=120)
    fact = models.CharField(max_length=20, choices=list(FACTS.items()))
    test = models.CharField(
        max_length=8,
        choices=[
            (Comparison.IS.value, pgettext_lazy("rule", "is one of")),
            (Comparison.HAS.value, pgettext_lazy("rule", "contains")),
            (Comparison.FILLED.value, pgettext_lazy("rule", "is filled")),
            (Comparison.EMPTY.value, pgettext_lazy("rule", "is empty")),
        ],
    )
    value = models.CharField(max_length=200, blank=True)
    points = models.SmallIntegerField()
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["-points", "id"]

    def __str__(self) -> str:
        return self.words

    @property
    def rule(self) -> Rule:
        return Rule(self.code, self.words, self.fact, self.test, self.value, self.points)


class Policy(models.Model):
    """The times and limits of requests; one row, made when somebody changes them."""

    answer_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="of working time to the first answer"
    )
    join_days = models.PositiveSmallIntegerField(
        default=3, help_text="the same phone and product join an open request that came within so many days"
    )
    warm_from = models.PositiveSmallIntegerField(default=40)
    hot_from = models.PositiveSmallIntegerField(default=75)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.answer_minutes} min"

    @classmethod
    def now(cls) -> "Policy":
        """The one row, or what the product comes with."""
        return cls.objects.order_by("id").first() or cls()
