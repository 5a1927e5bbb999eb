"""Columns of the list of clients that a person may show or hide, in the order in which they stand."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LIST_KEY = "clients"

COLUMNS: dict[str, Promise] = {
    "loyalty": _("Category"),
    "profitability": _("Profitability"),
    "policies": _("Policies"),
    "premium": _("Premium a year"),
    "end": _("Next end"),
    "last": _("Last contact"),
    "completeness": _("Completeness"),
    "confirmed": _("Confirmed"),
    "phone": _("Phone"),
    "city": _("Town"),
    "agent": _("Agent"),
    "branch": _("Branch"),
    "tags": _("Tags"),
    "since": _("Client since"),
}
DEFAULT = ("loyalty", "profitability", "policies", "premium", "end", "last", "completeness")
SORTS = {
    "policies": "policies",
    "premium": "premium",
    "end": "end",
    "completeness": "completeness",
}
