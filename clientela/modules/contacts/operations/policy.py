"""Setting the communication policy. Every change is a new row; the newest is in force."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from clientela.foundation.audit.operations import record
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.models import CommunicationPolicy, Purpose
from clientela.modules.contacts.rules import DEFAULT_POLICY

HOURS = ("weekday_from", "weekday_to", "weekend_from", "weekend_to")
CAPPED = (Purpose.SERVICE, Purpose.ADVERTISING)
PERIODS = ("day", "week")
_LONGEST_PATTERN = 200
_HIGHEST_CAP = 1000


class InvalidPolicy(ValueError):
    """``errors``: field → sentence in the person's language."""

    def __init__(self, errors: Mapping[str, str | Promise]) -> None:
        super().__init__(dict(errors))
        self.errors = errors


def current_policy() -> CommunicationPolicy:
    """The policy in force; an unsaved row with the shipped values while nobody has set any."""
    row = CommunicationPolicy.objects.order_by("-id").first()
    if row is not None:
        return row
    hours = DEFAULT_POLICY.hours
    return CommunicationPolicy(
        weekday_from=hours.weekday_from,
        weekday_to=hours.weekday_to,
        weekend_from=hours.weekend_from,
        weekend_to=hours.weekend_to,
        caps={purpose: dict(caps) for purpose, caps in DEFAULT_POLICY.caps.items()},
        nda_patterns=[],
    )


@transaction.atomic
def set_policy(
    *,
    actor: Any,
    now: datetime,
    weekday_from: time,
    weekday_to: time,
    weekend_from: time,
    weekend_to: time,
    caps: Mapping[str, Mapping[str, int]],
    nda_patterns: Sequence[str],
) -> CommunicationPolicy:
    """Put a policy in force from now on; messages that wait are judged by it when they are sent.

    Setting what is in force already changes nothing. Raises `InvalidPolicy`, PermissionDenied.
    """
    ensure(actor, Permission.POLICY_WRITE)
    values: dict[str, Any] = {
        "weekday_from": weekday_from,
        "weekday_to": weekday_to,
        "weekend_from": weekend_from,
        "weekend_to": weekend_to,
        "caps": {purpose: dict(limits) for purpose, limits in caps.items()},
        "nda_patterns": [pattern.strip() for pattern in nda_patterns if pattern.strip()],
    }
    _check(values)
    before = current_policy()
    changes = {
        name: [_plain(getattr(before, name)), _plain(value)]
        for name, value in values.items()
        if getattr(before, name) != value
    }
    if not changes and before.pk is not None:
        return before
    policy = CommunicationPolicy.objects.create(created_at=now, created_by=actor, **values)
    record(
        actor=actor,
        now=now,
        action="policy.set",
        obj=policy,
        object_name=str(_("Communication policy")),
        changes=changes,
    )
    return policy


def _plain(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value


def _check(values: Mapping[str, Any]) -> None:
    errors: dict[str, str | Promise] = {}
    for kind in ("weekday", "weekend"):
        if values[f"{kind}_from"] >= values[f"{kind}_to"]:
            errors[f"{kind}_to"] = _("The end must be later than the beginning.")
    for purpose, limits in values["caps"].items():
        if purpose not in CAPPED or any(period not in PERIODS for period in limits):
            errors["caps"] = _("Limits are for service and advertising, a day and a week.")
            continue
        for period, limit in limits.items():
            if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= _HIGHEST_CAP:
                errors[f"{purpose}_{period}"] = _("Give a whole number from 0 to 1000.")
    for pattern in values["nda_patterns"]:
        problem = _pattern_problem(pattern)
        if problem:
            errors["nda_patterns"] = problem
    if errors:
        raise InvalidPolicy(errors)


def _pattern_problem(pattern: str) -> str:
    if len(pattern) > _LONGEST_PATTERN:
        return _("This expression is too long: %(pattern)s") % {"pattern": pattern[:40] + "…"}
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error:
        return _("This is no regular expression: %(pattern)s") % {"pattern": pattern}
    if compiled.search(""):
        return _("This expression finds every text: %(pattern)s") % {"pattern": pattern}
    return ""
