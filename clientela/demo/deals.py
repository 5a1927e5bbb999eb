"""Deals in every stage with their past, talks along the scripts, and what clients were advised."""

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Product
from clientela.modules.sales.models import (
    Advice,
    Deal,
    Funnel,
    LostReason,
    ScriptVersion,
    Stage,
    StageVisit,
    Talk,
    Turn,
)
from clientela.modules.sales.operations.advice import advise_all
from clientela.modules.sales.operations.funnels import load_shipped

OWN, OTHERS = 70, 330
SHARES = {"kasko": 0.34, "osago": 0.3, "property": 0.14, "mortgage": 0.1, "travel": 0.08, "corporate": 0.04}
SOURCES = {
    Deal.Origin.REQUEST: ("Сайт", "VK", "Автосалон", "Почта"), Deal.Origin.CALL: ("Звонок", "Звонок робота"),
    Deal.Origin.RENEWAL: ("Возобновление",), Deal.Origin.ADVICE: ("Совет",), Deal.Origin.CLIENT: ("Клиент", "Рекомендация"),
    Deal.Origin.CAMPAIGN: ("Событие", "Рассылка «Зима»"),
}  # fmt: skip
CARS = ("Omoda C5, 2025", "Kia Ceed, гарантия кончилась", "Geely Atlas", "Chery Tiggo 4, кредит", "Haval Jolion", "Toyota RAV4",
        "Exeed LX", "Lada Vesta", "Škoda Kodiaq", "Renault Duster", "Volkswagen Polo", "УАЗ Патриот", "Hyundai Creta")  # fmt: skip
SUBJECTS = {
    "kasko": CARS, "osago": CARS, "property": ("Квартира, 54 м²", "Дом в Усадах", "Дача, Лаишево", "Квартира под сдачу"),
    "mortgage": ("Сбербанк, 3,2 млн", "ВТБ, 5,1 млн", "Ак Барс, 2,4 млн"),
    "travel": ("Турция, 2 человека", "ОАЭ, семья", "Шри-Ланка, 14 дней", "Водитель, НС"),
    "corporate": ("12 автомобилей, парк", "ДМС, 40 человек", "8 грузовиков", "Склад и товар"),
}  # fmt: skip
SUMS = {
    "kasko": (31, 120),
    "osago": (6, 22),
    "property": (4, 18),
    "mortgage": (9, 34),
    "travel": (2, 9),
    "corporate": (180, 900),
}
STEPS = (
    ("call", "Позвонить"), ("call", "Обсудить цену"), ("call", "Вторая попытка"), ("meeting", "Встреча в офисе"),
    ("letter", "Прислать сравнение"), ("chat", "Ответить в чате"), ("visit", "Осмотр, Баумана, 44"), ("call", "Предложить франшизу"),
    ("call", "Кто за рулём"), ("wait", "Андеррайтер, лимит"), ("payment", "Ссылка на оплату"), ("chat", "Напомнить"),
)  # fmt: skip
NEEDS: dict[str, tuple[str, ...]] = {
    "garage": ("двор", "паркинг", "гараж"), "mileage": ("8", "12", "14", "20"), "drivers": ("сам", "с супругом", "семья"),
    "deductible": ("нет", "15 000", "30 000"), "home_kind": ("квартира", "дом", "дача"), "home_area": ("38", "54", "76"),
    "bank": ("Сбербанк", "ВТБ", "Ак Барс"), "debt": ("2400000", "3200000"), "travellers": ("1", "2", "4"), "fleet": ("8", "12", "40"),
    "decides": ("директор", "главный бухгалтер"),
}  # fmt: skip
REASONS = (
    ("price", 0.45),
    ("competitor", 0.2),
    ("changed_mind", 0.15),
    ("went_silent", 0.15),
    ("sold_object", 0.05),
)


def write(now: datetime, seed: int) -> int:
    """Some hundred deals of the present and the past half year, and advice to the whole base. Returns the deals."""
    load_shipped(now=now)
    rng = random.Random(f"deals {seed}")
    funnels = {one.code: (one, list(one.stages.order_by("position"))) for one in Funnel.objects.all()}
    products = {one.line: one for one in Product.objects.filter(is_active=True).order_by("-code")}
    reasons = {one.code: one for one in LostReason.objects.all()}
    deals, ways = [], []
    for client in _clients(rng):
        code = rng.choices(list(SHARES), list(SHARES.values()))[0]
        funnel, stages = funnels[code]
        deal, way = _deal(client, funnel, stages, products, reasons, rng, now)
        deals.append(deal)
        ways.append(way)
    Deal.objects.bulk_create(deals, batch_size=200)
    visits = []
    for deal, way in zip(deals, ways, strict=True):
        for visit in way:
            visit.deal = deal
            visits.append(visit)
    StageVisit.objects.bulk_create(visits, batch_size=500)
    _talks(deals, rng)
    advise_all(now=now)
    _advice(rng, now)
    return len(deals)


def _clients(rng: random.Random) -> list[Client]:
    """Clients of the agents that people sign in as, and of many others; an agent's get several deals' worth."""
    found: list[Client] = []
    agents = list(
        Agent.objects.filter(is_active=True, user__is_active=True).order_by("pk").values_list("pk", flat=True)
    )
    shown = Agent.objects.filter(user__email__startswith="a.sokolova").values_list("pk", flat=True).first()
    chosen = [(shown, OWN)] if shown else []
    chosen += [(pk, 12) for pk in rng.sample(agents, min(len(agents), OTHERS // 12))]
    for agent, most in chosen:
        rows = Client.objects.filter(agent=agent, do_not_contact=False).select_related("agent__user")
        found += list(rows.order_by("pk")[:most])
    return list({one.pk: one for one in found}.values())


def _deal(
    client: Client, funnel: Funnel, stages: list[Stage], products: dict[str, Product], reasons: dict[str, LostReason],
    rng: random.Random, now: datetime,
) -> tuple[Deal, list[StageVisit]]:  # fmt: skip
    drawn = rng.random()
    state = Deal.State.OPEN if drawn < 0.62 else Deal.State.WON if drawn < 0.83 else Deal.State.LOST
    reached = (
        len(stages)
        if state == Deal.State.WON
        else 1 + min(rng.randrange(len(stages)), rng.randrange(len(stages) + 1))
    )
    reached = max(1, min(reached, len(stages)))
    seller = client.agent.user if client.agent else None
    visits, spans = [], [_span(stage, rng) for stage in stages[:reached]]
    ended = now if state == Deal.State.OPEN else now - timedelta(hours=rng.randrange(2, 24 * 80))
    at = begun = ended - sum(spans, timedelta())
    for place, (stage, span) in enumerate(zip(stages[:reached], spans, strict=True), 1):
        last = place == reached
        went = "" if last and state == Deal.State.OPEN else state if last else StageVisit.Went.FORWARD
        left = None if last and state == Deal.State.OPEN else at + span
        visits.append(StageVisit(stage=stage, entered_at=at, left_at=left, went=went, by=seller))
        entered, at = at, at + span
    origin = rng.choice(list(SOURCES))
    low, high = SUMS[funnel.code]
    code = rng.choices([one for one, _share in REASONS], [share for _one, share in REASONS])[0]
    answers = {
        one["key"]: rng.choice(NEEDS[one["key"]])
        for one in funnel.questions
        if one["key"] in NEEDS and reached > 1
    }
    values: dict[str, Any] = {}
    if state == Deal.State.OPEN and rng.random() < 0.93:
        kind, step = rng.choice(STEPS)
        minutes = rng.choice((-1500, -200, 30, 60, 120, 240, 360, 1500, 1700, 3000))
        values = {"next_kind": kind, "next_step": step, "next_at": now + timedelta(minutes=minutes)}
    deal = Deal(
        client=client, funnel=funnel, stage=stages[reached - 1], state=state, origin=origin, source=rng.choice(SOURCES[origin]),
        product=next((products[line] for line in funnel.lines if line in products), None),
        subject=rng.choice(SUBJECTS[funnel.code]), amount=Decimal(rng.randrange(low * 100, high * 100) * 10), answers=answers,
        owner=seller, entered_at=entered, created_at=begun, changed_at=ended, changed_by=seller,
        closed_at=None if state == Deal.State.OPEN else ended, lost_reason=reasons[code] if state == Deal.State.LOST else None,
        starts_on=(now + timedelta(days=rng.randrange(2, 90))).date() if rng.random() < 0.5 else None, **values,
    )  # fmt: skip
    return deal, visits


def _span(stage: Stage, rng: random.Random) -> timedelta:
    return timedelta(days=float(stage.norm_days)) * rng.choice(
        (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.3, 1.8)
    )


def _talks(deals: list[Deal], rng: random.Random) -> None:
    """Most deals were led along the scripts of the stages that they passed."""
    talks, turns = [], []
    versions = list(ScriptVersion.objects.filter(state="active").select_related("script__stage"))
    for version in versions:
        stage, body = version.script.stage, version.content
        passed = [
            one
            for one in deals
            if one.funnel_id == version.script.funnel_id and stage and one.stage.position > stage.position
        ]
        for deal in passed:
            at = deal.created_at
            talk = Talk(
                deal=deal, version=version, by=deal.owner, started_at=at, ended_at=at + timedelta(minutes=6)
            )
            talks.append(talk)
            node = body.nodes[0]
            for _turn in range(8):
                weights = [9, 3, 2, 2, 1, 1, 1, 1, 1][: len(node.answers)]
                place = rng.choices(range(len(node.answers)), weights)[0]
                answer = node.answers[place]
                turns.append(Turn(talk=talk, node=node.key, answer=place, objection=answer.objection, at=at))
                ahead = body.node(answer.goto) if answer.goto else None
                if ahead is None:
                    break
                node = ahead
    Talk.objects.bulk_create(talks, batch_size=500)
    Turn.objects.bulk_create(turns, batch_size=500)


def _advice(rng: random.Random, now: datetime) -> None:
    """Part of the advice was offered, part declined, for the sellers' clients."""
    people = set(User.objects.filter(agent__isnull=False).values_list("agent", flat=True)[:40])
    rows = list(Advice.objects.filter(client__agent__in=people).order_by("pk")[:2400:3])
    for row in rows:
        drawn = rng.random()
        row.offered_at = now - timedelta(days=rng.randrange(1, 60))
        row.state = (
            Advice.State.OFFERED
            if drawn < 0.45
            else Advice.State.DECLINED
            if drawn < 0.8
            else Advice.State.SOLD
        )
        if row.state != Advice.State.OFFERED:
            row.closed_at = row.offered_at + timedelta(days=1)
        if row.state == Advice.State.DECLINED:
            row.reason = rng.choice([one for one in Advice.Reason.values if one != Advice.Reason.OTHER])
            row.not_before = (now + timedelta(days=rng.randrange(60, 200))).date()
    Advice.objects.bulk_update(
        rows, ["state", "reason", "not_before", "offered_at", "closed_at"], batch_size=300
    )
