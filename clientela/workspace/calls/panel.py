"""The call that rings or goes on, on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from clientela.modules.accounts.access import Permission
from clientela.modules.calls.queries import is_at_hand
from clientela.workspace.calls import facts, words


def panel_context(request: HttpRequest) -> dict[str, Any]:
    """Cards of the person's calls, and what is still to be said about the last talk."""
    user: Any = request.user
    now = timezone.now()
    at_hand = is_at_hand(user, ended_after=now - facts.FRESH)
    found = facts.cards(user) if at_hand else []
    ringing = [card for card in found if card.rings]
    return {
        "ringing": ringing[:1],
        "talks": [card for card in found if not card.rings],
        "after": words.after(ringing[0].call) if ringing else "",
        "ended": facts.just_ended(user, now) if at_hand and not found else None,
        "outcomes": facts.OUTCOMES,
        "person_id": user.pk,
        "telephone": bool(settings.SOFTPHONES),
    }


def panel(request: HttpRequest) -> str:
    """The panel as HTML; empty for who has no calls."""
    user: Any = request.user
    if not user.can(Permission.CONTACTS_WRITE):
        return ""
    return render_to_string("calls/panel.html", panel_context(request), request)
