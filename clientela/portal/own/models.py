"""Who looks at the own pages: a phone that a code confirmed, and the card that goes with it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from clientela.foundation.fields import KeyField
from clientela.modules.clients.models import Client

IDLE = timedelta(hours=1)
LONGEST = timedelta(hours=12)


class VisitQuerySet(models.QuerySet["Visit"]):
    """Chainable filters in the words of the business."""

    def open_at(self, now: datetime) -> "VisitQuerySet":
        """Those that are not over: neither left alone for an hour nor longer than half a day."""
        return self.filter(touched_at__gt=now - IDLE, created_at__gt=now - LONGEST, left_at=None)


class Visit(models.Model):
    """A sign-in by phone. ``client`` is set when the code fitted and phone and person belong together.

    ``key`` stands in the browser's session; ``told`` is what the visitor typed to be found by: a birth date or the
    number of a policy.
    """

    key = KeyField(max_length=43, unique=True)
    phone = models.CharField(max_length=20, help_text="E.164")
    told = models.JSONField(default=dict, help_text='{"birth_date"} or {"number"} as typed')
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="+")
    confirmed_at = models.DateTimeField(null=True, help_text="when the code was typed in")
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["touched_at"], name="own_visit_touched")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def entered(self) -> Any:
        """The client whose pages these are, when the code has fitted."""
        return self.client if self.confirmed_at else None
