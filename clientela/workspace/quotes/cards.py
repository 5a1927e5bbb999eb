"""The cards of the one window: client, thing and drivers, each with where it comes from and what it lacks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from clientela.foundation.dates import full_years
from clientela.foundation.ui import formats
from clientela.foundation.ui.vin import vin_doubt
from clientela.modules.bonus_malus.queries import value_of
from clientela.modules.clients.models import Client, IdentityDocument
from clientela.modules.quotes import rules
from clientela.workspace.quotes import words

if TYPE_CHECKING:
    from clientela.workspace.quotes.window import Window


DRIVER_FACTS = {
    "drivers": gettext_lazy("who drives"), "age": gettext_lazy("birth date"),
    "experience": gettext_lazy("since when they drive"), "kbm": gettext_lazy("KBM"),
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """Client, thing or drivers: what is known, where from, and where it is changed."""

    code: str
    icon: str
    name: str
    title: str
    note: str
    origin: str
    missing: str = ""


def _origin(window: "Window", prefix: str) -> str:
    found = {value for key, value in window.calculation.origins.items() if key.startswith(prefix)}
    return rules.Origin.TYPED if rules.Origin.TYPED in found else (rules.Origin.BASE if found else "")


def client_card(window: "Window") -> Card:
    """The client: age and what is known of the papers."""
    parts = []
    if window.client.birth_date:
        years = full_years(window.client.birth_date, window.today)
        parts.append(ngettext("%(n)s year old", "%(n)s years old", years) % {"n": years})
    passport = next((one for one in window.papers if one.kind == IdentityDocument.Kind.PASSPORT), None)
    if window.client.kind == Client.Kind.PERSON:
        parts.append(_("passport known") if passport else _("no passport on the card"))
    elif window.client.inn:
        parts.append(_("INN %(inn)s") % {"inn": window.client.inn})
    return Card(
        "client", "user", _("Client"), window.client.name, " · ".join(parts), _origin(window, "client.")
    )


def subject_card(window: "Window") -> Card:
    """The thing insured, and which of its facts are not known."""
    thing = window.calculation.subject
    kind = window.subject_kind
    icon, name = words.SUBJECTS.get(kind, ("shield-check", _("Object")))
    parts = []
    if thing.get("plate"):
        parts.append(formats.plate(str(thing["plate"])))
    if thing.get("body_number"):
        parts.append(_("body %(number)s") % {"number": thing["body_number"]})
    if thing.get("power"):
        power = formats.number(Decimal(str(thing["power"])), window.language)
        parts.append(_("%(n)s hp") % {"n": power})
    if thing.get("address"):
        parts.append(str(thing["address"]))
    unnamed = window.calculation.policy is None and not rules.names_thing(kind, thing)
    lacking = [key for key in window.missing if key in words.SUBJECT_KEYS]
    lack = _("Not known: %(what)s") % {"what": ", ".join(words.subject_word(key) for key in lacking)}
    title = str(thing.get("title") or "") or _("Not filled in yet")
    return Card(
        "subject",
        icon,
        str(name),
        title,
        " · ".join(parts),
        _origin(window, "subject."),
        ". ".join(
            filter(
                None, (lack if lacking else _unnamed(kind) if unnamed else "", vin_doubt(thing.get("vin")))
            )
        ),
    )


def _unnamed(kind: str) -> str:
    return (
        _("VIN, number plate or body number is needed") if kind == "vehicle" else _("The address is needed")
    )


def insured_card(window: "Window", question: dict[str, Any]) -> Card:
    """Who is insured, and how old they are when cover begins."""
    key = str(question["key"])
    rows = [one for one in window.calculation.answers.get(key) or () if isinstance(one, dict)]
    starts = window.calculation.starts_on
    ages = [
        full_years(date.fromisoformat(one["birth_date"]), starts) for one in rows if one.get("birth_date")
    ]
    lacks = not rows or len(ages) < len(rows)
    note = ngettext("%(n)s person", "%(n)s people", len(rows)) % {"n": len(rows)} if rows else ""
    if ages:
        note += " · " + _("of age %(years)s") % {"years": ", ".join(map(str, ages))}
    return Card(
        "insured", "users", words.said(question, "title"), words.people(rows), note, _origin(window, f"answers.{key}"),
        _("Fill in who is insured: name and birth date") if lacks else "",
    )  # fmt: skip


def drivers_card(window: "Window") -> Card:
    """Who drives, for how long and in which class."""
    people = window.calculation.drivers
    title = words.people(people)
    years = [_experience(window, one) for one in people]
    classes = [_class(window, one) for one in people]
    parts = []
    if any(years):
        parts.append(_("experience %(years)s") % {"years": ", ".join(one or "?" for one in years)})
    if any(classes):
        parts.append(_("KBM %(values)s") % {"values": ", ".join(one or "?" for one in classes)})
    lack = ""
    if window.calculation.waits_for_class:
        lack = _("KBM is being asked, the price follows by itself")
    else:
        asked = dict.fromkeys(key.rpartition(".")[2] for key in window.missing if key.startswith("drivers"))
        lack = (
            _("Fill in of the drivers: %(what)s")
            % {"what": ", ".join(str(DRIVER_FACTS.get(key, DRIVER_FACTS["drivers"])) for key in asked)}
            if asked
            else ""
        )
    return Card(
        "drivers",
        "users",
        pgettext("card", "Drivers"),
        title,
        " · ".join(parts),
        _origin(window, "drivers."),
        lack,
    )


def _experience(window: "Window", person: dict[str, Any]) -> str:
    since = person.get("experience_since")
    return str(full_years(date.fromisoformat(since), window.calculation.starts_on)) if since else ""


def _class(window: "Window", person: dict[str, Any]) -> str:
    klass = person.get("class")
    value = value_of(klass, window.calculation.starts_on) if klass else None
    return klass or "" if value is None else formats.number(value, window.language, 2)
