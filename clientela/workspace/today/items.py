"""The queue as the page shows it: rows in their order, with one action each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from clientela.foundation.phones import format_phone
from clientela.modules.clients.models import Client
from clientela.modules.contacts.models import Message
from clientela.modules.contacts.queries.facts import policy_in_force
from clientela.modules.contacts.rules import Hours, next_open
from clientela.modules.renewals.models import Renewal, Touch
from clientela.workspace.renewals.rows import contract_of
from clientela.workspace.today import rules, words
from clientela.workspace.today.queries.queue import Waiting
from clientela.workspace.today.rules import Fact, Kind, TaskFacts, Weight
from clientela.workspace.today.sources import ToCall


@dataclass(frozen=True)
class Item:
    """One task. ``action_url`` opens a dialog; ``hold_url`` puts the task off; ``open_url`` is its record."""

    kind: str
    weights: list[Weight]
    client: Client | None
    term: Renewal | None
    left: int | None
    contract: str
    detail: str
    action_url: str
    open_url: str
    hold_url: str = ""
    waits: str = ""
    touch: Touch | None = None
    message: Message | None = None
    channel: str = ""
    verb: str = ""
    button: str = ""
    icon: str = ""
    callable_now: bool = True
    local_time: str = ""
    for_whom: str = ""
    asked: ToCall | None = None

    @property
    def name(self) -> str:
        """The client's name; the number while nobody knows whose it is."""
        return self.client.name if self.client else format_phone(self.asked.number if self.asked else "")

    @property
    def late(self) -> bool:
        """Somebody should have been called by now."""
        return any(weight.fact == Fact.LATE for weight in self.weights)

    @property
    def client_id(self) -> int:
        return self.client.pk if self.client else 0

    @property
    def score(self) -> int:
        return rules.total(self.weights)

    @property
    def urgent(self) -> bool:
        return self.score >= rules.URGENT

    @property
    def why(self) -> str:
        return words.why(self.weights)

    @property
    def key(self) -> str:
        """A name for the row that stays while the task does."""
        if self.asked is not None:
            return self.asked.key
        return f"{self.kind}-{self.term.pk if self.term else self.client_id}"

    @property
    def place(self) -> tuple[int, int, int, str]:
        """Heaviest first; of equal weight the nearest end."""
        return (-self.score, self.left if self.left is not None else 999, self.client_id, self.key)


def from_calls(touches: Iterable[Touch], *, today: date, now: datetime) -> list[Item]:
    """Calls of the plan, with the hour at the client's place."""
    hours = policy_in_force().hours
    return [_call(touch, hours, today=today, now=now) for touch in touches]


def _call(touch: Touch, hours: Hours, *, today: date, now: datetime) -> Item:
    term, client = touch.renewal, touch.renewal.client
    facts = _facts(Kind.CALL, term, today=today, due_on=touch.due_on)
    return _of_term(
        Kind.CALL, term, rules.weigh(facts, today=today, now=now), today=today, now=now, touch=touch,
        action_url=reverse("renewals:call", args=[term.pk, touch.pk]), **_hour(client, term.time_zone, hours, now),
    )  # fmt: skip


def _hour(client: Client, zone_name: str, hours: Hours, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(zone_name)
    opens = next_open(now, zone, hours, (client.contact_from, client.contact_to))
    return {"callable_now": opens == now, "local_time": f"{now.astimezone(zone):%H:%M}"}


def from_asked(asked: Iterable[ToCall], *, today: date, now: datetime) -> list[Item]:
    """Calls that other modules ask for."""
    waiting = list(asked)
    if not waiting:
        return []
    hours = policy_in_force().hours
    return [_asked(one, hours, today=today, now=now) for one in waiting]


def _asked(one: ToCall, hours: Hours, *, today: date, now: datetime) -> Item:
    facts = TaskFacts(kind=Kind.CALL_BACK, waits_since=one.since, until=one.until)
    hour = _hour(one.client, one.client.time_zone, hours, now) if one.client else {}
    return Item(
        kind=Kind.CALL_BACK.value, weights=rules.weigh(facts, today=today, now=now), client=one.client, term=None,
        left=None, contract="", detail=one.detail, action_url="", open_url=one.open_url, asked=one,
        waits=words.waited(one.since, now), verb=one.verb, button=words.button(Kind.CALL_BACK),
        icon=words.ICONS[Kind.CALL_BACK], **hour,
    )  # fmt: skip


def from_terms(terms: Iterable[Renewal], *, today: date, now: datetime) -> list[Item]:
    """Terms that need a project, an offer or a payment."""
    return [_term(term, today=today, now=now) for term in terms]


def _term(term: Renewal, *, today: date, now: datetime) -> Item:
    kind = Kind(term.kind)  # type: ignore[attr-defined]
    facts = _facts(kind, term, today=today)
    if kind == Kind.PAYMENT:
        action = f"{reverse('today:write', args=[term.client_id])}?about=payment&term={term.pk}"
    else:
        action = reverse("renewals:act", args=[term.pk, {Kind.PROJECT: "project", Kind.OFFER: "offer"}[kind]])
    weights = rules.weigh(facts, today=today, now=now)
    return _of_term(kind, term, weights, today=today, now=now, action_url=action)


def _facts(kind: Kind, term: Renewal, *, today: date, due_on: date | None = None) -> TaskFacts:
    return TaskFacts(
        kind=kind, left=(term.end_date - today).days, bare=term.state == Renewal.State.NOTHING, premium=term.premium,
        opened_at=term.last_opened_at, due_on=due_on,
    )  # fmt: skip


def _of_term(
    kind: Kind,
    term: Renewal,
    weights: list[Weight],
    *,
    today: date,
    now: datetime,
    action_url: str,
    **more: Any,
) -> Item:
    return Item(
        kind=kind.value, weights=weights, client=term.client, term=term, left=(term.end_date - today).days,
        contract=contract_of(term), detail=words.detail(kind, term, now), action_url=action_url,
        open_url=reverse("renewals:term", args=[term.pk]), hold_url=reverse("renewals:act", args=[term.pk, "hold"]),
        verb=words.verb(kind), button=words.button(kind), icon=words.ICONS[kind], **more,
    )  # fmt: skip


def from_answers(waiting: Iterable[Waiting], *, today: date, now: datetime) -> list[Item]:
    """Clients whose last message nobody answered."""
    return [_answer(one, today=today, now=now) for one in waiting]


def _answer(one: Waiting, *, today: date, now: datetime) -> Item:
    message, term = one.message, one.term
    since = one.talk.waiting_since or message.created_at
    assert message.client is not None
    facts = TaskFacts(
        kind=Kind.ANSWER, left=(term.end_date - today).days if term else None, waits_since=since,
        premium=term.premium if term else Decimal(0),
    )  # fmt: skip
    return Item(
        kind=Kind.ANSWER.value, weights=rules.weigh(facts, today=today, now=now), client=message.client, term=term,
        left=facts.left, contract=contract_of(term) if term else "", detail=f"«{words.quote(message.text)}»",
        action_url=reverse("today:reply", args=[message.pk]),
        open_url=reverse("inbox:conversation", args=[one.talk.pk]), message=message, waits=words.waited(since, now), channel=message.channel, verb=words.verb(Kind.ANSWER),
        button=words.button(Kind.ANSWER), icon=words.ICONS[Kind.ANSWER],
    )  # fmt: skip


def in_order(items: Iterable[Item]) -> list[Item]:
    """Heaviest first, as ``Item.place`` says."""
    return sorted(items, key=lambda item: item.place)
