"""Forms of the editor of scripts: where one is used, a step, an objection."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clientela.modules.dialler.rules.questions import Question
from clientela.modules.products.models import Product
from clientela.modules.sales.models import Funnel, Script, Stage
from clientela.modules.sales.rules.fields import OF_PRODUCT
from clientela.modules.sales.rules.scripts import MOST_ANSWERS, RESULTS, Answer, Node, Objection, endless
from clientela.modules.sales.rules.scripts import Script as Body
from clientela.workspace.deals.editing import PICK, many

# Between a question and its answer, or a step and its answer, in the value of an option.
SIGN = "="


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
    asks = many(_("Written down here"), [])
    after = forms.ChoiceField(label=_("Comes after"), required=False)

    def __init__(
        self, data: Any, questions: Mapping[str, Question], body: Body, node: Node | None, *, key: str = ""
    ) -> None:
        answers = node.answers if node else ()
        initial: dict[str, Any] = (
            {"title": node.title, "text": node.text, "asks": list(node.asks)} if node else {}
        )
        for place, one in enumerate(answers):
            initial |= {
                f"{name}_{place}": getattr(one, name)
                for name in ("label", "hint", "goto", "objection", "result")
            }
            for slot, pair in enumerate(one.fills.items()):
                initial[f"fills_{place}_{slot}"] = SIGN.join(pair)
        super().__init__(data, initial=initial)
        self.answers: list[tuple[list[str], list[str]]] = []
        self.old, self.body, self.key = answers, body, key
        self.fills: list[list[str]] = []
        language = get_language() or "ru"
        named = {key: _named(one, language) for key, one in questions.items()}
        self.fields["asks"].choices = list(named.items())  # type: ignore[attr-defined]
        steps = [("", _("end of the talk")), *((one.key, one.title) for one in body.nodes)]
        objections = [("", "—"), *((one.key, one.title) for one in body.objections)]
        self._after(node)
        for place in range(min(MOST_ANSWERS, len(answers) + 3)):
            kept = dict(answers[place].fills) if place < len(answers) else {}
            self._answer(place, steps, objections, _fillings(questions, named, kept), max(2, len(kept) + 1))

    def _after(self, node: Node | None) -> None:
        """A new step is led to by an answer at once, so that it does not hang in the air."""
        if node is not None or not self.body.nodes:
            del self.fields["after"]
            return
        places = [
            (f"{one.key}{SIGN}{place}", f"{one.title} → {answer.label}")
            for one in self.body.nodes
            for place, answer in enumerate(one.answers)
        ]
        self.fields["after"].choices = [("", "—"), *places]  # type: ignore[attr-defined]

    def _answer(self, place: int, steps: Any, objections: Any, fillings: Any, slots: int) -> None:
        row: dict[str, forms.Field] = {
            "label": forms.CharField(label=pgettext_lazy("script", "Answer"), max_length=80, required=False),
            "goto": forms.ChoiceField(label=_("Leads to"), choices=steps, required=False),
            "result": forms.ChoiceField(label=_("Means"), choices=list(RESULTS.items()), required=False),
        }
        more: dict[str, forms.Field] = {
            f"fills_{place}_{slot}": forms.ChoiceField(
                label=_("Fills in") if not slot else _("and this"), choices=fillings, required=False
            )
            for slot in range(slots)
        }
        self.fills.append(list(more))
        more |= {
            f"objection_{place}": forms.ChoiceField(label=_("Objection"), choices=objections, required=False),
            f"hint_{place}": forms.CharField(label=_("Hint"), max_length=80, required=False),
        }
        self.answers.append(([f"{name}_{place}" for name in row], list(more)))
        self.fields |= {f"{name}_{place}": field for name, field in row.items()} | more

    def rows(self) -> list[tuple[list[Any], list[Any]]]:
        """Bound fields of each answer: what always shows, and the rest."""
        return [([self[name] for name in main], [self[name] for name in more]) for main, more in self.answers]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        if not any(data[f"label_{place}"].strip() for place in range(len(self.answers))):
            self.add_error("label_0", _("Name at least one answer."))
            return data
        fresh = self.node(self.key or "new")
        nodes = [fresh if one.key == fresh.key else one for one in self.body.nodes]
        whole = replace(self.body, nodes=tuple(nodes if self.key else [*nodes, fresh]))
        if fresh in endless(whole):
            for place in range(len(self.answers)):
                if data[f"label_{place}"].strip():
                    self.add_error(
                        f"goto_{place}",
                        _("The talk goes round for ever: lead an answer to another step or to the end."),
                    )
        return data

    def node(self, key: str) -> Node:
        """The step as it was typed."""
        data, answers = self.cleaned_data, []
        for place in range(len(self.answers)):
            if not data[f"label_{place}"].strip():
                continue
            pairs = [data[name].split(SIGN, 1) for name in self.fills[place] if data[name]]
            icon = self.old[place].icon if place < len(self.old) else ""
            answers.append(
                Answer(
                    fills=dict(pairs), icon=icon,
                    **{name: data[f"{name}_{place}"] for name in ("label", "hint", "goto", "objection", "result")},
                )
            )  # fmt: skip
        return Node(key, data["title"], data["text"], tuple(answers), tuple(data["asks"]))

    def leads(self, key: str) -> Body:
        """The script in which the answer that was named leads to the step ``key``."""
        step, _sign, place = self.cleaned_data.get("after", "").partition(SIGN)
        return replace(
            self.body,
            nodes=tuple(
                replace(
                    one,
                    answers=tuple(
                        replace(answer, goto=key) if str(at) == place else answer
                        for at, answer in enumerate(one.answers)
                    ),
                )
                if one.key == step
                else one
                for one in self.body.nodes
            ),
        )


def _named(one: Question, language: str) -> str:
    said = one.said(language)
    return (
        gettext("%(question)s (calculation)") % {"question": said} if one.key.startswith(OF_PRODUCT) else said
    )


def _fillings(
    questions: Mapping[str, Question], named: Mapping[str, str], kept: Mapping[str, str]
) -> list[Any]:
    """What an answer may stand for: every answer to a choice or to yes and no, and what it fills in already."""
    groups: list[Any] = [("", "—")]
    for key, one in questions.items():
        rows = {option: option for option in one.options} if one.kind == "choice" else {}
        if one.kind == "yes_no":
            rows = {"yes": gettext("yes"), "no": gettext("no")}
        if key in kept:
            rows.setdefault(kept[key], kept[key])
        if rows:
            groups.append(
                (
                    named[key],
                    [(f"{key}{SIGN}{value}", f"{named[key]}: {word}") for value, word in rows.items()],
                )
            )
    lost = [(f"{key}{SIGN}{value}", f"{key}: {value}") for key, value in kept.items() if key not in questions]
    return groups + lost


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
