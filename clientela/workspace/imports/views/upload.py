"""Step 1: the file, and how it is read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clientela.foundation.imports import operations as engine
from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.reading import EmptyFile, UnreadableFile
from clientela.foundation.imports.targets import (
    InvalidAnswers,
    Target,
    UnknownTarget,
    all_targets,
    get_target,
)
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.imports import operations, queries
from clientela.workspace.imports.forms import LayoutForm, UploadForm
from clientela.workspace.imports.views.common import frame, too_late


def _target(code: str | None) -> Target:
    try:
        return get_target(code or "")
    except UnknownTarget:
        return all_targets()[0]


def _unreadable(error: UnreadableFile) -> str:
    if isinstance(error, EmptyFile):
        return _("The file has no rows under its headings.")
    return _("This is no table we can read. Save it as CSV or XLSX and choose it again.")


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS_RUN)
def create(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is read and its columns guessed, nothing is written to the base of clients."""
    target = _target(request.POST.get("target") or request.GET.get("target"))
    form = UploadForm(request.POST or None, request.FILES or None, target=target, actor=request.user)
    if request.method == "POST" and form.is_valid():
        run = _take(request, target, form)
        if run is not None:
            return redirect("imports:columns", run.pk)
    return render(
        request, "imports/upload.html", {**frame(None, 1), "form": form}, status=422 if form.errors else 200
    )


def _take(request: HttpRequest, target: Target, form: UploadForm) -> ImportRun | None:
    data, now = form.cleaned_data, timezone.now()
    try:
        answers = target.clean_answers(form.answers(), actor=request.user)
    except InvalidAnswers as error:
        for name, text in error.errors.items():
            form.add_error(name if name in form.fields else None, text)
        return None
    mapping = (
        Mapping.objects.filter(target=target.code, code=data["mapping"]).first() if data["mapping"] else None
    )
    try:
        # A saved mapping is laid over the file afterwards: its headings may lack here, its layout must not.
        run = engine.start_run(
            actor=request.user, now=now, target=target.code, file=data["file"], file_name=data["file"].name,
            wish=mapping.definition.get("file") if mapping else None,
        )  # fmt: skip
    except UnreadableFile as error:
        form.add_error("file", _unreadable(error))
        return None
    if mapping is not None:
        operations.use_mapping(actor=request.user, now=now, run=run, mapping=mapping)
        run.refresh_from_db()
    operations.keep_answers(actor=request.user, now=now, run=run, answers=answers, source=data["source"])
    return run


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS_RUN)
def layout(request: HttpRequest, run_id: int) -> HttpResponse:
    """Reopened: how the file was read, to be corrected."""
    run = queries.get_run(request.user, run_id)
    form = LayoutForm(request.POST if request.method == "POST" else None, run=run)
    if request.method == "POST":
        if run.state not in queries.EDITABLE:
            return too_late(request, run)
        if form.is_valid() and _read_again(request, run, form):
            return redirect("imports:columns", run.pk)
    context = {**frame(run, 1), "form": form}
    return render(request, "imports/layout.html", context, status=422 if form.errors else 200)


def _read_again(request: HttpRequest, run: ImportRun, form: LayoutForm) -> bool:
    before = {name: run.options.get(name) for name in ("encoding", "separator", "sheet", "header_row")}
    mapping, options = run.mapping, run.options
    now = timezone.now()
    try:
        engine.set_layout(actor=request.user, now=now, run=run, wish=form.cleaned_data)
    except (UnreadableFile, ValueError, IndexError) as error:
        known = error if isinstance(error, UnreadableFile) else UnreadableFile()
        form.add_error("header_row", _unreadable(known))
        engine.set_layout(actor=request.user, now=now, run=run, wish=before)
        if run.options == options:
            run.mapping = mapping
            run.save(update_fields=["mapping"])
        return False
    return True
