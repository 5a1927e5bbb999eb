"""Tests of two products and what colleagues answered; who signs in first of each role may sell both for now."""

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from clientela.demo.signins import sign_ins
from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.queries.training import SELLERS
from clientela.modules.book.rules import training as rules
from clientela.modules.products.models import Product

TABLE = Path(__file__).parent / "tables" / "tests.json"
# From when each is required, in days from the company's day, and who of a hundred passed.
REQUIRED = {"kasko": (13, 58), "osago": (-70, 96)}
SELLER = "a.sokolova@prichal.example"
# Her last attempt: nine of twelve.
WRONG = (3, 7, 10)
PART = 500


def write(now: datetime, seed: int) -> int:
    """Tests with their questions, and attempts of everybody who sells. Returns how many attempts."""
    rng, today = random.Random(f"training {seed}"), local_today(settings.TIME_ZONE, now)
    known = {mail for *_, mail in sign_ins()} | {SELLER}
    people = list(User.objects.filter(is_active=True, role__in=SELLERS).order_by("pk"))
    rows: list[Attempt] = []
    for code, values in json.loads(TABLE.read_text(encoding="utf-8")).items():
        test = _test(code, values, today)
        questions = list(test.questions.all())
        share = REQUIRED[code][1]
        for person in people:
            draw = rng.randrange(100)
            if code == "kasko" and person.email == SELLER:
                rows.append(_attempt(test, person, questions, WRONG, now - timedelta(days=1, hours=2)))
            elif draw < share or (code == "osago" and person.email in known):
                wrong = rng.sample(range(len(questions)), rng.randint(0, len(questions) - test.pass_mark))
                rows.append(_attempt(test, person, questions, wrong, _when(code, now, rng)))
            elif draw % 2:
                wrong = rng.sample(range(len(questions)), len(questions) - test.pass_mark + rng.randint(1, 3))
                rows.append(_attempt(test, person, questions, wrong, now - timedelta(days=rng.randint(1, 9))))
    Attempt.objects.bulk_create(rows, batch_size=PART)
    return len(rows)


def _test(code: str, values: dict[str, Any], today: date) -> Test:
    product = Product.objects.get(code=code)
    names = ("title", "pass_mark", "minutes", "pause_minutes", "valid_months")
    test = Test.objects.create(
        product=product, required_from=today + timedelta(days=REQUIRED[code][0]),
        **{name: values[name] for name in names},
    )  # fmt: skip
    Question.objects.bulk_create(
        Question(
            test=test, place=place, text=one["text"], topic=one["topic"], explanation=one["explanation"],
            options=[text.removeprefix("*") for text in one["options"]],
            right=[at for at, text in enumerate(one["options"]) if text.startswith("*")],
        )
        for place, one in enumerate(values["questions"], start=1)
    )  # fmt: skip
    return test


def _when(code: str, now: datetime, rng: random.Random) -> datetime:
    """KASKO's test is new; that of OSAGO was passed within the year, so a few passes end soon."""
    days = rng.randint(1, 12) if code == "kasko" else rng.randint(5, 358)
    return now - timedelta(days=days, minutes=rng.randint(0, 300))


def _attempt(test: Test, person: User, questions: list[Question], wrong: Any, at: datetime) -> Attempt:
    paper = rules.mark([_asked(one, place in wrong) for place, one in enumerate(questions)])
    right = sum(one["is_right"] for one in paper)
    passed = right >= test.pass_mark
    return Attempt(
        test=test, user=person, started_at=at - timedelta(minutes=6), ends_at=at + timedelta(minutes=4),
        finished_at=at, paper=paper, pass_mark=test.pass_mark, right=right, asked=len(paper), is_passed=passed,
        valid_until=rules.valid_until(local_today(person.time_zone, at), test.valid_months) if passed else None,
    )  # fmt: skip


def _asked(question: Question, wrong: bool) -> dict[str, Any]:
    other = next(at for at in range(len(question.options)) if at not in question.right)
    return {
        "question": question.pk, "topic": question.topic, "text": question.text, "options": question.options,
        "right": question.right, "explanation": question.explanation, "is_right": None,
        "chosen": [other] if wrong else question.right,
    }  # fmt: skip
