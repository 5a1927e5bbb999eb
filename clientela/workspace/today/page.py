"""What the page of the day shows to each role, and in which order."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from clientela.foundation.ui import formats
from clientela.modules.accounts.rules import Permission, Role
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import ContactPoint
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.queries.plan_view import marks_of
from clientela.workspace.renewals.filters import BoardFilter
from clientela.workspace.today import items as rows
from clientela.workspace.today import say, words
from clientela.workspace.today.items import Item
from clientela.workspace.today.queries import events, queue
from clientela.workspace.today.rules import NEAR, Kind
from clientela.workspace.today.sources import to_call

HEALTH_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
# How many rows a group shows before «more».
SHOWN = 12
NOON = time(12)
ALL, CALLS, EXPIRING, ANSWERS, EVENTS = "all", "calls", "expiring", "answers", "events"
CALL_KINDS = frozenset({Kind.CALL.value, Kind.CALL_BACK.value})
EXPIRING_KINDS = frozenset({Kind.PROJECT.value, Kind.OFFER.value, Kind.PAYMENT.value})


@dataclass(frozen=True)
class Queue:
    """The tasks of a person, read once: rows in their order and the counts of the segments."""

    items: list[Item]
    counts: dict[str, int]
    birthdays: list[events.Birthday]
    cars: list[events.CarAge]
    mortgages: list[Any]
    claims: list[Claim]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def read(user: Any, *, today: date, now: datetime) -> Queue:
    """Everything of the queue; an operator works through calls and answers, an agent's clients have events too."""
    calls = queue.calls(user, today=today, now=now)
    answers = queue.answers(user, today=today, now=now)
    others, others_count = to_call(user, now=now, most=queue.MOST)
    found = rows.from_calls(calls.rows, today=today, now=now)
    found += rows.from_asked(others, today=today, now=now)
    found += rows.from_answers(answers.rows, today=today, now=now)
    counts = {CALLS: calls.count + others_count, ANSWERS: answers.count}
    if user.role != Role.CENTRE_OPERATOR:
        terms = queue.terms(user, today=today, now=now)
        asked = {one.term.pk for one in answers.rows if one.term is not None}
        rest = [term for term in terms.rows if term.pk not in asked]  # the answer speaks of the term
        found += rows.from_terms(rest, today=today, now=now)
        counts[EXPIRING] = terms.count - (len(terms.rows) - len(rest))
    if absent := dict(scope_of(user).absent):
        found = [replace(item, for_whom=absent.get(_agent_of(item), "")) for item in found]
    birthdays, cars, mortgages, claims = [], [], [], []
    if events.has_events(user):
        birthdays = events.birthdays(user, today=today)
        cars = events.cars(user, today=today)
        mortgages = queue.mortgages(user, today=today)
        claims = events.claims_paid(user, now=now)
        counts[EVENTS] = len(birthdays) + len(cars) + len(mortgages) + len(claims)
    return Queue(rows.in_order(found), counts, birthdays, cars, mortgages, claims)


def _agent_of(item: Item) -> int:
    return (item.client.agent_id if item.client else None) or 0


def tasks_of(user: Any, found: Queue, show: str) -> list[Item]:
    """The tasks of one segment in the order in which this person takes them; ``place_of`` is that order."""
    return sorted((item for item in found.items if _fits(item, show)), key=lambda item: place_of(user, item))


def place_of(user: Any, item: Item) -> tuple[int | str, ...]:
    """Where a task stands: for an operator whoever cannot be called now waits behind."""
    return (int(user.role == Role.CENTRE_OPERATOR and not item.callable_now), *item.place)


def context(user: Any, show: str = "") -> dict[str, Any]:
    """What the template of the queue needs."""
    today, now = timezone.localdate(), timezone.now()
    found = read(user, today=today, now=now)
    user._tasks_of_today = found.total
    by_phone = user.role == Role.CENTRE_OPERATOR
    usual = CALLS if by_phone else ALL
    show = show if show == ALL or show in found.counts else usual
    segments = _segments(found, show)
    chosen = tasks_of(user, found, show)
    first = chosen[0] if chosen and show != EVENTS else None
    rest = chosen[1:] if first else chosen
    return {
        "today": today,
        "day_words": day_words(today),
        "segments": segments,
        "show": show,
        "queue": found,
        "now_item": first,
        "now_card": card(first, of=found.counts.get(show, found.total), today=today) if first else None,
        "groups": _groups(user, rest, found, show),
        "events": [_with_url(event) for event in events_of(user, found)] if show in (ALL, EVENTS) else [],
        "events_count": found.counts.get(EVENTS, 0),
        "events_url": address(EVENTS),
        "show_all_events": show == EVENTS,
        "nothing": not chosen and not (show in (ALL, EVENTS) and found.counts.get(EVENTS)),
        "may_work": user.can(Permission.RENEWALS_WRITE),
        "may_write": user.can(Permission.CONTACTS_WRITE),
        "page_url": address(show),
        "board_url": reverse("renewals:board"),
    }


def day_words(day: date) -> str:
    """«среда, 18 ноября»."""
    weekday = date_format(day, "l")
    weekday = weekday if words.language().startswith("en") else weekday.lower()
    return f"{weekday}, {formats.long_date(day, words.language(), timezone.localdate())}"


def address(show: str) -> str:
    """The page with one segment chosen."""
    return f"{reverse('today:home')}?{urlencode({'show': show})}"


def _segments(found: Queue, show: str) -> list[dict[str, Any]]:
    labels = {
        ALL: pgettext("tasks", "All"), CALLS: pgettext("tasks", "Calls"), EXPIRING: pgettext("tasks", "Expiring"),
        ANSWERS: pgettext("tasks", "Wait for an answer"), EVENTS: pgettext("tasks", "Events"),
    }  # fmt: skip
    counts = {ALL: found.total} | found.counts
    known = [code for code in labels if code in counts]
    return [
        {
            "code": code,
            "label": labels[code],
            "count": counts[code],
            "url": address(code),
            "current": code == show,
        }
        for code in known
    ]


def _fits(item: Item, show: str) -> bool:
    match show:
        case "calls":
            return item.kind in CALL_KINDS
        case "answers":
            return item.kind == Kind.ANSWER
        case "expiring":
            return item.kind in EXPIRING_KINDS
        case "events":
            return False
    return True


def _groups(user: Any, items: list[Item], found: Queue, show: str) -> list[dict[str, Any]]:
    """Two groups: what is urgent, or may be called now, and the rest; a single segment is shown whole."""
    if user.role == Role.CENTRE_OPERATOR:
        parts = [
            (pgettext("tasks", "May be called now"), [i for i in items if i.callable_now]),
            (
                pgettext("tasks", "Too early or too late at the client's"),
                [i for i in items if not i.callable_now],
            ),
        ]
    else:
        morning = timezone.localtime().time() < NOON
        first = pgettext("tasks", "Before noon") if morning else pgettext("tasks", "First")
        second = pgettext("tasks", "After noon") if morning else pgettext("tasks", "Then")
        parts = [(first, [i for i in items if i.urgent]), (second, [i for i in items if not i.urgent])]
    groups = []
    for title, group in parts:
        if not group:
            continue
        shown = group if show != ALL else group[:SHOWN]
        groups.append(
            {"title": title, "count": len(group), "items": shown, "more": _more(group[len(shown) :])}
        )
    if groups:
        beyond = sum(count for code, count in found.counts.items() if code != EVENTS) - len(found.items)
        groups[-1]["beyond"] = beyond if show == ALL else 0
        groups[-1]["board"] = _board(show)
    return groups


def _more(hidden: list[Item]) -> dict[str, Any] | None:
    """«Three more: two calls and a project», with a link to the segment they are in."""
    if not hidden:
        return None
    kinds = {CALLS: 0, EXPIRING: 0, ANSWERS: 0}
    for item in hidden:
        kinds[CALLS if item.kind in CALL_KINDS else ANSWERS if item.kind == Kind.ANSWER else EXPIRING] += 1
    named = {
        CALLS: ngettext("%(n)s call", "%(n)s calls", kinds[CALLS]) % {"n": kinds[CALLS]},
        EXPIRING: ngettext("%(n)s expiring term", "%(n)s expiring terms", kinds[EXPIRING])
        % {"n": kinds[EXPIRING]},
        ANSWERS: ngettext("%(n)s answer", "%(n)s answers", kinds[ANSWERS]) % {"n": kinds[ANSWERS]},
    }
    return {
        "count": len(hidden),
        "links": [{"label": named[code], "url": address(code)} for code, n in kinds.items() if n],
    }


def _board(show: str) -> str:
    near = BoardFilter().but(first=NEAR, state=("nothing",))
    return f"{reverse('renewals:board')}?{near.query}" if show != CALLS else reverse("renewals:board")


def card(item: Item, *, of: int, today: date) -> dict[str, Any]:
    """The one thing to do now: why it is first, the day track, what to say, the number to call."""
    term = item.term
    marks = marks_of([term], today=today)[term.pk] if term else None
    phone = item.asked.number if item.asked else ""
    if item.kind in CALL_KINDS and not phone and item.client:
        points = ContactPoint.objects.filter(
            client_id=item.client.pk, kind=ContactPoint.Kind.PHONE, do_not_use=False
        )
        phone = points.filter(bad_since__isnull=True).values_list("value", flat=True).first() or ""
    return {
        "marks": marks,
        "phone": phone,
        "say": say.sentences(item, today=today),
        "reasons": words.all_reasons(item.weights),
        "why": item.why,
        "of": of,
        "ends": term.end_date if term else None,
    }


def events_of(user: Any, found: Queue) -> list[dict[str, Any]]:
    """Events of clients in words, today's first, each with one action."""
    today, absent = timezone.localdate(), dict(scope_of(user).absent)
    result: list[dict[str, Any]] = []
    for one in found.birthdays:
        when = formats.near_date(one.day, words.language(), today)
        result.append(
            {
                "icon": "cake", "client": one.client, "fact": _("%(years)s %(when)s") % {"years": years(one.age), "when": when},
                "text": say.how_long(one.client, today), "button": _("Congratulate"), "about": "birthday", "day": one.day,
            }
        )  # fmt: skip
    for car in found.cars:
        result.append(
            {
                "icon": "car", "client": car.client, "fact": _("the car is three years old"),
                "text": _("%(car)s: the maker's guarantee ends") % {"car": car.title},
                "button": pgettext("event", "Offer"), "about": "car", "day": car.day,
            }
        )  # fmt: skip
    for term in found.mortgages:
        day = formats.short_date(term.end_date, words.language(), today)
        bank = term.bank.name if term.bank else ""
        result.append(
            {
                "icon": "building-bank", "client": term.client, "fact": _("mortgage until %(day)s") % {"day": day},
                "text": _("Ask for the balance of the loan: %(bank)s") % {"bank": bank},
                "button": pgettext("event", "Ask"), "about": "mortgage", "term": term.pk, "day": today,
            }
        )  # fmt: skip
    for claim in found.claims:
        paid_on = timezone.localdate(claim.settled_at)
        result.append(
            {
                "icon": "car-crash", "client": claim.client,
                "fact": _("claim paid %(when)s") % {"when": formats.near_date(paid_on, words.language(), today)},
                "text": _("%(product)s, %(sum)s: ask whether all went well")
                % {"product": claim.policy.product.shown_name, "sum": formats.money(claim.amount, words.language())},
                "button": pgettext("event", "Ask"), "about": "claim", "day": paid_on,
            }
        )  # fmt: skip
    for event in result:
        event["for_whom"] = absent.get(event["client"].agent_id or 0, "")
    return sorted(result, key=lambda event: event["day"])


def _with_url(event: dict[str, Any]) -> dict[str, Any]:
    query = {"about": event["about"]} | ({"term": event["term"]} if "term" in event else {})
    return event | {"url": f"{reverse('today:write', args=[event['client'].pk])}?{urlencode(query)}"}


def years(count: int) -> str:
    """«55 years»."""
    return ngettext("%(n)s year", "%(n)s years", count) % {"n": count}
