"""Forms of deals: fields that stages ask for, losses, starts, conditions, views."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.dialler.rules.questions import Question
from clientela.modules.organisation.queries import branches_visible_to, teams_visible_to
from clientela.modules.products.queries import name_of, on_sale
from clientela.modules.sales.models import Advice, Deal, Funnel, LostReason
from clientela.modules.sales.queries.deals import funnels, sellers
from clientela.modules.sales.rules.fields import FIELDS, NEXT_KINDS
from clientela.workspace.deals.filters import DAYS, DealFilter


class FieldsForm(forms.Form):
    """Fields of a deal by their codes, as texts: what may stand in them is the operation's to say."""

    def __init__(
        self, data: Any, deal: Deal, codes: Iterable[str], *, required: Iterable[str] = (), zone: Any = None
    ) -> None:
        filled, questions, must = deal.filled(), deal.funnel.asks, set(required)
        initial = {code: _shown(filled.get(code), zone) for code in codes}
        super().__init__(data, initial=initial)
        for code in codes:
            field = question_field(questions[code]) if code in questions else own_field(code)
            field.required = code in must
            self.fields[code] = field

    def values(self) -> dict[str, str]:
        """What was typed, by code."""
        return {code: str(value or "") for code, value in self.cleaned_data.items()}

    def refuse(self, refusal: Refusal) -> None:
        """Tell at the field why nothing was kept."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal.message))


def _shown(value: Any, zone: Any) -> Any:
    return f"{value.astimezone(zone):%Y-%m-%dT%H:%M}" if hasattr(value, "hour") and zone else value


def question_field(one: Question) -> forms.Field:
    """A control for a question of the need."""
    label = one.said(get_language() or "ru") + (f", {one.unit}" if one.unit else "")
    choices = [("yes", _("yes")), ("no", _("no"))] if one.kind == "yes_no" else [(o, o) for o in one.options]
    if choices:
        return forms.ChoiceField(label=label, choices=[("", "—"), *choices])
    if one.kind == "date":
        return forms.CharField(label=label, widget=forms.TextInput({"type": "date"}))
    attributes = {"inputmode": "decimal"} if one.kind == "number" else {}
    return forms.CharField(
        label=label, max_length=200, widget=forms.TextInput({"autocomplete": "off", **attributes})
    )


def own_field(code: str) -> forms.Field:
    """A control for a deal's own field."""
    if code == "product":
        choices = [("", "—"), *((str(one.pk), name_of(one)) for one in on_sale())]
        return forms.ChoiceField(label=FIELDS[code], choices=choices)
    if code == "next_kind":
        kinds = [(key, label) for key, (_icon, label) in NEXT_KINDS.items()]
        return forms.ChoiceField(label=_("How"), choices=[("", "—"), *kinds])
    widget = {
        "amount": forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        "next_at": forms.TextInput({"type": "datetime-local"}),
    }.get(code, forms.TextInput({"maxlength": "200", "autocomplete": "off"}))
    return forms.CharField(label=FIELDS[code], widget=widget, max_length=200)


class LossForm(forms.Form):
    reason = forms.ModelChoiceField(
        LostReason.objects.filter(is_active=True), label=pgettext_lazy("loss", "Why"), empty_label=None,
        widget=forms.RadioSelect({"class": "pick"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), required=False, max_length=255)


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Who works on it"), empty_label=None)

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data)
        self.fields["owner"].queryset = sellers(user)  # type: ignore[attr-defined]


class StartForm(forms.Form):
    """A deal by hand. The client is named by number: the search of the page puts it in."""

    client = forms.ModelChoiceField(Client.objects.none(), label=_("Client"), widget=forms.HiddenInput)
    product = forms.ChoiceField(label=_("Product"))
    subject = forms.CharField(label=FIELDS["subject"], required=False, max_length=200)
    amount = forms.CharField(
        label=FIELDS["amount"],
        required=False,
        max_length=20,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    source = forms.CharField(label=_("Where it comes from"), required=False, max_length=60)

    def __init__(self, data: Any, user: Any, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["client"].queryset = Client.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["product"].choices = [(str(one.pk), name_of(one)) for one in on_sale()]  # type: ignore[attr-defined]


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What the client said"),
        choices=Advice.Reason.choices,
        widget=forms.RadioSelect({"class": "pick"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=255)


class ViewForm(forms.Form):
    name = forms.CharField(label=_("Name of the view"), max_length=80)
    shared = forms.BooleanField(
        label=_("Everybody sees it"), required=False, widget=forms.CheckboxInput({"class": "pick"})
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)


def _many(label: Any, choices: list[tuple[Any, Any]]) -> forms.Field:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple({"class": "pick"})
    )


class ConditionsForm(forms.Form):
    """Every condition of the board."""

    def __init__(self, wanted: DealFilter, user: Any) -> None:
        super().__init__(
            initial={
                "owner": [str(one) for one in wanted.owner], "team": [str(one) for one in wanted.team],
                "branch": [str(one) for one in wanted.branch], "origin": wanted.origin, "state": wanted.state,
                "created": str(wanted.created or ""), "slow": wanted.slow, "stepless": wanted.stepless,
            }
        )  # fmt: skip
        self.fields["state"] = forms.ChoiceField(label=_("State"), choices=Deal.State.choices)
        days = [(str(one), _("last %(n)s days") % {"n": one}) for one in DAYS]
        self.fields["created"] = forms.ChoiceField(
            label=_("Begun"), choices=[("", _("any time")), *days], required=False
        )
        self.fields["origin"] = _many(_("From"), list(Deal.Origin.choices))
        for name, label, rows in (
            ("team", _("Team"), teams_visible_to(user)), ("branch", _("Branch"), branches_visible_to(user)),
            ("owner", _("Who works on it"), sellers(user)),
        ):  # fmt: skip
            choices = [(str(row.pk), str(row)) for row in rows[:60]]
            if len(choices) > 1:
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, choices=choices, required=False, widget=forms.SelectMultiple({"size": "5"})
                )
        for name, label in (("slow", _("Longer than the norm")), ("stepless", _("Without a next step"))):
            self.fields[name] = forms.BooleanField(
                label=label, required=False, widget=forms.CheckboxInput({"value": "1", "class": "pick"})
            )


def funnel_of(code: str) -> Funnel | None:
    """The funnel of an address, else the first one in use."""
    rows = list(funnels().prefetch_related("stages"))
    return next((one for one in rows if one.code == code), rows[0] if rows else None)
