"""Forms of absences."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Absence
from clientela.modules.organisation.queries import substitutes_for


class PeopleField(forms.ModelChoiceField):
    """A person, surname first; loads nothing until it is given its people."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), empty_label="—", **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.last_name} {obj.first_name} · {obj.get_role_display()}"


class PersonChoice(forms.Form):
    """Of whom an absence is entered."""

    person = PeopleField(label=_("Who will be away"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class AbsenceForm(forms.Form):
    """Days away and who works instead."""

    first_day = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}))
    last_day = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}))
    kind = forms.ChoiceField(label=_("Reason"), choices=Absence.Kind.choices)
    substitute = PeopleField(
        label=_("Substitute"), help_text=_("Sees the clients and the tasks on these days, no longer")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    shows_phone = forms.BooleanField(
        label=_("Messages carry the substitute's phone"), required=False,
        help_text=_("Otherwise clients see the agent's own phone, as always"),
    )  # fmt: skip

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute"].queryset = substitutes_for(person)  # type: ignore[attr-defined]
        if person.role != Role.AGENT:
            del self.fields["shows_phone"]


class EndingForm(forms.Form):
    """On which day the person works again."""

    back_on = forms.DateField(
        label=_("Works again on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("From this day the substitute no longer sees the clients"),
    )  # fmt: skip

    def __init__(self, *args: Any, absence: Absence, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begun, field = absence.first_day <= today, self.fields["back_on"]
        field.initial = today if begun else absence.first_day
        field.widget.attrs |= {"min": today.isoformat(), "max": absence.last_day.isoformat()}
        if not begun:
            field.help_text = _("On the first day away or earlier: the absence is taken back")
        self.absence, self.today = absence, today

    def clean_back_on(self) -> date:
        day: date = self.cleaned_data["back_on"]
        if not self.today <= day <= self.absence.last_day:
            raise forms.ValidationError(_("Choose a day from today to the last day away."))
        return day
