"""Step 3: the rehearsal. Nothing is written to the base of clients."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clientela.foundation.imports import operations as engine
from clientela.foundation.imports.definition import InvalidMapping
from clientela.foundation.imports.models import ImportRun
from clientela.foundation.imports.operations.mapping import NotEditable
from clientela.foundation.imports.targets import InvalidAnswers, get_target
from clientela.modules.accounts.access import Permission, requires
from clientela.workspace.imports import queries, words
from clientela.workspace.imports.forms import AnswersForm
from clientela.workspace.imports.views.columns import page_context
from clientela.workspace.imports.views.common import frame, too_late


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS_RUN)
def check(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET: what the rehearsal found, or how far it is. POST: begin it."""
    run = queries.get_run(request.user, run_id)
    if request.method == "POST":
        return _begin(request, run)
    if run.state == ImportRun.State.MAPPING:
        return redirect("imports:columns", run.pk)
    context = frame(run, 3)
    if run.state == ImportRun.State.CHECKING:
        context |= {"at": queries.standing(run, timezone.now()), "checking": True}
        return render(request, "imports/progress.html", context)
    show = request.GET.get("show", "")
    show = show if show in words.ALL else ""
    result = run.check_result
    parts = words.parts(result, after=False)
    context |= {
        "result": result, "parts": parts, "made": words.made(result), "groups": queries.groups_of_errors(run),
        "preview": queries.preview(run, show), "show": show, "tidied": queries.tidied(run),
        "took": words.lasting(result.get("seconds", 0)), "nothing": not sum(part["count"] for part in parts[:2]),
        "may_load": run.state == ImportRun.State.CHECKED,
    }  # fmt: skip
    return render(request, "imports/check.html", context)


def _begin(request: HttpRequest, run: ImportRun) -> HttpResponse:
    now = timezone.now()
    if run.state in queries.EDITABLE:
        try:
            engine.set_definition(
                actor=request.user, now=now, run=run, definition=run.mapping.get("definition", {}),
                answers=run.answers, source=run.source, code=run.mapping.get("code", ""),
            )  # fmt: skip
        except InvalidMapping:
            return render(request, "imports/columns.html", page_context(request, run), status=422)
        except InvalidAnswers as error:
            form = AnswersForm(
                {**run.answers, "source": run.source}, target=get_target(run.target), actor=request.user
            )
            form.is_valid()
            for name, text in error.errors.items():
                if name in form.fields and name not in form.errors:
                    form.add_error(name, text)
            context = page_context(request, run, answers_form=form)
            return render(request, "imports/columns.html", context, status=422)
        except NotEditable:
            return too_late(request, run)
    try:
        engine.request_check(actor=request.user, now=now, run=run)
    except engine.NotNow:
        return too_late(request, run)
    return redirect("imports:check", run.pk)
