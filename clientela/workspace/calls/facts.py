"""What matters before a call is taken: the term that ends next, the last calls, what to say first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from clientela.foundation.dates import local_today
from clientela.foundation.phones import format_phone
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call, Line
from clientela.modules.calls.operations.choosing import busy_people
from clientela.modules.calls.queries import calls_of, earlier, possible_clients
from clientela.modules.calls.rules import SAID_BY_PEOPLE
from clientela.modules.clients.models import Client
from clientela.modules.contacts.queries.conversations import WRITERS
from clientela.modules.contracts.rules import price_change
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.models import Renewal
from clientela.modules.robot.models import Said
from clientela.modules.robot.queries.transcripts import said_on
from clientela.workspace.calls import words


@dataclass(frozen=True)
class Card:
    """A call as the person in it sees it. ``mine`` is the person's own line."""

    call: Call
    mine: Line
    name: str
    local: datetime | None
    line_name: str
    term: Renewal | None
    left: int | None
    change: Any
    history: str
    hint: str
    why: str
    clients: list[Client]
    colleague: Line | None
    held: bool
    recording: bool
    may_open: bool
    said: Sequence[Said]

    @property
    def own_rings(self) -> bool:
        """Whether the person's own telephone rings first, for a call the person asked for."""
        return self.mine.answered_at is None and not self.rings

    @property
    def rings(self) -> bool:
        """Whether the person has still to take it."""
        return self.mine.answered_at is None and (self.call.is_in or self.mine.role == Line.Role.COLLEAGUE)


def cards(user: User) -> list[Card]:
    """The person's calls of this moment."""
    return [card for call in calls_of(user) if (card := card_of(call, user))]


def card_of(call: Call, user: User) -> Card | None:
    lines = list(call.lines.exclude(state=Line.State.ENDED).select_related("person").order_by("id"))
    mine = next((one for one in lines if one.person_id == user.pk and one.state != Line.State.LEAVING), None)
    if mine is None:
        return None
    now, client = timezone.now(), call.client
    today = local_today(settings.TIME_ZONE, now)
    term = next_term(client, today) if client else None
    colleague = next((one for one in lines if one.role == Line.Role.COLLEAGUE and one.pk != mine.pk), None)
    client_line = next((one for one in lines if one.role == Line.Role.CLIENT), None)
    shared = [] if client or not call.number else list(possible_clients(call.number)[:6])
    return Card(
        call=call, mine=mine, name=client.name if client else format_phone(call.number) or _("Number withheld"),
        local=timezone.localtime(now, ZoneInfo(client.time_zone)) if client else None,
        line_name=call.our.label if call.our else format_phone(call.our_number), term=term,
        left=(term.end_date - today).days if term else None,
        change=price_change(term.premium, term.next_premium) if term and term.next_premium else None,
        history=words.history(earlier(client.pk, before=call.started_at)) if client else "",
        hint=words.hint(term) if term else "", why=words.why(call, user), clients=shared, colleague=colleague,
        held=client_line is not None and client_line.state == Line.State.HELD,
        recording=call.recordings.filter(ended_at=None).exists(),
        said=said_on([client_line.line]) if client_line and client_line.line.startswith("robot-") else [],
        may_open=client is not None and Client.objects.visible_to(user).filter(pk=client.pk).exists(),
    )  # fmt: skip


def next_term(client: Client, today: Any) -> Renewal | None:
    """The client's unpaid term that ends next."""
    terms = Renewal.objects.filter(client=client, end_date__gte=today, paid_at=None)
    return terms.select_related("product", "policy__insured_object").order_by("end_date", "id").first()


def colleagues(user: User, text: str) -> list[dict[str, Any]]:
    """People who may be given a call, the free ones first; of the same place while nothing is typed."""
    people = User.objects.filter(is_active=True, role__in=WRITERS).exclude(pk=user.pk)
    for word in text.split()[:3]:
        people = people.filter(last_name__istartswith=word) | people.filter(first_name__istartswith=word)
    scope = scope_of(user)
    if not text.strip() and not scope.everything:
        branches = {getattr(getattr(user, "agent", None), "branch_id", None), scope.branch_id}
        near = people.filter(placement__branch__in=[one for one in branches if one])
        near |= people.filter(agent__branch__in=[one for one in branches if one])
        near |= people.filter(placement__centre=scope.centre_id or 0)
        people = near
    busy = busy_people()
    rows = [
        {"person": person, "name": str(person), "busy": person.pk in busy}
        for person in people.distinct().order_by("last_name", "first_name", "pk")[:30]
    ]
    return sorted(rows, key=lambda row: bool(row["busy"]))


FRESH = timedelta(minutes=2)


def just_ended(user: User, now: datetime) -> Call | None:
    """The talk that the person has just ended and said nothing about yet."""
    rows = Call.objects.filter(person=user, state=Call.State.ENDED, outcome="talked", note="")
    rows = rows.filter(answered_at__isnull=False, ended_at__gt=now - FRESH).exclude(steps__kind="outcome")
    return rows.select_related("client").order_by("-started_at").first()


OUTCOMES = [(code.value, code.label) for code in SAID_BY_PEOPLE]
