"""One page for every simple form: it shows, checks, calls one verb, and goes back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def answer(
    request: HttpRequest,
    *,
    form: forms.BaseForm,
    act: Callable[..., Any],
    title: str,
    back: str,
    done: str,
    template: str = "organisation/form.html",
    undo: Callable[[Any], str] = lambda _made: "",
    **context: Any,
) -> HttpResponse:
    """Show ``form``; on a good POST call ``act(**cleaned)`` and go ``back`` saying ``done``.

    ``undo`` makes of what ``act`` returned the address that undoes it. What the verb refuses (ValidationError) stands beside its field, and everything typed stays.
    """
    context |= {"form": form, "title": title, "back": back}
    if request.method == "POST" and form.is_valid():
        try:
            made = act(**form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, done, extra_tags=undo(made))
            return redirect(back)
    return render(request, template, context, status=422 if form.errors else 200)


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a verb's refusal into the form, beside the field where there is one."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)
