"""What a product manager types into the book."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clientela.modules.book.models import Block
from clientela.modules.book.operations.pages import LONGEST


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class EntryForm(forms.Form):
    """An entry of a page."""

    title = forms.CharField(label=pgettext_lazy("entry of the book", "Title"), max_length=160)
    note = forms.CharField(
        label=_("Beside the title"), max_length=200, required=False,
        widget=forms.TextInput({"placeholder": _("edition 9, 84 pages")}),
    )  # fmt: skip
    remark = forms.CharField(
        label=_("At the right"), max_length=40, required=False,
        widget=forms.TextInput({"placeholder": _("since 1 March")}),
    )  # fmt: skip
    block = forms.ChoiceField(label=pgettext_lazy("of a page", "Block"), choices=Block.choices)
    body = forms.CharField(
        label=pgettext_lazy("entry of the book", "Text"), max_length=LONGEST, required=False,
        widget=forms.Textarea({"rows": 9}),
        help_text=_("An empty line begins a paragraph, “- ” a line of a list, **words** stand out."),
    )  # fmt: skip
    link = forms.CharField(
        label=_("Link to a page of Clientela"), max_length=300, required=False,
        widget=forms.TextInput({"placeholder": "/products/", "inputmode": "url"}),
    )  # fmt: skip
    file = forms.FileField(
        label=pgettext_lazy("field", "File"), required=False, help_text=_("PDF, a picture or an office document, up to 20 MB."),
    )  # fmt: skip
    drop_file = forms.BooleanField(label=_("Take the file off"), required=False)
    is_notice = forms.BooleanField(
        label=_("A notice: stands on yellow above the others of its block"), required=False
    )
    shown_from = _day(_("Shown from"))
    shown_until = _day(pgettext_lazy("entry of the book", "Shown until"))
    seen = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())

    def __init__(self, *args: Any, file_name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not file_name:
            del self.fields["drop_file"]
        else:
            self.fields["file"].label = _("Another file instead of “%(name)s”") % {"name": file_name}


class AboutForm(forms.Form):
    """What the page says of the product as a whole."""

    pitch = forms.CharField(
        label=_("Say it in 20 seconds"), max_length=600, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("Whom it suits, what it covers, the one sentence that sells."),
    )  # fmt: skip
    licence = forms.CharField(label=pgettext_lazy("insurer's", "Licence"), max_length=120, required=False)
    seen = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
