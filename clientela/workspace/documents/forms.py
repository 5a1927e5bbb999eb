"""The form of a template."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.documents.models import LANGUAGES, Kind, PickupPoint
from clientela.modules.products.models import Product
from clientela.modules.products.queries import name_of


class TemplateForm(forms.Form):
    """The draft of the next version."""

    name = forms.CharField(label=pgettext_lazy("template", "Name"), max_length=120)
    kind = forms.ChoiceField(label=pgettext_lazy("template", "Kind"), choices=Kind)
    product_code = forms.ChoiceField(label=_("Product"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    html = forms.CharField(
        label=_("Text with marks"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 26, "spellcheck": "false", "class": "num"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = [(one.code, name_of(one)) for one in Product.objects.filter(is_active=True)]
        self.fields["product_code"].choices = [("", _("Any product")), *products]  # type: ignore[attr-defined]


class PointForm(forms.ModelForm):
    """A pick-up point."""

    class Meta:
        model = PickupPoint
        fields = ("branch", "name", "address", "hours", "is_active")
        labels = {
            "branch": _("Branch"), "name": pgettext_lazy("pick-up point", "Name"),
            "address": pgettext_lazy("delivery", "Address"), "hours": _("Opening hours"),
            "is_active": _("Documents are given out here"),
        }  # fmt: skip
