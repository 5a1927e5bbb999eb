"""The lines of a statement: what its address asks for, a page by key, what a file holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.names import name_key
from clientela.modules.commission import rules
from clientela.modules.commission.models import Entry
from clientela.modules.commission.queries import percent_words
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
MOST = 50_000
ORDER = (Key("earned_on", date, descending=True), Key("id", descending=True))
KINDS = {
    "new": Q(kind="accrual", term=rules.NEW), "renewal": Q(kind="accrual", term=rules.RENEWAL), "rent": Q(kind="rent"),
    "back": Q(kind="clawback"), "unrated": Q(percent__isnull=True),
}  # fmt: skip


@dataclass(frozen=True)
class LineFilter:
    """``kind`` is one of ``KINDS``, ``line`` a line of business, ``text`` a number or a name."""

    month: date
    kind: str = ""
    line: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "LineFilter":
        """Whatever the address says; words it does not know are left out."""
        kind, line = query.get("kind", ""), query.get("line", "")
        return cls(
            month=month_asked(query), kind=kind if kind in KINDS else "", line=line if line in Line.values else "",
            text=query.get("q", "").replace("\x00", "").strip()[:80],
        )  # fmt: skip

    @property
    def narrowed(self) -> bool:
        return bool(self.kind or self.line or self.text)

    def but(self, **changes: Any) -> "LineFilter":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The same as a query string."""
        values = {"month": f"{self.month:%Y-%m}", "kind": self.kind, "line": self.line, "q": self.text}
        return urlencode({key: value for key, value in values.items() if value})


def today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


def month_asked(query: QueryDict) -> date:
    """The first day of the asked month, of this century; the current one by default."""
    try:
        asked = date.fromisoformat(f"{query.get('month', '')[:7]}-01")
    except ValueError:
        return rules.month_of(today())
    return min(max(asked, date(2001, 1, 1)), date(2099, 12, 1))


def month_name(month: date) -> str:
    """«ноябрь 2026», «November 2026»."""
    name = date_format(month, "F Y")
    return name.lower() if (get_language() or "ru")[:2] == "ru" else name


def listed(agent: Agent, wanted: LineFilter) -> "QuerySet[Entry]":
    """Entries of the agent's statement by every condition."""
    rows = Entry.objects.filter(agent=agent, month=wanted.month)
    if wanted.kind:
        rows = rows.filter(KINDS[wanted.kind])
    if wanted.line:
        rows = rows.filter(policy__product__line=wanted.line)
    return rows.filter(_text(wanted.text)) if wanted.text else rows


def _text(text: str) -> Q:
    """Words with a digit are a part of a number, others the beginning of a name: a statement is short."""
    if any(sign.isdigit() for sign in text):
        return Q(policy__number_key__contains=policy_number_key(text))
    key = name_key(text)
    return Q(**prefix_range("policy__client__name_key", key)) if key else Q(pk=None)


def shown() -> "QuerySet[Entry]":
    return Entry.objects.select_related("policy__client", "policy__product", "agent", "refund")


def page(agent: Agent, wanted: LineFilter, *, after: str = "", before: str = "") -> KeyPage[Entry]:
    """A page of the statement, the newest first."""
    return page_of(listed(agent, wanted), ORDER, shown=shown(), after=after, before=before, size=PAGE)


def why(entry: Entry) -> str:
    """What it was earned by, in words."""
    if entry.kind == Entry.Kind.CLAWBACK:
        reason = entry.refund.reason if entry.refund else ""
        return f"{_('money went back')}: {reason}" if reason else _("money went back")
    return str(entry.get_term_display()).lower()


def percent_of(entry: Entry) -> str:
    return "" if entry.percent is None else percent_words(entry.percent)


def heads() -> list[str]:
    """The first row of a file."""
    return [
        _("Agent"), _("Agreement"), _("Month"), _("Policy"), _("Client"), _("Product"), _("For"), _("Cover begins"),
        _("Last day of cover"), _("Sum insured"), _("Premium"), _("Paid premium"), _("Day of payment"), _("Rate, %"),
        pgettext("money", "Commission"), _("Statement"),
    ]  # fmt: skip


def exported(rows: "QuerySet[Entry]") -> Iterator[list[Any]]:
    """The rows of a file: the bordereau of DOMAIN §5."""
    found = rows.select_related("policy__client", "policy__product", "agent", "refund", "statement")
    for one in found.order_by("agent", "earned_on", "id")[:MOST].iterator(chunk_size=2000):
        policy = one.policy
        yield [
            str(one.agent), one.agreement_number, f"{one.month:%Y-%m}", policy.number, policy.client.name,
            name_of(policy.product), why(one), policy.start_date, policy.end_date, policy.sum_insured, policy.premium, one.base,
            one.earned_on, one.percent, one.amount, one.statement.number if one.statement else "",
        ]  # fmt: skip
