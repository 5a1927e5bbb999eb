"""Forms of branches, teams, centres, people, agents, norms and hand-overs."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clientela.foundation.regions import REGIONS
from clientela.modules.accounts.forms import zone_choices
from clientela.modules.accounts.rules import Role
from clientela.modules.organisation.models import Agent, Branch, NormTarget, RenewalCentre, Team
from clientela.modules.organisation.queries import branches_visible_to, centres_visible_to
from clientela.modules.products.models import Line
from clientela.workspace.admin.queries.organisation import territories


def region_choices(codes: Collection[str] | None = None) -> list[tuple[str, str]]:
    """Regions of Russia, or those of them with these codes, by name in the language of the request."""
    english = (get_language() or "ru").startswith("en")
    shown = [region for region in REGIONS if codes is None or region.code in codes]
    named = ((region.code, region.name_en if english else region.name_ru) for region in shown)
    return sorted(named, key=lambda pair: pair[1])


class BranchForm(forms.ModelForm):
    """A branch; the operation writes it."""

    region_code = forms.ChoiceField(label=_("Home region"), choices=region_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    regions = forms.MultipleChoiceField(
        label=_("Regions it serves"),
        choices=region_choices,
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
    )

    class Meta:
        model = Branch
        fields = ["name", "code", "city", "region_code", "time_zone", "phone", "regions", "is_active"]
        labels = {
            "name": _("Name"), "code": _("Short Latin name"), "city": _("City"), "phone": _("Phone"),
            "is_active": _("Works"),
        }  # fmt: skip


class TeamForm(forms.ModelForm):
    """A team of a branch."""

    class Meta:
        model = Team
        fields = ["name"]
        labels = {"name": _("Name")}


class CentreForm(forms.ModelForm):
    """A renewal centre and the branches it supports."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)

    class Meta:
        model = RenewalCentre
        fields = ["name", "code", "phone", "time_zone", "branches"]
        labels = {
            "name": _("Name"), "code": _("Short Latin name"), "phone": _("Phone"),
            "branches": _("Branches it supports"),
        }  # fmt: skip
        widgets = {"branches": forms.CheckboxSelectMultiple}


class PersonForm(forms.Form):
    """A person with a sign-in, their role and their place."""

    last_name = forms.CharField(label=_("Surname"), max_length=80)
    first_name = forms.CharField(label=_("Given name"), max_length=80)
    middle_name = forms.CharField(label=_("Patronymic"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), help_text=_("Signs in with it"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    branch = forms.ModelChoiceField(
        Branch.objects.order_by("name"), label=_("Branch"), required=False, empty_label="—"
    )
    team = forms.ModelChoiceField(
        Team.objects.select_related("branch").order_by("branch__name", "name"),
        label=_("Team"),
        required=False,
        empty_label="—",
    )
    centre = forms.ModelChoiceField(
        RenewalCentre.objects.order_by("name"), label=_("Renewal centre"), required=False, empty_label="—"
    )
    agent = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), label=_("Agent's card"), required=False, to_field_name="code",
        widget=forms.TextInput, help_text=_("The agent's key in the policy system, like AG-001"),
        error_messages={"invalid_choice": _("There is no working agent with this key.")},
    )  # fmt: skip
    totp_required = forms.BooleanField(label=_("Second step is required"), required=False)


class AgentForm(forms.ModelForm):
    """An agent's card as who manages the organisation sees it."""

    specialisations = forms.MultipleChoiceField(
        label=_("Specialisations"), choices=Line.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    territories = forms.MultipleChoiceField(
        label=_("Territories"),
        choices=region_choices,
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
        help_text=_("None: the whole branch"),
    )

    class Meta:
        model = Agent
        fields = [
            "last_name", "first_name", "middle_name", "phone", "email", "code", "kind", "branch", "team", "centre",
            "agreement_number", "agreement_date", "legal_status", "specialisations", "territories",
            "is_active",
        ]  # fmt: skip
        labels = {
            "last_name": _("Surname"), "first_name": _("Given name"), "middle_name": _("Patronymic"),
            "phone": _("Phone"), "email": _("E-mail"), "code": _("Key in the policy system"), "kind": _("Kind"),
            "branch": _("Branch"), "team": _("Team"), "centre": _("Renewal centre"),
            "agreement_number": _("Agreement (АГД)"), "agreement_date": _("Agreement date"),
            "legal_status": _("Legal status"), "is_active": _("Works"),
        }  # fmt: skip
        help_texts = {"phone": _("Clients see it in messages"), "code": "", "centre": ""}
        widgets = {"agreement_date": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("branch", "team", "centre"):
            self.fields[name].empty_label = "—"  # type: ignore[attr-defined]


class ContactsForm(forms.ModelForm):
    """What clients see in messages."""

    class Meta:
        model = Agent
        fields = ["last_name", "first_name", "middle_name", "phone", "email"]
        labels = AgentForm.Meta.labels
        help_texts = AgentForm.Meta.help_texts


class NormForm(forms.Form):
    """A norm of a line, common or of one agreement."""

    agent = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), label=_("Agent's key"), required=False, to_field_name="code",
        widget=forms.TextInput, help_text=_("Empty: for everybody"),
        error_messages={"invalid_choice": _("There is no working agent with this key.")},
    )  # fmt: skip
    line = forms.ChoiceField(label=_("Line"), choices=[c for c in Line.choices if c[0] != Line.OTHER])
    percent = forms.DecimalField(
        label=_("Share to keep, %"), min_value=0, max_value=100, decimal_places=2, max_digits=5
    )
    window_months = forms.IntegerField(label=_("Months counted"), min_value=1, max_value=36, initial=3)
    grace_days = forms.IntegerField(label=_("Days of grace"), min_value=0, max_value=180, initial=30)
    min_expiring = forms.IntegerField(
        label=_("Fewest terms to judge"), min_value=0, max_value=10_000, initial=5
    )

    @staticmethod
    def initial_of(target: NormTarget) -> dict[str, Any]:
        """Values of a norm that is being changed."""
        return {
            "agent": target.agent.code if target.agent else None, "line": target.line, "percent": target.percent,
            "window_months": target.window_months, "grace_days": target.grace_days,
            "min_expiring": target.min_expiring,
        }  # fmt: skip


class SuggestedAgent(forms.ModelChoiceField):
    """An agent by the key, alone or after the name, as the suggestions write it: ``Закирова Лилия · AG-003``."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.rpartition("·")[2].strip() if isinstance(value, str) else value)


class TransferForm(forms.Form):
    """Who takes a portfolio over, and why."""

    to = SuggestedAgent(
        Agent.objects.none(), label=_("To whom"), to_field_name="code",
        widget=forms.TextInput({"list": "agents", "autocomplete": "off"}),
        help_text=_("Begin with the surname and choose, or write the agent's key"),
        error_messages={"invalid_choice": _("There is no working agent with this key.")},
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, movable: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = movable.filter(is_active=True)  # type: ignore[attr-defined]


class AgentFilter(forms.Form):
    """Filters of the list of agents, read from the address; nonsense counts as nothing."""

    q = forms.CharField(required=False, max_length=80)
    branch = forms.ModelChoiceField(Branch.objects.none(), required=False, label=_("Branch"))
    centre = forms.ModelChoiceField(RenewalCentre.objects.none(), required=False, label=_("Renewal centre"))
    team = forms.ModelChoiceField(Team.objects.all(), required=False, label=_("Team"))
    kind = forms.ChoiceField(choices=[("", ""), *Agent.Kind.choices], required=False, label=_("Kind"))
    territory = forms.ChoiceField(required=False, label=_("Territory"))
    specialisation = forms.ChoiceField(
        choices=[("", ""), *Line.choices], required=False, label=_("Specialisation")
    )
    state = forms.ChoiceField(
        choices=[("", _("works")), ("off", _("does not work")), ("all", _("all"))],
        required=False,
        label=_("State"),
    )
    order = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches_visible_to(user).order_by("name")  # type: ignore[attr-defined]
        self.fields["centre"].queryset = centres_visible_to(user).order_by("name")  # type: ignore[attr-defined]
        if field := self.fields.get("territory"):
            field.choices = [("", ""), *region_choices(territories(user))]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class PeopleFilter(AgentFilter):
    """Filters of the list of people."""

    team = None  # type: ignore[assignment]
    kind = None  # type: ignore[assignment]
    territory = None  # type: ignore[assignment]
    specialisation = None  # type: ignore[assignment]
    role = forms.ChoiceField(choices=[("", ""), *Role.choices], required=False, label=_("Role"))
