"""The second person's pane: who prepared a version and who put it in force, what it changes in words, what was decided."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from clientela.foundation.audit.models import Entry
from clientela.modules.products.models import ProductVersion
from clientela.modules.rating.models import TableVersion
from clientela.workspace.products import told
from clientela.workspace.products.listing import may_decide

MOST_LINES = 6
MOST_DECISIONS = 20
DECISIONS = {
    "draft": (pgettext_lazy("decision", "began the draft"), "plus", "past"),
    "proposed": (pgettext_lazy("decision", "proposed it"), "send", "info"),
    "sent_back": (pgettext_lazy("decision", "sent it back"), "arrow-back-up", "warn"),
    "approved": (pgettext_lazy("decision", "approved it"), "circle-check", "good"),
    "withdrawn": (pgettext_lazy("decision", "withdrew it before its day"), "x", "bad"),
}  # fmt: skip


def of_table(
    version: TableVersion, versions: Sequence[TableVersion], compared: Mapping[str, Any] | None, user: Any
) -> dict[str, Any]:
    """The pane of a tariff; ``compared`` are its differences from the version in force."""
    counts, lines, more = [], [], 0
    if compared is not None and not compared["is_same_shape"]:
        counts = [_("The columns are others.")]
    elif compared is not None:
        whole = ((compared["count"], _cells), (len(compared["came"]), _came), (len(compared["gone"]), _gone))
        counts = [word(count) for count, word in whole if count]
        lines = [
            {"where": f"{one['label']} · {one['column']}", "was": one["was"], "now": one["now"], "percent": one["percent"]}
            for one in sorted(compared["changed"], key=lambda one: -abs(one["percent"] or 0))
        ]  # fmt: skip
        more = max(compared["count"] - MOST_LINES, 0)
    names = ("propose", "approve", "send_back")
    return _pane(version, versions, user, names, counts, lines[:MOST_LINES]) | {"more": more}


def of_product(
    version: ProductVersion,
    versions: Sequence[ProductVersion],
    changes: Sequence[Mapping[str, Any]],
    user: Any,
) -> dict[str, Any]:
    """The pane of a product; ``changes`` are its differences from the version in force."""
    counts = [f"{part}: {count}" for part, count in told.counted(changes)]
    lines = [dict(one) for one in changes[:MOST_LINES]]
    names = ("definition_propose", "definition_approve", "definition_return")
    pane = _pane(version, versions, user, names, counts, lines)
    return pane | {"more": max(len(changes) - MOST_LINES, 0)}


def _pane(
    version: TableVersion | ProductVersion, versions: Iterable[Any], user: Any, names: Sequence[str],
    counts: list[str], lines: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    author = version.author if isinstance(version, TableVersion) else version.created_by
    is_proposed = version.state == "proposed"
    urls = {
        name: reverse(f"product_pages:{address}", args=[version.pk])
        for name, address in zip(("propose_url", "approve_url", "return_url"), names, strict=True)
    }
    return urls | {
        "author": author, "approver": version.approver, "is_proposed": is_proposed, "is_draft": version.state == "draft",
        "prepared_at": version.proposed_at or version.changed_at, "counts": counts, "lines": lines,
        "may_decide": may_decide(version, user),
        "is_own": is_proposed and author is not None and author.pk == user.pk, "history": _history(version, versions),
    }  # fmt: skip


def _history(version: TableVersion | ProductVersion, versions: Iterable[Any]) -> list[dict[str, Any]]:
    """What was decided on every version of the same tariff or product, the newest first."""
    numbers = {one.pk: one.number for one in versions}
    prefix = "tariff" if isinstance(version, TableVersion) else "product"
    entries = Entry.objects.filter(
        object_type=version._meta.label_lower, object_id__in=list(numbers),
        action__in=[f"{prefix}.{name}" for name in DECISIONS],
    ).order_by("-at", "-pk")[:MOST_DECISIONS]  # fmt: skip
    found = []
    for entry in entries:
        what, icon, kind = DECISIONS[entry.action.partition(".")[2]]
        found.append({
            "who": entry.actor_name, "at": entry.at, "what": what, "icon": icon, "kind": kind,
            "reason": entry.reason, "number": numbers[entry.object_id or 0], **_days(entry.changes),
        })  # fmt: skip
    return found


def _days(changes: Mapping[str, Any]) -> dict[str, date]:
    """The author's day and the one the second person set, where they differ."""
    days = changes.get("starts_on") or [None, None]
    if days[0] is None or days[1] is None:
        return {}
    return {"asked": date.fromisoformat(days[0]), "day": date.fromisoformat(days[1])}


def _cells(count: int) -> str:
    return ngettext("%s cell changes", "%s cells change", count) % count


def _came(count: int) -> str:
    return ngettext("%s row comes", "%s rows come", count) % count


def _gone(count: int) -> str:
    return ngettext("%s row goes", "%s rows go", count) % count
