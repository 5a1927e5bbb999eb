"""Columns of the list of clients that a person may show or hide, in the order in which they stand."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientela.modules.accounts.rules import Permission

LIST_KEY = "clients"

COLUMNS: dict[str, Promise] = {
    "advice": _("What to offer"),
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

# A list of whom to offer something: why, where the client stands, when one spoke last, how to reach them.
OF_PROSPECTS = ("advice", "loyalty", "end", "last", "phone")
BESIDES = ("city", "agent", "branch", "tags")


def columns_for(user: Any, chosen: Iterable[str], *, advised: str) -> list[str]:
    """The chosen columns this person may see; a list of whom to offer a line has its own, with who and where besides."""
    wanted = {*OF_PROSPECTS, *(one for one in chosen if one in BESIDES)} if advised else set(chosen)
    if not user.can(Permission.SALES_READ):
        wanted.discard("advice")
    return [code for code in COLUMNS if code in wanted]
