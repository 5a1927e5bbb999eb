"""What a person types about a schedule and its steps."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.contacts.models import WRITTEN, Channel
from clientela.modules.contacts.rules import TextError
from clientela.modules.renewals.models import Schedule, Step
from clientela.modules.renewals.operations.schedules import MAX_DAY, STEP_FIELDS
from clientela.modules.renewals.queries.texts import check_variables
from clientela.modules.renewals.rules import DAY_VALUED, LIST_VALUED
from clientela.workspace.schedules.words import PERIODS

LANGUAGES = ("ru", "en")


class ScheduleForm(forms.ModelForm):
    """A new schedule."""

    class Meta:
        model = Schedule
        fields = ("name", "description")
        labels = {"name": pgettext_lazy("schedule", "Name"), "description": _("Whom it is for")}


def between(least: int, most: int, wrong: Any) -> Callable[[int], None]:
    """A validator with one sentence for both ends."""

    def check(value: int) -> None:
        if not least <= value <= most:
            raise forms.ValidationError(wrong)

    return check


class StepForm(forms.Form):
    """The fields of a step as the panel shows them: those of its channel, and the text of one language."""

    name = forms.CharField(label=pgettext_lazy("step", "Name"), max_length=120)
    day = forms.IntegerField(label=pgettext_lazy("step", "Day"))
    until_day = forms.IntegerField(label=_("Last day"), required=False)
    at_time = forms.TimeField(
        label=_("Client's time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    text = forms.CharField(label=_("Text"), required=False, widget=forms.Textarea({"rows": 6}))

    def __init__(self, step: Step, language: str, data: QueryDict | None = None) -> None:
        self.step = step
        self.suffix = "_en" if language == "en" else ""
        initial = {name: getattr(step, name) for name in ("name", "day", "until_day", "at_time")}
        initial |= {name: getattr(step, name + self.suffix) for name in ("subject", "text")}
        super().__init__(data, initial=initial, auto_id="step-%s")
        if step.channel not in PERIODS:
            del self.fields["until_day"]
        if step.channel != Channel.EMAIL:
            del self.fields["subject"]
        self.fields["text"].required = step.channel in WRITTEN and not self.suffix
        for name in ("day", "until_day"):
            if name in self.fields:
                wrong = _("Give a number from 0 to %(most)s.") % {"most": MAX_DAY}
                self.fields[name].error_messages |= {"required": wrong, "invalid": wrong}
                self.fields[name].validators = [between(0, MAX_DAY, wrong)]
        for name in self.fields:
            self.fields[name].widget.attrs["aria-describedby"] = f"err-{name}"
        self.fields["day"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("day"), data.get("until_day")
        if first is not None and last is not None and last > first:
            self.add_error(
                "until_day", _("A period runs towards the end: give a smaller number of days than the first.")
            )
        for name in ("subject", "text"):
            try:
                check_variables(data.get(name) or "")
            except TextError as error:
                self.add_error(name, str(error))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What ``save_step`` gets: the fields of this panel under their own names."""
        found: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in ("name", "day", "until_day", "at_time")
            if name in self.fields
        }
        for name in ("subject", "text"):
            if name in self.fields:
                found[name + self.suffix] = self.cleaned_data[name].replace("\r\n", "\n").strip()
        return found | {"conditions": conditions_from(self.data, self.step)}  # type: ignore[arg-type]


def conditions_from(data: QueryDict, step: Step) -> list[dict[str, Any]]:
    """The step's conditions with the values of the panel; an emptied list or day is left for the rules to refuse."""
    found: list[dict[str, Any]] = []
    for condition in step.conditions:
        code = condition["code"]
        if f"has.{code}" not in data:
            found.append(condition)
        elif code in LIST_VALUED:
            chosen = data.getlist(f"value.{code}")
            same = isinstance(condition.get("value"), list) and set(chosen) == set(condition["value"])
            found.append(condition if same else {"code": code, "value": chosen})
        elif code in DAY_VALUED:
            typed = data.get(f"value.{code}", "").strip()
            found.append({"code": code, "value": int(typed) if typed.isascii() and typed.isdigit() else None})
        else:
            found.append(condition)
    return found


def changed(step: Step, values: dict[str, Any]) -> bool:
    """Whether saving these values would change anything."""
    return any(getattr(step, name) != value for name, value in values.items() if name in STEP_FIELDS)


class DayForm(forms.Form):
    """A day between two others."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any = None, *, first: date, last: date, label: Any = None) -> None:
        self.first, self.last = first, last
        super().__init__(data, initial={"day": self.first})
        widget = self.fields["day"].widget
        widget.attrs |= {"min": self.first.isoformat(), "max": self.last.isoformat()}
        if label:
            self.fields["day"].label = label

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self.first <= day <= self.last:
            raise forms.ValidationError(
                _("Choose a day from %(first)s to %(last)s.")
                % {"first": f"{self.first:%d.%m.%Y}", "last": f"{self.last:%d.%m.%Y}"}
            )
        return day
