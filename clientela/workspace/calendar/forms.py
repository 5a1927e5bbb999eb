"""The event's form, and the form of a reminder."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.dates import local_moment
from clientela.foundation.ids import id_of, ids_of
from clientela.modules.calendar.models import Event, Rule
from clientela.modules.calendar.operations.events import MOST_GUESTS
from clientela.modules.calendar.ports import Draft, Guest

NEVER, OWN = "", "own"
REPEATS = {
    NEVER: _("Does not repeat"),
    "FREQ=DAILY": _("Every day"),
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": _("Every working day"),
    "FREQ=WEEKLY": _("Every week"),
    "FREQ=WEEKLY;INTERVAL=2": _("Every two weeks"),
    "FREQ=MONTHLY": _("Every month"),
    "FREQ=YEARLY": _("Every year"),
}
ONE, ALL = "one", "all"


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


def _time() -> forms.TimeInput:
    return forms.TimeInput({"type": "time", "step": 300}, format="%H:%M")


class EventForm(forms.Form):
    """An event in the person's own zone. What is typed stays in its fields whatever is wrong with it."""

    title = forms.CharField(max_length=200, label=pgettext_lazy("event", "Title"))
    kind = forms.ChoiceField(
        choices=Event.Kind, label=pgettext_lazy("event", "Kind"), initial=Event.Kind.MEETING
    )
    all_day = forms.BooleanField(required=False, label=_("All day"))
    day = forms.DateField(widget=_day(), label=_("Day"))
    start = forms.TimeField(required=False, widget=_time(), label=pgettext_lazy("time", "From"))
    end = forms.TimeField(required=False, widget=_time(), label=pgettext_lazy("time", "Until"))
    last_day = forms.DateField(required=False, widget=_day(), label=_("Last day"))
    repeat = forms.ChoiceField(required=False, label=_("Repeat"))
    repeat_until = forms.DateField(required=False, widget=_day(), label=_("Repeat until"))
    place = forms.CharField(required=False, max_length=200, label=pgettext_lazy("event", "Place"))
    client = forms.CharField(required=False, label=_("Client"), widget=forms.HiddenInput)
    about = forms.ChoiceField(required=False, label=pgettext_lazy("event", "About"))
    note = forms.CharField(
        required=False, max_length=20_000, label=_("Note"), widget=forms.Textarea({"rows": 3})
    )
    only = forms.CharField(required=False, widget=forms.HiddenInput)
    which = forms.ChoiceField(
        required=False, choices=[(ONE, _("Only this time")), (ALL, _("All times"))], widget=forms.RadioSelect,
        label=_("What changes"), initial=ONE,
    )  # fmt: skip

    def __init__(
        self, *args: Any, zone: str, about: list[tuple[str, str]], rule: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.rule = zone, rule
        choices = list(REPEATS.items())
        if rule and split_rule(rule)[0] not in REPEATS:
            choices.append((OWN, _("As it was set elsewhere")))
        self.fields["repeat"].choices = choices  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", "—"), *about]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("all_day"):
            for name in ("start", "end"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Say the time, or choose “All day”."))
        return data

    def clean_only(self) -> datetime | None:
        return moment_of(self.cleaned_data["only"])

    def guests(self) -> tuple[Guest, ...]:
        """Who is ticked: people here by id, addresses outside as they are."""
        given: Any = self.data
        people = ids_of(given.getlist("people"), MOST_GUESTS + 1)
        addresses = given.getlist("addresses")[: MOST_GUESTS + 1]
        return (
            *(Guest(person_id=person) for person in people),
            *(Guest(email=address) for address in addresses if is_address(address)),
        )

    def draft(self) -> Draft:
        """What is typed, in our words."""
        data = self.cleaned_data
        starts_at, ends_at = span(
            data["day"],
            data["start"],
            data["last_day"] or data["day"],
            data["end"],
            data["all_day"],
            self.zone,
        )
        kind, _colon, number = data["about"].partition(":")
        return Draft(
            title=data["title"], kind=data["kind"], starts_at=starts_at, ends_at=ends_at, all_day=data["all_day"],
            time_zone=self.zone, place=data["place"], note=data["note"], rrule=self._rule(),
            client_id=id_of(data["client"]), about_kind=kind, about_id=id_of(number), guests=self.guests(),
        )  # fmt: skip

    def _rule(self) -> str:
        data = self.cleaned_data
        if data["repeat"] == OWN:
            return self.rule
        rule: str = data["repeat"]
        if rule and data["repeat_until"]:
            until = datetime.combine(data["repeat_until"], time(23, 59, 59), ZoneInfo(self.zone))
            rule += f";UNTIL={until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return rule


def span(
    day: date, start: time | None, last_day: date, end: time | None, all_day: bool, zone: str
) -> tuple[datetime, datetime]:
    """The moments between which it takes place; an end before its start on the same day is after midnight."""
    if all_day or start is None or end is None:
        return local_moment(day, time(), zone), local_moment(
            max(day, last_day) + timedelta(days=1), time(), zone
        )
    if end <= start and last_day <= day:
        last_day = day + timedelta(days=1) if end < start else day
    return local_moment(day, start, zone), local_moment(last_day, end, zone)


def split_rule(rule: str) -> tuple[str, date | None]:
    """The rule without its end, and the last day."""
    parts = [part for part in rule.split(";") if part]
    until = next((part[6:] for part in parts if part.startswith("UNTIL=")), "")
    plain = ";".join(part for part in parts if not part.startswith("UNTIL="))
    return plain, datetime.strptime(until[:8], "%Y%m%d").date() if until else None  # noqa: DTZ007


def moment_of(text: str) -> datetime | None:
    """An aware moment in ISO 8601; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def local_of(text: str, zone: str) -> datetime | None:
    """A wall-clock time of the zone, as the calendar's grid says it; a date is its midnight."""
    try:
        moment = datetime.fromisoformat(text.rstrip("Z"))
        return local_moment(moment.date(), moment.time(), zone)
    except (ValueError, OverflowError):
        return None


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class RuleForm(forms.Form):
    """An own reminder."""

    when = forms.ChoiceField(
        choices=Rule.When, label=pgettext_lazy("reminder", "When"), initial=Rule.When.BEFORE
    )
    at = forms.TimeField(required=False, widget=_time(), label=_("At what time"))
    minutes = forms.IntegerField(
        required=False, min_value=1, max_value=1440, label=_("Minutes before"), initial=30
    )
    kind = forms.ChoiceField(
        required=False, choices=[("", _("Any event")), *Event.Kind.choices], label=_("Which events")
    )
    by_page = forms.BooleanField(required=False, initial=True, label=_("On the page"))
    by_push = forms.BooleanField(required=False, label=_("In the browser, even when it is closed"))
    by_email = forms.BooleanField(required=False, label=_("By e-mail"))

    def clean_minutes(self) -> int:
        return self.cleaned_data["minutes"] or 0


class PasswordForm(forms.Form):
    """What program the password is for."""

    name = forms.CharField(max_length=80, label=_("Program"), initial="")
