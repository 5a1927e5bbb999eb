"""What the versions of a policy say, in words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.billing.models import Refund
from clientela.modules.billing.queries import cancelled_refunds, returned_of
from clientela.modules.contracts.models import PolicyVersion
from clientela.modules.quotes.change_prices import ChangePrice, Step

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
    amount = formats.money(_size(version), language())
    if version.kind == PolicyVersion.Kind.ISSUE:
        return formats.money(version.charged, language())
    if version.kind == PolicyVersion.Kind.REINSTATEMENT:
        again = returned_of(cancelled_refunds(version.policy, before=version.number))
        if again:
            return _("to be paid again: %(sum)s") % {"sum": formats.money(again, language())}
        return _("nothing is to be paid")
    if version.difference > 0:
        return _("to be paid in addition: %(sum)s") % {"sum": amount}
    if version.difference < 0 or version.kind == PolicyVersion.Kind.CANCELLATION:
        return _("to be returned: %(sum)s") % {"sum": amount}
    return ""


def _size(version: PolicyVersion) -> Decimal:
    """How much; of what goes back only what had been paid, where the money came through us."""
    if version.difference >= 0:
        return version.difference
    owed = Refund.objects.filter(origin__startswith=f"version:{version.pk}/").aggregate(total=Sum("amount"))[
        "total"
    ]
    return owed or -version.difference


def counted(how: dict[str, Any]) -> str:
    """How the money was counted, in one sentence."""
    way = how.get("way")
    if way == "cooling_off":
        return _("Everything comes back: asked within the cooling-off period.")
    if way == "rest_of_term":
        values = {"left": how["left"], "days": how["days"]}
        told = _("For %(left)s of %(days)s days of the term.") % values
        return f"{told} {whole_of(Decimal(how['whole']))}" if how.get("whole") else told
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


def whole_of(amount: Decimal) -> str:
    """What of an addition does not depend on the days that are left."""
    return _("Of it for a longer use, in full: %(sum)s.") % {"sum": formats.money(amount, language())}


def change_lines(price: ChangePrice) -> list[dict[str, Any]]:
    """The factors that are otherwise than they were, in words: before, after, why, from which table, what it makes."""
    return step_lines(price.steps)


def step_lines(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The same of steps that were kept."""
    return [
        {
            "title": step.title, "before": _factor(step.before) if step.before != step.after else "", "after": _factor(step.after), "why": _why(step),
            "source": _("%(table)s, version %(number)s") % {"table": step.table, "number": step.version} if step.table else "",
            "effect": ("+" if step.effect > 0 else "") + formats.money(step.effect, language()),
        }
        for step in steps
        if step.changed or step.why != step.why_before
    ]  # fmt: skip


def _factor(value: Decimal | None) -> str:
    return "—" if value is None else formats.factor(value, language())


def _why(step: Step) -> str:
    if step.why_before and step.why and step.why_before != step.why:
        return f"{step.why_before} → {step.why}"
    return step.why or step.why_before
