"""Requests of the demo company: who shares them, the forms they come by, those of today and of the week."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Branch
from clientela.modules.products.models import Product
from clientela.modules.requests.models import Intake, Policy, Request
from clientela.modules.requests.operations import Incoming, close, receive, take
from clientela.modules.requests.operations.setting import create_intake
from clientela.modules.routing.models import Dealt, Desk, Station
from clientela.modules.routing.operations import note_seen
from clientela.modules.routing.operations.desks import change_sharing
from clientela.modules.routing.rules import monday

BRANCHES = ("kazan", "ulyanovsk")
# Capacity, share, products taken away.
DESKS = (
    (10, 100, ("product:mortgage",)), (10, 100, ()), (8, 80, ("product:property",)), (8, 75, ("product:kasko", "product:mortgage")),
    (8, 70, ()), (6, 50, ("product:kasko",)),
)  # fmt: skip
CONSENT = (
    "Я согласен на обработку персональных данных (имя, телефон, e-mail и ответы этой формы) страховой компанией «Причал», чтобы она "
    "ответила на заявку, и на звонок или сообщение с ответом. Согласие действует год, отозвать его можно письмом или в любом офисе."
)
SITE, WIDGET, PARTNER, MAIL, CALL, MISSED = "web", "widget", "partner", "email", "call", "missed"
# Name, product, what, source, partner, words, source of advertising.
TODAY = (
    ("Миннуллина Резеда А.", "kasko", "Omoda C5", SITE, "", "Забираю машину завтра, нужен полис", "yandex"),
    ("Титов Глеб Маркович", "555", "Сбер", PARTNER, "Партнёр банка", "Ипотека, банк ждёт полис до пятницы", ""),
    ("", "osago", "", MISSED, "", "", ""),
    ("Гафурова Диляра Р.", "354", "Квартира", SITE, "", "Хочу застраховать ремонт", "vk"),
    ("Алексеев Марк Ильич", "kasko", "Exeed LX", PARTNER, "Автосалон № 4", "Клиент в салоне, покупает сегодня", ""),
    ("Кадырова Эндже Наилевна", "osago", "", SITE, "", "Сравниваю цены", ""),
    ("Агапов Кирилл Олегович", "354", "Дача", MAIL, "", "Сколько стоит застраховать дачу в Лаишево?", ""),
    ("Сергеева Ольга Львовна", "305", "Отпуск, квартира пустая", WIDGET, "", "Уезжаем на месяц", "telegram"),
    ("Юнусов Ринат Альбертович", "osago", "2 машины", CALL, "", "Услышал рекламу на радио", "radio"),
    ("Баранова Инга Витальевна", "kasko", "Kia Sportage", SITE, "", "Можно рассрочку?", ""),
    ("Фомин Егор Сергеевич", "osago", "Lada Vesta", SITE, "", "", "yandex"),
    ("Нигматуллина Алсу Ф.", "555", "ВТБ", PARTNER, "Партнёр банка", "Продление ипотечной страховки", ""),
    ("Зотов Павел Андреевич", "kasko", "Haval Jolion", WIDGET, "", "Срочно, сделка сегодня", ""),
    ("Ибрагимова Лейла", "osago", "", CALL, "", "", ""),
    ("Мельникова Дарья Игоревна", "354", "Таунхаус", SITE, "", "На будущее, просто узнать", "vk"),
    ("Гарипов Айрат Ильдарович", "osago", "Газель", PARTNER, "Автосалон № 4", "", ""),
    ("Ларина Софья Петровна", "kasko", "Geely Monjaro", SITE, "", "Дорого у нынешней компании", "yandex"),
    ("Каюмов Тимур", "osago", "", MISSED, "", "", ""),
)  # fmt: skip
FIELDS = [
    {"label": "Что страхуем", "kind": "text", "required": False},
    {"label": "E-mail", "kind": "email", "required": False},
    {
        "label": "Когда удобно ответить",
        "kind": "choice",
        "required": False,
        "choices": ["Сейчас", "Днём", "Вечером"],
    },
    {"label": "Вопрос", "kind": "long", "required": False},
]
WEEK = 75


def write(now: datetime, seed: int) -> int:
    """Desks, forms and requests; returns how many requests."""
    draw = random.Random(f"requests {seed}")
    branches = list(Branch.objects.filter(code__in=BRANCHES).order_by("id")) or list(
        Branch.objects.order_by("id")[:2]
    )
    desks = [one for branch in branches for one in _desks(branch, now)]
    products = {one.code: one for one in Product.objects.all()}
    sources = _intakes(branches[0], products, now)
    note_seen([desk.user_id for desk in desks], now=now)
    first = now - timedelta(minutes=8)
    for index, (name, code, about, source, partner, words, campaign) in enumerate(reversed(TODAY)):
        at = first - timedelta(minutes=7 * (len(TODAY) - 1 - index) + draw.randrange(4))
        incoming = Incoming(
            source=source, name=name, phone=f"+7987{draw.randrange(10**6):06}{index % 10}", product=products.get(code),
            about=about, text=words, partner=partner, branch=branches[index % 7 == 3 and len(branches) > 1],
            intake=sources.get(source), utm={"utm_source": campaign, "utm_medium": "cpc"} if campaign else {},
            answers=[{"key": "when", "label": "Когда удобно ответить", "value": "Днём"}] if source == SITE else [],
        )  # fmt: skip
        made = receive(actor=None, now=at, incoming=incoming)
        if index < len(TODAY) - 6 and made.assignee is not None:
            _answer(
                made, at + timedelta(minutes=draw.choice((2, 3, 4, 6, 6, 9, 11, 14))), ends=index % 4 == 1
            )
    _week(desks, branches, list(products.values()), now, draw)
    Station.objects.filter(user__in=[desk.user_id for desk in desks]).update(seen_at=None)
    return Request.objects.count()


def _desks(branch: Branch, now: datetime) -> list[Desk]:
    people = User.objects.filter(
        role=Role.AGENT, is_active=True, agent__branch=branch, agent__is_active=True
    ).order_by("id")
    made = []
    for user, (capacity, weight, without) in zip(people[: len(DESKS)], DESKS, strict=False):
        skills = sorted(set(settings.WORK_SKILLS_OF_ALL) - set(without))
        Station.objects.filter(user=user).update(skills=skills)
        made.append(Desk(user=user, branch=branch, capacity=capacity, weight=weight, idle_since=now))
    Desk.objects.bulk_create(made, ignore_conflicts=True)
    change_sharing(actor=None, now=now, branch=branch, is_paused=False, takes_back=False)
    return made


def _intakes(branch: Branch, products: dict[str, Product], now: datetime) -> dict[str, Intake]:
    kasko = products.get("kasko")
    site = create_intake(
        actor=None, now=now, key="kasko", consent=CONSENT,
        values={
            "name": "КАСКО на сайте", "title": "Рассчитать КАСКО", "intro": "Оставьте телефон: ответим за 15 минут в рабочее время.",
            "product": kasko, "branch": branch, "fields": FIELDS, "thanks": "Спасибо! Перезвоним за 15 минут в рабочее время.",
        },
    )  # fmt: skip
    widget = create_intake(
        actor=None, now=now, key="avtosalon-4", consent=CONSENT,
        values={
            "name": "Автосалон № 4", "title": "Полис за час до выдачи", "partner": "Автосалон № 4", "product": kasko, "branch": branch,
            "fields": FIELDS[:2], "origins": ["https://avtosalon-4.example"], "colour": "ink",
        },
    )  # fmt: skip
    create_intake(
        actor=None, now=now, key="zayavka", consent=CONSENT,
        values={"name": "Любой полис", "title": "Оставить заявку", "branch": branch, "fields": FIELDS, "colour": "moss"},
    )  # fmt: skip
    return {SITE: site, WIDGET: widget}


def _answer(made: Request, at: datetime, *, ends: bool) -> None:
    assert made.assignee is not None
    taken = take(actor=made.assignee, now=at, request=made)
    if ends:
        close(
            actor=made.assignee,
            now=at + timedelta(minutes=20),
            request=taken,
            reason="not_now",
            note="Вернуться весной",
        )


def _week(
    desks: list[Desk], branches: list[Branch], products: list[Product], now: datetime, draw: random.Random
) -> None:
    """What came on the days before today: closed already; counted to whom the queue gave it."""
    zone, minutes = ZoneInfo(settings.TIME_ZONE), Policy.now().answer_minutes
    today = local_today(settings.TIME_ZONE, now)
    rows: list[Request] = []
    dealt: dict[tuple[int, date], int] = {}
    for index in range(WEEK):
        desk = draw.choices(desks, weights=[one.weight for one in desks])[0]
        day = today - timedelta(days=1 + index % 6)
        at = datetime(day.year, day.month, day.day, 9 + index % 8, draw.randrange(60), tzinfo=zone)
        reason = draw.choice(Request.Reason.values[:6])
        taken = at + timedelta(minutes=draw.choice((2, 4, 5, 7, 8, 12, 14, 21)))
        points = draw.randrange(25, 95)
        rows.append(
            Request(
                source=draw.choice((SITE, SITE, WIDGET, MAIL, CALL)), name=draw.choice(TODAY)[0] or "Без имени",
                phone=f"+7986{draw.randrange(10**7):07}", product=draw.choice(products), branch_id=desk.branch_id,
                score=points, temperature="hot" if points >= 75 else "warm" if points >= 40 else "cold", state="closed",
                reason=reason, assignee_id=desk.user_id, assigned_at=at, due_at=at + timedelta(minutes=minutes), taken_at=taken,
                came_at=at, created_at=at, closed_at=taken + timedelta(minutes=30),
            )
        )  # fmt: skip
        if day >= monday(today):
            dealt[desk.user_id, day] = dealt.get((desk.user_id, day), 0) + 1
    Request.objects.bulk_create(rows)
    Dealt.objects.bulk_create(
        [Dealt(user_id=user, day=day, count=count) for (user, day), count in dealt.items()],
        ignore_conflicts=True,
    )
