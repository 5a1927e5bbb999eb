"""The people of a policy in the form of its change: rows that stand, are put right, taken out and added."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clientela.foundation.dates import is_of_a_life
from clientela.foundation.identifiers import InvalidIdentifier
from clientela.modules.contracts.models import Participant
from clientela.modules.quotes import rules
from clientela.modules.quotes.queries.running import person_key
from clientela.workspace.clients.forms import DayField

DRIVER, INSURED = Participant.Role.DRIVER.value, Participant.Role.INSURED.value
DAYS = ("birth_date", "experience_since")
TOLD = ("role", "name", *DAYS, "licence")
MOST_NEW, YOUNGEST_DRIVER = 30, 16


class PersonForm(forms.Form):
    """One row: somebody of the policy (``person``), or somebody new. A row that is left as it stands is not checked.

    ``strict``: the tariff counts by what is asked here, so that nothing of it may be missing.
    """

    _errors: Any

    role = forms.ChoiceField(label=gettext_lazy("Role in the contract"), choices=Participant.Role)
    name = forms.CharField(label=gettext_lazy("Full name"), max_length=200, required=False)
    birth_date = DayField(label=gettext_lazy("Birth date"), required=False)
    experience_since = DayField(label=gettext_lazy("Drives since"), required=False)
    licence = forms.CharField(label=pgettext_lazy("document", "Licence"), max_length=20, required=False)
    gone = forms.BooleanField(label=pgettext_lazy("person", "Take out"), required=False)

    def __init__(
        self,
        data: Any,
        *,
        prefix: str,
        person: Mapping[str, Any] | None,
        role: str,
        strict: bool,
        drives: bool,
    ) -> None:
        self.person, self.strict = person, strict
        stands = dict(person or {"role": role})
        stands |= {name: date.fromisoformat(stands[name]) for name in DAYS if stands.get(name)}
        # A row that the page did not send stays as it stands.
        sent = data if data is not None and f"{prefix}-name" in data else None
        super().__init__(sent, prefix=prefix, initial=stands)
        if person is None:
            del self.fields["gone"]
        if not drives:
            del self.fields["experience_since"], self.fields["licence"]

    @property
    def is_gone(self) -> bool:
        return self.is_bound and bool(self.cleaned_data.get("gone"))

    @property
    def is_told(self) -> bool:
        """Whether anything but the role stands in the row."""
        return any(self.cleaned_data.get(name) or name in self.errors for name in TOLD[1:])

    @property
    def is_touched(self) -> bool:
        """Whether a row of the policy says something else than the policy."""
        return self.is_bound and any(name in self.changed_data for name in TOLD)

    def clean_licence(self) -> str:
        written = self.cleaned_data["licence"].strip()
        try:
            return rules.licence(written) if written else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error.message)) from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("gone"):
            self.errors.clear()
            return data
        if (not self.is_touched) if self.person is not None else not self.is_told:
            return data
        if not data.get("name", "").strip() and "name" not in self.errors:
            self.add_error("name", _("Write who it is."))
        for name in DAYS:
            if data.get(name) and not is_of_a_life(data[name], timezone.localdate()):
                self.add_error(name, _("Check the year."))
        self._ensure_told(data)
        born, since = data.get("birth_date"), data.get("experience_since")
        if born and since and born > since:
            self.add_error("birth_date", _("Nobody is born after the first licence."))
        elif born and since and since.year - born.year < YOUNGEST_DRIVER:
            self.add_error("experience_since", _("Nobody drives before the age of 16."))
        return data

    def _ensure_told(self, data: Mapping[str, Any]) -> None:
        wanted = {DRIVER: DAYS, INSURED: DAYS[:1]}.get(str(data.get("role")), ()) if self.strict else ()
        for name in wanted:
            if name in self.fields and not data.get(name) and name not in self.errors:
                self.add_error(name, _("Without it there is no price."))

    def told(self) -> dict[str, Any]:
        """The person as a version names people; what was not touched stays word for word."""
        if self.person is not None and not self.is_touched:
            return dict(self.person)
        data = self.cleaned_data
        stood = {name: value for name, value in (self.person or {}).items() if name not in TOLD}
        days = {name: data[name].isoformat() if data.get(name) else None for name in DAYS}
        if "experience_since" not in self.fields:
            days["experience_since"] = (self.person or {}).get("experience_since")
        found = {"client_id": None} | stood | {"role": data["role"], "name": data["name"].strip()} | days
        licence = data.get("licence") or ""
        if self.person is not None and person_key(found) != person_key(self.person):
            found = {name: value for name, value in found.items() if name not in ("class", "joined")}
        return found | ({"licence": licence} if licence else {})


class PeopleForms:
    """All rows together. ``new`` in the data names the rows that were added; ``drop`` one that is not wanted."""

    def __init__(
        self, data: Any, *, people: Sequence[Mapping[str, Any]], role: str, strict: bool, drives: bool
    ) -> None:
        self.people = people
        common: dict[str, Any] = {"role": role, "strict": strict, "drives": drives}
        self.standing = [
            PersonForm(data, prefix=f"was-{place}", person=one, **common) for place, one in enumerate(people)
        ]
        places = _places(data)
        self.new = [
            (place, PersonForm(data, prefix=f"new-{place}", person=None, **common)) for place in places
        ]
        self.may_add = len(places) < MOST_NEW
        if data is not None and data.get("more") and self.may_add:
            place = max(places, default=-1) + 1
            added = PersonForm(None, prefix=f"new-{place}", person=None, **common)
            added.fields["name"].widget.attrs["autofocus"] = True
            self.new.append((place, added))

    def unchecked(self) -> "PeopleForms":
        """The rows as they were typed, without a word about them: somebody is still typing."""
        for form in self.rows:
            form._errors = ErrorDict()
        return self

    @property
    def rows(self) -> list[PersonForm]:
        return [*self.standing, *(form for _place, form in self.new)]

    @property
    def errors(self) -> list[Any]:
        return [form.errors for form in self.rows if form.is_bound and form.errors]

    def is_valid(self) -> bool:
        return not self.errors

    def _staying(self) -> list[PersonForm]:
        standing = [form for form in self.standing if not form.is_gone]
        return standing + [form for _place, form in self.new if form.is_bound and form.is_told]

    def named(self) -> list[dict[str, Any]] | None:
        """The people of the policy by the new conditions; nothing where they stay."""
        told = [form.told() for form in self._staying()]
        return told if told != [dict(one) for one in self.people] else None

    def driver(self, place: int) -> PersonForm | None:
        """The row of so manieth driver of the new conditions."""
        drivers = [form for form in self._staying() if form.told()["role"] == DRIVER]
        return drivers[place] if place < len(drivers) else None


def _places(data: Any) -> list[int]:
    """The rows that were added, without the one that is dropped; anything else is nobody's row."""
    if data is None:
        return []
    told = [
        int(one) for one in data.getlist("new")[:MOST_NEW] if one.isascii() and one.isdigit() and len(one) < 4
    ]
    return [place for place in dict.fromkeys(told) if str(place) != data.get("drop")]
