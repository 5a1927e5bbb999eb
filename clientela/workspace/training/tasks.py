"""The daily word to those who have to pass a test before long."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from clientela.foundation.jobs.operations import Run
from clientela.modules.book.operations.reminding import remind as tell


def remind(run: Run) -> dict[str, Any]:
    """Tell people whose days of selling without another pass end soon."""
    return {"told": tell(now=timezone.now(), url=lambda test: reverse("training:test", args=[test]))}
