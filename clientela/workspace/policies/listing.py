"""The list of contracts: what its address asks for, a page by key, its rows, its file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.dates import local_today
from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers.alphabet import to_cyrillic_twins
from clientela.foundation.identifiers.contracts import policy_number_key
from clientela.foundation.names import name_key
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of
from clientela.workspace.renewals.keyset import Key, KeyPage, page_of

PAGE = 50
SOON = 45  # days: where the work on the next term begins
STATES = ("force", "soon", "future", "over", "cancelled", "all")
ORDER = (Key("end_date", date, descending=True), Key("id", descending=True))
FIRST_TO_END = (Key("end_date", date), Key("id"))


@dataclass(frozen=True)
class PolicyFilter:
    """``state`` is one of ``STATES``, ``product`` and ``channel`` are codes, ``text`` a number, plate or name."""

    state: str = "force"
    product: str = ""
    channel: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "PolicyFilter":
        """Whatever the address says; words it does not know are left out."""
        state, channel = query.get("state", ""), query.get("channel", "")
        return cls(
            state=state if state in STATES else "force",
            product=query.get("product", "").replace("\x00", "")[:20],
            channel=channel if channel in Policy.SalesChannel.values else "",
            text=query.get("q", "").replace("\x00", "").strip()[:80],
        )

    def but(self, **changes: Any) -> "PolicyFilter":
        return replace(self, **changes)

    @property
    def query(self) -> str:
        """The same as a query string."""
        values = {
            "state": "" if self.state == "force" else self.state, "product": self.product, "channel": self.channel,
            "q": self.text,
        }  # fmt: skip
        return urlencode({key: value for key, value in values.items() if value})


def today() -> date:
    return local_today(settings.TIME_ZONE, timezone.now())


def _state(state: str, day: date) -> Q:
    issued = Q(status=Policy.Status.ISSUED)
    return {
        "force": issued & Q(start_date__lte=day, end_date__gte=day),
        "soon": issued & Q(start_date__lte=day, end_date__range=(day, day + timedelta(days=SOON))),
        "future": issued & Q(start_date__gt=day),
        "over": issued & Q(end_date__lt=day),
        "cancelled": Q(status=Policy.Status.CANCELLED),
        "all": Q(),
    }[state]


def _text(text: str) -> Q:
    """Words with a digit are a number or a plate, others a name."""
    if any(sign.isdigit() for sign in text):
        number, plate = policy_number_key(text), "".join(filter(str.isalnum, to_cyrillic_twins(text)))
        return Q(**prefix_range("number_key", number)) | Q(**prefix_range("insured_object__plate", plate))
    key = name_key(text)
    return Q(**prefix_range("client__name_key", key)) if key else Q(pk=None)


def listed(user: Any, wanted: PolicyFilter) -> "QuerySet[Policy]":
    """Contracts by every condition, within the person's scope."""
    rows = Policy.objects.visible_to(user).filter(_state(wanted.state, today()))
    if wanted.product:
        rows = rows.filter(product__code=wanted.product)
    if wanted.channel:
        rows = rows.filter(sales_channel=wanted.channel)
    return rows.filter(_text(wanted.text)) if wanted.text else rows


def _shown() -> "QuerySet[Policy]":
    return Policy.objects.select_related("client", "product", "insured_object", "agent")


def page(user: Any, wanted: PolicyFilter, *, after: str = "", before: str = "") -> KeyPage[Policy]:
    """A page of the list; what is about to end comes with the nearest day first."""
    order = FIRST_TO_END if wanted.state == "soon" else ORDER
    return page_of(listed(user, wanted), order, shown=_shown(), after=after, before=before, size=PAGE)


def state_of(policy: Policy, day: date) -> dict[str, str]:
    """Word and colour of a contract on a day."""
    if policy.status != Policy.Status.ISSUED:
        kind = "bad" if policy.status == Policy.Status.CANCELLED else "warn"
        return {"label": str(policy.get_status_display()), "kind": kind}
    if policy.start_date > day:
        return {"label": pgettext("policy", "Not begun"), "kind": "info"}
    if policy.end_date < day:
        return {"label": pgettext("policy", "Over"), "kind": ""}
    if policy.end_date <= day + timedelta(days=SOON):
        return {"label": pgettext("policy", "Ends soon"), "kind": "warn"}
    return {"label": pgettext("policy", "In force"), "kind": "good"}


def rows(found: "list[Policy]") -> list[dict[str, Any]]:
    """As the table shows them."""
    day = today()
    return [{"policy": one, "product": name_of(one.product), "state": state_of(one, day)} for one in found]


def heads() -> list[str]:
    """The first row of the file."""
    return [
        _("Number"), _("Client"), _("Product"), _("Insured object"), _("State"), _("Cover begins"),
        _("Last day of cover"), _("Premium"), _("Agent"), _("Sales channel"),
    ]  # fmt: skip


def exported(user: Any, wanted: PolicyFilter) -> Iterator[list[Any]]:
    """The rows of the file."""
    day = today()
    ids = listed(user, wanted).values("pk")
    for one in _shown().filter(pk__in=ids).order_by("-end_date", "-id").iterator(chunk_size=2000):
        yield [
            one.number, one.client.name, name_of(one.product), str(one.insured_object or ""), state_of(one, day)["label"],
            one.start_date, one.end_date, one.premium, str(one.agent or ""), one.get_sales_channel_display(),
        ]  # fmt: skip


def _link(label: str, wanted: PolicyFilter, current: bool) -> dict[str, Any]:
    query = f"?{wanted.query}" if wanted.query else ""
    return {"label": label, "url": reverse("policies:list") + query, "current": current}


def states(wanted: PolicyFilter) -> list[dict[str, Any]]:
    """The sides of the list."""
    words = (
        pgettext("policies", "In force"),
        pgettext("policies", "End soon"),
        pgettext("policies", "Not begun"),
        pgettext("policies", "Over"),
        pgettext("policies", "Cancelled"),
        _("All"),
    )
    return [
        _link(label, wanted.but(state=state), wanted.state == state)
        for state, label in zip(STATES, words, strict=True)
    ]


def products(wanted: PolicyFilter) -> list[dict[str, Any]]:
    """All products, sold today or not: contracts outlive them."""
    found = [_link(_("All products"), wanted.but(product=""), not wanted.product)]
    return found + [
        _link(name_of(one), wanted.but(product=one.code), wanted.product == one.code)
        for one in Product.objects.order_by("name")
    ]


def channels(wanted: PolicyFilter) -> list[dict[str, Any]]:
    """Who sold it."""
    found = [_link(_("All channels"), wanted.but(channel=""), not wanted.channel)]
    return found + [
        _link(str(one.label), wanted.but(channel=one.value), wanted.channel == one.value)
        for one in Policy.SalesChannel
    ]
