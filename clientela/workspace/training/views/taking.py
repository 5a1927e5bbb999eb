"""My tests, and taking one: a question a page, the answers kept as they are given."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.book.models import Attempt
from clientela.modules.book.operations import training
from clientela.modules.book.queries.training import Standing, active_tests, standings
from clientela.workspace.training.cards import shown
from clientela.workspace.training.words import strip_of, topics_said

FEW = 10


def _standings(request: HttpRequest, now: datetime, **only: Any) -> list[Standing]:
    today = local_today(settings.TIME_ZONE, now)
    return standings(caller(request), active_tests().filter(**only), today, now)


@require_safe
@requires(Permission.PRODUCTS_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Tests of everything that is sold, and where I stand with each."""
    now, person = timezone.now(), caller(request)
    context = {
        "rows": [shown(one, now) for one in _standings(request, now)],
        "may_edit": person.can(Permission.PRODUCTS_WRITE), "may_see": person.can(Permission.TRAINING_READ),
    }  # fmt: skip
    return render(request, "training/list.html", context)


@require_safe
@requires(Permission.PRODUCTS_READ)
def test(request: HttpRequest, product_test_id: int) -> HttpResponseBase:
    """What the test is and how one stands; while an attempt runs, its question."""
    now = timezone.now()
    one = _one(request, product_test_id, now)
    if one.running is not None:
        running = training.settle(now=now, attempt=one.running)
        if running.finished_at is not None:
            return redirect("training:attempt", running.pk)
        return _asking(request, running, now)
    attempts = Attempt.objects.filter(test=one.test, user=caller(request), finished_at__isnull=False)
    context = shown(one, now) | {
        "attempts": attempts[:FEW], "may_edit": caller(request).can(Permission.PRODUCTS_WRITE), "now": now,
    }  # fmt: skip
    return render(request, "training/test.html", context)


def _one(request: HttpRequest, product_test_id: int, now: datetime) -> Standing:
    rows = _standings(request, now, pk=product_test_id)
    if not rows:
        get_object_or_404(active_tests(), pk=product_test_id)
    return rows[0]


def _asking(request: HttpRequest, row: Attempt, now: datetime) -> HttpResponseBase:
    """The question that the address names, so that a reload stays there; else the first without an answer."""
    paper = row.paper
    given = [one["chosen"] is not None for one in paper]
    place, review = _place(request.GET.get("q"), len(paper)), request.GET.get("q") == "end"
    if place is None:
        place = next((at for at, there in enumerate(given) if not there), len(paper) - 1)
        if not review:
            return redirect(f"{reverse('training:test', args=[row.test_id])}?q={place}")
    context = {
        "attempt": row, "test": row.test, "place": place, "question": paper[place], "review": review,
        "several": len(paper[place]["right"]) > 1, "last": place == len(paper) - 1,
        "options": [
            {"text": text, "chosen": at in (paper[place]["chosen"] or ())}
            for at, text in enumerate(paper[place]["options"])
        ],
        "given": [{"place": at, "there": there} for at, there in enumerate(given)],
        "missing": [at for at, there in enumerate(given) if not there],
        "answered": sum(given), "left": max(1, int((row.ends_at - now).total_seconds()) + 1),
    }  # fmt: skip
    return render(request, "training/question.html", context)


def _place(text: str | None, count: int) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 3:
        return None
    return int(text) if int(text) < count else None


@require_POST
@requires(Permission.PRODUCTS_READ)
def begin(request: HttpRequest, product_test_id: int) -> HttpResponseBase:
    """Begin an attempt; the time runs from here."""
    row = get_object_or_404(active_tests(), pk=product_test_id)
    try:
        training.begin(actor=caller(request), now=timezone.now(), test=row)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("training:test", row.pk)


def _mine(request: HttpRequest, test_attempt_id: int) -> Attempt:
    rows = Attempt.objects.filter(user=caller(request)).select_related("test__product", "user")
    return get_object_or_404(rows, pk=test_attempt_id)


@require_safe
@requires(Permission.PRODUCTS_READ)
def attempt(request: HttpRequest, test_attempt_id: int) -> HttpResponseBase:
    """How it went: what was right, what was not and why."""
    now = timezone.now()
    row = training.settle(now=now, attempt=_mine(request, test_attempt_id))
    if request.htmx:  # type: ignore[attr-defined]
        return _sent_on(row)
    if row.finished_at is None:
        return redirect("training:test", row.test_id)
    one = next(iter(_standings(request, now, pk=row.test_id)), None)
    paper = [
        one
        | {
            "lines": [
                {"text": text, "right": at in one["right"], "chosen": at in (one["chosen"] or ())}
                for at, text in enumerate(one["options"])
            ]
        }
        for one in row.paper
    ]
    context = {
        "attempt": row, "test": row.test, "strip": strip_of(row.paper), "topics": topics_said(row.paper),
        "wrong": [one for one in paper if not one["is_right"]], "good": [one for one in paper if one["is_right"]],
        "standing": one, "late": row.finished_at == row.ends_at,
    }  # fmt: skip
    return render(request, "training/result.html", context)


def _sent_on(row: Attempt) -> HttpResponse:
    """The page reloads where the attempt stands now."""
    response = HttpResponse(status=204)
    if row.finished_at is not None:
        response["HX-Redirect"] = reverse("training:attempt", args=[row.pk])
    return response


@require_POST
@requires(Permission.PRODUCTS_READ)
def answer(request: HttpRequest, test_attempt_id: int) -> HttpResponseBase:
    """Keep the answer and go where the pressed button says: to another question, or hand in."""
    row = _mine(request, test_attempt_id)
    who: dict[str, Any] = {"actor": caller(request), "now": timezone.now()}
    place = _place(request.POST.get("place"), len(row.paper))
    go = request.POST.get("go", "")
    if row.finished_at is None and place is not None:
        chosen = [at for text in request.POST.getlist("option") if (at := _place(text, 100)) is not None]
        try:
            row = training.answer(**who, attempt=row, place=place, chosen=chosen)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    if request.htmx:  # type: ignore[attr-defined]
        return _sent_on(row)
    missing = [at for at, one in enumerate(row.paper) if one["chosen"] is None]
    if go == "sure" or (go == "end" and not missing):
        row = training.finish(**who, attempt=row)
    if row.finished_at is not None:
        if row.finished_at == row.ends_at and go not in ("end", "sure"):
            messages.warning(
                request, _("The time is over: the test was marked by the answers given till then.")
            )
        return redirect("training:attempt", row.pk)
    query = f"?q={go}" if go == "end" or _place(go, len(row.paper)) is not None else ""
    return redirect(f"{reverse('training:test', args=[row.test_id])}{query}")
