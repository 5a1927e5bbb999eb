"""Who passed what: a row a person, a column a test."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.foundation.lists.export import csv_lines
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.accounts.models import User
from clientela.modules.book.models import Test
from clientela.modules.book.queries.training import Cell, active_tests, matrix, sellers_seen_by
from clientela.modules.products.queries import name_of
from clientela.workspace.training.words import state_of

A_PAGE = 50
MOST = 20_000
STATES = ("", "stopped", "soon", "passed")


@dataclass(frozen=True)
class Wanted:
    """What is asked for: words of a name, one test, and how its people stand."""

    text: str = ""
    state: str = ""
    test: int | None = None

    @classmethod
    def read(cls, given: Any) -> "Wanted":
        test, state = given.get("test", ""), given.get("state", "")
        number = int(test) if test.isascii() and test.isdigit() and len(test) < 15 else None
        return cls(given.get("q", "").strip()[:60], state if state in STATES else "", number)

    def query(self, **other: Any) -> str:
        values = {"q": self.text, "state": self.state, "test": self.test or ""} | other
        return urlencode({name: value for name, value in values.items() if value})


def _people(request: HttpRequest, wanted: Wanted) -> list[User]:
    rows = sellers_seen_by(caller(request)).order_by("last_name", "first_name", "pk")
    for word in wanted.text.split()[:3]:
        rows = rows.filter(last_name__icontains=word) | rows.filter(first_name__icontains=word)
    return list(rows[:MOST])


def _holds(cell: Cell, state: str, today: Any) -> bool:
    if state == "stopped":
        return not cell.verdict.allowed
    if state == "soon":
        return cell.verdict.is_soon(today)
    return state != "passed" or cell.verdict.reason == "passed"


def _found(request: HttpRequest, wanted: Wanted) -> tuple[list[Test], list[tuple[User, list[Cell]]]]:
    today = local_today(settings.TIME_ZONE, timezone.now())
    tests = list(active_tests())
    shown = [one for one in tests if wanted.test in (None, one.pk)] or tests
    people = _people(request, wanted)
    cells = matrix(people, shown, today)
    rows = [(person, [cells[person.pk, one.pk] for one in shown]) for person in people]
    if wanted.state:
        rows = [row for row in rows if any(_holds(cell, wanted.state, today) for cell in row[1])]
    return shown, rows


def _place(person: User) -> str:
    """The branch, or the centre, where somebody works."""
    agent, placed = getattr(person, "agent", None), getattr(person, "placement", None)
    if agent is not None:
        return str(agent.branch)
    return str((placed and (placed.branch or placed.centre)) or "")


@require_safe
@requires(Permission.TRAINING_READ)
def people(request: HttpRequest) -> HttpResponse:
    """The people in sight and their tests."""
    wanted, today = Wanted.read(request.GET), local_today(settings.TIME_ZONE, timezone.now())
    tests, rows = _found(request, wanted)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    words = {"": _("All"), "stopped": _("May not sell"), "soon": _("Soon to pass"), "passed": _("Passed")}
    context = {
        "wanted": wanted, "tests": tests, "page": page,
        "every": [
            {"label": str(one), "url": f"?{wanted.query(test=one.pk)}", "current": one.pk == wanted.test}
            for one in active_tests()
        ],
        "all_url": f"?{wanted.query(test='')}",
        "rows": [
            {
                "person": person, "place": _place(person),
                "cells": [
                    {"cell": cell, "test": test, "state": state_of(cell.verdict, today)}
                    for test, cell in zip(tests, cells, strict=True)
                ],
            }
            for person, cells in page
        ],
        "states": [
            {"label": words[one], "url": f"?{wanted.query(state=one)}", "current": one == wanted.state}
            for one in STATES
        ],
        "export_url": f"{reverse('training:export')}?{wanted.query()}",
        "may_export": caller(request).can(Permission.CLIENTS_EXPORT) or caller(request).can(Permission.PRODUCTS_WRITE),
    }  # fmt: skip
    return render(request, "training/people.html", context)


@require_safe
@requires(Permission.TRAINING_READ)
def export(request: HttpRequest) -> HttpResponseBase:
    """The same as a file; who took it stands in the journal."""
    now = timezone.now()
    tests, rows = _found(request, Wanted.read(request.GET))
    record(actor=caller(request), now=now, action="training.exported", object_type="book.test")
    head = [
        _("Person"), _("Role"), _("Branch"), _("Product"), _("Test"), _("State"), _("Last day"),
        _("Right answers"), _("Questions"),
    ]  # fmt: skip
    response = StreamingHttpResponse(
        csv_lines(head, _lines(tests, rows, local_today(settings.TIME_ZONE, now))),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="training.csv"'
    return response


def _lines(tests: list[Test], rows: list[tuple[User, list[Cell]]], today: Any) -> Iterator[list[Any]]:
    for person, cells in rows:
        for test, cell in zip(tests, cells, strict=True):
            yield [
                str(person), person.get_role_display(), _place(person), name_of(test.product), test.title,
                state_of(cell.verdict, today)[1], cell.verdict.until, cell.right, cell.asked,
            ]  # fmt: skip
