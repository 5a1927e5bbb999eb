"""What a person tells about a file: what it holds, how it is written, whose its rows are."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.foundation.imports.models import ImportRun, Mapping
from clientela.foundation.imports.targets import Target, all_targets

MOST_BYTES = 512 * 1024 * 1024
ENCODINGS = (("utf-8", "UTF-8"), ("cp1251", "Windows-1251"), ("cp866", "CP866"), ("utf-16", "UTF-16"))
SEPARATORS = ((";", _("semicolon ;")), (",", _("comma ,")), ("\t", _("tab")), ("|", _("bar |")))


class AnswersForm(forms.Form):
    """The target's questions about the whole file, as the engine asks them."""

    source = forms.CharField(
        label=pgettext_lazy("import", "Source"), required=False, max_length=60,
        help_text=_("The system the file comes from: its keys are known again next time."),
    )  # fmt: skip

    def __init__(self, *args: Any, target: Target, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in target.options:
            self.fields[option.code] = _field(option, actor)

    def answers(self) -> dict[str, str]:
        """What goes to the engine."""
        return {
            name: value for name, value in self.cleaned_data.items() if name in self.option_names and value
        }

    @property
    def option_names(self) -> list[str]:
        return [name for name in self.fields if name not in {"source", "target", "file", "mapping"}]


def _field(option: Any, actor: Any) -> forms.Field:
    common = {"label": option.label, "help_text": option.hint, "required": option.required}
    if option.choices is None:
        return forms.CharField(max_length=200, initial=option.default, **common)
    choices = option.choices(actor)
    initial = option.default or (choices[0][0] if option.required and len(choices) == 1 else "")
    if not option.default:
        choices = [("", _("Choose") if option.required else _("Not given")), *choices]
    return forms.ChoiceField(choices=choices, initial=initial, **common)


class UploadForm(AnswersForm):
    """A file and what it holds."""

    file = forms.FileField(
        label=pgettext_lazy("import", "File"), max_length=255, allow_empty_file=True,
        help_text=_("CSV with any separator, XLSX, XLS or ODS, up to 512 MB. The first rows may be a title."),
    )  # fmt: skip
    target = forms.ChoiceField(label=_("What the file holds"))
    mapping = forms.ChoiceField(
        label=_("Saved mapping"), required=False,
        help_text=_("Without it the columns are guessed, or a mapping with the same headings is taken."),
    )  # fmt: skip

    def __init__(self, *args: Any, target: Target, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, target=target, actor=actor, **kwargs)
        self.fields["target"].choices = [(known.code, known.label) for known in all_targets()]  # type: ignore[attr-defined]
        self.fields["target"].initial = target.code
        saved = Mapping.objects.filter(target=target.code).values_list("code", "name")
        self.fields["mapping"].choices = [("", _("Guess the columns")), *saved]  # type: ignore[attr-defined]
        self.order_fields(["file", "target", "mapping", *self.option_names, "source"])

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file.size:
            raise ValidationError(_("The file is empty."))
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 512 MB: split it."))
        return file


class LayoutForm(forms.Form):
    """How the file is to be read, when that was not understood."""

    sheet = forms.ChoiceField(label=_("Sheet"), required=False)
    encoding = forms.ChoiceField(label=_("Encoding"), required=False)
    separator = forms.ChoiceField(label=_("Separator"), required=False)
    header_row = forms.IntegerField(
        label=_("Row of the headings"), min_value=0, max_value=30, required=False,
        help_text=_("0: the file has no headings"),
    )  # fmt: skip

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        options = run.options
        kwargs["initial"] = {name: options.get(name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if options.get("kind") == "sheet":
            self.fields["sheet"].choices = [(name, name) for name in options.get("sheets", ())]  # type: ignore[attr-defined]
            del self.fields["encoding"], self.fields["separator"]
        else:
            del self.fields["sheet"]
            self._offer("encoding", ENCODINGS, options.get("encoding"))
            self._offer("separator", SEPARATORS, options.get("separator"))

    def _offer(self, name: str, choices: Any, value: Any) -> None:
        known = {code for code, _label in choices}
        more = [] if not value or value in known else [(value, value)]
        self.fields[name].choices = [*more, *choices]  # type: ignore[attr-defined]


class MappingNameForm(forms.Form):
    """The name under which a mapping is kept."""

    name = forms.CharField(label=_("Name of the mapping"), max_length=100)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if not any(sign.isalnum() for sign in name):
            raise ValidationError(_("Give it a name in words."))
        return name
