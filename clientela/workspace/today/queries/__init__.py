"""Reads of the day. ``waiting_for`` is what the navigation shows beside «Today»."""

from typing import Any

from django.utils import timezone

from clientela.modules.accounts.rules import Permission, Role

# Who works through a list of tasks; others look at figures.
WORKERS = frozenset({Role.AGENT, Role.TEAM_LEAD, Role.CENTRE_OPERATOR})


def waiting_for(user: Any) -> int:
    """How many tasks wait for this person today, as the page counts them; 0 for those who work through no list."""
    from clientela.workspace.today import page

    if user.role not in WORKERS or not user.can(Permission.RENEWALS_READ):
        return 0
    known: int | None = getattr(user, "_tasks_of_today", None)  # the page itself has just counted
    if known is not None:
        return known
    return page.read(user, today=timezone.localdate(), now=timezone.now()).total
