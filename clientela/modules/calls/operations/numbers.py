"""Setting up what callers reach: our numbers, and the menus they hear."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clientela.foundation.audit.operations import changed, record
from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, ensure
from clientela.modules.calls.models import Menu, Number
from clientela.modules.calls.rules import KEYS, Do

MENU_FIELDS = ("name", "greeting", "greeting_sound", "opens", "closes", "closed", "closed_sound")
NUMBER_FIELDS = ("value", "label", "branch", "centre", "by_region", "menu", "records", "is_active")


class NameTaken(Refusal):
    """Another menu has the name."""

    message = _("There is a menu of this name already.")
    field = "name"


class NumberTaken(Refusal):
    """The number is set up already."""

    message = _("This number is set up already.")
    field = "value"


class WrongKey(Refusal):
    """A key stands twice, or leads nowhere."""

    message = _("Each key stands once and leads somewhere.")
    field = "keys"


@transaction.atomic
def save_menu(
    *,
    actor: Any,
    now: datetime,
    menu: Menu | None,
    values: Mapping[str, Any],
    keys: Sequence[Mapping[str, Any]],
) -> Menu:
    """Make a menu or change one; calls in it go on with the new words. Raises ``NameTaken``, ``WrongKey``."""
    ensure(actor, Permission.TELEPHONY_WRITE)
    kept = menu or Menu(updated_at=now)
    if Menu.objects.filter(name=values["name"]).exclude(pk=kept.pk).exists():
        raise NameTaken
    clean = _clean(keys)
    after = {name: values[name] for name in MENU_FIELDS} | {"keys": clean}
    changes = changed(kept, after)
    if kept.pk and not changes:
        return kept
    for name, value in after.items():
        setattr(kept, name, value)
    kept.updated_at = now
    kept.save()
    record(actor=actor, now=now, action="menu.changed" if menu else "menu.created", obj=kept, changes=changes)
    return kept


def _clean(keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    seen: set[str] = set()
    clean = []
    for one in keys:
        key, do = str(one.get("key", "")), str(one.get("do", ""))
        if key not in KEYS or not key or key in seen or do not in set(Do):
            raise WrongKey
        target = one.get("target")
        if do in (Do.MENU, Do.PERSON) and not target:
            raise WrongKey
        if do == Do.MESSAGE and not one.get("say"):
            raise WrongKey
        seen.add(key)
        words, say = str(one.get("words", ""))[:120], str(one.get("say", ""))[:1000]
        clean.append({"key": key, "do": do, "words": words, "say": say, "target": target})
    return sorted(clean, key=lambda one: KEYS.index(one["key"]))


@transaction.atomic
def save_number(*, actor: Any, now: datetime, number: Number | None, values: Mapping[str, Any]) -> Number:
    """Set up a number of ours or change it. Raises ``NumberTaken``."""
    ensure(actor, Permission.TELEPHONY_WRITE)
    kept = number or Number()
    if Number.objects.filter(value=values["value"]).exclude(pk=kept.pk).exists():
        raise NumberTaken
    after = {name: values[name] for name in NUMBER_FIELDS}
    changes = changed(kept, after)
    if kept.pk and not changes:
        return kept
    for name, value in after.items():
        setattr(kept, name, value)
    kept.save()
    record(
        actor=actor,
        now=now,
        action="number.changed" if number else "number.created",
        obj=kept,
        changes=changes,
    )
    return kept
