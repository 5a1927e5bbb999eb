"""What there is to do: calls of the plan, clients who wait for an answer, terms that need a hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from clientela.modules.contacts.models import Channel, Conversation, Message
from clientela.modules.contracts.models import Project
from clientela.modules.organisation.queries import scope_of
from clientela.modules.renewals.models import Renewal, Touch
from clientela.workspace.today import rules
from clientela.workspace.today.queries.kept import is_wide, kept
from clientela.workspace.today.rules import Fact, Kind

State = Renewal.State
MOST = 60
# How far back a call of the plan is still a task.
CALLS_BACK = timedelta(days=45)
OPEN_CALL = (Touch.State.PLANNED, Touch.State.QUEUED)
RELATED = ("client", "policy__insured_object", "product", "bank", "agent", "centre")


@dataclass(frozen=True)
class Listed:
    """The first rows of a list in its order, and how many there are in all."""

    rows: list[Any]
    count: int


def _listed(user: Any, what: str, rows: "QuerySet[Any]", today: date, most: int) -> Listed:
    found = list(rows[: most + 1])
    if len(found) <= most:
        return Listed(found, len(found))
    return Listed(found[:most], kept(user, what, today, rows.order_by().count))


def to_be_won(today: date, prefix: str = "") -> Q:
    """Terms that end from today on, are neither paid nor lost, and whose plan nobody holds."""
    held = Q(**{f"{prefix}held_until__isnull": False, f"{prefix}held_until__gte": today})
    ends = Q(
        **{f"{prefix}end_date__gte": today, f"{prefix}end_date__lte": today + timedelta(days=rules.HORIZON)}
    )
    open_states = [State.NOTHING, State.PROJECT, State.QUOTED]
    return ends & Q(**{f"{prefix}state__in": open_states, f"{prefix}paid_at__isnull": True}) & ~held


def calls(user: Any, *, today: date, now: datetime, most: int = MOST) -> Listed:
    """Calls of the plan that are due, heaviest first.

    The order is found on ids alone, then the rows are read; in a wide scope it is shared for a minute, and calls
    made meanwhile are left out when the rows are read.
    """
    mine = _calls(today).filter(to_be_won(today, "renewal__"))
    scope = scope_of(user)
    if not scope.everything:
        mine = mine.filter(scope.q("renewal__"))
    mine = mine.annotate(
        score=_days("renewal__end_date", today) + _facts("renewal__", now)
        + _points(Fact.OVERDUE, Q(due_on__lt=today)) + rules.POINTS[Fact.CALL_DUE]
    )  # fmt: skip
    order = mine.order_by("-score", "renewal__end_date", "id").values_list("id", flat=True)
    ids = kept(user, "calls", today, lambda: list(order[: 2 * MOST]))
    count = len(ids) if len(ids) < 2 * MOST else kept(user, "calls.count", today, mine.order_by().count)
    related = [f"renewal__{name}" for name in RELATED]
    rows = {
        touch.pk: touch
        for touch in Touch.objects.filter(id__in=ids[: most + MOST], state__in=OPEN_CALL).select_related(
            "step__version__schedule", *related
        )
    } if most and ids else {}  # fmt: skip
    return Listed([rows[pk] for pk in ids if pk in rows][:most], count)


def _calls(today: date) -> "QuerySet[Touch]":
    return Touch.objects.filter(
        channel=Channel.OPERATOR, state__in=OPEN_CALL, due_on__gte=today - CALLS_BACK, due_on__lte=today,
        term_end__gte=today,
    )  # fmt: skip


def terms(user: Any, *, today: date, now: datetime, most: int = MOST) -> Listed:
    """Terms that need a project, an offer or a payment and have no call due, heaviest first.

    ``kind`` says which; ``score`` is the weight. In a wide scope the nearest ends come first, so that the page
    costs the same for a million terms.
    """
    called = _calls(today).filter(renewal_id=OuterRef("pk"))
    unsent = Project.objects.filter(policy_id=OuterRef("policy_id"), state=Project.State.OPEN)
    near = Q(end_date__lte=today + timedelta(days=rules.NEAR))
    rows = (
        Renewal.objects.visible_to(user)
        .filter(to_be_won(today))
        .filter(near | Q(state=State.PROJECT))
        .annotate(is_unsent=Exists(unsent))
        .filter(near | Q(is_unsent=True))
        .exclude(Exists(called))
        .annotate(
            kind=Case(
                When(state=State.NOTHING, then=Value(Kind.PROJECT.value)),
                When(state=State.PROJECT, is_unsent=True, then=Value(Kind.OFFER.value)),
                default=Value(Kind.PAYMENT.value),
            ),
            score=_days("end_date", today) + _facts("", now) + _points(Fact.READY, ~Q(state=State.NOTHING)),
        )
        .select_related(*RELATED)
    )
    order = ("end_date", "id") if is_wide(user) else ("-score", "end_date", "id")
    return _listed(user, "terms", rows.order_by(*order), today, most)


def _points(fact: Fact, condition: Q) -> Case:
    return Case(
        When(condition, then=Value(rules.POINTS[fact])), default=Value(0), output_field=IntegerField()
    )


def _days(field: str, today: date) -> Case:
    return Case(
        *[
            When(**{f"{field}__lte": today + timedelta(days=limit)}, then=Value(points))
            for limit, points in rules.DAYS
        ],
        default=Value(0),
        output_field=IntegerField(),
    )


def _facts(prefix: str, now: datetime) -> Combinable:
    opened = Q(**{f"{prefix}last_opened_at__gte": now - rules.RECENT})
    bare = Q(**{f"{prefix}state": State.NOTHING})
    dear = Q(**{f"{prefix}premium__gte": rules.DEAR})
    return _points(Fact.OPENED, opened) + _points(Fact.BARE, bare) + _points(Fact.DEAR, dear)


@dataclass(frozen=True)
class Waiting:
    """A client's message that nobody answered, with the nearest open term of the client and the conversation."""

    message: Message
    term: Renewal | None
    talk: Conversation


def answers(user: Any, *, today: date, now: datetime, most: int = MOST) -> Listed:
    """Clients whose conversations wait for an answer, the longest wait first, each with their last message."""
    last = Message.objects.filter(client_id=OuterRef("client_id"), direction=Message.Direction.IN)
    waiting = (
        Conversation.objects.visible_to(user)
        .open()
        .filter(waiting_since__isnull=False, client__isnull=False)
        .filter(
            Exists(last.filter(created_at__gte=OuterRef("waiting_since")))
        )  # a missed call is another task
        .annotate(message_id=Subquery(last.order_by("-created_at", "-id").values("id")[:1]))
    )
    found = _listed(user, "answers.count", waiting.order_by("waiting_since", "id"), today, most)
    ids = [talk.message_id for talk in found.rows if talk.message_id]
    messages = Message.objects.visible_to(user).select_related("client__agent").in_bulk(ids)
    near = _nearest_terms({talk.client_id for talk in found.rows}, today) if found.rows else {}
    rows = [
        Waiting(messages[talk.message_id], near.get(talk.client_id), talk)
        for talk in found.rows
        if talk.message_id in messages
    ]
    return Listed(rows, found.count)


def _nearest_terms(client_ids: Iterable[Any], today: date) -> dict[int, Renewal]:
    """For each client the open term with the nearest end, in one statement."""
    rows = (
        Renewal.objects.filter(client_id__in=client_ids, end_date__gte=today)
        .filter(state__in=[State.NOTHING, State.PROJECT, State.QUOTED])
        .select_related(*RELATED)
        .order_by("-end_date", "-id")
    )
    return {term.client_id: term for term in rows}


def unanswered_message(user: Any, message_id: int) -> Message | None:
    """A visible message of a client, to be answered."""
    return (
        Message.objects.visible_to(user)
        .filter(direction=Message.Direction.IN, client__isnull=False, pk=message_id)
        .select_related("client", "contact_point")
        .first()
    )


def mortgages(user: Any, *, today: date) -> list[Renewal]:
    """Mortgage terms that come within a week of the day on which the bank's balance is asked for.

    Sber asks 45 days before the end, other banks 30 (RN-1).
    """
    week = [(45, Q(bank__code="sber")), (30, ~Q(bank__code="sber") | Q(bank__isnull=True))]
    due = Q(pk__in=[])
    for day, bank in week:
        due |= bank & Q(
            end_date__gt=today + timedelta(days=day - 7), end_date__lte=today + timedelta(days=day)
        )
    rows = Renewal.objects.visible_to(user).filter(due, line="mortgage", state=State.NOTHING)
    return list(rows.select_related(*RELATED).order_by("end_date", "id")[:20])
