"""The story of a term as a timeline: the journal, the client's words and the money, the newest first."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from clientela.foundation.audit.models import Entry
from clientela.foundation.ui import formats
from clientela.modules.billing.models import Payment
from clientela.modules.contacts.models import Message
from clientela.modules.renewals.models import Renewal
from clientela.workspace.renewals.queries.term import entries_of, prices_of, replies_of

# What the journal's words mean to people: icon, colour, sentence.
ACTS: dict[str, tuple[str, str, Promise]] = {
    "renewal.hold": ("player-pause", "warn", later("Plan held")),
    "renewal.release": ("player-play", "", later("Plan goes on")),
    "renewal.lost": ("circle-x", "bad", later("Marked as lost")),
    "renewal.reopen": ("refresh", "", later("Taken back to work")),
    "touch.done": ("headset", "good", later("Call finished")),
    "quote.made": ("calculator", "info", later("Quote made")),
    "quote.withdrawn": ("calculator", "", later("Quote withdrawn")),
    "project.prepared": ("file-text", "info", later("Project prepared")),
    "project.repriced": ("file-text", "info", later("Project's price changed")),
    "project.offered": ("send", "info", later("Offer sent")),
    "project.issued": ("shield-check", "good", later("Next policy issued")),
    "project.withdrawn": ("file-text", "", later("Project withdrawn")),
    "policy.cancelled": ("shield-off", "bad", later("Policy cancelled")),
    "renewal.offer": ("send", "info", later("Offer sent")),
}


def story_of(term: Renewal) -> list[dict[str, Any]]:
    """Items for the timeline; six statements, at most a hundred items."""
    items = [_act(entry) for entry in entries_of(term)]
    items += [_reply(message) for message in replies_of(term)]
    items += [_payment(payment) for payment in prices_of(term).payments]
    return sorted(items, key=lambda item: item["at"], reverse=True)


def _act(entry: Entry) -> dict[str, Any]:
    icon, kind, title = ACTS.get(entry.action, ("note", "", entry.action))
    price = entry.changes.get("premium", [None, None])[-1]
    language = get_language() or "ru"
    parts = [formats.money(price, language) if price else "", entry.reason, entry.actor_name]
    if entry.action == "renewal.hold" and entry.changes.get("held_until"):
        until = entry.changes["held_until"][-1]
        parts.insert(0, _("until %(day)s") % {"day": until})
    if entry.actor_name == "system":
        parts[-1] = pgettext("actor", "the system")
    return {
        "icon": icon, "kind": kind, "title": str(title), "at": entry.at,
        "text": " · ".join(part for part in parts if part),
    }  # fmt: skip


def _reply(message: Message) -> dict[str, Any]:
    return {
        "icon": "message-circle", "kind": "good", "title": _("The client wrote"), "at": message.created_at,
        "text": f"«{message.text[:160]}»",
    }  # fmt: skip


def _payment(payment: Payment) -> dict[str, Any]:
    words = [formats.money(payment.amount, get_language() or "ru"), payment.get_method_display()]
    return {
        "icon": "cash", "kind": "good", "title": _("Money received"), "at": payment.paid_at,
        "text": " · ".join(words),
    }  # fmt: skip
