"""What clients of the demo company think: answers of four months, a few of them not content and not called back yet."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.db.models.functions import Mod

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.claims.models import DECIDED, Claim
from clientela.modules.contracts.models import Policy
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import load_shipped
from clientela.modules.quality.rules import SCALES, Group, Metric

DAYS, PURCHASES, CLAIMS = 120, 2400, 250
ANSWERED = 0.31
# Shares of the groups: assumptions of the demo, near what insurers publish of themselves.
SHARES = {Metric.NPS: (0.54, 0.27, 0.19), Metric.CSI: (0.71, 0.14, 0.15)}
WORDS = {
    Group.GOOD: (
        "Всё быстро, агент сам позвонил и объяснил.", "Оформили за десять минут, спасибо!", "Приятно, что помнят про скидку.",
        "Полис пришёл на почту сразу.", "Всегда на связи.", "",
    ),
    Group.NEUTRAL: ("Нормально, но дороже, чем в прошлом году.", "Хотелось бы платить частями.", "Долго искала, где скачать полис.", ""),
    Group.BAD: (
        "Дважды обещали перезвонить и не перезвонили.", "Цена выросла, а почему, никто не объяснил.",
        "Навязали страховку от несчастного случая.", "Ждал решения по убытку полтора месяца.", "Не смог дозвониться в субботу.",
    ),
}  # fmt: skip
AGREED = (
    "Извинились, объяснили коэффициент, клиент остаётся.", "Пересчитали без лишнего, прислали новый расчёт.",
    "Договорились о встрече в офисе.", "Клиент просил больше не звонить по этому поводу.",
)  # fmt: skip
# Of the last days half of the calls are still to be made.
OPEN_DAYS = 7


def write(now: datetime, seed: int) -> int:
    """Requests and answers; returns how many."""
    load_shipped(now=now)
    surveys = {survey.code: survey for survey in Survey.objects.all()}
    draw = random.Random(f"opinions {seed}")
    people = list(User.objects.filter(role__in=[Role.CENTRE_OPERATOR, Role.TEAM_LEAD]).order_by("pk")[:20])
    since = (now - timedelta(days=DAYS)).date()
    policies = (
        Policy.objects.filter(start_date__gte=since, start_date__lt=now.date() - timedelta(days=3))
        .alias(third=Mod(F("client_id"), 3))
        .filter(third=0)
        .select_related("client", "product")
        .order_by("client_id", "id")[:PURCHASES]
    )
    claims = (
        Claim.objects.filter(status__in=DECIDED).select_related("client").order_by("-reported_at")[:CLAIMS]
    )
    rows = [*_of(surveys["purchase"], _purchases(policies), draw, people, now)]
    rows += _of(surveys["claim"], _claims(claims, draw, now), draw, people, now)
    SurveyRequest.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _purchases(policies: Any) -> Iterator[tuple[Any, str, str, datetime]]:
    seen: set[int] = set()
    for policy in policies:
        if policy.client_id not in seen:
            seen.add(policy.client_id)
            zone = ZoneInfo(policy.client.time_zone)
            begun = datetime.combine(policy.start_date, datetime.min.time(), tzinfo=zone)
            about = f"полис {policy.product.message_name} {policy.number}"
            yield policy.client, f"policy:{policy.pk}", about, begun + timedelta(days=2, hours=11)


def _claims(claims: Any, draw: random.Random, now: datetime) -> Iterator[tuple[Any, str, str, datetime]]:
    for claim in claims:
        yield claim.client, f"claim:{claim.pk}", claim.number, now - timedelta(days=draw.uniform(3, DAYS))


def _of(
    survey: Survey, occasions: Any, draw: random.Random, people: list[User], now: datetime
) -> Iterator[SurveyRequest]:
    for client, occasion, about, asked_at in occasions:
        row = SurveyRequest(
            survey=survey, client=client, agent_id=client.agent_id, branch_id=client.branch_id,
            centre_id=client.centre_id, occasion=occasion, about=about[:120], due_at=asked_at, asked_at=asked_at,
            state=SurveyRequest.State.ASKED, created_at=asked_at,
        )  # fmt: skip
        if draw.random() < ANSWERED:
            _answer(row, draw, people, now)
        yield row


def _answer(row: SurveyRequest, draw: random.Random, people: list[User], now: datetime) -> None:
    metric = Metric(row.survey.metric)
    wanted = draw.choices(list(Group), weights=SHARES[metric])[0]
    scale = SCALES[metric]
    assert row.asked_at is not None
    row.score = draw.choice([score for score in scale.scores if scale.group(score) == wanted])
    row.group, row.state = wanted.value, SurveyRequest.State.ANSWERED
    row.comment = draw.choice(WORDS[wanted]) if draw.random() < 0.6 else ""
    row.via = draw.choices(["link", "reply", "call"], weights=[75, 15, 10])[0]
    row.answered_at = min(
        row.asked_at + timedelta(hours=draw.uniform(0.1, 30)), now - timedelta(minutes=draw.randint(3, 90))
    )
    if wanted == Group.BAD:
        row.call_back_by = row.answered_at + timedelta(days=1)
        lately = row.answered_at > now - timedelta(days=OPEN_DAYS)
        if people and not (lately and draw.random() < 0.5):
            row.settled_at = row.answered_at + timedelta(hours=draw.uniform(1, 23))
            row.settled_by, row.settled_note = draw.choice(people), draw.choice(AGREED)
