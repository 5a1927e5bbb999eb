"""What the client's household tells a seller: who belongs to it, what it has, what happens in it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Belonging, Client, LifeEvent
from clientela.modules.clients.queries import newest_answers
from clientela.modules.clients.relatives import Relative, relatives_of
from clientela.modules.contracts.models import InsuredObject
from clientela.modules.quotes.queries.prefill import SUBJECT_FIELDS

MOST = 4
LIKES = ("interests", "preferences", "habits")


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the household: what it is about, and what is known."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the client that may be insured: ``key`` names it in an address, ``values`` are its known fields."""

    key: str
    title: str
    values: dict[str, Any]


def household_of(user: User, client: Client, today: date) -> list[Fact]:
    """Family, property, events and interests in a line each; what nobody knows is left out. Six statements at the most."""
    family = [one for one in relatives_of(user, client.pk) if one.is_family and one.name]
    things = [
        *InsuredObject.objects.filter(client=client, sold_on=None).order_by("-id")[: MOST + 1],
        *Belonging.objects.filter(client=client)[:MOST],
    ]
    events = LifeEvent.objects.filter(client=client, done_at=None).order_by("on", "id")[:MOST]
    answers = {one.key: one.value for one in newest_answers(client.pk)}
    found = {
        _("Family"): _listed([_relative(one, today) for one in family]),
        _("Property"): _listed([str(one) for one in things]),
        _("Events"): _listed([_event(one) for one in events]),
        _("Interests"): _listed([str(answers[key]) for key in LIKES if answers.get(key)]),
    }
    return [Fact(label, text) for label, text in found.items() if text]


def things_of(client: Client, kind: str) -> list[Thing]:
    """What the client has of this kind, insured with us or known from the household. Two statements."""
    objects = InsuredObject.objects.filter(client=client, kind=kind, sold_on=None).order_by("-id")
    others = Belonging.objects.filter(client=client, kind=kind)
    return [
        Thing(f"o{one.pk}", one.title, {name: getattr(one, name) for name in SUBJECT_FIELDS})
        for one in objects[: MOST * 2]
    ] + [Thing(f"b{one.pk}", one.title, {"title": one.title}) for one in others[: MOST * 2]]


def _relative(one: Relative, today: date) -> str:
    years = one.age(today)
    age = ngettext("%(n)s year old", "%(n)s years old", years) % {"n": years} if years is not None else ""
    return f"{one.name} ({', '.join(part for part in (one.label, age) if part)})"


def _event(one: LifeEvent) -> str:
    return f"{one}, {formats.full_date(one.on, language())}" + (f" ({one.note})" if one.note else "")


def _listed(names: list[str]) -> str:
    if len(names) <= MOST:
        return ", ".join(names)
    rest = len(names) - MOST
    return ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", rest) % {
        "names": ", ".join(names[:MOST]), "n": rest,
    }  # fmt: skip
