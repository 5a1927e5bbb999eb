"""What an underwriter and an administrator type."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.models import User
from clientela.modules.products.models import Product
from clientela.modules.underwriting.models import View
from clientela.modules.underwriting.queries import deciders
from clientela.workspace.quotes.fields import Figure


class AcceptForm(forms.Form):
    """A factor upon the premium, and conditions that the seller is told."""

    loading = Figure(label=_("Factor upon the premium"), decimal_places=4, initial=Decimal(1))
    conditions = forms.CharField(
        label=_("Conditions"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


class DeclineForm(forms.Form):
    """Why the risk is not taken."""

    reason = forms.CharField(
        label=pgettext_lazy("field", "Reason"), max_length=500, widget=forms.Textarea({"rows": 2})
    )


class InspectForm(forms.Form):
    """Which photos are wanted and how the client is asked."""

    views = forms.MultipleChoiceField(
        label=_("Photos"), choices=View.choices, widget=forms.CheckboxSelectMultiple
    )
    channel = forms.ChoiceField(
        label=_("Ask by"), choices=[("sms", "SMS"), ("email", _("E-mail")), ("telegram", "Telegram")]
    )


class AuthorityForm(forms.Form):
    """How far a person may decide."""

    user = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=None)
    product = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.all(), required=False, empty_label=_("All products")
    )
    most = Figure(
        label=_("Sum insured, at most"),
        required=False,
        decimal_places=2,
        min_value=0,
        help_text=_("Empty: any sum."),
    )
    most_loading = Figure(
        label=_("Loading, %"),
        required=False,
        decimal_places=2,
        min_value=0,
        max_value=900,
        help_text=_("Empty: any."),
    )
    most_discount = Figure(
        label=_("Discount, %"),
        required=False,
        decimal_places=2,
        min_value=0,
        max_value=50,
        help_text=_("Empty: any."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["user"].queryset = deciders()  # type: ignore[attr-defined]
