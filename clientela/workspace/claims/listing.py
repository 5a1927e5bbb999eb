"""The list of claims: what its address asks for, a page by key, its rows, its file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import DateField, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.dates import local_today
from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers.alphabet import to_cyrillic_twins
from clientela.foundation.ids import id_of
from clientela.foundation.names import name_key
from clientela.modules.claims.models import UNDECIDED, Claim, ClaimQuerySet
from clientela.modules.claims.operations.reporting import NUMBER_PREFIX
from clientela.modules.claims.queries import overdue
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
YEARS = 10  # how far back the end of a number is looked for
NEVER = date(9999, 12, 31)
STATES = ("open", "reported", "work", "waiting", "paid", "refused", "all")
ORDERS: dict[str, tuple[Key, ...]] = {
    "due": (Key("due", date), Key("id")),
    "-due": (Key("due", date, descending=True), Key("id", descending=True)),
    "reported": (Key("reported_at", datetime), Key("id")),
    "-reported": (Key("reported_at", datetime, descending=True), Key("id", descending=True)),
}


@dataclass(frozen=True)
class ClaimFilter:
    """``whose`` is mine, late or nothing; ``line`` a code, ``branch`` an id, ``text`` a number or a name."""

    state: str = "open"
    whose: str = ""
    line: str = ""
    branch: int | None = None
    text: str = ""
    order: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "ClaimFilter":
        """Whatever the address says; words it does not know are left out."""
        state, whose, line, order = (query.get(name, "") for name in ("state", "whose", "line", "order"))
        return cls(
            state=state if state in STATES else "open",
            whose=whose if whose in ("mine", "late") else "",
            line=line if line in Line.values else "",
            branch=id_of(query.get("branch", "")),
            text=query.get("q", "").replace("\x00", "").strip()[:80],
            order=order if order in ORDERS else "",
        )

    def but(self, **changes: Any) -> "ClaimFilter":
        return replace(self, **changes)

    @property
    def shown_order(self) -> str:
        """What waits comes with the nearest deadline first, the past with the newest."""
        return self.order or ("due" if self.state in ("open", "reported", "work", "waiting") else "-reported")

    @property
    def query(self) -> str:
        """The same as a query string."""
        values = {
            "state": "" if self.state == "open" else self.state, "whose": self.whose, "line": self.line,
            "branch": self.branch, "q": self.text, "order": self.order,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})


def listed(user: Any, wanted: ClaimFilter) -> ClaimQuerySet:
    """Claims by every condition, within the person's scope."""
    rows: Any = Claim.objects.visible_to(user).annotate(
        due=Coalesce("due_on", Value(NEVER), output_field=DateField())
    )
    if wanted.state == "open":
        rows = rows.filter(status__in=UNDECIDED)
    elif wanted.state != "all":
        rows = rows.filter(status=wanted.state)
    if wanted.whose == "mine":
        rows = rows.filter(assignee=user)
    elif wanted.whose == "late":
        rows = overdue(rows, timezone.now())
    if wanted.line:
        rows = rows.filter(policy__product__line=wanted.line)
    if wanted.branch:
        rows = rows.filter(client__branch=wanted.branch)
    found: ClaimQuerySet = rows.filter(_text(wanted.text)) if wanted.text else rows
    return found


def _text(text: str) -> Q:
    """Words with a digit are the number of a claim, or its end; others a name."""
    if any(sign.isdigit() for sign in text):
        number = to_cyrillic_twins(text.upper())
        if text.isascii() and text.isdigit() and len(text) <= 6:
            year = timezone.localdate().year % 100
            return Q(
                number__in=[
                    f"{NUMBER_PREFIX}-{one % 100:02}-{text:0>6}" for one in range(year - YEARS, year + 1)
                ]
            )
        return Q(number__startswith=number)
    key = name_key(text)
    return Q(**prefix_range("client__name_key", key)) if key else Q(pk=None)


def _shown() -> "QuerySet[Claim]":
    return Claim.objects.select_related("client", "policy__product", "assignee")


def page(user: Any, wanted: ClaimFilter, *, after: str = "", before: str = "") -> KeyPage[Claim]:
    """A page of the list."""
    return page_of(
        listed(user, wanted), ORDERS[wanted.shown_order], shown=_shown(), after=after, before=before, size=PAGE
    )  # fmt: skip


def rows(found: "list[Claim]") -> list[dict[str, Any]]:
    """As the table shows them."""
    today = local_today(settings.TIME_ZONE, timezone.now())
    return [
        {
            "claim": one, "product": name_of(one.policy.product), "kind": KINDS[one.status],
            "left": (one.due_on - today).days if one.is_undecided and one.due_on else None,
        }
        for one in found
    ]  # fmt: skip


KINDS = {"reported": "warn", "work": "info", "waiting": "", "paid": "good", "refused": "bad"}


def heads() -> list[str]:
    """The first row of the file."""
    return [
        _("Number"), _("Client"), _("Product"), _("What happened"), pgettext("loss", "Day"), _("State"),
        _("Reported"), _("Decide by"), _("Who works on it"), _("Sum, RUB"),
    ]  # fmt: skip


def exported(user: Any, wanted: ClaimFilter) -> Iterator[list[Any]]:
    """The rows of the file."""
    ids = listed(user, wanted).order_by().values("pk")
    for one in _shown().filter(pk__in=ids).order_by("-reported_at", "-id").iterator(chunk_size=2000):
        yield [
            one.number, one.client.name, name_of(one.policy.product), one.get_kind_display(), one.occurred_on,
            one.get_status_display(), one.reported_at, one.due_on, str(one.assignee or ""), one.amount,
        ]  # fmt: skip


def _link(label: str, wanted: ClaimFilter, current: bool) -> dict[str, Any]:
    query = f"?{wanted.query}" if wanted.query else ""
    return {"label": label, "url": reverse("claims:list") + query, "current": current}


def states(wanted: ClaimFilter) -> list[dict[str, Any]]:
    """The sides of the list."""
    words = {"open": pgettext("claims", "Undecided"), "all": _("All")} | {
        str(value): str(label) for value, label in Claim.Status.choices
    }
    return [_link(words[state], wanted.but(state=state), wanted.state == state) for state in STATES]


def whose(wanted: ClaimFilter) -> list[dict[str, Any]]:
    """Everybody's, own, and those nobody decided in time."""
    words = {
        "": pgettext("claims", "Everybody's"),
        "mine": pgettext("claims", "Mine"),
        "late": pgettext("claims", "Overdue"),
    }
    return [_link(word, wanted.but(whose=code), wanted.whose == code) for code, word in words.items()]


def lines(wanted: ClaimFilter) -> list[dict[str, Any]]:
    """All lines."""
    found = [_link(_("All lines"), wanted.but(line=""), not wanted.line)]
    return found + [
        _link(str(one.label), wanted.but(line=one.value), wanted.line == one.value) for one in Line
    ]


def branches(wanted: ClaimFilter) -> list[dict[str, Any]]:
    """All branches, for who sees more than one."""
    found = [_link(_("All branches"), wanted.but(branch=None), not wanted.branch)]
    return found + [
        _link(one.name, wanted.but(branch=one.pk), wanted.branch == one.pk)
        for one in Branch.objects.order_by("name")[:100]
    ]
