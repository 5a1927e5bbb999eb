"""The call that rings or goes on, on every page."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from clientela.modules.accounts.access import Permission
from clientela.workspace.calls import facts, words


def panel_context(request: HttpRequest) -> dict[str, Any]:
    """Cards of the person's calls, and what is still to be said about the last talk."""
    user: Any = request.user
    found = facts.cards(user)
    ringing = [card for card in found if card.rings]
    return {
        "ringing": ringing[:1],
        "talks": [card for card in found if not card.rings],
        "after": words.after(ringing[0].call) if ringing else "",
        "ended": None if found else facts.just_ended(user, timezone.now()),
        "outcomes": facts.OUTCOMES,
        "person_id": user.pk,
    }


def panel(request: HttpRequest) -> str:
    """The panel as HTML; empty for who has no calls."""
    user: Any = request.user
    if not user.can(Permission.CONTACTS_WRITE):
        return ""
    return render_to_string("calls/panel.html", panel_context(request), request)
