"""What an operator sees of the client in hand: the term, its way, the agent, earlier attempts and answers."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from clientela.foundation.dates import local_moment, local_today
from clientela.modules.accounts.models import User
from clientela.modules.calendar.models import Event
from clientela.modules.calls.models import Call
from clientela.modules.clients.queries import newest_answers
from clientela.modules.contacts.queries import Ask, assess_all
from clientela.modules.contracts.rules import price_change
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.dialling import is_free
from clientela.modules.dialler.operations.states import open_attempt
from clientela.modules.dialler.operations.taking import held_by
from clientela.modules.dialler.queries.facts import opens, zone_of
from clientela.modules.dialler.queries.lists import figures, own_day, queue
from clientela.modules.dialler.queries.words import why
from clientela.modules.dialler.rules.outcomes import of_call
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.operations.operators import ORIGIN
from clientela.modules.renewals.queries.plan_view import marks_of
from clientela.workspace.dialler import words

_AFTER = timedelta(days=1)


def day_begin(now: datetime) -> datetime:
    """Midnight on the company's clock."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return local_moment(now.astimezone(zone).date(), datetime.min.time(), zone)


def left(user: User, calling: CallingList, *, now: datetime) -> dict[str, Any]:
    """The queue at the left: who comes next and why, and how far the list is."""
    today = local_today(settings.TIME_ZONE, now)
    held = held_by(user)
    rows = [_row(entry, now=now, today=today) for entry in queue(user, calling, now=now)]
    if held is not None and held.calling_id == calling.pk:
        rows.insert(0, _row(held, now=now, today=today) | {"current": True})
    counted = figures(user, [calling], now=now, since=day_begin(now))[calling.pk]
    return {"rows": rows, "figures": counted, "day": own_day(user, since=day_begin(now)), "calling": calling}


def _row(entry: Entry, *, now: datetime, today: Any) -> dict[str, Any]:
    reasons, at = why(entry, now=now), opens(entry, now=now)
    shown = reasons[1:] if entry.ends_on is not None and not entry.asked else reasons
    return {
        "entry": entry, "left": entry.days_left(today), "why": " · ".join(shown[:2]),
        "at": "" if at <= now else words.moment(at, entry), "current": False,
    }  # fmt: skip


def work(user: User, calling: CallingList, entry: Entry | None, *, now: datetime) -> dict[str, Any]:
    """Everything of the two panes beside the queue; without an entry the list waits to be started."""
    context: dict[str, Any] = {
        "calling": calling, "entry": entry, "mode": words.mode_of(calling), "progressive": calling.mode == "progressive",
        "place": words.place_of(calling), "free": is_free(user, now=now),
    }  # fmt: skip
    if entry is None:
        return context
    attempt = open_attempt(entry)
    call = attempt.call if attempt else None
    network = network_of(call)
    prefilled = network[0]
    first, others = words.choices(prefilled)
    today = local_today(zone_of(entry).key, now)
    waiting = queue(user, calling, now=now, most=1)
    context |= {
        "left": entry.days_left(today), "reasons": why(entry, now=now), "script": words.script(entry, user),
        "first": first, "others": others, "network": network, "call": call,
        "coming": words.coming(entry, prefilled, asked=None) if prefilled else "",
        "questions": _questions(entry), "story": words.story(_tries(entry)), "tries": entry.attempts,
        "then": _row(waiting[0], now=now, today=local_today(settings.TIME_ZONE, now)) if waiting else None,
        "dials_at": now + timedelta(seconds=calling.countdown), "number": _number(entry, now),
        "local": now.astimezone(zone_of(entry)), "last_day": entry.until, "agent": entry.client.agent,
    }  # fmt: skip
    return context | _term(entry, today)


def network_of(call: Call | None) -> tuple[str, str]:
    """What the network says of a call nobody answered: the code of an outcome and its word."""
    if call is None or call.state != Call.State.ENDED or call.answered_at is not None:
        return "", ""
    found = of_call(call.outcome)
    return (found.value, str(found.label)) if found else ("", "")


def call_of(entry: Entry) -> Call | None:
    """The call of the attempt that nobody has described yet."""
    attempt = open_attempt(entry)
    return attempt.call if attempt else None


def _tries(entry: Entry) -> list[Attempt]:
    rows = Attempt.objects.filter(client=entry.client_id, undone_at=None).exclude(outcome="")
    return list(rows.select_related("operator", "call").order_by("-began_at", "-id")[:6])


def _questions(entry: Entry) -> list[dict[str, Any]]:
    known = {one.key: one for one in newest_answers(entry.client_id)}
    language = get_language() or "ru"
    return [
        {
            "ask": one, "label": one.said(language), "name": f"answer.{one.key}",
            "value": known[one.key].value if one.key in known else "",
        }
        for one in entry.calling.asks
    ]  # fmt: skip


def _number(entry: Entry, now: datetime) -> str:
    point = assess_all([Ask(entry.client_id, "operator", entry.calling.purpose)], now=now)[0].point
    return point.value if point else ""


def _term(entry: Entry, today: Any) -> dict[str, Any]:
    """The expiring term behind the entry, where there is one."""
    touch = Touch.objects.filter(pk=entry.origin_id).first() if entry.origin == ORIGIN else None
    rows = Renewal.objects.select_related("product", "bank", "policy__insured_object", "agent", "client")
    term = rows.filter(pk=touch.renewal_id).first() if touch else None
    if term is None:
        return {"term": None}
    change = price_change(term.premium, term.next_premium) if term.next_premium else None
    return {"term": term, "change": change, "marks": marks_of([term], today=today).get(term.pk)}


def next_meeting(user: User, entry: Entry) -> datetime | None:
    """When the client's next event in this person's calendar is over: what a booked meeting waits for."""
    rows = Event.objects.visible_to(user).filter(client_id=entry.client_id, starts_at__gt=timezone.now())
    event = rows.order_by("starts_at").first()
    return min(event.ends_at + _AFTER, entry.until) if event else None
