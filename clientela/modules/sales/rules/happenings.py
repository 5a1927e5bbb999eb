"""What happens elsewhere and may move a deal by itself."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Happening(models.TextChoices):
    """A stage names the happenings that bring a deal to it; a funnel those that win or lose it."""

    REQUEST_TAKEN = "request_taken", pgettext_lazy("happening", "Request taken")
    CALCULATION_STARTED = "calculation_started", pgettext_lazy("happening", "Calculation begun")
    CALCULATION_PRICED = "calculation_priced", pgettext_lazy("happening", "Calculation priced")
    CALCULATION_SENT = "calculation_sent", pgettext_lazy("happening", "Calculation sent")
    CALCULATION_ACCEPTED = (
        "calculation_accepted",
        pgettext_lazy("happening", "Variant accepted by the client"),
    )
    CALCULATION_LOST = "calculation_lost", pgettext_lazy("happening", "Calculation lost or run out")
    PROJECT_PREPARED = "project_prepared", pgettext_lazy("happening", "Project prepared")
    PROJECT_OFFERED = "project_offered", pgettext_lazy("happening", "Offer sent to the client")
    PROJECT_PAID = "project_paid", pgettext_lazy("happening", "Project paid")
    POLICY_ISSUED = "policy_issued", pgettext_lazy("happening", "Policy issued")
    REQUEST_CLOSED = "request_closed", pgettext_lazy("happening", "Request closed")


def known(codes: object) -> list[str]:
    """The happenings among ``codes``, in their order here."""
    given = set(codes) if isinstance(codes, (list, tuple, set, frozenset)) else set()
    return [code for code in Happening.values if code in given]
