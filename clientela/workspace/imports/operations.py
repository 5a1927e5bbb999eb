"""Choices of the wizard that are kept at once, also while the mapping is not whole yet."""

from datetime import datetime
from typing import Any

from django.db import transaction

from clientela.foundation.imports.definition import InvalidMapping, columns_of
from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.operations import request_run, retry_fixed, set_definition
from clientela.foundation.imports.targets import InvalidAnswers, field_of, get_target
from clientela.modules.accounts.access import Permission, ensure

EDITABLE = (ImportRun.State.MAPPING, ImportRun.State.CHECKED)


class Refused(Exception):
    """The choice cannot be taken: there is no such column or field, or the file is in use."""


@transaction.atomic
def choose_field(*, actor: Any, now: datetime, run: ImportRun, index: int, field: str) -> str:
    """Fill ``field`` from a column; empty: leave the column out. Returns the column that lost the field, if any.

    Raises ``Refused``; nothing changes then.
    """
    ensure(actor, Permission.IMPORTS_RUN)
    run = _locked(run)
    columns = run.options.get("columns", ())
    if index >= len(columns) or (field and field_of(get_target(run.target), field) is None):
        raise Refused
    column = columns[index]
    fields: dict[str, Any] = dict(run.mapping.get("definition", {}).get("fields", {}))
    loser = fields.get(field, {}).get("from", "") if field else ""
    kept = {code: how for code, how in fields.items() if code != field and how.get("from") != column}
    if field:
        kept[field] = {"from": column} | _order(run, column)
    definition = {**run.mapping.get("definition", {}), "fields": kept}
    decided = sorted({*run.mapping.get("decided", ()), column})
    _keep(actor=actor, now=now, run=run, definition=definition, decided=decided, code="")
    return loser if loser != column else ""


@transaction.atomic
def bring_in_mended(*, actor: Any, now: datetime, run: ImportRun) -> ImportRun:
    """Queue the mended rows of ``run`` as an import of their own, a part of it. Raises ``NotNow`` if there are none."""
    part = retry_fixed(actor=actor, now=now, run=run)
    request_run(actor=actor, now=now, run=part)
    return part


@transaction.atomic
def use_mapping(*, actor: Any, now: datetime, run: ImportRun, mapping: Mapping) -> list[str]:
    """Read the file by a saved mapping; returns what it still lacks. Fields whose columns are not there stay out."""
    ensure(actor, Permission.IMPORTS_RUN)
    run = _locked(run)
    if mapping.target != run.target:
        raise Refused
    there = set(run.options.get("columns", ()))
    fields = {code: how for code, how in mapping.definition["fields"].items() if columns_of(how) <= there}
    run.source = mapping.source or run.source
    definition = {**mapping.definition, "fields": fields}
    return _keep(actor=actor, now=now, run=run, definition=definition, decided=[], code=mapping.code)


@transaction.atomic
def keep_answers(
    *, actor: Any, now: datetime, run: ImportRun, answers: dict[str, str], source: str
) -> list[str]:
    """Keep the answers about the whole file; returns what the mapping still lacks. Raises ``InvalidAnswers``."""
    ensure(actor, Permission.IMPORTS_RUN)
    run = _locked(run)
    run.answers = get_target(run.target).clean_answers(answers, actor=actor)
    run.source = source.strip()[:60] or run.source
    return _keep(
        actor=actor, now=now, run=run, definition=run.mapping.get("definition", {}),
        decided=run.mapping.get("decided", []), code=run.mapping.get("code", ""),
    )  # fmt: skip


def _locked(run: ImportRun) -> ImportRun:
    """The run as it is now, held: two choices at once do not undo each other."""
    locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state not in EDITABLE:
        raise Refused
    return locked


def _keep(
    *, actor: Any, now: datetime, run: ImportRun, definition: dict[str, Any], decided: list[str], code: str
) -> list[str]:
    run.mapping = {**run.mapping, "definition": definition, "decided": decided, "code": code}
    try:
        set_definition(
            actor=actor,
            now=now,
            run=run,
            definition=definition,
            answers=run.answers,
            source=run.source,
            code=code,
        )
        return []
    except InvalidMapping as error:
        lacking = error.errors
    except InvalidAnswers as error:  # asked again before the check
        lacking = list(error.errors.values())
    run.state, run.check_result = ImportRun.State.MAPPING, {}
    run.save(update_fields=["mapping", "answers", "source", "state", "check_result"])
    return lacking


def _order(run: ImportRun, column: str) -> dict[str, str]:
    """Month first, where the dates of the column have no other reading."""
    guesses = run.mapping.get("guesses", ())
    return {"dates": "mdy"} if any(g["column"] == column and g.get("dates") == "mdy" for g in guesses) else {}
