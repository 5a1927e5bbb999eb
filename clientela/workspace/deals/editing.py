"""Forms of the editor of funnels: a funnel, a stage, a question of the need, a rule of advice."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.modules.dialler.rules.questions import KINDS
from clientela.modules.group.models import FactKind
from clientela.modules.products.models import Line
from clientela.modules.sales.models import AdviceRule, Funnel, Stage
from clientela.modules.sales.rules.fields import FIELDS
from clientela.modules.sales.rules.happenings import Happening

PICK = {"class": "pick"}


def many(label: Any, choices: Any) -> forms.MultipleChoiceField:
    """Any of the choices, each with its box."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple(PICK)
    )


class FunnelForm(forms.Form):
    """A funnel's name, lines, and the happenings that close its deals."""

    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    lines = many(_("Lines"), Line.choices)
    won_on = many(_("Won when"), Happening.choices)
    lost_on = many(_("Lost when"), Happening.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, widget=forms.CheckboxInput(PICK))

    def __init__(self, data: Any, funnel: Funnel | None) -> None:
        initial = (
            {name: getattr(funnel, name) for name in self.base_fields} if funnel else {"is_active": True}
        )
        super().__init__(data, initial=initial)


class QuestionForm(forms.Form):
    """One question of the need."""

    label = forms.CharField(label=pgettext_lazy("need", "Question"), max_length=120)
    label_en = forms.CharField(label=_("In English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("question", "Kind"))
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    options = forms.CharField(
        label=_("Answers, one a line"), required=False, widget=forms.Textarea({"rows": 4}), max_length=1000
    )
    removed = forms.BooleanField(
        label=_("Take the question out"), required=False, widget=forms.CheckboxInput(PICK)
    )

    def __init__(self, data: Any, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial or {"kind": "text"})
        words = {
            "number": _("Number"), "choice": _("Choice"), "date": _("Date"), "yes_no": _("Yes or no"), "text": _("Words"),
        }  # fmt: skip
        self.fields["kind"].choices = [(kind, words[kind]) for kind in KINDS]  # type: ignore[attr-defined]


class StageForm(forms.Form):
    """A stage: its chance, norm, the fields it asks for, what brings deals here."""

    name = forms.CharField(label=_("Name"), max_length=40)
    name_en = forms.CharField(label=_("Name in English"), max_length=40, required=False)
    probability = forms.IntegerField(label=_("Chance of the deal here, %"), min_value=0, max_value=100)
    norm_days = forms.DecimalField(
        label=_("Norm in the stage, days"), min_value=0.1, max_value=365, max_digits=5, decimal_places=1
    )
    required = many(_("Fields without which a deal does not come here"), [])
    moves_on = many(_("A deal comes here by itself when"), Happening.choices)

    def __init__(self, data: Any, funnel: Funnel, stage: Stage | None) -> None:
        usual = {"probability": 50, "norm_days": 2}
        initial = {name: getattr(stage, name) for name in self.base_fields} if stage else usual
        super().__init__(data, initial=initial)
        language = get_language() or "ru"
        own = [(key, one.said(language)) for key, one in funnel.asks.items()]
        self.fields["required"].choices = [*FIELDS.items(), *own]  # type: ignore[attr-defined]


class RemovalForm(forms.Form):
    """Where the deals of a stage go."""

    to = forms.ModelChoiceField(Stage.objects.none(), label=_("Its deals go to"), empty_label=None)

    def __init__(self, data: Any, stage: Stage) -> None:
        super().__init__(data)
        others = Stage.objects.filter(funnel=stage.funnel_id, is_active=True).exclude(pk=stage.pk)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class RuleForm(forms.ModelForm):
    """A rule of cross-sales."""

    has = many(_("Has policies in force of"), Line.choices)
    lacks = many(_("Has none of"), Line.choices)
    told = many(_("Sister companies tell that"), ())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = FactKind.objects.filter(is_active=True, for_offers=True)
        self.fields["told"].choices = [(one.code, str(one)) for one in kinds]  # type: ignore[attr-defined]
        if not kinds:
            del self.fields["told"]

    class Meta:
        model = AdviceRule
        fields = (
            "why",
            "why_en",
            "line",
            "has",
            "lacks",
            "told",
            "kind",
            "least_age",
            "most_age",
            "months_off",
            "is_active",
        )
        labels = {
            "why": _("Why, in a sentence for the seller"), "why_en": _("In English"), "line": _("Advise"),
            "kind": _("Whom"), "least_age": _("From age"), "most_age": _("To age"),
            "months_off": _("Months not to ask again after a decline"), "is_active": _("In use"),
        }  # fmt: skip
