"""The filter of the list: read from the address, written back to it, and as a condition for the database."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from clientela.foundation.ids import id_of, ids_of
from clientela.modules.accounts.rules import Permission
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import in_holding
from clientela.modules.clients.rules import AGEING_AFTER_DAYS, STALE_AFTER_DAYS, Freshness
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contracts.models import Policy
from clientela.modules.group.queries.facts import speaking
from clientela.modules.products.models import Line
from clientela.modules.sales.models import Advice
from clientela.workspace.clients.knowledge import WORDS, conditions
from clientela.workspace.search.keys import text_condition

ORDERS = ("name", "-name", "end", "-end", "premium", "-premium", "policies", "-policies", "completeness",
          "-completeness")  # fmt: skip
LOYALTIES = tuple(Client.Loyalty.values)
TEMPERATURES = tuple(Client.Temperature.values)
ENDINGS = (7, 17, 30, 45, 90)
SILENCES = (30, 90, 180, 365)
CONSENTS = tuple(
    f"{purpose}-{channel}"
    for purpose in ("service", "advertising")
    for channel in ("sms", "email", "vk", "telegram", "call")
)
MOST_VALUES = 50


@dataclass(frozen=True)
class ClientFilter:
    """What the list shows. Empty means any; ``ending`` and ``silent`` are days, 0 means any.

    ``knows`` and ``lacks`` are codes of ``knowledge.WORDS``; ``told`` is a kind of fact that a sister company says yes to.
    ``advised`` is a line that the rules of advice say to offer, as the nightly job found it, and that nobody closed yet.
    """

    q: str = ""
    agent: tuple[int, ...] = ()
    branch: tuple[int, ...] = ()
    loyalty: tuple[str, ...] = ()
    temperature: tuple[str, ...] = ()
    profitability: str = ""
    line: tuple[str, ...] = ()
    ending: int = 0
    tag: tuple[str, ...] = ()
    fresh: str = ""
    silent: int = 0
    consent: tuple[str, ...] = ()
    kind: str = ""
    holding: int = 0
    advised: str = ""
    knows: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    told: str = ""
    order: str = "name"

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filter of an address; what cannot be understood is left out, never an error."""
        order = query.get("order", "name")
        return cls(
            q=_text(query.get("q", ""), 80),
            agent=_ids(query.getlist("agent")),
            branch=_ids(query.getlist("branch")),
            loyalty=_known(query.getlist("loyalty"), LOYALTIES),
            temperature=_known(query.getlist("temperature"), TEMPERATURES),
            profitability=_one(query.get("profitability"), Client.Profitability.values),
            line=_known(query.getlist("line"), Line.values),
            ending=_number(query.get("ending"), 366),
            tag=tuple(dict.fromkeys(_text(tag, 40) for tag in query.getlist("tag") if tag.strip()))[
                :MOST_VALUES
            ],
            fresh=_one(query.get("fresh"), [level.value for level in Freshness]),
            silent=_number(query.get("silent"), 3650),
            consent=_known(query.getlist("consent"), CONSENTS),
            kind=_one(query.get("kind"), Client.Kind.values),
            holding=id_of(query.get("holding")) or 0,
            advised=_one(query.get("advised"), Line.values),
            knows=_known(query.getlist("knows"), WORDS),
            lacks=_known(query.getlist("lacks"), WORDS),
            told=_slug(query.get("told", "")),
            order=order if order in ORDERS else "name",
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values for the address; what is usual is left out, so equal filters have equal addresses."""
        result: list[tuple[str, str]] = []
        for one in fields(self):
            value = getattr(self, one.name)
            if value == one.default:
                continue
            values = value if isinstance(value, tuple) else (value,)
            result += [(one.name, str(item)) for item in values]
        return result

    @property
    def query(self) -> str:
        """The address line without its question mark."""
        return urlencode(self.pairs())

    def but(self, **changes: Any) -> Self:
        """The same filter with some values changed."""
        return replace(self, **changes)

    def without(self, name: str) -> Self:
        """The same filter with one condition back at its usual value."""
        usual: dict[str, Any] = {one.name: one.default for one in fields(self) if one.name == name}
        return replace(self, **usual)

    def apply(self, clients: "QuerySet[Client]", *, user: Any, today: date) -> "QuerySet[Client]":
        """``clients`` narrowed by the filter."""
        for name, field in (
            ("agent", "agent_id"), ("branch", "branch_id"), ("loyalty", "loyalty"), ("temperature", "temperature"),
        ):  # fmt: skip
            values = getattr(self, name)
            if len(values) == 1:
                clients = clients.filter(**{field: values[0]})
            elif values:
                clients = clients.filter(**{f"{field}__in": values})
        if self.profitability:
            clients = clients.filter(profitability=self.profitability)
        if self.kind:
            clients = clients.filter(kind=self.kind)
        if self.holding:
            clients = clients.filter(in_holding(self.holding))
        if self.advised:
            if not user.can(Permission.SALES_READ):
                return clients.none()
            open_advice = Advice.objects.open().filter(client=OuterRef("pk"), line=self.advised)
            clients = clients.filter(Exists(open_advice), do_not_contact=False)
        if self.knows or self.lacks:
            about = conditions(today)
            for code in self.knows:
                clients = clients.filter(about[code])
            for code in self.lacks:
                clients = clients.filter(~about[code])
        if self.told:
            if not user.can(Permission.GROUP_READ):
                return clients.none()
            fact = speaking(self.told, now=timezone.now()).filter(client=OuterRef("pk"))
            clients = clients.filter(Exists(fact.order_by()))
        if self.ending:
            clients = clients.filter(
                next_end_date__gte=today, next_end_date__lte=today + timedelta(days=self.ending)
            )
        if self.line:
            of_line = Policy.objects.in_force(on=today).filter(
                client=OuterRef("pk"), product__line__in=self.line
            )
            clients = clients.filter(Exists(of_line))
        for tag in self.tag:
            marked = Client.tags.through.objects.filter(client_id=OuterRef("pk"), tag__name=tag)
            clients = clients.filter(Exists(marked))
        if self.fresh:
            clients = clients.filter(_freshness(self.fresh, today))
        if self.silent:
            since = timezone.now() - timedelta(days=self.silent)
            clients = clients.filter(
                ~Exists(Message.objects.filter(client=OuterRef("pk"), created_at__gte=since))
            )
        for purpose, channel in (code.split("-") for code in self.consent):
            given = Consent.objects.filter(
                client=OuterRef("pk"), purpose=purpose, channel=channel, withdrawn_at__isnull=True
            )
            clients = clients.filter(Exists(given))
        return clients.filter(text_condition(self.q, user)) if self.q else clients


def _freshness(level: str, today: date) -> Q:
    """The same limits as ``clients.rules.freshness``."""
    ageing = today - timedelta(days=AGEING_AFTER_DAYS)
    stale = today - timedelta(days=STALE_AFTER_DAYS)
    return {
        Freshness.UNKNOWN: Q(data_confirmed_at__isnull=True),
        Freshness.STALE: Q(data_confirmed_at__date__lt=stale),
        Freshness.AGEING: Q(data_confirmed_at__date__gte=stale, data_confirmed_at__date__lt=ageing),
        Freshness.FRESH: Q(data_confirmed_at__date__gte=ageing),
    }[Freshness(level)]


def _text(text: str, longest: int) -> str:
    return " ".join(text.replace("\x00", "").split())[:longest]


def _slug(text: str) -> str:
    return text[:40] if text.replace("-", "_").isidentifier() else ""


def _number(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0


def _ids(values: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(ids_of(values, MOST_VALUES)))


def _known(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    given = set(values)
    return tuple(value for value in known if value in given)


def _one(value: str | None, known: Iterable[str]) -> str:
    return value if value and value in set(known) else ""
