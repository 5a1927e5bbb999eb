"""What to say to the client, in sentences a person can read aloud."""

from contextlib import suppress
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.dates import anniversary, full_years
from clientela.foundation.ui import formats
from clientela.modules.clients.models import Client
from clientela.modules.contacts.rules import TextError
from clientela.modules.contracts.rules import price_change
from clientela.modules.renewals.queries.texts import written
from clientela.workspace.today import words
from clientela.workspace.today.items import Item

BIRTHDAY_SOON = 14


def sentences(item: Item, *, today: date) -> list[dict[str, Any]]:
    """The price and how it differs, what the client did, how long they are with us, what the plan wants said."""
    term, client = item.term, item.client
    found: list[dict[str, Any]] = []
    if term is not None:
        found.append(_price(item))
        if words.is_fresh(term.last_replied_at, timezone.now()):
            found.append(
                {"text": _("The client answered %(when)s.") % {"when": _moment(term.last_replied_at)}}
            )
        elif words.is_fresh(term.last_opened_at, timezone.now()):
            found.append(
                {"text": _("The client read our message %(when)s.") % {"when": _moment(term.last_opened_at)}}
            )
    if client and (since := how_long(client, today)):
        found.append({"text": f"{since[0].upper()}{since[1:]}."})
    if client and (birthday := _birthday(client, today)):
        found.append({"text": birthday})
    if item.touch is not None and item.touch.step is not None and item.touch.step.text and term is not None:
        with suppress(TextError):
            found.append({"text": written(item.touch.step, term)[1]})
    return found


def _price(item: Item) -> dict[str, Any]:
    term = item.term
    assert term is not None
    if term.next_premium is None:
        text = _("There is no price for the next year yet; the last one was %(sum)s.") % {
            "sum": words.money(term.premium)
        }
        return {"text": text}
    change = price_change(term.premium, term.next_premium)
    return {
        "lead": _("The price for the year is"), "sum": words.money(term.next_premium),
        "change": words.change_words(change), "cheaper": change is not None and change < 0,
        "dearer": change is not None and change > 5,
    }  # fmt: skip


def _moment(moment: Any) -> str:
    return formats.near_moment(moment, words.language(), timezone.now(), timezone.get_current_timezone())


def how_long(client: Client, today: date) -> str:
    """«with us for 7 years, 3 policies»; nothing for somebody new."""
    parts = []
    if client.client_since and (years := full_years(client.client_since, today)) > 0:
        parts.append(ngettext("with us for %(n)s year", "with us for %(n)s years", years) % {"n": years})
    if client.policies_in_force > 1:
        count = client.policies_in_force
        parts.append(ngettext("%(n)s policy", "%(n)s policies", count) % {"n": count})
    return ", ".join(parts)


def _birthday(client: Client, today: date) -> str:
    if client.birth_date is None:
        return ""
    day = anniversary(client.birth_date, today.year)
    left = (day - today).days
    if not 0 <= left <= BIRTHDAY_SOON:
        return ""
    return _("Birthday: %(day)s.") % {"day": formats.near_date(day, words.language(), today)}
