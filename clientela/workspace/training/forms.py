"""What product managers type about tests."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clientela.modules.book.models import Test
from clientela.modules.book.rules.training import MOST_OPTIONS
from clientela.modules.products.models import Product
from clientela.modules.products.queries import on_sale

LEAST_SHOWN = 4


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class NewTestForm(forms.Form):
    """A test for a product that has none."""

    product: "forms.ModelChoiceField[Product]" = forms.ModelChoiceField(
        label=_("Product"), queryset=Product.objects.none(), empty_label=None
    )
    title = forms.CharField(label=_("Name of the test"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = on_sale().filter(test=None)  # type: ignore[attr-defined]


class TestForm(forms.ModelForm):
    """How the test is passed."""

    __test__ = False
    ask_again_from = forms.DateField(
        label=_("Ask everybody again from"), required=False, widget=_day(),
        help_text=_("Passes made until now end on the day before. Empty: they hold."),
    )  # fmt: skip

    class Meta:
        model = Test
        fields = ("title", "pass_mark", "minutes", "pause_minutes", "valid_months", "required_from")
        labels = {
            "title": _("Name of the test"), "pass_mark": _("Right answers needed"),
            "minutes": _("Minutes for the answers"), "pause_minutes": _("Pause after a failed attempt, minutes"),
            "valid_months": _("A pass holds, months"), "required_from": _("Required from"),
        }  # fmt: skip
        help_texts = {
            "pass_mark": "", "minutes": "", "pause_minutes": "",
            "required_from": _("From this day on the product is sold only with a pass. Empty: not required."),
        }  # fmt: skip
        widgets = {"required_from": _day()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("pass_mark", "minutes", "pause_minutes", "valid_months"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"


class QuestionForm(forms.Form):
    """A question; its answers are rows ``option-N`` with ticks ``right-N``."""

    text = forms.CharField(label=_("Question"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    topic = forms.CharField(
        label=_("What it is about"), max_length=40, required=False,
        help_text=_("Said of mistakes: “mistakes about the deductible”."),
    )  # fmt: skip
    explanation = forms.CharField(
        label=_("Explanation"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown with the result, beside the right answer."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, options: list[str], right: list[int], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if data is not None:
            options = [data.get(f"option-{at}", "")[:300] for at in range(MOST_OPTIONS)]
            right = [at for at in range(MOST_OPTIONS) if data.get(f"right-{at}")]
        self.options, self.right = options, right
        filled = max((at for at, text in enumerate(options) if text), default=-1)
        count = min(MOST_OPTIONS, max(LEAST_SHOWN, filled + 2))
        texts = [*options, *[""] * MOST_OPTIONS][:count]
        self.lines = [{"at": at, "text": text, "right": at in right} for at, text in enumerate(texts)]
