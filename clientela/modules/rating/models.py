"""Decision tables with their versions: the tariffs and underwriting rules of every product."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.fields import KeyField
from clientela.modules.products.models import Product
from clientela.modules.rating.rules.tables import Body, Hit


class Table(models.Model):
    """A decision table: which value a row gives for which facts. Its rows live in versions."""

    class HitPolicy(models.TextChoices):
        FIRST = Hit.FIRST, _("First row that fits")
        UNIQUE = Hit.UNIQUE, _("The only row that fits")
        COLLECT = Hit.COLLECT, _("Every row that fits")

    code = KeyField(max_length=60, unique=True, help_text="osago.kt")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="tables")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120, blank=True)
    hit_policy = models.CharField(max_length=7, choices=HitPolicy, default=HitPolicy.FIRST)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["product", "position", "code"]

    def __str__(self) -> str:
        return self.title_en if get_language() == "en" and self.title_en else self.title


class TableVersion(models.Model):
    """One version of a table; approved, it counts from ``starts_on`` until the next one starts.

    ``columns`` is a list of ``rules.tables.Column`` as JSON, ``rows`` a list of lists of text, a cell a column.
    An approved version is never edited. ``stamp`` sums up what counts: equal stamps, equal content.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", pgettext_lazy("tariff version", "Approved")
        RETIRED = "retired", _("Retired")

    table = models.ForeignKey(Table, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    starts_on = models.DateField()
    asked_starts_on = models.DateField(
        null=True, help_text="the author's day, where the second person set another"
    )
    columns = models.JSONField()
    rows = models.JSONField()
    source = models.CharField(max_length=255, blank=True, help_text="act or letter the figures come from")
    reason = models.CharField(max_length=500, blank=True, help_text="why it is changed")
    stamp = models.BigIntegerField(editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    regression = models.JSONField(default=dict, help_text="what past calculations cost by it")

    class Meta:
        ordering = ["table", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["table", "number"], name="rating_version_once"),
            models.UniqueConstraint(
                fields=["table"], condition=Q(state__in=["draft", "proposed"]), name="rating_version_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False),
                name="rating_version_approved_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "table"], name="rating_version_state")]

    def __str__(self) -> str:
        return f"{self.table} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        content = [
            self.table_id,
            self.number,
            str(self.starts_on),
            str(self.approved_at),
            self.columns,
            self.rows,
        ]
        digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).digest()
        self.stamp = int.from_bytes(digest[:6], "big")
        super().save(*args, **kwargs)

    @property
    def body(self) -> Body:
        """Columns and rows as the rules see them."""
        return Body.from_json(self.columns, self.rows, hit=self.table.hit_policy)

    @property
    def content_stamp(self) -> str:
        """Sums up columns and rows: the check on past calculations counts only for what it was made on."""
        content = json.dumps([self.columns, self.rows], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]
