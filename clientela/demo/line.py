"""Calls of the renewal centres: today up to now, yesterday, and the weekdays that the wall and the staffing look back on."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clientela.foundation.dates import local_moment, local_today
from clientela.foundation.hours import is_rest_day
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.calls.figures.forecast import USUAL_WEEKS
from clientela.modules.calls.models import Call
from clientela.modules.calls.rules import Outcome
from clientela.modules.clients.models import ContactPoint
from clientela.modules.organisation.models import RenewalCentre
from clientela.modules.routing.models import StateChange, Station

FIRST_SLOT = 18
# Calls in each half-hour from nine on for so many operators: a morning, a lunch, and the hours after work.
SHAPE = (3, 4, 5, 6, 7, 7, 6, 5, 4, 5, 6, 6, 7, 6, 5, 5, 6, 7, 7, 6, 5, 4, 3, 2)
PEOPLE, CLIENTS = 6, 150
REASONS = ("Возобновление полиса", "Возобновление полиса", "Вопрос по полису", "Оплата", "Убытки", "")
OUTCOMES = (Outcome.TALKED, Outcome.AGREED, Outcome.SOLVED, Outcome.THINKS, Outcome.AGREED)


@dataclass(frozen=True)
class Desk:
    """A centre with its people and some of its clients."""

    centre: RenewalCentre
    people: list[User]
    points: list[ContactPoint]


def write(now: datetime) -> int:
    """Returns how many calls there are. The same from the same seed."""
    chance = random.Random(1400)
    calls: list[Call] = []
    for centre in RenewalCentre.objects.order_by("id"):
        desk = _desk(centre)
        if not desk.people or not desk.points:
            continue
        zone = ZoneInfo(centre.time_zone)
        today = local_today(zone, now)
        for day in _days(today):
            calls += _day(desk, day, zone, now, chance)
        _at_work(desk, local_moment(today, time(9), zone), now)
    Call.objects.bulk_create(calls, batch_size=2000)
    return len(calls)


def _desk(centre: RenewalCentre) -> Desk:
    people = User.objects.filter(is_active=True, role=Role.CENTRE_OPERATOR, placement__centre=centre)
    points = ContactPoint.objects.filter(client__centre=centre, kind="phone", is_primary=True)
    some = points.select_related("client").order_by("client_id", "id")[:CLIENTS]
    return Desk(centre, list(people.order_by("id")), list(some))


def _days(today: date) -> list[date]:
    """Today, yesterday, and the days that the forecasts of today and tomorrow are made of."""
    ahead = [today + timedelta(days=n) for n in range(2)]
    looked_at = {day - timedelta(weeks=week) for day in ahead for week in range(1, USUAL_WEEKS + 1)}
    return sorted({today, today - timedelta(days=1), *looked_at})


def _day(desk: Desk, day: date, zone: ZoneInfo, now: datetime, chance: random.Random) -> list[Call]:
    busy = (0.5 if is_rest_day(day) else 1.0) * len(desk.people) / PEOPLE
    found = []
    for number, usual in enumerate(SHAPE):
        begin = local_moment(day, time.min, zone) + timedelta(minutes=30 * (FIRST_SLOT + number))
        for _one in range(round(usual * busy * chance.uniform(0.7, 1.3))):
            call = _call(desk, begin + timedelta(seconds=chance.randint(0, 1799)), chance)
            if (call.wrapped_at or call.ended_at or now) < now:
                found.append(call)
    return found


def _call(desk: Desk, at: datetime, chance: random.Random) -> Call:
    point, person = chance.choice(desk.points), chance.choice(desk.people)
    lost, long = chance.random() < 0.03, chance.random() < 0.16
    waited = timedelta(seconds=chance.randint(22, 75) if lost or long else chance.randint(2, 18))
    picked = at + waited
    over = picked if lost else picked + timedelta(seconds=chance.randint(60, 330))
    client = point.client
    return Call(
        direction=Call.Direction.IN, client=client, number=point.value, our_number=desk.centre.phone, agent_id=client.agent_id,
        branch_id=client.branch_id, centre=desk.centre, state=Call.State.ENDED, person=None if lost else person,
        started_at=at - timedelta(seconds=chance.randint(6, 25)), queued_at=at, answered_at=None if lost else picked,
        ended_at=over, ending="normal", outcome=Outcome.MISSED if lost else chance.choice(OUTCOMES),
        wrapped_at=None if lost else over + timedelta(seconds=chance.randint(8, 70)), reason=chance.choice(REASONS),
    )  # fmt: skip


def _at_work(desk: Desk, since: datetime, now: datetime) -> None:
    """They came at nine and have been seen since."""
    if since >= now:
        return
    StateChange.objects.bulk_create(
        [StateChange(user=person, state=Station.State.AVAILABLE, at=since) for person in desk.people]
    )
    Station.objects.filter(user__in=desk.people).update(seen_at=now)
