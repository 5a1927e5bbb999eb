"""The queue as its address asks for it: new business and changes, by line, branch, authority and words; its file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers.alphabet import to_cyrillic_twins
from clientela.foundation.ids import id_of
from clientela.foundation.names import name_key
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.modules.underwriting.models import ChangeReferral, Referral
from clientela.modules.underwriting.queries import changes_queue, queue, within_authority

MOST = 200
KINDS = ("", "new", "change")
ORDERS = ("came", "-came", "sum", "-sum")


@dataclass(frozen=True)
class QueueFilter:
    """``kind`` is new, change or both; ``mine`` keeps what this person may decide; ``text`` a number or a name."""

    kind: str = ""
    mine: bool = False
    line: str = ""
    branch: int | None = None
    text: str = ""
    order: str = "came"

    @classmethod
    def read(cls, query: QueryDict) -> "QueueFilter":
        """Whatever the address says; words it does not know are left out."""
        kind, line, order = (query.get(name, "") for name in ("kind", "line", "order"))
        return cls(
            kind=kind if kind in KINDS else "", mine=query.get("whose") == "mine",
            line=line if line in Line.values else "", branch=id_of(query.get("branch", "")),
            text=query.get("q", "").replace("\x00", "").strip()[:80], order=order if order in ORDERS else "came",
        )  # fmt: skip

    def but(self, **changes: Any) -> "QueueFilter":
        return replace(self, **changes)

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self.but(order="came") != QueueFilter()

    @property
    def query(self) -> str:
        """The same as a query string."""
        values = {
            "kind": self.kind, "whose": "mine" if self.mine else "", "line": self.line, "branch": self.branch,
            "q": self.text, "order": "" if self.order == "came" else self.order,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})


def referrals(user: Any, wanted: QueueFilter) -> "QuerySet[Referral]":
    """Calculations that wait, by every condition."""
    if wanted.kind == "change":
        return Referral.objects.none()
    rows = _narrowed(queue(user), user, wanted, "calculation__", "calculation__number")
    return rows.order_by(*_order(wanted, "created_at"))


def changes(user: Any, wanted: QueueFilter) -> "QuerySet[ChangeReferral]":
    """Changes of policies that wait, by every condition."""
    if wanted.kind == "new":
        return ChangeReferral.objects.none()
    rows = _narrowed(changes_queue(user), user, wanted, "policy__", "policy__number")
    return rows.order_by(*_order(wanted, "asked_at"))


def _narrowed(rows: Any, user: Any, wanted: QueueFilter, at: str, number: str) -> Any:
    if wanted.mine:
        rows = rows.filter(within_authority(user, f"{at}product"))
    if wanted.line:
        rows = rows.filter(**{f"{at}product__line": wanted.line})
    if wanted.branch:
        rows = rows.filter(**{f"{at}client__branch": wanted.branch})
    return rows.filter(_text(wanted.text, f"{at}client__name_key", number)) if wanted.text else rows


def _text(text: str, name: str, number: str) -> Q:
    """Words with a digit are a number, whole or its beginning; others a name."""
    if any(sign.isdigit() for sign in text):
        return Q(**{f"{number}__startswith": to_cyrillic_twins(text.upper())})
    key = name_key(text)
    return Q(**prefix_range(name, key)) if key else Q(pk=None)


def _order(wanted: QueueFilter, came: str) -> tuple[str, str]:
    sign = "-" if wanted.order.startswith("-") else ""
    return f"{sign}{'sum_insured' if wanted.order.endswith('sum') else came}", f"{sign}id"


def heads() -> list[str]:
    """The first row of the file."""
    return [
        pgettext("column", "Kind"), _("Client"), _("Number"), _("Product"), _("Why"), _("State"),
        _("Sum insured"), _("Came"),
    ]  # fmt: skip


def exported(user: Any, wanted: QueueFilter) -> Iterator[list[Any]]:
    """The rows of the file."""
    words = kind_words()
    for one in referrals(user, wanted).iterator(chunk_size=2000):
        made = one.calculation
        yield [
            words["new"], made.client.name, made.number, name_of(made.product), "; ".join(one.reasons),
            one.get_state_display(), one.sum_insured, one.created_at,
        ]  # fmt: skip
    for row in changes(user, wanted).iterator(chunk_size=2000):
        yield [
            words["change"], row.policy.client.name, row.policy.number, name_of(row.policy.product),
            "; ".join(row.reasons), row.get_state_display(), row.sum_insured, row.asked_at,
        ]  # fmt: skip


def kind_words() -> dict[str, str]:
    return {"": _("All"), "new": _("New contracts"), "change": pgettext("referrals", "Changes")}


def _link(label: str, wanted: QueueFilter, current: bool) -> dict[str, Any]:
    query = f"?{wanted.query}" if wanted.query else ""
    return {"label": label, "url": reverse("underwriting:queue") + query, "current": current}


def kinds(wanted: QueueFilter) -> list[dict[str, Any]]:
    """New business, changes, or both."""
    return [_link(word, wanted.but(kind=code), wanted.kind == code) for code, word in kind_words().items()]


def whose(wanted: QueueFilter) -> list[dict[str, Any]]:
    """Everything, or what is within the authority of who looks."""
    words = {False: _("The whole queue"), True: _("Within my authority")}
    return [_link(word, wanted.but(mine=mine), wanted.mine == mine) for mine, word in words.items()]


def lines(wanted: QueueFilter) -> list[dict[str, Any]]:
    """All lines."""
    found = [_link(_("All lines"), wanted.but(line=""), not wanted.line)]
    return found + [
        _link(str(one.label), wanted.but(line=one.value), wanted.line == one.value) for one in Line
    ]


def branches(wanted: QueueFilter) -> list[dict[str, Any]]:
    """All branches, for who sees more than one."""
    found = [_link(_("All branches"), wanted.but(branch=None), not wanted.branch)]
    return found + [
        _link(one.name, wanted.but(branch=one.pk), wanted.branch == one.pk)
        for one in Branch.objects.order_by("name")[:100]
    ]
