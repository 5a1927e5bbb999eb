"""The story of a term as a timeline: the journal, the client's words and the money, the newest first."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.audit.models import Entry
from clientela.foundation.ui import formats
from clientela.modules.billing.models import Payment
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Project, Quote
from clientela.modules.contracts.price_words import why_shown
from clientela.modules.renewals.models import Renewal
from clientela.workspace.renewals.forms import loss_name
from clientela.workspace.renewals.queries.term import entries_of, prices_of, replies_of

# What the journal's words mean to people: icon, colour, sentence.
ACTS: dict[str, tuple[str, str, Promise]] = {
    "renewal.hold": ("player-pause", "warn", gettext_lazy("Plan held")),
    "renewal.release": ("player-play", "", gettext_lazy("Plan goes on")),
    "renewal.lost": ("circle-x", "bad", gettext_lazy("Marked as lost")),
    "renewal.reopen": ("refresh", "", gettext_lazy("Taken back to work")),
    "touch.done": ("headset", "good", gettext_lazy("Call finished")),
    "quote.withdrawn": ("calculator", "", gettext_lazy("Quote withdrawn")),
    "project.repriced": ("file-text", "info", gettext_lazy("Project's price changed")),
    "project.offered": ("send", "info", gettext_lazy("Offer sent")),
    "project.withdrawn": ("file-text", "", gettext_lazy("Project withdrawn")),
    "policy.cancelled": ("shield-off", "bad", gettext_lazy("Policy cancelled")),
    "renewal.offer": ("send", "info", gettext_lazy("Offer sent")),
}
# Acts that leave a row of their own: the row speaks, also where it came from an import without a journal.
TOLD_BY_TABLES = {"quote.made", "project.prepared", "project.issued"}


def story_of(term: Renewal) -> list[dict[str, Any]]:
    """Items for the timeline; six statements, some two hundred items at most."""
    entries, prices = entries_of(term), prices_of(term)
    items = [_act(entry) for entry in entries if entry.action not in TOLD_BY_TABLES]
    items += [_reply(message) for message in replies_of(term)]
    items += [_quote(quote) for quote in prices.quotes] + [_project(project) for project in prices.projects]
    items += [_issued(project) for project in prices.projects if project.next_policy]
    items += [_payment(payment) for payment in prices.payments]
    if term.lost_at and not any(entry.action == "renewal.lost" for entry in entries):
        items.append(_lost(term))
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
    return _item(
        "cash",
        "good",
        _("Money received"),
        payment.paid_at,
        _money(payment.amount),
        payment.get_method_display(),
    )


def _item(icon: str, kind: str, title: str, at: Any, *words: Any) -> dict[str, Any]:
    text = " · ".join(str(word) for word in words if word)
    return {"icon": icon, "kind": kind, "title": title, "at": at, "text": text}


def _money(amount: Any) -> str:
    return formats.money(amount, get_language() or "ru")


def _quote(quote: Quote) -> dict[str, Any]:
    return _item(
        "calculator",
        "info",
        _("Quote made"),
        quote.created_at,
        _money(quote.premium),
        quote.note,
        quote.created_by,
    )


def _project(project: Project) -> dict[str, Any]:
    return _item(
        "file-text", "info", _("Project prepared"), project.created_at, _money(project.premium),
        why_shown(project), project.created_by,
    )  # fmt: skip


def _issued(project: Project) -> dict[str, Any]:
    policy = project.next_policy
    assert policy is not None
    return _item(
        "shield-check", "good", _("Next policy issued"), policy.issued_at or policy.created_at,
        formats.policy_number(policy.number, get_language() or "ru"),
    )  # fmt: skip


def _lost(term: Renewal) -> dict[str, Any]:
    reason = loss_name(term.lost_reason) if term.lost_reason else ""
    return _item("circle-x", "bad", _("Marked as lost"), term.lost_at, reason)
