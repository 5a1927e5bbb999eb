"""Dialogs of requests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.phones import normalize
from clientela.modules.organisation.models import Branch
from clientela.modules.organisation.queries import branches_visible_to
from clientela.modules.products.models import Product
from clientela.modules.requests.models import Intake, Request, ScoreRule
from clientela.modules.requests.rules import FACTS

WORDS = forms.Textarea(attrs={"rows": 3})


class NewForm(forms.Form):
    """A request entered by hand."""

    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=160)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="—"
    )
    about = forms.CharField(label=_("What is to be insured"), max_length=120, required=False)
    text = forms.CharField(label=_("What the client says"), max_length=4000, required=False, widget=WORDS)
    mine = forms.BooleanField(label=_("I take it myself"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if normalize(phone) is None:
            raise forms.ValidationError(_("This is no phone number. Write it like +7 917 000-41-08."))
        return phone


class OfTalkForm(forms.Form):
    """A request out of a conversation or a call: what for."""

    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), required=False, empty_label="—"
    )
    text = forms.CharField(label=_("What the client says"), max_length=1000, required=False, widget=WORDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = Product.objects.filter(is_active=True)  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    """To whom, and why."""

    person = forms.ChoiceField(label=_("To whom"))
    reason = forms.CharField(label=_("Why"), max_length=500, widget=WORDS)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=WORDS)


class NoteForm(forms.Form):
    """What sales should know."""

    reason = forms.CharField(label=_("What sales should know"), max_length=500, required=False, widget=WORDS)


class CloseForm(forms.Form):
    """Why it is over."""

    reason = forms.ChoiceField(
        label=_("Why it is closed"),
        choices=[one for one in Request.Reason.choices if one[0] not in Request.NOT_BY_HAND],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=WORDS)


class PolicyForm(forms.Form):
    """Times and limits."""

    answer_minutes = forms.IntegerField(
        label=_("First answer within, working minutes"), min_value=1, max_value=10_000
    )
    join_days = forms.IntegerField(
        label=_("The same phone and product join within, days"), min_value=0, max_value=90
    )
    warm_from = forms.IntegerField(label=_("Warm from, points"), min_value=1, max_value=99)
    hot_from = forms.IntegerField(label=_("Hot from, points"), min_value=2, max_value=100)


TESTS: Any = ScoreRule._meta.get_field("test").choices


class RuleForm(forms.Form):
    """One more rule of points."""

    words = forms.CharField(label=_("The rule in words"), max_length=120)
    fact = forms.ChoiceField(label=_("Looks at"), choices=list(FACTS.items()))
    test = forms.ChoiceField(label=_("which"), choices=TESTS)
    value = forms.CharField(
        label=_("these words"),
        max_length=200,
        required=False,
        help_text=_("Separated by commas; one of them is enough"),
    )
    points = forms.IntegerField(label=_("Points"), min_value=-100, max_value=100)


class DeskForm(forms.Form):
    """A person's part in a branch's requests."""

    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    takes = forms.BooleanField(label=_("Takes requests"), required=False)
    capacity = forms.IntegerField(label=_("Requests in hand at most"), min_value=0, max_value=200)
    weight = forms.IntegerField(
        label=_("Share, %"), min_value=0, max_value=1000, help_text=_("100 is a full share, 50 half of one")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches_visible_to(user)  # type: ignore[attr-defined]


KINDS = (
    ("", ""), ("text", pgettext_lazy("field", "line")), ("long", pgettext_lazy("field", "text")),
    ("email", pgettext_lazy("field", "e-mail")), ("choice", pgettext_lazy("field", "choice")),
    ("date", pgettext_lazy("field", "date")), ("number", pgettext_lazy("field", "number")),
    ("yes", pgettext_lazy("field", "yes or no")),
)  # fmt: skip


class FieldForm(forms.Form):
    """One field of a public form; without a label it is none."""

    label = forms.CharField(label=_("Question"), max_length=80, required=False)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=KINDS, required=False)
    choices = forms.CharField(label=_("Answers, separated by commas"), max_length=600, required=False)
    required = forms.BooleanField(label=_("needed"), required=False)
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


FieldForms = forms.formset_factory(FieldForm, extra=2, max_num=12)


class IntakeForm(forms.ModelForm):
    """A place requests come from."""

    sites = forms.CharField(
        label=_("Sites that may show it, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Like https://salon.example. Our own page works always"),
    )  # fmt: skip
    consent = forms.CharField(
        label=_("What visitors agree to"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Other words make the next version; every request keeps the one it agreed to"),
    )  # fmt: skip

    class Meta:
        model = Intake
        fields = (
            "name", "key", "title", "intro", "thanks", "product", "branch", "partner", "colour", "mailbox", "number",
            "to_marketing", "is_active",
        )  # fmt: skip
        labels = {
            "name": _("Name for colleagues"), "key": _("Address"), "title": _("Heading for visitors"), "intro": _("Words below it"),
            "thanks": _("Words of thanks"), "product": _("Product"), "branch": _("Branch"), "partner": _("Partner"),
            "colour": _("Colour"), "mailbox": _("Mailbox whose mails are requests"),
            "number": _("Number whose missed calls of strangers are requests"),
            "to_marketing": _("Marketing keeps requests until it hands them over"), "is_active": _("Open"),
        }  # fmt: skip
        help_texts = {
            "name": "",
            "title": "",
            "key": _("Letters, digits and hyphens: stands in the address of the page"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["key"]
