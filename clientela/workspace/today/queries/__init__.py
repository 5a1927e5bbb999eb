"""Reads of the day. ``waiting_for`` is what the navigation shows beside «Today»."""

from typing import Any

from django.utils import timezone

from clientela.modules.accounts.rules import Permission, Role

# Who works through a list of tasks; others look at figures.
WORKERS = frozenset({Role.AGENT, Role.TEAM_LEAD, Role.CENTRE_OPERATOR})


def waiting_for(user: Any) -> int:
    """How many tasks wait for this person today; 0 for those who work through no list."""
    from clientela.workspace.today.queries import kept, queue

    if user.role not in WORKERS or not user.can(Permission.RENEWALS_READ):
        return 0
    now, today = timezone.now(), timezone.localdate()
    found = queue.calls(user, today=today, now=now, most=0).count
    found += queue.answers(user, today=today, now=now, most=0).count
    if not kept.is_wide(user):
        found += queue.terms(user, today=today, now=now, most=0).count
    return found
