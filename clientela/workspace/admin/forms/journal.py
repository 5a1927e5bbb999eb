"""Filters of the journal, read from the address; nonsense counts as nothing."""

from django import forms

from clientela.workspace.admin.action_words import ACTIONS, OBJECTS
from clientela.workspace.admin.journal import Filter

GREATEST = 2**63 - 1


class JournalFilter(forms.Form):
    """Who, what, with what, when."""

    who = forms.IntegerField(required=False, min_value=1, max_value=GREATEST)
    action = forms.ChoiceField(
        choices=[("", ""), *((code, words) for code, (words, _) in ACTIONS.items())], required=False
    )
    object_type = forms.ChoiceField(choices=[("", ""), *OBJECTS.items()], required=False)
    object_id = forms.IntegerField(required=False, min_value=1, max_value=GREATEST)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    q = forms.CharField(required=False, max_length=80)
    before = forms.IntegerField(required=False, min_value=1, max_value=GREATEST)
    entry = forms.IntegerField(required=False, min_value=1, max_value=GREATEST)

    def chosen(self) -> Filter:
        """The filters that make sense."""
        self.is_valid()
        names = Filter.__dataclass_fields__
        return Filter(**{name: value for name, value in self.cleaned_data.items() if value and name in names})

    def number(self, name: str) -> int | None:
        """A number of the address, or None."""
        value: int | None = self.cleaned_data.get(name)
        return value
