"""What is written down about feedback: a call back, an answer given in a call, a survey."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.modules.contacts.models import Channel
from clientela.modules.quality.models import Survey
from clientela.modules.quality.operations.surveys import CHANNELS, MOST_DAYS, MOST_HOURS


class SettleForm(forms.Form):
    """What was agreed in the call."""

    note = forms.CharField(
        label=_("What you agreed"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )


class CallAnswerForm(forms.Form):
    """An answer that a client gives in a call."""

    score = forms.TypedChoiceField(
        label=_("Score"), coerce=int, widget=forms.RadioSelect(attrs={"class": "sr"})
    )
    comment = forms.CharField(
        label=_("In the client's words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].choices = [(score, str(score)) for score in survey.scale.scores]  # type: ignore[attr-defined]


class SurveyForm(forms.Form):
    """How a survey asks."""

    name = forms.CharField(label=_("Name"), max_length=80)
    question = forms.CharField(label=_("Question"), max_length=200)
    invitation = forms.CharField(
        label=_("Message"), max_length=600, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("{greeting} the client's name, {about} what it is about, {company}, {link} the page of the answer"),
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject of an e-mail"), max_length=120, required=False)
    channels = forms.MultipleChoiceField(
        label=_("Channels"), widget=forms.CheckboxSelectMultiple(attrs={"class": "pick"}),
        choices=[(code, Channel(code).label) for code in CHANNELS],
        help_text=_("The first that reaches the client is taken"),
    )  # fmt: skip
    delay_hours = forms.IntegerField(label=_("Ask after, hours"), min_value=0, max_value=MOST_HOURS)
    rest_days = forms.IntegerField(
        label=_("Leave in peace, days"), min_value=0, max_value=MOST_DAYS,
        help_text=_("Nobody is asked again, by any survey, within so many days"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("Ask clients"), required=False)
