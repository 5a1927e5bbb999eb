"""What the company sells. Versions, tariffs and documents come with the product module's own issue."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Line(models.TextChoices):
    """Lines of business, as norms and schedules count them."""

    KASKO = "kasko", _("KASKO")
    OSAGO = "osago", _("OSAGO")
    PROPERTY = "property", _("Property")
    MORTGAGE = "mortgage", _("Mortgage")
    OTHER = "other", pgettext_lazy("line", "Other")


class Product(models.Model):
    """A product with its line; ``message_name`` is how texts to clients call it."""

    code = models.CharField(max_length=20, unique=True)
    line = models.CharField(max_length=10, choices=Line)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    message_name = models.CharField(max_length=60)
    number_format = models.CharField(
        max_length=60, blank=True, help_text="e.g. 16480/354/{serial:06}/{year:02}"
    )
    next_serial = models.PositiveBigIntegerField(default=1)
    is_renewable = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["line", "code"]

    def __str__(self) -> str:
        return self.name


class Bank(models.Model):
    """A lender that is a beneficiary of mortgage policies."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
