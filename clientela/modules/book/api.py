"""Training over the API: tests, one's own state, taking a test, who passed, editing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Status

from clientela.foundation.api.pagination import Cursor, Id, Limit, Page, page_of
from clientela.foundation.api.problems import map_problem
from clientela.foundation.dates import local_today
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.book import schemas
from clientela.modules.book.models import Attempt, Question, Test
from clientela.modules.book.operations import editing, training
from clientela.modules.book.queries.training import (
    Standing,
    active_tests,
    matrix,
    sellers_seen_by,
    standings,
)
from clientela.modules.products.models import Product

READ, EDIT = requires(Permission.PRODUCTS_READ), requires(Permission.PRODUCTS_WRITE)
router = Router(tags=["training"])


def _test_needed(error: training.NotAdmitted) -> dict[str, Any]:
    test = error.verdict.test
    return {
        "reason": error.verdict.reason, "product_code": error.product.code, "product_id": error.product.pk,
        "test_id": test, "test": error.verdict.title, "test_url": reverse("training:test", args=[test]),
    }  # fmt: skip


map_problem(training.NotAdmitted, 403, fields=_test_needed)
for wrong in (training.WrongAnswer, editing.BadTest):
    map_problem(wrong, 422)
for late in (
    training.TooEarly, training.NothingAsked, training.AttemptOver, editing.TestChanged, editing.TestExists,
):  # fmt: skip
    map_problem(late, 409)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _today() -> Any:
    return local_today(settings.TIME_ZONE, timezone.now())


def _standing(one: Standing) -> dict[str, Any]:
    test = one.test
    return {
        "id": test.pk, "product_id": test.product_id, "product": test.product.name, "title": test.title,
        "questions": one.questions, "pass_mark": test.pass_mark, "minutes": test.minutes,
        "required_from": test.required_from, "admission": one.verdict, "free_at": one.free_at,
        "running_attempt_id": one.running.pk if one.running else None, "last": one.last,
    }  # fmt: skip


@router.get("/training/tests", response=list[schemas.TestStandingOut])
@READ
def list_tests(request: HttpRequest) -> Any:
    """Tests of what is sold, and where the caller stands with each."""
    return [_standing(one) for one in standings(caller(request), active_tests(), _today(), timezone.now())]


@router.post("/training/tests", response={201: schemas.ProductTestOut})
@EDIT
def make_test(request: HttpRequest, body: schemas.ProductTestIn) -> Any:
    """A test without questions, which nobody has to pass yet."""
    product = get_object_or_404(Product, pk=body.product_id)
    return Status(201, _whole(editing.make_test(**_who(request), product=product, title=body.title).pk))


@router.get("/training/tests/{product_test_id}", response=schemas.ProductTestOut)
@EDIT
def test(request: HttpRequest, product_test_id: Id) -> Any:
    """The test with its questions and what is right, for those who edit it."""
    return _whole(product_test_id)


def _whole(product_test_id: int) -> dict[str, Any]:
    row = get_object_or_404(Test, pk=product_test_id)
    names = (
        "id", "product_id", "title", "pass_mark", "minutes", "valid_months", "pause_minutes", "required_from",
        "asked_again_from", "version",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"questions": list(row.questions.all())}


@router.put("/training/tests/{product_test_id}", response=schemas.ProductTestOut)
@EDIT
def change_test(request: HttpRequest, product_test_id: Id, body: schemas.ProductTestChange) -> Any:
    """How the test is passed and from when it is required."""
    row = get_object_or_404(Test, pk=product_test_id)
    editing.change_test(**_who(request), test=row, **body.dict())
    return _whole(row.pk)


@router.post("/training/tests/{product_test_id}/questions", response={201: schemas.TestQuestionOut})
@EDIT
def add_question(request: HttpRequest, product_test_id: Id, body: schemas.TestQuestionIn) -> Any:
    row = get_object_or_404(Test, pk=product_test_id)
    return Status(201, editing.save_question(**_who(request), test=row, **body.dict()))


@router.put("/training/questions/{test_question_id}", response=schemas.TestQuestionOut)
@EDIT
def change_question(request: HttpRequest, test_question_id: Id, body: schemas.TestQuestionIn) -> Any:
    """Attempts that were made keep the question as it was."""
    row = get_object_or_404(Question.objects.select_related("test"), pk=test_question_id)
    return editing.save_question(**_who(request), test=row.test, question=row, **body.dict())


@router.delete("/training/questions/{test_question_id}", response={204: None})
@EDIT
def remove_question(request: HttpRequest, test_question_id: Id) -> Any:
    row = get_object_or_404(Question.objects.select_related("test"), pk=test_question_id)
    editing.remove_question(**_who(request), question=row)
    return Status(204, None)


@router.post("/training/tests/{product_test_id}/attempts", response={201: schemas.TestAttemptOut})
@READ
def begin_attempt(request: HttpRequest, product_test_id: Id) -> Any:
    """Begin, or go on with the attempt that runs."""
    row = get_object_or_404(active_tests(), pk=product_test_id)
    return Status(201, _attempt(training.begin(**_who(request), test=row)))


@router.get("/training/attempts/{test_attempt_id}", response=schemas.TestAttemptOut)
@READ
def attempt(request: HttpRequest, test_attempt_id: Id) -> Any:
    """One's own attempt; once it is over, with what was right."""
    return _attempt(training.settle(now=timezone.now(), attempt=_mine(request, test_attempt_id)))


@router.put("/training/attempts/{test_attempt_id}/answers/{place}", response=schemas.TestAttemptOut)
@READ
def answer(request: HttpRequest, test_attempt_id: Id, place: int, body: schemas.TestAnswerIn) -> Any:
    """Keep what is chosen for a question, by its place from nought; when the time is over it is not counted."""
    mine, who = _mine(request, test_attempt_id), _who(request)
    if mine.finished_at is not None:
        raise training.AttemptOver
    return _attempt(training.answer(**who, attempt=mine, place=place, chosen=body.chosen))


@router.post("/training/attempts/{test_attempt_id}/end", response=schemas.TestAttemptOut)
@READ
def hand_in(request: HttpRequest, test_attempt_id: Id) -> Any:
    """Hand the test in; a second time changes nothing."""
    return _attempt(training.finish(**_who(request), attempt=_mine(request, test_attempt_id)))


@router.get("/training/people", response=Page[schemas.TraineeOut])
@requires(Permission.TRAINING_READ)
def list_people(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Who may sell what, of the people in the caller's sight."""
    page = page_of(sellers_seen_by(caller(request)), order=("id",), cursor=cursor, limit=limit)
    people, tests = list(page["items"]), list(active_tests())
    cells = matrix(people, tests, _today())
    shown = [
        {
            "id": one.pk, "name": str(one), "role": one.role,
            "tests": [
                {"test_id": test.pk, "admission": cell.verdict, "right": cell.right, "asked": cell.asked}
                for test in tests
                for cell in [cells[one.pk, test.pk]]
            ],
        }
        for one in people
    ]  # fmt: skip
    return page | {"items": shown}


def _mine(request: HttpRequest, test_attempt_id: int) -> Attempt:
    rows = Attempt.objects.filter(user=caller(request)).select_related("test", "user")
    return get_object_or_404(rows, pk=test_attempt_id)


def _attempt(row: Attempt) -> dict[str, Any]:
    over = row.finished_at is not None
    told = {"is_right", "right", "explanation"} if over else set()
    questions = [
        {"place": place, "several": len(one["right"]) > 1}
        | {name: one[name] for name in ("text", "topic", "options", "chosen")}
        | {name: one[name] for name in told}
        for place, one in enumerate(row.paper)
    ]
    names = (
        "id", "test_id", "started_at", "ends_at", "finished_at", "right", "asked", "pass_mark", "is_passed",
        "valid_until",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {"questions": questions}
