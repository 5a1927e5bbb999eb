"""Who is tied to the client, what the family has, what happens in its life."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.foundation.names import name_key
from clientela.modules.clients.models import Belonging, Client, LifeEvent, Relation
from clientela.modules.clients.queries import by_contact, by_name
from clientela.workspace.clients.forms import DayField


class RelationForm(forms.Form):
    """A client found by phone or whole name, or a person who is no client yet."""

    kind = forms.ChoiceField(label=_("Who it is to the client"), choices=Relation.Kind.choices)
    who = forms.CharField(
        label=_("Name or phone"), max_length=200,
        help_text=_("A client is found by phone or whole name; another name is kept as a person who is no client yet"),
    )  # fmt: skip
    birth_date = DayField(label=_("Birthday"), required=False)
    birth_year = forms.IntegerField(
        label=_("Year of birth, if the day is not known"), required=False, min_value=1900, max_value=2100
    )
    since = DayField(label=_("Since"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, other: Client | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.other = user, other
        if other is not None:
            for name in ("who", "birth_date", "birth_year"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        who = " ".join(data.pop("who", "").split())
        data["other"], data["name"] = self.other, ""
        if self.other is None and who:
            data["other"] = self._found(who)
            data["name"] = "" if data["other"] else who
        return data

    def _found(self, who: str) -> Client | None:
        digits = "".join(char for char in who if char.isdigit())
        if len(digits) >= 10:
            rows = list(by_contact(self.user, tail=digits[-7:])[:2])
            if not rows:
                self.add_error("who", _("No client of yours has this phone."))
        else:
            rows = list(by_name(self.user, name_key(who)).filter(name_key=name_key(who))[:2])
        if len(rows) > 1:
            self.add_error("who", _("Several clients fit: write the phone."))
        return rows[0] if rows else None


class BelongingForm(forms.Form):
    """A thing that we do not insure yet."""

    kind = forms.ChoiceField(label=_("What it is"), choices=Belonging.Kind.choices)
    title = forms.CharField(label=_("As people call it"), max_length=200)
    insured_until = DayField(label=_("Insured elsewhere until"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class LifeEventForm(forms.Form):
    """What happens, when, and when to speak of it."""

    kind = forms.ChoiceField(label=_("What happens"), choices=LifeEvent.Kind.choices)
    on = DayField(label=_("When"))
    remind_on = DayField(
        label=_("Speak of it on"), required=False,
        help_text=_("On this day it stands among the calls of the client's agent"),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class DoneForm(forms.Form):
    """What came of the talk."""

    result = forms.CharField(label=_("What you agreed"), max_length=200, required=False)


class ProfileForm(forms.Form):
    """Habits, preferences and interests, in words."""

    habits = forms.CharField(label=_("Habits"), max_length=200, required=False)
    preferences = forms.CharField(label=_("Preferences"), max_length=200, required=False)
    interests = forms.CharField(label=_("Interests"), max_length=200, required=False)
