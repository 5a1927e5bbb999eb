"""What is typed about money."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS, language
from clientela.modules.billing.finding import PaymentFilter
from clientela.modules.billing.models import Payee, Payment, Refund
from clientela.modules.billing.operations import PAYEE_FIELDS
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.organisation.queries import Scope, scope_of
from clientela.workspace.clients.forms import SumField


class ConditionsForm(forms.Form):
    """Conditions of the list of payments."""

    state = forms.ChoiceField(label=_("State"), required=False)
    method = forms.ChoiceField(label=_("How it was paid"), required=False)
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Branch"), required=False, empty_label=_("any")
    )
    agent = forms.ModelChoiceField(
        Agent.objects.none(), label=_("Agent"), required=False, empty_label=_("any")
    )
    since = forms.DateField(label=_("From the day"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To the day"), required=False, widget=forms.DateInput({"type": "date"}))
    least = forms.CharField(label=_("Sum from"), required=False, max_length=16)
    most = forms.CharField(label=_("Sum to"), required=False, max_length=16)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        given: Any = self.fields
        states = [("returned", _("Money went back")), ("no_receipt", _("Receipt is being registered")),
                  ("receipt_refused", _("Receipt refused"))]  # fmt: skip
        given["state"].choices = [("", _("any")), *states]
        given["method"].choices = [("", _("any")), *Payment.Method.choices]
        scope = scope_of(user)
        agents = _agents(scope)
        given["agent"].queryset = agents.order_by("last_name", "first_name", "pk")
        branches = (
            Branch.objects.all() if scope.everything else Branch.objects.filter(agents__in=agents).distinct()
        )
        given["branch"].queryset = branches.order_by("name")

    def chips(self, wanted: PaymentFilter) -> list[dict[str, str]]:
        """What is set, and the address without it."""
        found = []
        for name, value in wanted.values.items():
            blank = getattr(PaymentFilter(), name)
            without = wanted.but(**{name: blank}).query
            label = str(self.fields[name].label) if name in self.fields else str(_("Search"))
            found.append({"name": label, "value": self._said(name, value, wanted), "remove": f"?{without}"})
        return found

    def _said(self, name: str, value: str, wanted: PaymentFilter) -> str:
        field: Any = self.fields.get(name)
        if name in ("since", "until"):
            return formats.full_date(getattr(wanted, name), language())
        if name in ("least", "most"):
            return formats.money(getattr(wanted, name), language())
        if name in ("branch", "agent"):
            return str(field.queryset.filter(pk=value).first() or "—")
        return str(dict(field.choices).get(value, value)) if field else value


def _agents(scope: Scope) -> "QuerySet[Agent]":
    """Agents whose clients these are."""
    rows = Agent.objects.all()
    if scope.everything:
        return rows
    if scope.branch_id:
        return rows.filter(branch_id=scope.branch_id)
    return rows.filter(centre_id=scope.centre_id) if scope.centre_id else rows.filter(pk__in=scope.agent_ids)


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


class ReceiptForm(forms.Form):
    """Where a receipt goes once more."""

    to = forms.CharField(label=_("E-mail or phone"), max_length=254)


class DropForm(forms.Form):
    """Money that was due does not go back."""

    reason = forms.CharField(label=pgettext_lazy("refund", "Why"), max_length=120)


class PayeeForm(forms.ModelForm):
    """The company's requisites."""

    class Meta:
        model = Payee
        fields = PAYEE_FIELDS
        labels = {
            "name": _("Payee"),
            "inn": _("INN"),
            "kpp": _("KPP"),
            "account": pgettext_lazy("requisites", "Account"),
            "bank_name": _("Bank"),
            "bic": _("BIC"),
            "correspondent_account": _("Correspondent account"),
            "ogrn": _("OGRN"),
            "address": _("Address by the register"),
            "licences": _("Licences"),
        }
        help_texts = {
            "address": "",
            "licences": _("Their numbers and days, as papers of contracts name them."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("inn", "kpp", "account", "bic", "correspondent_account", "ogrn"):
            self.fields[name].max_length = 40  # type: ignore[attr-defined]
            self.fields[name].validators = []
            self.fields[name].widget.attrs.pop("maxlength", None)  # people paste them with spaces
