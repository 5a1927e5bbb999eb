"""What one visitor buys, from the first answer to the policy."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import pgettext_lazy

from clientela.foundation.fields import KeyField
from clientela.foundation.money import MoneyField
from clientela.foundation.sealed_fields import SealedJSONField
from clientela.modules.clients.models import Client
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    """Chainable filters in the words of the business."""

    def open_at(self, now: datetime) -> "PurchaseQuerySet":
        """Those whose link still leads somewhere."""
        return self.filter(expires_at__gt=now)


class Purchase(models.Model):
    """What a visitor told so far, kept on our side; ``token`` in the address is the right to it.

    Nothing of a known card is ever copied here: ``person`` holds what was typed. ``client`` is set only after the
    phone was confirmed by a code.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("purchase", "Being filled in")
        CALLED = "called", pgettext_lazy("purchase", "Waits for our call")
        PHOTOS = "photos", pgettext_lazy("purchase", "The thing is photographed and looked at")
        ORDERED = "ordered", pgettext_lazy("purchase", "Waits for payment")

    token = KeyField(max_length=43, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    line = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    language = models.CharField(max_length=5, default="ru")
    starts_on = models.DateField(null=True)
    subject = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    drivers = SealedJSONField(default=list)
    person = SealedJSONField(
        default=dict, help_text="name, birth date, contacts and document as they were typed"
    )
    consents = models.JSONField(default=dict, help_text='{kind: {"version", "at"}} of the texts agreed to')
    done = models.JSONField(default=list, help_text="the steps that are filled in")
    confirmed_phone = KeyField(max_length=20, blank=True, default="")
    client = models.ForeignKey(Client, null=True, on_delete=models.SET_NULL, related_name="+")
    calculation = models.ForeignKey(Calculation, null=True, on_delete=models.SET_NULL, related_name="+")
    shown_premium = MoneyField(null=True)
    request_ref = models.BigIntegerField(null=True, help_text="the request by which a colleague calls back")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["touched_at"], name="shop_purchase_left", condition=models.Q(request_ref=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.pk}"

    @property
    def is_confirmed(self) -> bool:
        """Whether the phone that is typed now is the one that was confirmed."""
        return bool(self.confirmed_phone) and self.confirmed_phone == self.person.get("phone")

    @property
    def is_fixed(self) -> bool:
        """Whether the answers stand: photographed or ordered, they are not changed any more."""
        return self.state in (self.State.PHOTOS, self.State.ORDERED)

    @property
    def subject_key(self) -> tuple[str, ...]:
        """What is insured, told apart from another car or home of the same person; a journey by its first day."""
        told = [str(self.subject.get(name) or "").casefold() for name in ("make", "model", "address")]
        return (self.line, *told, str(self.starts_on) if self.line == "travel" else "")

    def told(self, key: str) -> Any:
        """An answer of any step."""
        return self.answers.get(key, self.subject.get(key))
