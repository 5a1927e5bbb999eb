"""What the versions of a policy say, in words."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.contracts.models import PolicyVersion

_LOOKS = {
    "issue": ("shield-check", "good"), "endorsement": ("edit", "info"), "cancellation": ("shield-off", "bad"),
    "reinstatement": ("rotate", "good"), "duplicate": ("copy", ""),
}  # fmt: skip


def version_line(version: PolicyVersion) -> dict[str, Any]:
    """One step of the timeline."""
    icon, kind = _LOOKS[version.kind]
    return {
        "version": version, "icon": icon, "kind": kind, "money": _money(version), "counted": counted(version.counted),
        "from_day": formats.full_date(version.valid_from, language()),
        "ends": version.kind == PolicyVersion.Kind.CANCELLATION,
    }  # fmt: skip


def _money(version: PolicyVersion) -> str:
    amount = formats.money(abs(version.difference), language())
    if version.kind == PolicyVersion.Kind.ISSUE:
        return formats.money(version.charged, language())
    if version.difference > 0:
        return _("to be paid in addition: %(sum)s") % {"sum": amount}
    if version.difference < 0 or version.kind == PolicyVersion.Kind.CANCELLATION:
        return _("to be returned: %(sum)s") % {"sum": amount}
    return ""


def counted(how: dict[str, Any]) -> str:
    """How the money was counted, in one sentence."""
    way = how.get("way")
    if way == "cooling_off":
        return _("Everything comes back: asked within the cooling-off period.")
    if way == "rest_of_term":
        values = {"left": how["left"], "days": how["days"]}
        return _("For %(left)s of %(days)s days of the term.") % values
    if way != "pro_rata":
        return ""
    parts = [
        ngettext("%(unused)s unused day of %(days)s.", "%(unused)s unused days of %(days)s.", how["unused"])
        % {"unused": how["unused"], "days": how["days"]}
    ]
    kept = formats.percent(float(how["kept"]) * 100, language()) if float(how["kept"]) else ""
    if kept:
        parts.append(_("The insurer keeps %(share)s.") % {"share": kept})
    if float(how.get("losses") or 0):
        parts.append(_("Paid losses are taken off."))
    return " ".join(parts)
