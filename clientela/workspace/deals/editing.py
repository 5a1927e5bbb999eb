"""Forms of the editors: a funnel, a stage, a script, a step, an objection."""

from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.modules.dialler.rules.questions import KINDS
from clientela.modules.products.models import Line, Product
from clientela.modules.sales.models import AdviceRule, Funnel, Script, Stage
from clientela.modules.sales.rules.fields import FIELDS
from clientela.modules.sales.rules.happenings import Happening
from clientela.modules.sales.rules.scripts import MOST_ANSWERS, RESULTS, Answer, Node, Objection
from clientela.modules.sales.rules.scripts import Script as Body

PICK = {"class": "pick"}


def _many(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple(PICK)
    )


class FunnelForm(forms.Form):
    """A funnel's name, lines, and the happenings that close its deals."""

    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    lines = _many(_("Lines"), Line.choices)
    won_on = _many(_("Won when"), Happening.choices)
    lost_on = _many(_("Lost when"), Happening.choices)
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
    required = _many(_("Fields without which a deal does not come here"), [])
    moves_on = _many(_("A deal comes here by itself when"), Happening.choices)

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

    has = _many(_("Has policies in force of"), Line.choices)
    lacks = _many(_("Has none of"), Line.choices)

    class Meta:
        model = AdviceRule
        fields = (
            "why",
            "why_en",
            "line",
            "has",
            "lacks",
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


class ScriptForm(forms.Form):
    """Where a script is used."""

    name = forms.CharField(label=_("Name"), max_length=80)
    stage = forms.ModelChoiceField(
        Stage.objects.none(), label=_("Stage"), required=False, empty_label=_("any")
    )
    product = forms.ModelChoiceField(
        Product.objects.filter(is_active=True), label=_("Product"), required=False, empty_label=_("any")
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, widget=forms.CheckboxInput(PICK))

    def __init__(self, data: Any, funnel: Funnel, script: Script | None) -> None:
        usual = {"is_active": True}
        initial = {name: getattr(script, name) for name in self.base_fields} if script else usual
        super().__init__(data, initial=initial)
        self.fields["stage"].queryset = funnel.stages.filter(is_active=True)  # type: ignore[attr-defined]


class NodeForm(forms.Form):
    """A step: its words, what is written down, and up to nine answers. An answer without words is none."""

    title = forms.CharField(label=_("What the seller does"), max_length=80)
    text = forms.CharField(label=_("What is said"), max_length=1200, widget=forms.Textarea({"rows": 4}))
    asks = _many(_("Written down here"), [])

    def __init__(self, data: Any, funnel: Funnel, body: Body, node: Node | None) -> None:
        answers = node.answers if node else ()
        initial: dict[str, Any] = (
            {"title": node.title, "text": node.text, "asks": list(node.asks)} if node else {}
        )
        for place, one in enumerate(answers):
            fills = "; ".join(f"{key}={value}" for key, value in one.fills.items())
            initial |= {
                f"{name}_{place}": getattr(one, name)
                for name in ("label", "hint", "goto", "objection", "result")
            }
            initial[f"fills_{place}"] = fills
        super().__init__(data, initial=initial)
        self.answers: list[list[str]] = []
        self.old = answers
        language = get_language() or "ru"
        self.fields["asks"].choices = [(key, one.said(language)) for key, one in funnel.asks.items()]  # type: ignore[attr-defined]
        steps = [("", _("end of the talk")), *((one.key, one.title) for one in body.nodes)]
        objections = [("", "—"), *((one.key, one.title) for one in body.objections)]
        for place in range(min(MOST_ANSWERS, len(answers) + 3)):
            self._answer(place, steps, objections)

    def _answer(self, place: int, steps: list[Any], objections: list[Any]) -> None:
        row: dict[str, forms.Field] = {
            "label": forms.CharField(label=pgettext_lazy("script", "Answer"), max_length=80, required=False),
            "goto": forms.ChoiceField(label=_("Leads to"), choices=steps, required=False),
            "result": forms.ChoiceField(label=_("Means"), choices=list(RESULTS.items()), required=False),
            "objection": forms.ChoiceField(label=_("Objection"), choices=objections, required=False),
            "fills": forms.CharField(label=_("Fills in, e.g. drivers=сам"), max_length=200, required=False),
            "hint": forms.CharField(label=_("Hint"), max_length=80, required=False),
        }
        self.answers.append([f"{name}_{place}" for name in row])
        for name, field in row.items():
            self.fields[f"{name}_{place}"] = field

    def rows(self) -> list[list[Any]]:
        """Bound fields of each answer."""
        return [[self[name] for name in names] for names in self.answers]

    def node(self, key: str) -> Node:
        """The step as it was typed."""
        data, answers = self.cleaned_data, []
        for place in range(len(self.answers)):
            if not data[f"label_{place}"].strip():
                continue
            pairs = [pair.split("=", 1) for pair in data[f"fills_{place}"].split(";") if "=" in pair]
            icon = self.old[place].icon if place < len(self.old) else ""
            answers.append(
                Answer(
                    fills={name.strip(): value.strip() for name, value in pairs}, icon=icon,
                    **{name: data[f"{name}_{place}"] for name in ("label", "hint", "goto", "objection", "result")},
                )
            )  # fmt: skip
        return Node(key, data["title"], data["text"], tuple(answers), tuple(data["asks"]))


class ObjectionForm(forms.Form):
    """An objection and what is said to it, one reply a line."""

    title = forms.CharField(label=_("What the client objects"), max_length=80)
    replies = forms.CharField(
        label=_("Replies, one a line"), max_length=2000, widget=forms.Textarea({"rows": 5})
    )
    removed = forms.BooleanField(
        label=_("Take the objection out"), required=False, widget=forms.CheckboxInput(PICK)
    )

    def __init__(self, data: Any, objection: Objection | None) -> None:
        initial = {"title": objection.title, "replies": "\n".join(objection.replies)} if objection else {}
        super().__init__(data, initial=initial)
