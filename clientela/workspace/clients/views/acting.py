"""A small form over the card: shown in a dialog (or on a page of its own), acted on, answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.billing.operations import MoreThanDue
from clientela.modules.clients.models import Client
from clientela.modules.clients.operations import InvalidData


@dataclass(frozen=True)
class Act:
    """What a dialog is about and what its button does. ``look`` is asked for the intro anew when the form changes."""

    title: str
    submit: str
    done: str
    run: Callable[[dict[str, Any]], Any]
    intro: str = ""
    danger: bool = False
    multipart: bool = False
    look: str = ""
    undo: Callable[[Any], str] | None = None


def act(request: HttpRequest, form: forms.Form, act: Act, *, client: Client) -> HttpResponse:
    """Show the form, or run it: success closes the dialog and says so, a refusal keeps what was typed."""
    if request.method == "POST" and form.is_valid():
        result = attempt(form, act.run)
        if result is not Refused:
            return done(request, client, act.done, undo_url=act.undo(result) if act.undo else "")
    context = {"form": form, "act": act, "client": client, "action": request.get_full_path()}
    status = 422 if form.errors else 200
    template = "clients/dialog.html" if request.htmx else "clients/dialog_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


class Refused:
    """The operation did not do it; the form says why."""


def attempt(form: forms.Form, run: Callable[[dict[str, Any]], Any]) -> Any:
    """The operation's result, or ``Refused`` with the errors put into the form."""
    try:
        return run(form.cleaned_data)
    except InvalidData as error:
        for name, texts in error.errors.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
    except MoreThanDue as error:
        left = formats.money(error.left, language())
        form.add_error("amount", _("Only %(left)s is due.") % {"left": left})
    except Refusal as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return Refused


def done(request: HttpRequest, client: Client, text: str, *, undo_url: str = "") -> HttpResponse:
    """The act is done: the card looks again, a toast says so."""
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        trigger_client_event(response, "close-modal", {})
        trigger_client_event(response, "card-changed", {})
        toast = {"text": text, "kind": "good", **({"undo_url": undo_url} if undo_url else {})}
        return trigger_client_event(response, "toast", toast)
    messages.success(request, text, extra_tags=undo_url)
    return redirect("clients:card", client.pk)
