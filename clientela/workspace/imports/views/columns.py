"""Step 2: what each column is. Every choice is kept at once."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.operations import save_mapping
from clientela.foundation.imports.queries import offered_mappings
from clientela.foundation.imports.targets import InvalidAnswers, get_target
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.imports import operations, queries
from clientela.workspace.imports.forms import AnswersForm, MappingNameForm
from clientela.workspace.imports.views.common import frame, too_late


def page_context(request: HttpRequest, run: ImportRun, **more: Any) -> dict[str, Any]:
    """Everything step 2 shows."""
    target, found = get_target(run.target), queries.file_columns(run)
    context = {
        **frame(run, 2), "columns": found, "groups": queries.fields_by_group(target),
        "doubtful": sum(1 for column in found if column["doubtful"]),
        "taken": sum(1 for column in found if column["field"] or column["uses"]), "faults": queries.lacking(run),
        "mappings": offered_mappings(run), "name_form": MappingNameForm(),
        "answers_form": AnswersForm(initial={**run.answers, "source": run.source}, target=target, actor=request.user),
    }  # fmt: skip
    return context | more


def _answer(request: HttpRequest, run: ImportRun, *, status: int = 200, **more: Any) -> HttpResponse:
    """The step anew: its panes for a fragment's request, the whole page for others."""
    template = "imports/parts/columns.html" if request.htmx else "imports/columns.html"  # type: ignore[attr-defined]
    return render(request, template, page_context(request, run, **more), status=status)


@require_GET
@requires(Permission.IMPORTS_RUN)
def columns(request: HttpRequest, run_id: int) -> HttpResponse:
    """Source columns with samples, guessed fields, how sure and why."""
    return _answer(request, queries.get_run(request.user, run_id))


@require_POST
@requires(Permission.IMPORTS_RUN)
def choose(request: HttpRequest, run_id: int, index: int) -> HttpResponse:
    """One select was changed."""
    run = queries.get_run(request.user, run_id)
    if run.state not in queries.EDITABLE:
        return _late(request, run)
    try:
        loser = operations.choose_field(
            actor=request.user, now=timezone.now(), run=run, index=index, field=request.POST.get("field", "")
        )
    except operations.Refused:
        run.refresh_from_db()
        if run.state not in queries.EDITABLE:
            return _late(request, run)
        return _answer(request, run, status=422, wrong_index=index, wrong=_("There is no such field."))
    run.refresh_from_db()
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("imports:columns", run.pk)
    response = _answer(request, run)
    if loser:
        text = _("The column “%(column)s” is left out now: one field takes one column.") % {"column": loser}
        trigger_client_event(response, "toast", {"text": text, "kind": "warn"})
    return response


@require_POST
@requires(Permission.IMPORTS_RUN)
def answer(request: HttpRequest, run_id: int) -> HttpResponse:
    """Answers about the whole file."""
    run = queries.get_run(request.user, run_id)
    if run.state not in queries.EDITABLE:
        return _late(request, run)
    form = AnswersForm(request.POST, target=get_target(run.target), actor=request.user)
    if form.is_valid():
        try:
            operations.keep_answers(
                actor=request.user, now=timezone.now(), run=run, answers=form.answers(),
                source=form.cleaned_data["source"],
            )  # fmt: skip
        except InvalidAnswers as error:
            for name, text in error.errors.items():
                form.add_error(name if name in form.fields else None, text)
        except operations.Refused:
            return _late(request, run)
    if form.errors:
        return _answer(request, run, status=422, answers_form=form)
    run.refresh_from_db()
    return _answer(request, run) if request.htmx else redirect("imports:columns", run.pk)  # type: ignore[attr-defined]


@require_POST
@requires(Permission.IMPORTS_RUN)
def take_mapping(request: HttpRequest, run_id: int) -> HttpResponse:
    """Read the columns by a saved mapping."""
    run = queries.get_run(request.user, run_id)
    mapping = get_object_or_404(Mapping, target=run.target, code=request.POST.get("mapping", ""))
    try:
        operations.use_mapping(actor=request.user, now=timezone.now(), run=run, mapping=mapping)
    except operations.Refused:
        return _late(request, run)
    run.refresh_from_db()
    return _answer(request, run) if request.htmx else redirect("imports:columns", run.pk)  # type: ignore[attr-defined]


@require_POST
@requires(Permission.IMPORTS_RUN)
def keep_mapping(request: HttpRequest, run_id: int) -> HttpResponse:
    """Keep the mapping under a name for the next files."""
    run = queries.get_run(request.user, run_id)
    form = MappingNameForm(request.POST)
    lacking = queries.lacking(run)
    if form.is_valid() and lacking:
        form.add_error("name", lacking[0])
    if form.errors:
        return _answer(request, run, status=422, name_form=form)
    save_mapping(actor=request.user, now=timezone.now(), run=run, name=form.cleaned_data["name"])
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("imports:columns", run.pk)
    response = _answer(request, run)
    text = _("Mapping kept: the next file with these headings is read by it")
    return trigger_client_event(response, "toast", {"text": text, "kind": "good"})


def _late(request: HttpRequest, run: ImportRun) -> HttpResponse:
    response = too_late(request, run)
    return HttpResponseClientRedirect(response["Location"]) if request.htmx else response  # type: ignore[attr-defined]
