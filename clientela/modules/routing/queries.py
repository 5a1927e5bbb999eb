"""Where clients belong, who is free to work, who is at the screen."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from clientela.foundation.bulk import listed, read_rows
from clientela.foundation.dates import local_today
from clientela.foundation.hours import Hours
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Absence, Branch, Placement, RenewalCentre
from clientela.modules.organisation.queries import branches_visible_to, centres_visible_to, scope_of
from clientela.modules.routing.models import Queue, Station, WorkItem
from clientela.modules.routing.rules import Owner

COMPANY = "company"
# An open page tells of itself three times in this time.
SEEN_WITHIN = timedelta(seconds=75)
SERVING: dict[str, str] = {
    Role.CENTRE_OPERATOR: "centre", Role.BRANCH_HEAD: "branch", Role.RENEWALS_MANAGER: COMPANY,
    Role.ADMINISTRATOR: COMPANY,
}  # fmt: skip
_KEY_CLIENT, _REGULAR_CLIENT = 2, 1
# All that a place is made of: reading whole cards, agents and branches costs more than all the rest of a decision.
_PLACED_BY = (
    "language", "loyalty", "is_key", "branch__name", "branch__time_zone", "centre__name", "agent__agreement_number",
    "agent__first_name", "agent__last_name", "agent__user__is_active",
)  # fmt: skip
_TIMES = ("key", "live_overflow", "letter_overflow", "live_take_back", "takes_back_letters", "answer_within",
          "answer_share")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client belongs, who holds the client, and how soon the client is served among others."""

    agent_id: int | None
    branch_id: int
    centre_id: int | None
    branch: str
    centre: str
    time_zone: str
    owner: Owner
    language: str = "ru"
    priority: int = 0
    sells: bool = False

    @property
    def queue(self) -> str:
        """Where work about the client waits first; ``sells``: the branch's sales queue, whose requests are shared out."""
        if self.sells:
            return f"sales:{self.branch_id}"
        return f"centre:{self.centre_id}" if self.centre_id else f"branch:{self.branch_id}"

    @property
    def queue_name(self) -> str:
        return self.centre if self.centre_id and not self.sells else self.branch


def place_of_branch(branch: Branch) -> Place:
    """The place of somebody nobody knows yet, who is served in ``branch``."""
    return Place(None, branch.pk, None, branch.name, "", branch.time_zone, Owner(None))


def places_of(client_ids: Collection[int], *, now: datetime) -> dict[int, Place]:
    """The place of each client, in two statements; a client that is gone is left out."""
    if not client_ids:
        return {}
    rows = Client.objects.filter(id__in=listed(client_ids))
    clients = list(rows.select_related("agent__user", "branch", "centre").only(*_PLACED_BY))
    users = {client.agent.user_id for client in clients if client.agent and client.agent.user_id}
    away = absences_of(users, now)
    return {client.pk: _place(client, away) for client in clients}


def _place(client: Client, away: dict[int, Absence]) -> Place:
    agent, owner = client.agent, Owner(None)
    if agent is not None and agent.user is not None and agent.user.is_active:
        absence = away.get(agent.user.pk)
        owner = Owner(
            agent.user.pk,
            agent.agreement_number,
            str(agent),
            absence.last_day if absence else None,
            absence.substitute_id if absence and absence.substitute.is_active else None,
        )
    regular = client.loyalty in (Client.Loyalty.REGULAR, Client.Loyalty.LOYAL)
    return Place(
        client.agent_id, client.branch_id, client.centre_id, client.branch.name,
        client.centre.name if client.centre else "", client.branch.time_zone, owner, client.language,
        _KEY_CLIENT if client.is_key else _REGULAR_CLIENT if regular else 0,
    )  # fmt: skip


def absences_of(user_ids: Collection[int], now: datetime) -> dict[int, Absence]:
    """The absence of each person who is away today by the own clock."""
    if not user_ids:
        return {}
    about = now.date()
    rows = Absence.objects.filter(
        person__in=user_ids, first_day__lte=about + timedelta(days=1), last_day__gte=about - timedelta(days=1)
    ).select_related("person", "substitute")
    needed = rows.only("first_day", "last_day", "person__time_zone", "substitute__is_active")
    return {
        row.person_id: row
        for row in needed
        if row.first_day <= local_today(row.person.time_zone, now) <= row.last_day
    }


def working_hours() -> Hours:
    """When letters are answered; days of rest have none."""
    begin, end = settings.WORKING_HOURS
    return Hours(begin, end, begin, begin)


def wider(queue: str, branch_id: int) -> str:
    """The queue that work overflows to: centre, branch, company; empty after the last."""
    if queue.startswith("centre:"):
        return f"branch:{branch_id}"
    return COMPANY if queue.startswith("branch:") else ""


def queue_rules(keys: Iterable[str]) -> dict[str, Queue]:
    """When work leaves each queue; the usual times where nobody has set any."""
    keys = set(keys)
    known = {
        row[0]: Queue(**dict(zip(_TIMES, row, strict=True))) for row in read_rows(Queue, _TIMES, "key", keys)
    }
    return {key: known.get(key) or Queue(key=key) for key in keys}


def queue_names(keys: Iterable[str]) -> dict[str, str]:
    """Names of centres and branches by the keys of their queues; the company's is empty."""
    ids: dict[str, list[int]] = {"centre": [], "branch": [], "sales": []}
    for key in keys:
        kind, _, number = key.partition(":")
        if number:
            ids[kind].append(int(number))
    names = {COMPANY: ""}
    for kind, model in (("centre", RenewalCentre), ("branch", Branch), ("sales", Branch)):
        if ids[kind]:
            rows = model._default_manager.filter(pk__in=ids[kind]).values_list("pk", "name")
            names |= {f"{kind}:{pk}": name for pk, name in rows}
    return names


def queue_of(user: User) -> str:
    """The queue whose work this person may be given: of the own centre, branch, or the company; empty for none."""
    kind = SERVING.get(user.role, "")
    if kind in ("", COMPANY):
        return kind
    place = Placement.objects.filter(user=user).first()
    number = (place.centre_id if kind == "centre" else place.branch_id) if place else None
    return f"{kind}:{number}" if number else ""


@dataclass(frozen=True, slots=True)
class Presence:
    """A person's state for others: the declared one while a page is open, else offline."""

    user_id: int
    state: str
    since: datetime | None = None


def presence_of(user_ids: Iterable[int], *, now: datetime) -> dict[int, Presence]:
    """The state of each of these people, in one statement; who was never seen is offline."""
    asked = list(user_ids)
    found = {user_id: Presence(user_id, Station.State.OFFLINE) for user_id in asked}
    for station in Station.objects.filter(user__in=asked):
        found[station.user_id] = presence(station, now=now)
    return found


def presence(station: Station, *, now: datetime) -> Presence:
    """What others see of a station."""
    if station.seen_at is None or station.seen_at < now - SEEN_WITHIN:
        return Presence(station.user_id, Station.State.OFFLINE, station.seen_at)
    return Presence(station.user_id, station.state, station.since)


def work_on(kind: str, ref_ids: Collection[int]) -> dict[int, WorkItem]:
    """Pieces of work by what they are about."""
    rows = WorkItem.objects.filter(kind=kind, ref_id__in=listed(ref_ids)).select_related("escalated_to")
    return {row.ref_id: row for row in rows}


def escalated_to(user: User, kind: str) -> "QuerySet[WorkItem]":
    """Work of ``kind`` that nobody answered in time and this person was told of."""
    return WorkItem.objects.filter(kind=kind, escalated_to=user).open()


def queues_visible_to(user: User) -> dict[str, str]:
    """The queues whose times this person may see, by key with their names: the widest first."""
    scope = scope_of(user)
    found = {COMPANY: ""} if scope.everything else {}
    for kind, rows in (("branch", branches_visible_to(user)), ("centre", centres_visible_to(user))):
        found |= {f"{kind}:{row.pk}": row.name for row in rows}
    return found
