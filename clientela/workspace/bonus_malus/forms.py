"""What is asked of a class, what is disputed, what was answered."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clientela.foundation.dates import local_today
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.bonus_malus.queries import value_of
from clientela.modules.bonus_malus.rules import CLASSES
from clientela.modules.clients.models import Attachment
from clientela.workspace.clients.forms import DayField


def class_words(klass: str) -> str:
    """``7 · 0,78``: the class and what it is worth."""
    value = value_of(klass, local_today(settings.TIME_ZONE, timezone.now()))
    return klass if value is None else f"{klass} · {formats.number(value, language(), 2)}"


class ClassField(forms.ChoiceField):
    """One of the fifteen classes, each with its coefficient."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: [("", "—"), *((klass, class_words(klass)) for klass in CLASSES)], **kwargs
        )


class AskForm(forms.Form):
    """The day, and documents of before: the history may stand under them."""

    on = DayField(label=_("First day of cover"))
    previous_licence = forms.CharField(label=_("Previous licence"), max_length=20, required=False)
    previous_last_name = forms.CharField(
        label=_("Previous surname"),
        max_length=120,
        required=False,
        help_text=_("A changed licence or surname may hide the history: the best one found counts"),
    )


class DisputeForm(forms.Form):
    """What the client says of the class, with files of the card."""

    claimed_klass = ClassField(label=_("The client holds to be right"))
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    documents = forms.MultipleChoiceField(
        label=_("Documents of the card"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "pick"})
    )  # fmt: skip

    def __init__(self, *args: Any, client_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files_of_card = {
            str(file.pk): file
            for file in Attachment.objects.filter(client=client_id).order_by("-uploaded_at")[:50]
        }
        if not self.files_of_card:
            del self.fields["documents"]
            return
        field: Any = self.fields["documents"]
        field.choices = [(key, file.name) for key, file in self.files_of_card.items()]

    def clean_documents(self) -> list[Attachment]:
        return [self.files_of_card[key] for key in self.cleaned_data["documents"]]


class AnswerForm(forms.Form):
    """What the registry answered."""

    klass = ClassField(label=_("Class in the answer"))
    answer = forms.CharField(
        label=_("In words"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
