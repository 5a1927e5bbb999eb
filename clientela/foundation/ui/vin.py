"""A soft word at the field of a VIN whose check digit does not agree: it warns while one types, and holds nothing back."""

from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from clientela.foundation.identifiers import InvalidIdentifier, normalize_vin, vin_is_doubtful

LONGEST = 40


def vin_doubt(text: Any) -> str:
    """What to say of this VIN; nothing where it is right, is none, or need not carry a check digit."""
    try:
        is_doubtful = vin_is_doubtful(normalize_vin(str(text or "")[:LONGEST]))
    except InvalidIdentifier:
        return ""
    return (
        _("Check the VIN: its ninth sign does not agree with the others. If it is right, go on.")
        if is_doubtful
        else ""
    )


def vin_hint() -> str:
    """What stands under the field otherwise."""
    return _("17 characters, in the registration certificate")


def watch_vin(bound: BoundField, url: str) -> None:
    """Ask ``url``, which answers by `looked`, each time the field changes; what stands in it now is looked at too."""
    bound.help_text = vin_doubt(bound.value()) or bound.field.help_text or vin_hint()
    bound.field.widget.attrs |= {
        "hx-get": url, "hx-trigger": "change", "hx-target": f"#{bound.auto_id}_helptext", "hx-swap": "innerHTML",
        "hx-params": bound.html_name, "hx-push-url": "false", "hx-sync": "this:replace",
    }  # fmt: skip


def looked(request: HttpRequest) -> HttpResponse:
    """The words under the field for what was typed; the field is the only parameter, whatever it is called."""
    text = next(iter(request.GET.values()), "")
    context = {"doubt": vin_doubt(text), "hint": vin_hint()}
    return render(request, "ui/parts/vin_hint.html", context)
