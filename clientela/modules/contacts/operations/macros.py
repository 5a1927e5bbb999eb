"""Macros: a prepared answer and what is done after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.contacts.models import Macro, Template

Act = Macro.Act


class WrongMacro(Refusal):
    """``field`` and ``message`` say what is wrong."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(str(message))
        self.field, self.message = field, message


@transaction.atomic
def keep_macro(
    *, actor: Any, now: datetime, macro: Macro | None = None, name: str, code: str = "", note: str = "",
    acts: Sequence[str] = (), is_active: bool = True,
) -> Macro:  # fmt: skip
    """A new macro, or ``macro`` changed. Raises `WrongMacro`, PermissionDenied."""
    ensure(actor, Permission.POLICY_WRITE)
    row = Macro.objects.select_for_update().get(pk=macro.pk) if macro else Macro(created_at=now)
    values = {
        "name": name.strip(), "code": code.strip(), "note": note.strip(), "is_active": is_active,
        "acts": [act for act in Act.values if act in acts],
    }  # fmt: skip
    _check(row, values)
    changes = changed(row, values)
    for field, value in values.items():
        setattr(row, field, value)
    row.save()
    action = "macro.changed" if macro else "macro.added"
    record(actor=actor, now=now, action=action, obj=row, object_name=row.name, changes=changes)
    return row


def _check(row: Macro, values: dict[str, Any]) -> None:
    if not values["name"]:
        raise WrongMacro("name", _("Give the macro a name."))
    if Macro.objects.filter(name=values["name"]).exclude(pk=row.pk).exists():
        raise WrongMacro("name", _("There is a macro with this name already."))
    approved = Template.objects.filter(code=values["code"], state=Template.State.APPROVED)
    if values["code"] and not approved.exists():
        raise WrongMacro("code", _("There is no approved text with this code."))
    if not (values["code"] or values["note"] or values["acts"]):
        raise WrongMacro("code", _("A macro sends, notes or does something: choose what."))
    if {Act.TAKE, Act.QUEUE} <= set(values["acts"]):
        raise WrongMacro("acts", _("Take the conversation or give it back: not both."))


def count_use(rows: Any, *, now: datetime) -> None:
    """Somebody used these macros or templates."""
    rows.update(used=F("used") + 1, used_at=now)
