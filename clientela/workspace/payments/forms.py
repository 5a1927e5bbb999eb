"""What is typed about money."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.billing.models import Payee, Refund
from clientela.workspace.clients.forms import SumField


class InvoiceForm(forms.Form):
    """What a client is to pay, and how the link goes out."""

    target = forms.ChoiceField(label=_("For"))
    channel = forms.ChoiceField(label=_("Send the link by"), required=False)

    def __init__(
        self, *args: Any, targets: list[tuple[str, str]], channels: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = targets  # type: ignore[attr-defined]
        ways = [(code, str(CHANNELS[code][1])) for code in channels]
        self.fields["channel"].choices = [*ways, ("", _("Do not send, I give the link myself"))]  # type: ignore[attr-defined]


class PayBackForm(forms.Form):
    """How money goes back."""

    way = forms.ChoiceField(label=_("How it goes back"))
    slip = forms.CharField(label=_("Number of the slip or the order"), max_length=40, required=False)

    def __init__(self, *args: Any, same: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            way for way in Refund.Way.choices if same or way[0] != Refund.Way.SAME
        ]


class RefundForm(PayBackForm):
    """Money of one payment goes back."""

    amount = SumField(label=_("Sum, RUB"))
    reason = forms.CharField(label=pgettext_lazy("refund", "Why"), max_length=120)
    field_order = ("amount", "way", "slip", "reason")


class DropForm(forms.Form):
    """Money that was due does not go back."""

    reason = forms.CharField(label=pgettext_lazy("refund", "Why"), max_length=120)


class PayeeForm(forms.ModelForm):
    """The company's requisites."""

    class Meta:
        model = Payee
        fields = ("name", "inn", "kpp", "account", "bank_name", "bic", "correspondent_account")
        labels = {
            "name": _("Payee"),
            "inn": _("INN"),
            "kpp": _("KPP"),
            "account": pgettext_lazy("requisites", "Account"),
            "bank_name": _("Bank"),
            "bic": _("BIC"),
            "correspondent_account": _("Correspondent account"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("inn", "kpp", "account", "bic", "correspondent_account"):
            self.fields[name].max_length = 40  # type: ignore[attr-defined]
            self.fields[name].validators = []
            self.fields[name].widget.attrs.pop("maxlength", None)  # people paste them with spaces
