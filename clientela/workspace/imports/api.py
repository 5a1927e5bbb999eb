"""Imports by the API: the steps of the wizard. Long work answers 202; ask for the run until it has ended."""

from tempfile import TemporaryFile
from typing import Any, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from clientela.foundation.api.pagination import Cursor, Limit, Page, page_of
from clientela.foundation.api.problems import Problem, map_problem
from clientela.foundation.imports import operations as engine
from clientela.foundation.imports.definition import InvalidMapping
from clientela.foundation.imports.models import ImportRun, Mapping, RowError
from clientela.foundation.imports.operations.mapping import NotEditable
from clientela.foundation.imports.queries import error_groups
from clientela.foundation.imports.reading import UnreadableFile
from clientela.foundation.imports.targets import InvalidAnswers, UnknownTarget, all_targets
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.workspace.imports import operations, queries
from clientela.workspace.imports.forms import MOST_BYTES
from clientela.workspace.imports.schemas import (
    ColumnOut,
    DefinitionIn,
    ErrorGroupOut,
    ErrorOut,
    FileIn,
    FixIn,
    LayoutIn,
    MappingOut,
    NameIn,
    PreviewOut,
    RunOut,
    TargetOut,
)

router = Router(tags=["imports"])
map_problem(engine.NotNow, 409, "not_now")
map_problem(engine.StillWrong, 422)
map_problem(NotEditable, 409, "not_now")
map_problem(UnknownTarget, 422)
map_problem(UnreadableFile, 422)
ENDED = (ImportRun.State.DONE, ImportRun.State.UNDONE)


def _told(run: ImportRun) -> dict[str, Any]:
    job, mapping = run.job, run.mapping
    hidden = ("problems", "rows_shown", "tidied")
    return {
        "id": run.pk, "state": run.state, "file_name": run.file_name, "target": run.target, "source": run.source,
        "rows": run.rows or 0, "layout": run.options, "mapping": mapping.get("code", ""),
        "definition": mapping.get("definition", {}), "answers": run.answers,
        "checked": {name: value for name, value in run.check_result.items() if name not in hidden},
        "counts": {name: value for name, value in run.counts.items() if name not in hidden},
        "undone": run.undo_result, "created_at": run.created_at, "finished_at": run.finished_at,
        "undo_until": run.undo_until, "mends": run.mends_id,
        "progress": job and {
            "state": job.state, "done": job.done, "total": job.total or 0,
            "error": queries.standing(run, timezone.now())["cause"],
        },
    }  # fmt: skip


def _now(request: HttpRequest, run_id: int) -> dict[str, Any]:
    return _told(queries.get_run(request.user, run_id))


@router.get("/import-targets", response=list[TargetOut])
@requires(Permission.IMPORTS_RUN)
def list_targets(request: HttpRequest) -> Any:
    """What files can be imported as, with the fields and the questions of each."""
    return [
        {
            "code": target.code, "label": str(target.label),
            "fields": [
                {"code": known.code, "label": str(known.label), "group": str(known.group), "kind": known.kind,
                 "required": known.required}
                for known in target.fields
            ],
            "options": [
                {"code": option.code, "label": str(option.label), "required": option.required, "default": option.default,
                 "choices": {code: str(label) for code, label in option.choices(request.user)} if option.choices else None}
                for option in target.options
            ],
        }
        for target in all_targets()
    ]  # fmt: skip


@router.get("/import-mappings", response=list[MappingOut])
@requires(Permission.IMPORTS_RUN)
def list_mappings(request: HttpRequest) -> Any:
    return Mapping.objects.order_by("name", "id")


@router.get("/imports", response=Page[RunOut])
@requires(Permission.IMPORTS_RUN)
def list_imports(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """Imports in sight, the newest first."""
    page = page_of(
        queries.visible_runs(request.user), order=("-created_at", "-id"), cursor=cursor, limit=limit
    )
    return page | {"items": [_told(run) for run in page["items"]]}


@router.post("/imports", response={201: RunOut})
@requires(Permission.IMPORTS_RUN)
def upload(request: HttpRequest, body: Form[FileIn], file: File[UploadedFile]) -> Any:
    """Take a file: CSV with any separator, XLSX, XLS or ODS, also packed with gzip."""
    if not file.size or file.size > MOST_BYTES:
        raise Problem(
            422,
            "file_size",
            _("The file is empty.") if not file.size else _("The file is larger than 512 MB: split it."),
        )
    mapping = _mapping(body.target, body.mapping) if body.mapping else None
    run = engine.start_run(
        actor=caller(request), now=timezone.now(), target=body.target, file=file, file_name=file.name or "file",
        wish=_wish(body) or None, mapping=mapping,
    )  # fmt: skip
    return Status(201, _told(run))


def _mapping(target: str, code: str) -> Mapping:
    try:
        return Mapping.objects.get(target=target, code=code)
    except ObjectDoesNotExist:
        raise Problem(422, "unknown_mapping", _("There is no such mapping.")) from None


def _wish(body: LayoutIn) -> dict[str, Any]:
    wish = {name: getattr(body, name) for name in LayoutIn.model_fields}
    return {name: value for name, value in wish.items() if value not in (None, "")}


@router.get("/imports/{run_id}", response=RunOut)
@requires(Permission.IMPORTS_RUN)
def get_import(request: HttpRequest, run_id: int) -> Any:
    """Where the import is: its state, its progress and what it did."""
    return _now(request, run_id)


@router.put("/imports/{run_id}/layout", response=RunOut)
@requires(Permission.IMPORTS_RUN)
def change_layout(request: HttpRequest, run_id: int, body: LayoutIn) -> Any:
    """Read the file another way; the columns are guessed anew."""
    run = queries.get_run(request.user, run_id)
    if run.state not in queries.EDITABLE:
        raise engine.NotNow(run.state)
    engine.set_layout(actor=caller(request), now=timezone.now(), run=run, wish=_wish(body))
    return _told(run)


@router.get("/imports/{run_id}/columns", response=list[ColumnOut])
@requires(Permission.IMPORTS_RUN)
def list_columns(request: HttpRequest, run_id: int) -> Any:
    """What each column of the file was taken for, how surely and why; doubtful ones first."""
    return queries.file_columns(queries.get_run(request.user, run_id))


@router.put("/imports/{run_id}/definition", response=RunOut)
@requires(Permission.IMPORTS_RUN)
def change_definition(request: HttpRequest, run_id: int, body: DefinitionIn) -> Any:
    """Tell how the columns are read and whose the rows are; without a definition the present one stays."""
    run = queries.get_run(request.user, run_id)
    definition, code = body.definition, ""
    if definition is None:
        mapping = _mapping(run.target, body.mapping) if body.mapping else None
        definition = mapping.definition if mapping else run.mapping.get("definition", {})
        code = mapping.code if mapping else run.mapping.get("code", "")
    try:
        engine.set_definition(
            actor=caller(request), now=timezone.now(), run=run, definition=definition, answers=body.answers,
            source=body.source, code=code,
        )  # fmt: skip
    except InvalidMapping as error:
        faults = [{"loc": ["body", "definition"], "msg": text} for text in error.errors]
        raise Problem(422, "invalid_mapping", _("The columns cannot be read so."), faults) from error
    except InvalidAnswers as error:
        faults = [{"loc": ["body", "answers", name], "msg": str(text)} for name, text in error.errors.items()]
        raise Problem(422, "invalid_answers", _("The answers cannot be used."), faults) from error
    return _told(run)


@router.post("/imports/{run_id}/mapping", response={201: MappingOut})
@requires(Permission.IMPORTS_RUN)
def save_mapping(request: HttpRequest, run_id: int, body: NameIn) -> Any:
    """Keep how this file is read for the next files with its headings."""
    run = queries.get_run(request.user, run_id)
    if faults := queries.lacking(run):
        raise Problem(409, "not_now", faults[0])
    return Status(
        201, engine.save_mapping(actor=caller(request), now=timezone.now(), run=run, name=body.name)
    )


@router.post("/imports/{run_id}/check", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def check(request: HttpRequest, run_id: int) -> Any:
    """Do everything but the writing."""
    return _ask(request, run_id, engine.request_check)


@router.post("/imports/{run_id}/load", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def load(request: HttpRequest, run_id: int) -> Any:
    """Bring in what was checked."""
    if (state := queries.get_run(request.user, run_id).state) != ImportRun.State.CHECKED:
        raise engine.NotNow(state)
    return _ask(request, run_id, engine.request_run)


@router.post("/imports/{run_id}/pause", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def pause(request: HttpRequest, run_id: int) -> Any:
    """Stop after the rows in hand."""
    return _ask(request, run_id, engine.pause_run)


@router.post("/imports/{run_id}/resume", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def resume(request: HttpRequest, run_id: int) -> Any:
    """Go on from where it was paused or broke off."""
    return _ask(request, run_id, engine.resume_run)


@router.post("/imports/{run_id}/undo", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def undo(request: HttpRequest, run_id: int) -> Any:
    """Take the whole import back, also while it runs."""
    return _ask(request, run_id, engine.request_undo)


def _ask(request: HttpRequest, run_id: int, what: Any) -> Any:
    run = queries.get_run(request.user, run_id)
    what(actor=caller(request), now=timezone.now(), run=run)
    return Status(202, _now(request, run_id))


@router.get("/imports/{run_id}/preview", response=PreviewOut)
@requires(Permission.IMPORTS_RUN)
def preview(
    request: HttpRequest, run_id: int, outcome: Literal["", "created", "changed", "same", "refused"] = ""
) -> Any:
    """The first rows of the check with what happens to each cell."""
    found = queries.preview(queries.get_run(request.user, run_id), outcome)
    return {"heads": [str(head) for head in found["heads"]], "rows": found["rows"]}


@router.get("/imports/{run_id}/error-groups", response=list[ErrorGroupOut])
@requires(Permission.IMPORTS_RUN)
def list_error_groups(request: HttpRequest, run_id: int) -> Any:
    """Why rows were not taken or values left out, by cause."""
    groups = error_groups(queries.get_run(request.user, run_id))
    return [{**group, "title": str(group["title"]), "hint": str(group["hint"])} for group in groups]


@router.get("/imports/{run_id}/errors", response=Page[ErrorOut])
@requires(Permission.IMPORTS_RUN)
def list_errors(request: HttpRequest, run_id: int, cursor: Cursor = "", limit: Limit = 50) -> Any:
    """The first 2,000 problems by row; all refused rows are in the errors file."""
    rows = RowError.objects.filter(run=queries.get_run(request.user, run_id))
    return page_of(rows, order=("row_number", "id"), cursor=cursor, limit=limit)


@router.put("/imports/{run_id}/errors/{error_id}", response=ErrorOut)
@requires(Permission.IMPORTS_RUN)
def fix_error(request: HttpRequest, run_id: int, error_id: int, body: FixIn) -> Any:
    """Type the right value for a wrong cell of a refused row. 422 ``still_wrong`` tells why the row would not be taken.

    A value made of several columns is mended in the file: 409.
    """
    run = queries.get_run(request.user, run_id)
    error = get_object_or_404(RowError, run=run, pk=error_id)
    return engine.fix_row(actor=caller(request), now=timezone.now(), error=error, value=body.value)


@router.post("/imports/{run_id}/mended", response={202: RunOut})
@requires(Permission.IMPORTS_RUN)
def bring_in_mended(request: HttpRequest, run_id: int) -> Any:
    """Bring in the rows of which every wrong cell has a value typed, in one go: an import of its own with ``mends``."""
    run, now = queries.get_run(request.user, run_id), timezone.now()
    part = operations.bring_in_mended(actor=caller(request), now=now, run=run)
    return Status(202, _now(request, part.pk))


@router.get(
    "/imports/{run_id}/errors-file", openapi_extra={"responses": {200: {"content": {"text/csv": {}}}}}
)
@requires(Permission.IMPORTS_RUN)
def errors_file(request: HttpRequest, run_id: int, kind: Literal["csv", "xlsx"] = "csv") -> Any:
    """The rows that were not taken, as they stood, with reasons: mend them and send the file again."""
    run = queries.get_run(request.user, run_id)
    sink = TemporaryFile()  # noqa: SIM115 - the answer closes it
    if run.state not in {*ENDED, ImportRun.State.CHECKED} or not engine.write_error_file(
        run, sink, kind=kind
    ):
        sink.close()
        raise Problem(404, "no_errors", _("No row was refused."))
    sink.seek(0)
    return FileResponse(sink, as_attachment=True, filename=f"errors-{run.pk}.{kind}")
