"""Two weeks of the operators' calling lists: who waits today, who was called, and what came of it."""

import random
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.lists import load_shipped
from clientela.modules.dialler.operations.requests import Request, request_calls
from clientela.modules.dialler.rules.attempts import Rules
from clientela.modules.dialler.rules.outcomes import UNREACHED, Outcome
from clientela.modules.organisation.models import RenewalCentre
from clientela.modules.renewals.models import Touch
from clientela.modules.renewals.operations.dispatch import LOADED, guard
from clientela.modules.renewals.operations.operators import ORIGIN, ask_operators

DAYS, MOST = 14, 600
ENDS = (
    (Outcome.AGREED, 0.46), (Outcome.QUOTE, 0.2), (Outcome.TOO_DEAR, 0.1), (Outcome.ELSEWHERE, 0.09), (Outcome.SOLD, 0.05),
    (Outcome.REFUSED, 0.06), (Outcome.WRONG_NUMBER, 0.03), (Outcome.DO_NOT_CALL, 0.01),
)  # fmt: skip
MISSED = ((Outcome.NO_ANSWER, 0.6), (Outcome.BUSY, 0.25), (Outcome.VOICEMAIL, 0.15))
ANSWERS = (
    ("drives", "Кто ездит", "Who drives", "choice", ("сам", "с семьёй", "без ограничений"), ""),
    ("mileage", "Пробег за год", "Mileage a year", "number", ("8", "12", "15", "20", "30"), "тыс. км"),
    ("home", "Есть своё жильё", "Owns a home", "yes_no", ("yes", "no"), ""),
)
_SCRIPT = (
    "{greeting}, здравствуйте. {operator}, {company}. Вы застраховали у нас автомобиль, спасибо. Удобно минуту?\n\n"
    "К полису на машину мы предлагаем защиту жилья: пожар, залив, ответственность перед соседями. Сколько у вас метров?\n\n"
    "Если «подумаю»: договоримся, когда перезвонить, и агент ({agent}) пришлёт расчёт."
)


def write(now: datetime, seed: int) -> int:
    """The renewal list as the schedules fill it, two weeks of its past, and a list of cross-sales. Returns entries."""
    load_shipped(now=now)
    rng = random.Random(f"callers {seed}")
    people: dict[int, list[User]] = defaultdict(list)
    operators = User.objects.filter(role=Role.CENTRE_OPERATOR, placement__centre__isnull=False)
    for one in operators.select_related("placement").order_by("pk"):
        people[one.placement.centre_id or 0].append(one)
    touches = Touch.objects.filter(channel="operator", renewal__centre__in=list(people)).select_related(
        *LOADED
    )
    due = touches.filter(state=Touch.State.QUEUED, term_end__gt=now.date())
    rows = list(due.order_by("due_on", "id"))
    stopped = guard([touch.pk for touch in rows])
    ask_operators([touch for touch in rows if touch.pk not in stopped], now=now)
    _tried(people, rng, now)
    _past(
        list(touches.filter(state=Touch.State.DONE, sent_at__gte=now - timedelta(days=DAYS))[:MOST]),
        people,
        rng,
    )
    _cross_sales(people, rng, now)
    return Entry.objects.count()


def _tried(people: dict[int, list[User]], rng: random.Random, now: datetime) -> None:
    """Some of those who wait were called before, and a few named the hour of today."""
    entries = list(Entry.objects.filter(origin=ORIGIN, state=Entry.State.WAITING).select_related("client"))
    attempts, changed = [], []
    for entry in entries:
        drawn, operators = rng.random(), people[entry.client.centre_id or 0]
        if drawn > 0.4 or not operators:
            continue
        entry.attempts = 1 + int(drawn < 0.15) + int(drawn < 0.05)
        entry.outcome = Outcome.LATER if drawn < 0.04 else _pick(MISSED, rng)
        entry.asked = entry.outcome == Outcome.LATER
        at = now - timedelta(days=entry.attempts, minutes=rng.randrange(0, 300))
        for number in range(1, entry.attempts + 1):
            last = number == entry.attempts
            outcome = entry.outcome if last else _pick(MISSED, rng)
            attempts.append(_attempt(entry, number, rng.choice(operators), at, outcome))
            at += timedelta(days=1)
        entry.next_at = now + timedelta(minutes=rng.randrange(-40, 300))
        changed.append(entry)
    Entry.objects.bulk_update(changed, ["attempts", "outcome", "asked", "next_at"], batch_size=500)
    Attempt.objects.bulk_create(attempts, batch_size=500)


def _past(touches: list[Touch], people: dict[int, list[User]], rng: random.Random) -> None:
    calling = CallingList.objects.get(code="renewal")
    entries = []
    for touch in touches:
        assert touch.sent_at is not None
        term = touch.renewal
        entries.append(
            Entry(
                calling=calling, client=term.client, origin=ORIGIN, origin_id=touch.pk, state=Entry.State.DONE,
                subject=f"{term.product.message_name} {term.policy.number}", ends_on=touch.term_end, premium=term.premium,
                next_at=touch.due_at, until=touch.sent_at + timedelta(days=9), attempts=rng.randrange(1, 4),
                outcome=_pick(ENDS, rng), created_at=touch.due_at, ended_at=touch.sent_at,
            )
        )  # fmt: skip
    Entry.objects.bulk_create(entries, batch_size=500)
    attempts, answers = [], []
    for entry in entries:
        assert entry.ended_at is not None
        operator = rng.choice(people[entry.client.centre_id or 0])
        for number in range(1, entry.attempts + 1):
            last = number == entry.attempts
            at = entry.ended_at - timedelta(hours=20 * (entry.attempts - number), minutes=rng.randrange(1, 6))
            attempts.append(
                _attempt(entry, number, operator, at, entry.outcome if last else _pick(MISSED, rng))
            )
        if entry.outcome in (Outcome.AGREED, Outcome.QUOTE):
            answers += _answers(entry, operator, rng)
    Attempt.objects.bulk_create(attempts, batch_size=500)
    ProfileAnswer.objects.bulk_create(answers, batch_size=500)


def _answers(entry: Entry, operator: User, rng: random.Random) -> list[ProfileAnswer]:
    at = entry.ended_at or entry.created_at
    return [
        ProfileAnswer(
            client_id=entry.client_id, key=key, label=label, label_en=english, kind=kind, value=rng.choice(values), unit=unit,
            source="Возобновление", answered_at=at, answered_by=operator,
        )
        for key, label, english, kind, values, unit in rng.sample(ANSWERS, 2)
    ]  # fmt: skip


def _attempt(entry: Entry, number: int, operator: User, at: datetime, outcome: str) -> Attempt:
    lasted = timedelta(seconds=40) if outcome in UNREACHED else timedelta(minutes=2, seconds=10)
    return Attempt(
        entry=entry, number=number, client_id=entry.client_id, operator=operator, began_at=at, ended_at=at + lasted,
        outcome=outcome,
    )  # fmt: skip


def _cross_sales(people: dict[int, list[User]], rng: random.Random, now: datetime) -> None:
    """A centre's own list that calls by itself."""
    centre = RenewalCentre.objects.filter(pk__in=list(people)).order_by("pk").first()
    if centre is None:
        return
    questions: list[dict[str, Any]] = [
        {"key": "home", "label": "Есть своё жильё", "label_en": "Owns a home", "kind": "yes_no"},
        {
            "key": "home_area",
            "label": "Площадь жилья",
            "label_en": "Area of the home",
            "kind": "number",
            "unit": "м²",
        },
    ]
    calling = CallingList.objects.create(
        code="home-for-car", name="Жильё к автополису", centre=centre, mode=CallingList.Mode.PROGRESSIVE, countdown=10,
        script=_SCRIPT, questions=questions, rules=Rules(most=4).to_json(), position=5, updated_at=now,
    )  # fmt: skip
    owners = Client.objects.filter(
        centre=centre, kind=Client.Kind.PERSON, policies_in_force=1, do_not_contact=False
    )
    ids = list(owners.order_by("pk").values_list("pk", flat=True)[:400])
    chosen = rng.sample(ids, min(len(ids), 60))
    request_calls(
        [
            Request(
                client_id=pk, list=calling.code, origin="dialler.list", origin_id=pk, until=now + timedelta(days=30),
                reasons=["Машина застрахована, жильё нет"],
            )
            for pk in chosen
        ],
        now=now,
    )  # fmt: skip


def _pick(shares: tuple[tuple[Any, float], ...], rng: random.Random) -> str:
    return str(rng.choices([word for word, _share in shares], [share for _word, share in shares])[0].value)
