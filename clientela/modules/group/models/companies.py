"""Who tells, what may be told, and the text the client agreed to: all of it data that people set up."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


def _named(russian: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else russian


class SisterCompany(models.Model):
    """A company of the same group. ``feeder`` is the account whose tokens bring its facts, and nobody else's.

    ``trust`` 0 … 100: of two companies that tell the same, the more trusted is shown first.
    """

    class Kind(models.TextChoices):
        BANK = "bank", pgettext_lazy("sister company", "Bank")
        CLINIC = "clinic", pgettext_lazy("sister company", "Clinic")
        BROKER = "broker", pgettext_lazy("sister company", "Broker")
        PROPERTY = "property", pgettext_lazy("sister company", "Property manager")
        TRAVEL = "travel", pgettext_lazy("sister company", "Travel agency")
        OTHER = "other", pgettext_lazy("sister company", "Other")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    contact = models.CharField(max_length=200, blank=True, help_text="who answers for the data there")
    contract = models.CharField(
        max_length=120, blank=True, help_text="the agreement by which data is handed over"
    )
    trust = models.PositiveSmallIntegerField(default=50)
    is_active = models.BooleanField(default=True)
    feeder = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sister_company",
    )

    class Meta:
        ordering = ["-is_active", "name"]
        constraints = [models.CheckConstraint(condition=Q(trust__lte=100), name="group_trust_percent")]

    def __str__(self) -> str:
        return self.name


class FactKind(models.Model):
    """A thing a sister company may tell. A fact older than ``fresh_days`` is old, older than ``keep_days`` it is removed.

    Facts are used in service and, where allowed, in offers. They are never used in rating: nothing below this module
    can read them.
    """

    class Type(models.TextChoices):
        YES_NO = "yes_no", pgettext_lazy("value", "Yes or no")
        AMOUNT = "amount", pgettext_lazy("value", "Amount")
        NUMBER = "number", pgettext_lazy("value", "Number")
        DATE = "date", pgettext_lazy("value", "Date")
        TEXT = "text", pgettext_lazy("value", "Text")

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    value_type = models.CharField(max_length=6, choices=Type)
    unit = models.CharField(max_length=20, blank=True)
    fresh_days = models.PositiveSmallIntegerField(default=90)
    keep_days = models.PositiveSmallIntegerField(default=365)
    for_service = models.BooleanField(default=True)
    for_offers = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(keep_days__gte=models.F("fresh_days")), name="group_kept_while_fresh"
            )
        ]

    def __str__(self) -> str:
        return _named(self.title, self.title_en)


class ConsentDocument(models.Model):
    """A wording of the consent and the companies it names. Once somebody agreed to a version it does not change.

    A consent holds for the companies of its own version only: a company that joins later needs a new version and
    everybody's word anew.
    """

    version = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=160)
    title_en = models.CharField(max_length=160, blank=True)
    text = models.TextField()
    text_en = models.TextField(blank=True)
    companies = models.ManyToManyField(
        SisterCompany, related_name="consent_documents", verbose_name=_("Companies")
    )
    since = models.DateField()

    class Meta:
        ordering = ["-since", "-id"]

    def __str__(self) -> str:
        return _named(self.title, self.title_en)

    @property
    def shown_text(self) -> str:
        return _named(self.text, self.text_en)
