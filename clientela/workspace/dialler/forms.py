"""What a manager sets about a list."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.models import User
from clientela.modules.contacts.models import Purpose
from clientela.modules.dialler.models import CallingList
from clientela.modules.dialler.rules.attempts import Rules
from clientela.modules.dialler.rules.questions import KINDS, parsed
from clientela.modules.organisation.models import Branch, RenewalCentre, Team
from clientela.modules.organisation.queries import branches_visible_to, centres_visible_to, scope_of

NUMBERS = {
    "most": _("Attempts in all"),
    "a_day": _("Attempts a day"),
    "busy": _("Busy: again in, minutes"),
    "failed": _("Not connected: again in, minutes"),
    "no_answer_least": _("No answer: again in at least, minutes"),
    "no_answer_most": _("No answer: again in at most, minutes"),
    "voicemail_days": _("Answering machine: again in, days"),
    "unsaid_days": _("Talked without an outcome: again in, days"),
}
ROWS = 8
KIND_NAMES = {
    "number": pgettext_lazy("question", "number"), "choice": pgettext_lazy("question", "choice"),
    "date": pgettext_lazy("question", "day"), "yes_no": pgettext_lazy("question", "yes or no"),
    "text": pgettext_lazy("question", "words"),
}  # fmt: skip


class ListForm(forms.Form):
    """A calling list. The questions come as rows of the page, see ``questions_of``."""

    name = forms.CharField(label=pgettext_lazy("calling list", "Name"), max_length=120)
    purpose = forms.ChoiceField(
        label=_("What the calls are for"), choices=[(one, Purpose(one).label) for one in ("service", "advertising")]
    )  # fmt: skip
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Branch"), required=False, empty_label=_("all")
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label=_("all"))
    centre = forms.ModelChoiceField(
        RenewalCentre.objects.none(), label=_("Renewal centre"), required=False, empty_label=_("all")
    )
    mode = forms.ChoiceField(label=pgettext_lazy("calling list", "Mode"), choices=CallingList.Mode.choices)
    countdown = forms.IntegerField(
        label=_("Seconds before it dials by itself"), min_value=3, max_value=120, initial=20
    )
    opens = forms.TimeField(
        label=_("Calls from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M")
    )
    closes = forms.TimeField(
        label=_("Calls until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"),
        help_text=_("The client's clock; never outside of the communication policy."),
    )  # fmt: skip
    script = forms.CharField(
        label=_("What to say"), required=False, max_length=6000, widget=forms.Textarea({"rows": 10}),
        help_text=_(
            "A blank line begins the next part. Words: {greeting}, {operator}, {company}, {agent}, {phone}, {subject}, {ends}."
        ),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, user: User, data: Any = None, calling: CallingList | None = None) -> None:
        names = [name for name in self.base_fields if name not in NUMBERS]
        initial = {name: getattr(calling, name) for name in names} if calling else {}
        rules = (calling.attempt_rules if calling else Rules()).to_json()
        super().__init__(data, initial=initial | rules)
        for name, label in NUMBERS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=1, max_value=43_200)
        places: dict[str, Any] = {
            "branch": branches_visible_to(user), "centre": centres_visible_to(user),
            "team": Team.objects.filter(branch__in=branches_visible_to(user)),
        }  # fmt: skip
        if not scope_of(user).everything:
            places["centre"] = RenewalCentre.objects.none()
        for name, rows in places.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    @property
    def numbers(self) -> list[Any]:
        return [self[name] for name in NUMBERS]

    def values(self) -> dict[str, Any]:
        """What ``save_list`` takes, without the questions."""
        found = dict(self.cleaned_data)
        rules = {name: found.pop(name) for name in NUMBERS}
        return found | {"rules": Rules().to_json() | rules}


def questions_of(data: Any) -> list[dict[str, Any]]:
    """The rows of questions that were typed; a row without a text is left out."""
    found = []
    for number in range(ROWS):
        row = {
            name: data.get(f"q{number}.{name}", "").strip()
            for name in ("key", "label", "label_en", "kind", "unit")
        }
        options = [one.strip() for one in data.get(f"q{number}.options", "").split(",") if one.strip()]
        if row["label"]:
            found.append(row | {"key": row["key"] or f"q{number + 1}", "options": options})
    return found


def rows_of(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows to be shown: those that are known and empty ones."""
    shown = [one | {"options": ", ".join(one.get("options", []))} for one in questions[:ROWS]]
    empty = {"key": "", "label": "", "label_en": "", "kind": "number", "unit": "", "options": ""}
    return shown + [dict(empty) for _number in range(ROWS - len(shown))]


def check(questions: list[dict[str, Any]]) -> str:
    """What is wrong with the questions; empty when nothing is."""
    try:
        parsed(json.loads(json.dumps(questions)))
    except Refusal as refusal:
        return str(refusal)
    return ""


KIND_CHOICES = [(kind, KIND_NAMES[kind]) for kind in KINDS]
