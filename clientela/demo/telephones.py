"""The company's numbers and menu, calls of the last weeks with how they came out, and a few to be called back."""

import random
from datetime import datetime, timedelta

from django.conf import settings

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.calls.models import Call, CallBack, CallStep, Line, Menu, Number
from clientela.modules.calls.rules import Do, Outcome
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.organisation.models import Agent, Branch, RenewalCentre

DAYS, CALLS_OF_AGENT, AGENTS = 21, 8, 60
GREETING = (
    "Здравствуйте! Вы позвонили в страховую компанию «Причал». Чтобы поговорить с вашим агентом, нажмите один. "
    "По возобновлению полиса нажмите два. Чтобы мы перезвонили, нажмите три."
)
KEYS = (
    ("1", Do.OWNER, "Вопрос агенту"), ("2", Do.QUEUE, "Возобновление полиса"), ("3", Do.CALL_BACK, "Просит перезвонить"),
)  # fmt: skip
ENDS = (
    ("out", Outcome.AGREED, "Продлит, ждёт ссылку на оплату"), ("out", Outcome.THINKS, "Сравнивает цены, решит к пятнице"),
    ("out", Outcome.NO_ANSWER, ""), ("out", Outcome.BUSY, ""), ("out", Outcome.REFUSED, "Машину продал"),
    ("in", Outcome.SOLVED, "Уточнил дату окончания"), ("in", Outcome.TALKED, ""), ("in", Outcome.MISSED, ""),
    ("out", Outcome.UNREACHABLE, ""), ("in", Outcome.AGREED, "Оплатит сегодня"),
)  # fmt: skip
TALKED = {Outcome.AGREED, Outcome.THINKS, Outcome.REFUSED, Outcome.SOLVED, Outcome.TALKED}
ANNA = "a.sokolova@prichal.example"


def write(now: datetime) -> int:
    """Returns how many calls there are. The same from the same seed."""
    chance = random.Random(999)
    keys = [
        {"key": key, "do": do.value, "words": words, "say": "", "target": None} for key, do, words in KEYS
    ]
    menu = Menu.objects.create(name="Главное меню", greeting=GREETING, keys=keys, updated_at=now)
    numbers = [
        Number(value=branch.phone, label=branch.name, branch=branch, menu=menu)
        for branch in Branch.objects.exclude(phone="").order_by("id")
    ]
    numbers += [
        Number(value=centre.phone, label=f"Центр «{centre.name}»", centre=centre)
        for centre in RenewalCentre.objects.order_by("id")
    ]
    numbers.append(Number(value=settings.SHORT_NUMBER, label="Центр возобновления", by_region=True))
    fresh = list({number.value: number for number in numbers}.values())
    ours = {one.branch_id: one for one in Number.objects.bulk_create(fresh) if one.branch_id}
    agents = Agent.objects.filter(user__role=Role.AGENT, user__is_active=True).exclude(user__email=ANNA)
    chosen = [*Agent.objects.filter(user__email=ANNA), *agents.order_by("id")[: AGENTS - 1]]
    made = [
        call
        for agent in chosen
        for call in _of_agent(agent, ours.get(agent.branch_id), chance, now)
    ]  # fmt: skip
    calls = Call.objects.bulk_create(made, batch_size=1000)
    Line.objects.bulk_create([_line(call) for call in calls], batch_size=1000)
    CallStep.objects.bulk_create([step for call in calls for step in _steps(call)], batch_size=1000)
    return len(calls) + _call_backs(User.objects.filter(email=ANNA).first(), now)


def _of_agent(agent: Agent, our: Number | None, chance: random.Random, now: datetime) -> list[Call]:
    points = ContactPoint.objects.filter(client__agent=agent, kind="phone", do_not_use=False, bad_since=None)
    rows = list(points.select_related("client").order_by("client_id", "id")[:CALLS_OF_AGENT])
    calls = []
    for number, point in enumerate(rows):
        way, outcome, note = ENDS[(number + agent.pk) % len(ENDS)]
        at = now - timedelta(days=chance.randint(1, DAYS), minutes=chance.randint(0, 300))
        talked = timedelta(seconds=chance.randint(40, 420)) if outcome in TALKED else timedelta()
        picked = at + timedelta(seconds=chance.randint(6, 24))
        client: Client = point.client
        calls.append(
            Call(
                direction=way, client=client, number=point.value, our=our, our_number=our.value if our else "",
                agent=agent, branch_id=client.branch_id, centre_id=client.centre_id, state=Call.State.ENDED,
                person=agent.user if way == "out" or talked else None, started_at=at,
                answered_at=picked if talked else None, ended_at=picked + talked, ending="normal", outcome=outcome,
                note=note, reason="Вопрос агенту" if way == "in" else "",
            )
        )  # fmt: skip
    return calls


def _line(call: Call) -> Line:
    return Line(
        call=call, line=f"demo-{call.pk}", role=Line.Role.CLIENT, number=call.number, state=Line.State.ENDED,
        asked_at=call.started_at, answered_at=call.answered_at, ended_at=call.ended_at, ending="normal",
    )  # fmt: skip


def _steps(call: Call) -> list[CallStep]:
    first = "arrived" if call.is_in else "dialled"
    facts = {"to": call.our_number, "number": call.number}
    steps = [CallStep(call=call, at=call.started_at, kind=first, person=call.person, facts=facts)]
    if call.answered_at:
        steps.append(CallStep(call=call, at=call.answered_at, kind="answered", person=call.person))
    end = {"outcome": call.outcome}
    steps.append(
        CallStep(call=call, at=call.ended_at or call.started_at, kind="ended", person=call.person, facts=end)
    )
    return steps


def _call_backs(anna: User | None, now: datetime) -> int:
    """Three clients of Anna's wait: two hung up this morning, one asked for a call."""
    if anna is None:
        return 0
    missed = (
        Call.objects.filter(agent__user=anna, direction="in").select_related("client").order_by("-started_at")
    )
    rest = Call.objects.filter(agent__user=anna).exclude(pk__in=missed.values("pk")).order_by("-started_at")
    backs = []
    # One open wish a number: who tried twice waits once.
    waiting: dict[str, Call] = {}
    for call in [*missed, *rest]:
        waiting.setdefault(call.number, call)
    for number, call in enumerate(list(waiting.values())[:3]):
        asked = number == 2
        backs.append(
            CallBack(
                client=call.client, number=call.number, agent=call.agent, branch=call.branch, centre=call.centre,
                person=anna, why="asked" if asked else "missed", asked_at=now - timedelta(minutes=25 + 40 * number),
                call_by=now + timedelta(minutes=35 - 40 * number),
                times=2 if number == 0 else 1,
            )
        )  # fmt: skip
    return len(CallBack.objects.bulk_create(backs))
