"""Forms of sister companies: a company, a kind of fact, a text, the client's word."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.group.models import ConsentDocument, FactKind, SisterCompany


class AgreeForm(forms.Form):
    """Evidence of the consent."""

    source = forms.CharField(
        label=_("How it was given"), max_length=80, help_text=_("By phone, on paper, in the office …")
    )


class WithdrawForm(forms.Form):
    """How the client said it."""

    via = forms.CharField(label=_("How the client said it"), max_length=80)


class CompanyForm(forms.ModelForm):
    """A sister company."""

    class Meta:
        model = SisterCompany
        fields = ("name", "code", "kind", "contact", "contract", "trust", "feeder", "is_active")
        labels = {
            "name": pgettext_lazy("sister company", "Name"), "code": _("Code"), "kind": _("What it is"),
            "contact": _("Who answers for the data there"), "contract": _("Agreement on handing data over"),
            "trust": _("Trust, 0 to 100"), "feeder": _("Account of its program"), "is_active": _("In use"),
        }  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["feeder"]
        field.queryset = User.objects.filter(role=Role.SISTER, is_active=True)  # type: ignore[attr-defined]
        self.fields["trust"].widget.attrs |= {"min": 0, "max": 100}
        self.fields["trust"].validators = [_percent]
        self.fields["contact"].widget.attrs["maxlength"] = 200


def _percent(value: int) -> None:
    if not 0 <= value <= 100:
        raise forms.ValidationError(_("From 0 to 100."))


class KindForm(forms.ModelForm):
    """A kind of fact."""

    class Meta:
        model = FactKind
        fields = (
            "title", "title_en", "code", "value_type", "unit", "fresh_days", "keep_days", "for_service", "for_offers",
            "is_active",
        )  # fmt: skip
        labels = {
            "title": _("In Russian"), "title_en": _("In English"), "code": _("Code"), "value_type": _("Value"),
            "unit": _("Unit"), "fresh_days": _("Fresh for, days"), "keep_days": _("Kept for, days"),
            "for_service": _("May be used in service"), "for_offers": _("May be used in offers"), "is_active": _("In use"),
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        fresh, kept = data.get("fresh_days"), data.get("keep_days")
        if fresh and kept and kept < fresh:
            self.add_error("keep_days", _("Not shorter than it is fresh."))
        return data


class TextForm(forms.ModelForm):
    """A version of the text that clients agree to."""

    companies = forms.ModelMultipleChoiceField(
        label=_("Companies it names"), queryset=SisterCompany.objects.filter(is_active=True),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = ConsentDocument
        fields = ("version", "since", "title", "title_en", "text", "text_en")
        labels = {
            "version": pgettext_lazy("text", "Version"), "since": _("In force from"), "title": _("Title, in Russian"),
            "title_en": _("Title, in English"), "text": _("Text, in Russian"), "text_en": _("Text, in English"),
        }  # fmt: skip
        widgets = {"since": forms.DateInput(attrs={"type": "date"})}
