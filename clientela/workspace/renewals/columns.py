"""Columns of the board that a person may show or hide, in the order in which they stand."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LIST_KEY = "renewals"

COLUMNS: dict[str, Promise] = {
    "left": _("Days left"),
    "track": _("Day track"),
    "price": _("Price for the year"),
    "last": _("Last touch"),
    "next": _("Next touch"),
    "agent": _("Agent"),
    "branch": _("Branch"),
    "number": _("Policy number"),
    "year": _("Renewal year"),
    "reach": _("How to reach"),
    "state": _("State"),
}
DEFAULT = ("left", "track", "price", "last", "next", "agent", "state")
