"""The evidence of a rent in words, and how it came about on one line."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.money import kopecks
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client
from clientela.modules.commission.queries import percent_words
from clientela.modules.contacts.models import WRITTEN, Message
from clientela.modules.products.models import Line
from clientela.modules.quotes.models import Calculation
from clientela.modules.rent.models import Rent, RentStep
from clientela.modules.rent.rules import Check

BEFORE = timedelta(days=45)
MOST = 4


def percent(rent: Rent) -> str:
    return "" if rent.percent is None else percent_words(rent.percent)


def open_to(rent: Rent, user: Any) -> bool:
    """Whether this person may open the client: the pay of an agent is seen longer than the clients are."""
    return Client.objects.visible_to(user).filter(pk=rent.policy.client_id).exists()


def _day(text: str) -> str:
    return formats.full_date(date.fromisoformat(text[:10]), language()) if text else ""


def _time(text: str) -> str:
    if not text:
        return ""
    return f"{timezone.localtime(datetime.fromisoformat(text)):%d.%m.%Y, %H:%M}"


def _money(text: str | None) -> str:
    return formats.money(kopecks(text), language()) if text is not None else ""


def _share(text: str | None) -> str:
    if text is None:
        return "—"
    tenths = kopecks(text).quantize(Decimal("0.1"))
    return formats.percent(tenths, language(), 0 if tenths % 1 == 0 else 1)


def lines(rent: Rent, user: Any) -> list[dict[str, Any]]:
    """The checks as they are read: what, the facts, and where they stand."""
    told = {
        Check.FIRST: _first, Check.ALONE: _alone, Check.QUOTE: _quote, Check.LEVEL: _level, Check.ONCE: _once,
    }  # fmt: skip
    linked = open_to(rent, user)
    found = []
    for check, tell in told.items():
        facts = rent.evidence.get(check.value)
        if facts:
            title, words, source, url = tell(facts, rent)
            url = url if linked or check in (Check.LEVEL, Check.ONCE) else ""
            found.append({"title": title, "words": words, "source": source, "url": url, "met": facts["met"]})
    return found


def _first(facts: dict[str, Any], rent: Rent) -> tuple[str, str, str, str]:
    source, url = (
        _("policy system"),
        reverse("clients:policy", args=[facts["policy_id"]]) if facts["policy_id"] else "",
    )
    number = _("%(number)s of %(day)s") % {"number": facts["number"], "day": _day(facts["on"])}
    if not facts["known"]:
        return (
            _("The first contract is not in the system"),
            _("the oldest known is %(number)s") % {"number": number},
            source,
            url,
        )
    words = f"{number}, {facts['agreement']}" if facts["agreement"] else number
    if not facts["agent"] or facts["channel"] == "web":
        return _("The first contract was written without an agent"), words, source, url
    return _("The first contract was written by %(agent)s") % {"agent": facts["agent"]}, words, source, url


def _alone(facts: dict[str, Any], rent: Rent) -> tuple[str, str, str, str]:
    said = {"at": _time(facts["at"]), "phone": facts["phone"]}
    words = _("site, %(at)s; entered by code on %(phone)s") % said
    if facts["by_hand"]:
        return (
            _("A colleague took the payment"),
            words,
            _("journal of the site"),
            reverse("clients:policy", args=[rent.policy_id]),
        )
    title = _("The client renewed alone") if facts["met"] else _("The client did not renew alone")
    return title, words, _("journal of the site"), reverse("clients:policy", args=[rent.policy_id])


def _quote(facts: dict[str, Any], rent: Rent) -> tuple[str, str, str, str]:
    if not facts["kind"]:
        return (
            _("No calculation stood in the system"),
            _("none was found before the renewal"),
            pgettext("source", "calculations"),
            "",
        )
    names = {
        "calculation": pgettext("source", "calculation"),
        "quote": pgettext("source", "quote"),
        "project": pgettext("source", "project"),
    }
    what = facts["number"] or names[facts["kind"]]
    words = _("%(number)s of %(day)s") % {"number": what, "day": _day(facts["at"])}
    paid = _("premium %(sum)s") % {"sum": _money(rent.evidence["alone"]["premium"])}
    words = "; ".join(
        part for part in (", ".join(p for p in (words, _money(facts["premium"])) if p), paid) if part
    )
    url = reverse("clients:policy", args=[rent.policy.previous_id]) if rent.policy.previous_id else ""
    if facts["kind"] == "calculation" and Calculation.objects.filter(pk=facts["id"]).exists():
        url = reverse("quotes:window", args=[facts["id"]])
    if not facts["own"]:
        title = _("The calculation is by %(person)s, not by the agent") % {"person": facts["by"] or "—"}
        return title, words, names[facts["kind"]], url
    return _("A calculation for the client stood in the system"), words, names[facts["kind"]], url


def _level(facts: dict[str, Any], rent: Rent) -> tuple[str, str, str, str]:
    said = {
        "line": Line(facts["line"]).label, "share": _share(facts["share"]), "target": _share(facts["target"]),
        "renewed": facts["renewed"], "expiring": facts["expiring"], "from": _day(facts["from"]), "to": _day(facts["to"]),
    }  # fmt: skip
    counted = _("%(renewed)s of %(expiring)s from %(from)s to %(to)s") % said
    if facts["target"] is None:
        words = _("%(line)s %(share)s, no target is set") % said
    elif facts["own"]:
        words = _("%(line)s %(share)s, the target of rent is %(target)s") % said
    else:
        words = _("%(line)s %(share)s, the norm is %(target)s") % said
    url = reverse("agents:agent", args=[rent.agent_id])
    return _("Renewal level of the agent"), f"{words}; {counted}", _("figures"), url


def _once(facts: dict[str, Any], rent: Rent) -> tuple[str, str, str, str]:
    url = reverse("commission:statement", args=[rent.agent_id])
    if facts["met"]:
        return (
            _("No rent was paid for this term"),
            _("no other entries for %(number)s") % facts,
            pgettext("source", "entries"),
            url,
        )
    if facts["rents"]:
        return (
            _("Another rent stands for this term"),
            _("rents: %(rents)s") % facts,
            pgettext("source", "entries"),
            url,
        )
    words = _("commission of %(sum)s for %(number)s") % {
        "sum": _money(facts["amount"]),
        "number": facts["number"],
    }
    return _("Commission was accrued for this term"), words, pgettext("source", "entries"), url


def moments(rent: Rent, user: Any, today: date) -> list[dict[str, Any]]:
    """What happened before and after the client renewed, as places on a line from 0 to 100."""
    found: list[tuple[date, str, str]] = []
    quote = rent.evidence.get("quote", {})
    if quote.get("at"):
        found.append((_local(quote["at"]), pgettext("moment", "Calculation"), "ink"))
    if open_to(rent, user) and user.can(Permission.CLIENTS_READ):
        found += _talks(rent)
    renewed = timezone.localdate(rent.renewed_at)
    found.append((renewed, pgettext("moment", "Renewed alone"), "good"))
    for step in rent.steps.exclude(kind=RentStep.Kind.BUILT):
        found.append((timezone.localdate(step.at), str(step.get_kind_display()), "ink"))
    found.sort(key=lambda one: one[0])
    found = _thinned(found)
    found.append((max(today, found[-1][0]), pgettext("moment", "Today"), "signal"))
    first, last = found[0][0], found[-1][0]
    whole = max((last - first).days, 1)
    rows = [
        {"day": day, "label": label, "kind": kind, "at": 100 * (day - first).days / whole}
        for day, label, kind in found
    ]
    return _apart(rows)


def _local(text: str) -> date:
    return timezone.localdate(datetime.fromisoformat(text))


def _talks(rent: Rent) -> list[tuple[date, str, str]]:
    """The newest letter and the newest calls before the client renewed."""
    span = (rent.renewed_at - BEFORE, rent.renewed_at)
    client = rent.policy.client_id
    sent = Message.objects.filter(client=client, direction="out", channel__in=WRITTEN, sent_at__range=span)
    found: list[tuple[date, str, str]] = []
    for message in sent.exclude(state="failed").order_by("-sent_at")[:1]:
        assert message.sent_at is not None
        found.append((timezone.localdate(message.sent_at), str(message.get_channel_display()), "ink"))
    calls = Call.objects.filter(Q(client=client), started_at__range=span, answered_at__isnull=False)
    for call in calls.order_by("-started_at")[:1]:
        by_agent = call.person_id is not None and call.person_id == rent.agent.user_id
        label = _("Call of the agent") if by_agent else pgettext("moment", "Call")
        found.append((timezone.localdate(call.started_at), label, "ink"))
    return found


def _thinned(found: list[tuple[date, str, str]]) -> list[tuple[date, str, str]]:
    """One mark a day, and no more marks than find room; the renewal stays."""
    days: dict[date, tuple[date, str, str]] = {}
    for one in found:
        known = days.get(one[0])
        if known is None or (known[2] != "good" and one[2] == "good"):
            days[one[0]] = one
    rows = [days[day] for day in sorted(days)]
    while len(rows) > MOST:
        rows.remove(next(one for one in rows if one[2] != "good"))
    return rows


def _apart(rows: list[dict[str, Any]], room: float = 21) -> list[dict[str, Any]]:
    """Push marks apart so that their words do not lie over each other: the order stays, the distances only nearly."""
    if len(rows) < 2:
        return rows
    room = min(room, 100 / (len(rows) - 1))
    for place in range(1, len(rows)):
        rows[place]["at"] = max(rows[place]["at"], rows[place - 1]["at"] + room)
    rows[-1]["at"] = 100.0
    for place in range(len(rows) - 2, -1, -1):
        rows[place]["at"] = max(0.0, min(rows[place]["at"], rows[place + 1]["at"] - room))
    for place, row in enumerate(rows):
        row["left"] = f"{row['at']:.1f}"
        row["first"], row["last"] = place == 0, place == len(rows) - 1
    return rows
