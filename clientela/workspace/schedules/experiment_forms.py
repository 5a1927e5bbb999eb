"""What a person chooses to start and to end an experiment."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.renewals.models import Experiment, ScheduleVersion


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options
    )


class StartForm(forms.Form):
    """Version B, its share and the days on which contracts enter."""

    version = forms.TypedChoiceField(label=_("Version B"), coerce=int)
    share = forms.IntegerField(
        label=_("Share of clients who get B, %"), initial=50, widget=forms.NumberInput({"min": 1, "max": 99})
    )
    first_day = _day(_("First day"))
    last_day = _day(_("Last day"), required=False)

    def __init__(
        self, data: Any = None, *, versions: list[ScheduleVersion], chosen: int | None, earliest: date
    ) -> None:
        super().__init__(data, initial={"version": chosen, "first_day": earliest})
        names = [(v.number, _label(v)) for v in versions]
        self.fields["version"].choices = names  # type: ignore[attr-defined]
        for name in ("first_day", "last_day"):
            self.fields[name].widget.attrs["min"] = earliest.isoformat()


def _label(version: ScheduleVersion) -> str:
    name = _("Version %(n)s") % {"n": version.number}
    is_draft = version.state == ScheduleVersion.State.DRAFT
    return f"{name}, {pgettext_lazy('version', 'draft') if is_draft else pgettext_lazy('version', 'former')}"


class EndForm(forms.Form):
    """The version that stays, from when, and why."""

    winner = forms.ChoiceField(
        label=_("Which version stays"), choices=Experiment.Winner.choices,
        widget=forms.RadioSelect({"class": "pick"}),
    )  # fmt: skip
    from_day = _day(_("From day"))
    reason = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea({"rows": 3}),
        help_text=_("It stays with the experiment and in the journal."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, earliest: date) -> None:
        super().__init__(data, initial={"winner": Experiment.Winner.A, "from_day": earliest})
        self.fields["from_day"].widget.attrs["min"] = earliest.isoformat()
