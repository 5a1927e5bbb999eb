"""Renewal norms: for everybody, or for one agreement."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.modules.accounts.access import ensure
from clientela.modules.accounts.rules import Permission
from clientela.modules.organisation.models import Agent, NormTarget
from clientela.modules.organisation.operations.saving import journal

FIELDS = ("percent", "window_months", "grace_days", "min_expiring")
LIMITS = {"percent": (0, 100), "window_months": (1, 36), "grace_days": (0, 180), "min_expiring": (0, 10_000)}


class WrongNorm(ValidationError):
    """A norm outside of what can be counted."""


@transaction.atomic
def set_norm(
    *,
    actor: Any,
    now: datetime,
    line: str,
    percent: Decimal,
    agent: Agent | None = None,
    window_months: int = 3,
    grace_days: int = 30,
    min_expiring: int = 5,
) -> NormTarget:
    """Set the share to keep (percent) of a line, for one agreement or for everybody. Raises WrongNorm."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    values: dict[str, Any] = dict(
        zip(FIELDS, (percent, window_months, grace_days, min_expiring), strict=True)
    )
    for name, (least, most) in LIMITS.items():
        if not least <= values[name] <= most:
            raise WrongNorm({name: _("From %(least)s to %(most)s.") % {"least": least, "most": most}})
    target = NormTarget.objects.select_for_update().filter(agent=agent, line=line).first()
    if target is None:
        target = NormTarget(agent=agent, line=line)
        changes = {name: [None, value] for name, value in values.items()}
    else:
        changes = changed(target, values)
    for name, value in values.items():
        setattr(target, name, value)
    if changes:
        target.save()
        journal(target, actor=actor, now=now, action="norm.set", changes={"line": [line, line], **changes})
    return target


@transaction.atomic
def remove_norm(*, actor: Any, now: datetime, target: NormTarget) -> None:
    """Take away an agreement's own norm: the common one counts again. Raises WrongNorm for the common one."""
    ensure(actor, Permission.ORGANISATION_WRITE)
    if target.agent_id is None:
        raise WrongNorm(_("The common norm is changed, not removed."))
    before = {"line": [target.line, None], "percent": [target.percent, None]}
    record(
        actor=actor, now=now, action="norm.removed", obj=target, object_name=str(target.agent), changes=before
    )
    target.delete()
