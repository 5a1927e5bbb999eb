"""Writing tests: how one is passed, and its questions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clientela.foundation.ids import id_of
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.book.models import Question, Test
from clientela.modules.book.operations import editing
from clientela.workspace.training.forms import NewTestForm, QuestionForm, TestForm

FORMS = ["GET", "HEAD", "POST"]
EDIT = requires(Permission.PRODUCTS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": caller(request), "now": timezone.now()}


def _refused(form: Any, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))


def _page(request: HttpRequest, form: Any, template: str, **context: Any) -> HttpResponseBase:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, f"training/{template}.html", context | {"form": form}, status=status)


@require_http_methods(FORMS)
@EDIT
def new(request: HttpRequest) -> HttpResponseBase:
    """A test for a product that has none."""
    form = NewTestForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            made = editing.make_test(**_who(request), **form.cleaned_data)
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            return redirect("training:edit", made.pk)
    return _page(request, form, "new")


@require_http_methods(FORMS)
@EDIT
def edit(request: HttpRequest, product_test_id: int) -> HttpResponseBase:
    """How the test is passed, from when it is required, and its questions."""
    row = get_object_or_404(Test.objects.select_related("product"), pk=product_test_id)
    form = TestForm(request.POST or None, instance=Test.objects.get(pk=row.pk))
    if form.is_bound and form.is_valid():
        try:
            editing.change_test(
                **_who(request), test=row, version=id_of(request.POST.get("version")), **form.cleaned_data
            )
        except Refusal as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, _("The test is kept."))
            return redirect("training:edit", row.pk)
    return _page(request, form, "edit", test=row, questions=list(row.questions.all()))


@require_http_methods(FORMS)
@EDIT
def add_question(request: HttpRequest, product_test_id: int) -> HttpResponseBase:
    """A question at the end of the test."""
    row = get_object_or_404(Test, pk=product_test_id)
    form = QuestionForm(request.POST if request.method == "POST" else None, options=[], right=[])
    return _kept(request, form, row, None)


@require_http_methods(FORMS)
@EDIT
def question(request: HttpRequest, test_question_id: int) -> HttpResponseBase:
    """A question as it is asked from now on."""
    row = get_object_or_404(Question.objects.select_related("test"), pk=test_question_id)
    initial = {"text": row.text, "topic": row.topic, "explanation": row.explanation}
    data = request.POST if request.method == "POST" else None
    return _kept(
        request, QuestionForm(data, options=row.options, right=row.right, initial=initial), row.test, row
    )


def _kept(request: HttpRequest, form: QuestionForm, test: Test, row: Question | None) -> HttpResponseBase:
    wrong = ""
    if form.is_bound and form.is_valid():
        try:
            editing.save_question(
                **_who(request), test=test, question=row, options=form.options, right=form.right,
                **form.cleaned_data,
            )  # fmt: skip
        except Refusal as refusal:
            wrong = str(refusal) if refusal.field == "options" else ""
            _refused(form, refusal)
        else:
            messages.success(request, _("The question is kept."))
            if "more" in request.POST:
                return redirect("training:add_question", test.pk)
            return redirect(f"{reverse('training:edit', args=[test.pk])}#questions")
    return _page(request, form, "question_form", test=test, question=row, wrong=wrong)


@require_POST
@EDIT
def remove_question(request: HttpRequest, test_question_id: int) -> HttpResponseBase:
    """Take a question away."""
    row = get_object_or_404(Question.objects.select_related("test"), pk=test_question_id)
    try:
        editing.remove_question(**_who(request), question=row)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The question is removed."))
    return redirect(f"{reverse('training:edit', args=[row.test_id])}#questions")


@require_POST
@EDIT
def move_question(request: HttpRequest, test_question_id: int) -> HttpResponseBase:
    """One place up or down."""
    row = get_object_or_404(Question.objects.select_related("test"), pk=test_question_id)
    editing.move_question(**_who(request), question=row, by=-1 if request.POST.get("by") == "up" else 1)
    return redirect(f"{reverse('training:edit', args=[row.test_id])}#questions")
