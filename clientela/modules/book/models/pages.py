"""What the sales book (книга продаж) says of each product."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.rules import Permission
from clientela.modules.products.models import Product


class Block(models.TextChoices):
    """The seven blocks of a product's page, in their order, and what sellers ask beside them."""

    RULES = "rules", _("Rules and licence")
    UNDERWRITING = "underwriting", _("Underwriting")
    TARIFFS = "tariffs", _("Tariffs and calculators")
    CLAIMS = "claims", pgettext_lazy("block of the book", "Losses")
    MARKETING = "marketing", _("Marketing")
    TRAINING = "training", _("Training")
    SUPPORT = "support", pgettext_lazy("block of the book", "Support")
    QUESTIONS = "questions", _("What people ask")


class BookPageQuerySet(models.QuerySet["Page"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any) -> "BookPageQuerySet":
        """Pages of what is on sale; who keeps the book reads of withdrawn products too."""
        if not user.can(Permission.PRODUCTS_READ):
            return self.none()
        return self if user.can(Permission.PRODUCTS_WRITE) else self.filter(product__is_active=True)


class Page(models.Model):
    """A product's page; ``pitch`` is what to say in twenty seconds."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="book_page")
    pitch = models.TextField(max_length=600, blank=True)
    licence = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = BookPageQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.product)


class BookEntryQuerySet(models.QuerySet["Entry"]):
    """Chainable filters in the words of the business."""

    def visible_to(self, user: Any, day: date) -> "BookEntryQuerySet":
        """What this person reads on ``day``; who keeps the book also sees what is not shown yet or no longer."""
        if not user.can(Permission.PRODUCTS_READ):
            return self.none()
        kept = self.filter(put_away_at=None)
        return kept if user.can(Permission.PRODUCTS_WRITE) else kept.shown_on(day)

    def shown_on(self, day: date) -> "BookEntryQuerySet":
        """What sellers read on ``day``."""
        return self.filter(
            Q(shown_from=None) | Q(shown_from__lte=day),
            Q(shown_until=None) | Q(shown_until__gte=day),
            put_away_at=None,
            page__product__is_active=True,
        )


class Entry(models.Model):
    """One thing a seller looks up: a rule, a form, a table, an answer.

    ``note`` stands beside the title, ``remark`` at the right; ``body`` is Markdown; ``link`` leads inside the product.
    A notice is shown above the others of its block. ``title_key`` and ``key`` are what search compares with.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="entries")
    block = models.CharField(max_length=12, choices=Block)
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    note = models.CharField(max_length=200, blank=True)
    remark = models.CharField(max_length=40, blank=True)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    is_notice = models.BooleanField(default=False)
    shown_from = models.DateField(null=True, blank=True)
    shown_until = models.DateField(null=True, blank=True)
    file = models.FileField(upload_to="book/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    file_size = models.PositiveIntegerField(default=0)
    title_key = models.CharField(max_length=400, editable=False)
    key = models.TextField(editable=False)
    version = models.PositiveIntegerField(default=1)
    put_away_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = BookEntryQuerySet.as_manager()

    class Meta:
        ordering = ["page", "block", "place", "id"]
        indexes = [models.Index(fields=["page", "block", "place"], name="book_entry_place")]

    def __str__(self) -> str:
        return self.title


class EntryVersion(models.Model):
    """An entry as it stood after a change; its file stays with it, so that any version can come back."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["entry", "-number"]
        constraints = [models.UniqueConstraint(fields=["entry", "number"], name="book_entry_version_once")]

    def __str__(self) -> str:
        return f"{self.entry} {self.number}"
