"""One question to a client, answered without signing in."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import TooLate, record_answer
from clientela.modules.quality.operations.answering import OPEN_FOR


class ScoreForm(forms.Form):
    """A score and, if the client likes, some words."""

    score = forms.TypedChoiceField(
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "sr"}),
        error_messages={"required": _("Choose one of the numbers.")},
    )
    comment = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000})
    )

    def __init__(self, *args: object, survey: Survey, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["score"].choices = [(score, str(score)) for score in survey.scale.scores]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """Asks on GET, even with a score in the address: programs that only look at links must answer nothing."""
    rows = SurveyRequest.objects.select_related("survey", "client__agent", "agent")
    asked = get_object_or_404(rows, token=token)
    with translation.override(asked.client.language):
        now = timezone.now()
        is_over = asked.asked_at is None or asked.asked_at < now - OPEN_FOR
        initial = {
            "score": asked.score if asked.score is not None else request.GET.get("score"),
            "comment": asked.comment,
        }
        form = ScoreForm(request.POST or None, survey=asked.survey, initial=initial)
        if request.method == "POST" and not is_over and form.is_valid():
            try:
                record_answer(
                    actor=None, now=now, request=asked, via=SurveyRequest.Via.LINK, **form.cleaned_data
                )
                return redirect(f"{request.path}?thanks=1")
            except TooLate:
                is_over = True
        thanks = asked.score is not None and "thanks" in request.GET and request.method != "POST"
        context = {
            "company": {"name": settings.COMPANY_NAME},
            "asked": asked,
            "form": form,
            "agent": asked.agent or asked.client.agent,
            "ends": _ends(asked.survey.metric),
            "state": "over" if is_over else "thanks" if thanks else "ask",
        }
        status = 422 if form.errors and not is_over else 200
        return render(request, "portal/feedback.html", context, status=status)


def _ends(metric: str) -> tuple[str, str]:
    """Words at the two ends of the scale."""
    if metric == Survey.Metric.NPS:
        return pgettext("scale", "surely not"), pgettext("scale", "surely yes")
    if metric == Survey.Metric.CES:
        return pgettext("scale", "not at all"), pgettext("scale", "fully agree")
    return pgettext("scale", "not content"), pgettext("scale", "very content")
