"""What the wizard shows: whose runs a person sees, the columns of a file, where a run stands."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.imports.definition import InvalidMapping, columns_of, parse
from clientela.foundation.imports.models import ImportRun, RowError
from clientela.foundation.imports.operations import fixable, mended_rows
from clientela.foundation.imports.problems import texts_of
from clientela.foundation.imports.queries import error_groups, row_errors
from clientela.foundation.imports.reading import read_rows
from clientela.foundation.imports.targets import Target, field_of, get_target
from clientela.foundation.jobs.models import Job
from clientela.modules.organisation.queries import scope_of
from clientela.workspace.imports import words

State = ImportRun.State
EDITABLE = (State.MAPPING, State.CHECKED)
MENDED_AT_ONCE = 50
SAMPLES, LOOKED_AT, EXAMPLES, GROUPS_WITH_EXAMPLES = 3, 200, 3, 8


def visible_runs(user: Any) -> QuerySet[ImportRun]:
    """A person's own runs; whoever sees the whole company sees all of them."""
    runs = ImportRun.objects.select_related("job", "created_by").order_by("-created_at", "-id")
    return runs if scope_of(user).everything else runs.filter(created_by=user)


def get_run(user: Any, run_id: int) -> ImportRun:
    """A run in sight, else 404."""
    return get_object_or_404(visible_runs(user), pk=run_id)


def address(run: ImportRun) -> str:
    """The page on which the run is now."""
    if run.state == State.MAPPING:
        name = "columns"
    elif run.state in {State.CHECKING, State.CHECKED}:
        name = "check"
    else:
        name = "result" if run.state in {State.DONE, State.UNDONE} else "load"
    return reverse(f"imports:{name}", args=[run.pk])


def steps(run: ImportRun | None, now_at: int) -> list[dict[str, Any]]:
    """The numbered steps of the header: which are done, which can be opened."""
    reached = 1
    if run is not None:
        reached = {State.MAPPING: 2, State.CHECKING: 3, State.CHECKED: 4}.get(State(run.state), 5)
    names = [
        ("layout", pgettext("import step", "File")), ("columns", pgettext("import step", "Columns")),
        ("check", pgettext("import step", "Check")), ("load", pgettext("import step", "Loading")),
    ]  # fmt: skip
    found = []
    for number, (name, label) in enumerate(names, 1):
        opens = (
            run is not None
            and number != now_at
            and ((number < 4 and number <= max(reached, 2)) or reached > 4)
        )
        if name == "check" and run is not None and reached < 3:
            opens = False
        page = (
            "result"
            if name == "load" and run is not None and run.state in {State.DONE, State.UNDONE}
            else name
        )
        found.append({
            "number": number, "label": label, "now": number == now_at, "done": number < reached,
            "url": reverse(f"imports:{page}", args=[run.pk]) if opens and run is not None else "",
        })  # fmt: skip
    return found


def lacking(run: ImportRun) -> list[str]:
    """What the mapping still lacks, in sentences."""
    try:
        parse(
            run.mapping.get("definition", {}), get_target(run.target), tuple(run.options.get("columns", ()))
        )
    except InvalidMapping as error:
        return error.errors
    return []


def fields_by_group(target: Target) -> list[tuple[Any, list[Any]]]:
    """The target's fields as the list of a select."""
    groups: dict[str, tuple[Any, list[Any]]] = {}
    for known in target.fields:
        groups.setdefault(str(known.group), (known.group, []))[1].append(known)
    return list(groups.values())


def file_columns(run: ImportRun) -> list[dict[str, Any]]:
    """Every column of the file with samples, its field, how sure and why; those to be decided first."""
    target = get_target(run.target)
    chosen: dict[str, Any] = run.mapping.get("definition", {}).get("fields", {})
    guesses = {guess["column"]: guess for guess in run.mapping.get("guesses", ())}
    decided = set(run.mapping.get("decided", ()))
    by_mapping = bool(run.mapping.get("code"))
    rows = read_rows(run.prepared, 0, LOOKED_AT) if run.prepared.exists() else None
    found = []
    for index, column in enumerate(run.options.get("columns", ())):
        guess = guesses.get(column, {"column": column})
        uses = [code for code, expression in chosen.items() if column in columns_of(expression)]
        simple = [code for code in uses if chosen[code].get("from") == column]
        field = simple[0] if simple and len(uses) == 1 else ""
        taken_over = bool(field) and field != guess.get("field")
        doubtful = (
            not by_mapping and column not in decided
            and bool(guess.get("doubtful") or (not field and guess.get("example") and guess.get("rivals")))
        )  # fmt: skip
        hidden = any(
            getattr(field_of(target, code), "masked", False)
            for code in [*uses, *(rival["field"] for rival in guess.get("rivals", ()))]
        )
        samples = _samples(rows, column, hidden)
        found.append({
            "index": index, "letter": _letter(index), "name": column, "samples": samples, "field": field,
            "uses": [_label(target, code) for code in uses] if len(uses) > 1 or (uses and not simple) else [],
            "confidence": guess.get("confidence") or 0, "strokes": words.bars(guess.get("confidence") or 0),
            "why": _why(guess, column, decided, by_mapping and (bool(uses) or taken_over)),
            "filled": guess.get("filled", 0), "doubtful": doubtful,
            "sure": bool(guess.get("field")) and field == guess.get("field") and column not in decided,
        })  # fmt: skip
    return sorted(found, key=lambda entry: (not entry["doubtful"], entry["index"]))


def _why(guess: dict[str, Any], column: str, decided: set[str], by_mapping: bool) -> str:
    if column in decided:
        return _("chosen by hand")
    return _("the saved mapping") if by_mapping else words.reason(guess)


def _samples(rows: Any, column: str, hidden: bool) -> list[str]:
    if rows is None or column not in rows.columns:
        return []
    texts = (text.strip() for text in rows[column].drop_nulls() if text.strip())
    some = list(dict.fromkeys(texts))[:SAMPLES]
    return [words.masked(text) if hidden else text[:60] for text in some]


def _label(target: Target, code: str) -> Any:
    known = field_of(target, code)
    return known.label if known else code


def _letter(index: int) -> str:
    """A … Z, AA … as spreadsheets call columns."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def groups_of_errors(run: ImportRun) -> list[dict[str, Any]]:
    """Causes with a few rows each."""
    groups = error_groups(run)
    target = get_target(run.target)
    for group in groups[:GROUPS_WITH_EXAMPLES]:
        rows = row_errors(run, code=group["code"], field=group["field"], fatal=group["fatal"], limit=EXAMPLES)
        hidden = getattr(field_of(target, group["field"]) if group["field"] else None, "masked", False)
        for row in rows:
            row.shown = words.masked(row.value) if hidden else row.value  # type: ignore[attr-defined]
        group["examples"] = rows
    return groups


def causes_to_mend(run: ImportRun) -> list[dict[str, Any]]:
    """Why rows were not taken, of those that were not brought in again: the most frequent first."""
    target = get_target(run.target)
    counted = (
        open_errors(run).values_list("code", "field").annotate(n=Count("id")).order_by("-n", "code", "field")
    )
    found = []
    for code, field, number in counted:
        title, hint = texts_of(code, target)
        label = _label(target, field) if field else ""
        found.append(
            {"key": f"{code}|{field}", "title": title, "hint": hint, "label": label, "count": number}
        )
    return found


def open_errors(run: ImportRun) -> QuerySet[RowError]:
    """What is wrong in the refused rows that were not brought in again."""
    return RowError.objects.filter(run=run, fatal=True).exclude(row_number__in=mended_rows(run))


def mending_page(run: ImportRun, cause: str, number: Any) -> dict[str, Any]:
    """A page of the wrong cells, of one cause if asked."""
    errors = open_errors(run).order_by("row_number", "id")
    code, _bar, field = cause.partition("|")
    if code:
        errors = errors.filter(code=code, field=field)
    page = Paginator(errors, MENDED_AT_ONCE).get_page(number)
    found = list(page.object_list)
    for error in found:
        error.run = run
    return {"page": page, "cells": [mending_row(error) for error in found]}


def mending_row(error: RowError, *, typed: str | None = None, wrong: str = "") -> dict[str, Any]:
    """A wrong cell as it is mended: what was typed, and why it is still wrong."""
    target = get_target(error.run.target)
    title, hint = texts_of(error.code, target)
    return {
        "pk": error.pk, "number": error.row_number, "subject": error.subject, "value": error.value,
        "label": _label(target, error.field) if error.field else error.column, "title": title, "hint": hint,
        "fixable": fixable(error), "typed": error.fixed if typed is None else typed, "wrong": wrong,
        "good": bool(error.fixed) and not wrong,
    }  # fmt: skip


def later_parts(run: ImportRun) -> list[dict[str, Any]]:
    """The goes in which mended rows of the run were brought in again, with what became of them."""
    return [
        {"run": part, "url": address(part), "rows": part.rows or 0, "refused": part.counts.get("refused", 0)}
        for part in run.mended_by.select_related("job").order_by("id")
    ]


def preview(run: ImportRun, outcome: str) -> dict[str, Any]:
    """Rows of the rehearsal, of one outcome if asked: each cell with what happens to it."""
    target = get_target(run.target)
    codes = list(run.mapping.get("definition", {}).get("fields", {}))
    first = [code for code in target.subject if code in codes]
    codes = [*first, *(code for code in codes if code not in first)]
    fields = [
        (code, _label(target, code), getattr(field_of(target, code), "masked", False)) for code in codes
    ]
    rows = []
    for row in run.check_result.get("rows_shown", ()):
        if outcome and row["outcome"] != outcome:
            continue
        cells = [
            {"text": words.masked(text) if hidden else text, "mark": _mark(row, code)}
            for code, _name, hidden in fields
            for text in [str(row["values"].get(code) or "")]
        ]
        rows.append({"row": row["row"], "outcome": row["outcome"], "cells": cells})
    return {"heads": [label for _code, label, _hidden in fields], "rows": rows[:100]}


def _mark(row: dict[str, Any], code: str) -> str:
    if code in row["wrong"]:
        return "wrong"
    if row["outcome"] in {"created", "refused"}:
        return ""
    return "new" if row["cells"].get(code) else "same"


def tidied(run: ImportRun) -> list[dict[str, Any]]:
    """What is brought to one form, with the field's name."""
    target = get_target(run.target)
    return [
        {
            **entry, "label": _label(target, entry["field"]),
            "hidden": getattr(field_of(target, entry["field"]), "masked", False),
        }
        for entry in run.check_result.get("tidied", ())
    ]  # fmt: skip


def standing(run: ImportRun, now: datetime) -> dict[str, Any]:
    """Where the long work of a run is: percent, rows, time left, parts of the bar."""
    job = run.job
    if job is None:
        return {"job": None, "open": False}
    total, done = job.total or run.rows or 0, job.done
    percent = min(100.0, 100 * done / total) if total else 0.0
    left = ""
    if job.state == Job.State.RUNNING and job.started_at and done and total > done:
        left = words.lasting((now - job.started_at).total_seconds() / done * (total - done))
    shown = [part for part in words.parts(job.parts, after=True) if part["count"]]
    for part in shown:
        part["width"] = part["width"] * percent / 100
    return {
        "job": job, "open": job.is_open, "percent": percent, "left": left, "done": done, "total": total,
        "bar": shown, "counts": words.parts(job.parts, after=run.state != State.CHECKING),
        "paused": job.state == Job.State.PAUSED, "failed": job.state == Job.State.FAILED,
        "cause": job.error.strip().splitlines()[-1][:300] if job.error.strip() else "",
    }  # fmt: skip


def undo_open(run: ImportRun, now: datetime) -> bool:
    """Whether the whole import can still be taken back."""
    return run.state == State.DONE and (run.undo_until is None or now <= run.undo_until)


def kept_by_undo(run: ImportRun) -> dict[str, int]:
    """Sums of what an undo did."""
    report = run.undo_result or {}
    return {
        "deleted": sum((report.get("deleted") or {}).values()), "restored": report.get("restored", 0),
        "kept": sum((report.get("kept") or {}).values()) + report.get("left", 0),
    }  # fmt: skip
