"""Macros: the list, and the one in hand beside it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.contacts.models import ANSWERED, Macro, Template
from clientela.modules.contacts.operations.macros import keep_macro


class MacroForm(forms.Form):
    """A name, the words that are sent, a note, what is done."""

    name = forms.CharField(label=pgettext_lazy("macro", "Name"), max_length=80)
    code = forms.ChoiceField(label=pgettext_lazy("macro", "Text"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note for colleagues"), required=False, max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip
    acts = forms.MultipleChoiceField(
        label=gettext_lazy("What is done then"), choices=Macro.Act.choices, required=False,
        widget=forms.CheckboxSelectMultiple({"class": "pick"}),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Template.objects.filter(state=Template.State.APPROVED, channel__in=ANSWERED).order_by("name")
        known = dict(rows.values_list("code", "name"))
        nothing = ("", pgettext_lazy("macro", "Nothing is sent"))
        self.fields["code"].choices = [nothing, *known.items()]  # type: ignore[attr-defined]


@require_safe
@requires(Permission.POLICY_WRITE)
def listing(request: HttpRequest) -> HttpResponse:
    """All macros, the most used first."""
    rows = Macro.objects.order_by("-is_active", "-used", "name")
    return render(request, "contacts/macros.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.POLICY_WRITE)
def macro(request: HttpRequest, macro_id: int | None = None) -> HttpResponse:
    """A macro, or a new one."""
    row = get_object_or_404(Macro, pk=macro_id) if macro_id else None
    initial = {name: getattr(row, name) for name in MacroForm.base_fields} if row else {}
    form = MacroForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keep_macro(actor=caller(request), now=timezone.now(), macro=row, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:macros")
    return render(
        request, "contacts/macro.html", {"form": form, "macro": row}, status=422 if form.errors else 200
    )
