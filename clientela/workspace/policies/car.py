"""What a change says of the car otherwise than its card: shown, and brought in line on a person's word."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.operations.cards import bring_card_in_line, card_differs, others_of
from clientela.workspace.clients.views.acting import done
from clientela.workspace.clients.views.found import policy_of
from clientela.workspace.quotes.words import subject_word


def card_of(policy: Policy, today: date) -> dict[str, Any] | None:
    """What differs, in words, and who else insures the car; nothing where the card is in line."""
    differs = card_differs(policy, today)
    if not differs:
        return None
    rows = [
        (subject_word(name).capitalize() if name != "vin" else "VIN", _said(name, old), _said(name, new))
        for name, (old, new) in differs.items()
    ]
    others = [formats.policy_number(one.number, language()) for one in others_of(policy, today)]
    return {"rows": rows, "others": ", ".join(others)}


def _said(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if name == "plate":
        return formats.plate(str(value))
    return formats.number(value, language(), 0 if value % 1 == 0 else 1) if name == "power" else str(value)


@require_POST
@requires(Permission.CONTRACTS_WRITE)
def bring(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it into the card."""
    policy = policy_of(request, pk)
    try:
        bring_card_in_line(
            actor=request.user, now=timezone.now(), policy=policy, aware="others" in request.POST
        )
    except Refusal as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    if request.htmx:  # type: ignore[attr-defined]
        return done(request, policy.client, _("The card of the car is in line"))
    return redirect("policies:policy", pk)
