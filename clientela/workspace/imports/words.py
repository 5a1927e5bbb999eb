"""What the wizard calls things: reasons of guesses, outcomes of rows, what was made."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from clientela.foundation.imports.guess import SURE

ALL = ("created", "changed", "same", "refused")
# Before and after the loading; the colour of the part of the bar.
OUTCOMES: dict[str, tuple[Any, Any, str]] = {
    "created": (gettext_lazy("Will appear"), gettext_lazy("Appeared"), "c1"),
    "changed": (gettext_lazy("Will change"), gettext_lazy("Changed"), "c3"),
    "same": (gettext_lazy("Already there"), gettext_lazy("Were there"), "c2"),
    "refused": (gettext_lazy("Not taken"), gettext_lazy("Not taken"), "bad"),
}
MADE = {
    "clients_created": pgettext_lazy("import", "New clients"),
    "clients_changed": pgettext_lazy("import", "Changed clients"),
    "policies_created": pgettext_lazy("import", "New policies"),
    "policies_changed": pgettext_lazy("import", "Changed policies"),
    "objects_created": pgettext_lazy("import", "New insured things"),
    "facts_created": pgettext_lazy("import", "New facts"),
    "facts_waiting": pgettext_lazy("import", "Reports to decide"),
    "contacts_created": pgettext_lazy("import", "New phones and e-mails"),
}


def reason(guess: dict[str, Any]) -> str:
    """Why a column was taken for its field, as a sentence."""
    share = guess.get("share") or 0
    match guess.get("reason"):
        case "heading_values":
            return _("the heading, and %(share)d%% of the values fit") % {"share": share}
        case "heading_only":
            return _("the heading only: %(share)d%% of the values fit") % {"share": share}
        case "heading":
            return _("the heading")
        case "values":
            return _("%(share)d%% of the values look like it") % {"share": share}
        case "counter":
            return _("row numbers")
        case "taken":
            return _("what it looks like is taken by another column")
    return _("nothing known looks like it") if guess.get("example") else _("the column is empty")


def bars(confidence: int) -> int:
    """How many of three strokes show the confidence."""
    return 3 if confidence >= SURE + 10 else 2 if confidence >= SURE else 1


def parts(counts: dict[str, Any], *, after: bool) -> list[dict[str, Any]]:
    """Outcomes of the rows with their share of the bar."""
    total = sum(counts.get(name) or 0 for name in ALL) or 1
    return [
        {
            "name": name, "label": OUTCOMES[name][1 if after else 0], "count": counts.get(name) or 0,
            "color": OUTCOMES[name][2], "width": 100 * (counts.get(name) or 0) / total,
        }
        for name in ALL
    ]  # fmt: skip


def made(counts: dict[str, Any]) -> list[dict[str, Any]]:
    """What rows turned into."""
    return [{"label": label, "count": counts[name]} for name, label in MADE.items() if counts.get(name)]


def lasting(seconds: float) -> str:
    """How long something took or will take."""
    whole = max(1, round(seconds))
    if whole < 60:
        return ngettext("%(n)d second", "%(n)d seconds", whole) % {"n": whole}
    minutes = round(whole / 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}


def masked(text: str) -> str:
    """A value that is nobody's business here: its first and last signs."""
    return text if len(text) < 5 else f"{text[:3]}•••{text[-1:]}"
