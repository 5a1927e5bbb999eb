"""What is done about feedback: a client called back, an answer written down in a call, a survey changed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import edit_survey, record_answer, settle, unsettle
from clientela.workspace.feedback import queries
from clientela.workspace.feedback.forms import CallAnswerForm, SettleForm, SurveyForm

CHANGED = "feedback-changed"


def _found(request: HttpRequest, request_id: int) -> SurveyRequest:
    found = queries.find(request.user, request_id)
    if found is None:
        raise Http404
    return found


def _told(request: HttpRequest, text: str, undo: str = "") -> HttpResponseBase:
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, text, extra_tags=undo)
        return redirect("feedback:home")
    response = HttpResponse(status=204)
    trigger_client_event(
        response, "toast", {"text": text, "kind": "good"} | ({"undo_url": undo} if undo else {})
    )
    trigger_client_event(response, CHANGED, {})
    trigger_client_event(response, "close-modal", {})
    return response


def _asked(request: HttpRequest, form: forms.Form, context: dict[str, Any]) -> HttpResponse:
    name = "dialog" if request.htmx else "page"  # type: ignore[attr-defined]
    context |= {"form": form, "action": request.path}
    return render(request, f"feedback/act_{name}.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@requires(Permission.FEEDBACK_WRITE)
def settling(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Write down what was agreed with a client who was not content; may be undone."""
    found = _found(request, request_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            settle(actor=request.user, now=timezone.now(), request=found, note=form.cleaned_data["note"])
            text = _("Called back: %(name)s") % {"name": found.client.name}
            return _told(request, text, reverse("feedback:unsettle", args=[found.pk]))
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
    title = _("What did you agree with %(name)s?") % {"name": found.client.name}
    return _asked(request, form, {"title": title, "found": found, "submit": _("Called back")})


@require_POST
@requires(Permission.FEEDBACK_WRITE)
def unsettling(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """The client is to be called back after all."""
    found = unsettle(actor=request.user, now=timezone.now(), request=_found(request, request_id))
    return _told(request, _("To be called back again: %(name)s") % {"name": found.client.name})


@require_http_methods(["GET", "POST"])
@requires(Permission.FEEDBACK_WRITE)
def answering(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Write down what the client answers in a call."""
    found = _found(request, request_id)
    initial = {"score": found.score, "comment": found.comment}
    form = CallAnswerForm(request.POST or None, survey=found.survey, initial=initial)
    if request.method == "POST" and form.is_valid():
        now, via = timezone.now(), SurveyRequest.Via.CALL
        record_answer(actor=request.user, now=now, request=found, via=via, **form.cleaned_data)
        return _told(request, _("The answer is kept: %(name)s") % {"name": found.client.name})
    return _asked(
        request, form, {"title": found.survey.question, "found": found, "submit": _("Keep the answer")}
    )


@require_GET
@requires(Permission.SURVEYS_WRITE)
def surveys(request: HttpRequest) -> HttpResponse:
    """All surveys."""
    return render(request, "feedback/surveys.html", {"surveys": Survey.objects.all()})


@require_http_methods(["GET", "POST"])
@requires(Permission.SURVEYS_WRITE)
def survey(request: HttpRequest, survey_id: int) -> HttpResponseBase:
    """Change how a survey asks."""
    found = get_object_or_404(Survey, pk=survey_id)
    initial = {name: getattr(found, name) for name in SurveyForm.base_fields}
    form = SurveyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            edit_survey(actor=request.user, now=timezone.now(), survey=found, **form.cleaned_data)
            messages.success(request, _("The survey is kept"))
            return redirect("feedback:surveys")
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
    context = {"form": form, "survey": found}
    return render(request, "feedback/survey.html", context, status=422 if form.errors else 200)
