"""What is typed about rates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.commission.models import Rate, paid_agents
from clientela.modules.organisation.models import Agent
from clientela.modules.products.models import Line, Product


def _day(**values: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **values)


class RateForm(forms.Form):
    """A rate from a day on."""

    line = forms.ChoiceField(label=_("Line of business"), choices=Line.choices)
    percent = forms.DecimalField(
        label=_("Rate, %"), min_value=0, max_value=100, max_digits=6, decimal_places=3, localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    agent = forms.ModelChoiceField(
        Agent.objects.none(), label=_("Agreement of"), required=False, empty_label=_("all agents")
    )
    product = forms.ModelChoiceField(
        Product.objects.order_by("name"), label=_("Product"), required=False, empty_label=_("any of the line")
    )
    term = forms.ChoiceField(label=pgettext_lazy("commission", "For"), required=False)
    channel = forms.ChoiceField(label=_("Sales channel"), required=False)
    valid_from = _day(label=_("From the day"))
    valid_until = _day(
        label=_("To the day"), required=False, help_text=_("Empty: until another rate follows.")
    )
    reason = forms.CharField(label=_("Paper it stands in"), max_length=120, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self.fields
        given["agent"].queryset = paid_agents(user).order_by("last_name", "first_name", "pk")
        both = [("", _("new contracts and renewals"))]
        given["term"].choices = [*both, *Rate.Term.choices]
        given["channel"].choices = [("", pgettext_lazy("channel", "any")), *Rate.Channel.choices]


class RentTermsForm(forms.Form):
    """What holds for all rents: a target by line where the norm is not asked for."""

    days = forms.IntegerField(
        label=_("Days in which the branch decides"), min_value=1, max_value=60,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line, label in Line.choices:
            self.fields[f"target_{line}"] = forms.DecimalField(
                label=_("%(line)s: target, %%") % {"line": label}, required=False, min_value=0, max_value=100, max_digits=5,
                decimal_places=2, localize=True, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            )  # fmt: skip

    @property
    def targets(self) -> dict[str, Any]:
        """By line; empty: the norm of renewals."""
        return {line: self.cleaned_data.get(f"target_{line}") for line in Line.values}


class EndForm(forms.Form):
    """The last day of a rate."""

    valid_until = _day(label=_("Last day"))
