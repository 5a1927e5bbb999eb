"""Forms of changes of a policy. They keep what was typed; what may be stored is decided by the operations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.workspace.clients.forms import DayField, SumField


class WhyForm(forms.Form):
    """A reason. ``seen`` is the version that stood on the page."""

    reason = forms.CharField(label=pgettext_lazy("version", "Reason"), max_length=255)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class CancelForm(WhyForm):
    """An early end."""

    on = DayField(label=_("Last day of cover"))
    field_order = ("on", "reason")


class EndorsementForm(WhyForm):
    """What changes from a day on; people stand in ``PeopleForms``. ``shown`` is the price that was looked at.

    Where the tariff prices the change, ``premium`` is a price by hand, of who may set one; else it has to be written.
    """

    shown = forms.DecimalField(required=False, widget=forms.HiddenInput)
    valid_from = DayField(label=pgettext_lazy("version", "From which day"))
    sum_insured = SumField(label=_("Sum insured"), required=False)
    premium = SumField(label=_("Price of the whole term by the new conditions"))

    def __init__(
        self, *args: Any, known: bool, may_price: bool, insures_sum: bool, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        if known and not insures_sum:
            del self.fields["sum_insured"]
        if known and not may_price:
            del self.fields["premium"]
        elif known:
            self.fields["premium"].required = False
            self.fields["premium"].label = _("Price of the whole term by hand")
            self.fields["premium"].help_text = _("Left empty it is the price of the tariff.")
