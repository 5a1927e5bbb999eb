"""What stands above the list: tabs, chips, the choices of the conditions."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.lists.models import SavedView
from clientela.foundation.ui import formats
from clientela.modules.accounts.rules import Permission
from clientela.modules.clients.models import Client, Tag
from clientela.modules.clients.rules import Freshness
from clientela.modules.group.models import FactKind
from clientela.modules.organisation.models import Agent, Branch
from clientela.modules.organisation.queries import scope_of
from clientela.modules.products.models import Line
from clientela.workspace.clients.consent_words import consent_name
from clientela.workspace.clients.filters import CONSENTS, ENDINGS, SILENCES, ClientFilter
from clientela.workspace.clients.knowledge import WORDS
from clientela.workspace.clients.queries.rows import BOUND, Bounded, bounded_count, listed

COUNTS_KEPT = 60
MOST_COUNTED = 8


def list_url(wanted: ClientFilter) -> str:
    """The address of the list with this filter."""
    query = wanted.query
    return reverse("clients:list") + (f"?{query}" if query else "")


def count_words(count: Bounded) -> str:
    """``148`` or ``1 000+``; nothing when counting took too long."""
    if count.value is None:
        return ""
    text = formats.number(min(count.value, BOUND), get_language() or "ru")
    return f"{text}+" if count.is_more else text


# --- tabs ----------------------------------------------------------------------------------------------


def _built_in(user: Any) -> list[tuple[str, ClientFilter]]:
    usual = ClientFilter()
    mine = _("My clients") if scope_of(user).agent_ids else _("All clients")
    return [
        (mine, usual),
        (pgettext("many", "Loyal"), usual.but(loyalty=("loyal",))),
        (pgettext("many", "Warm"), usual.but(temperature=("warm", "hot"))),
        (_("Ending in 45 days"), usual.but(ending=45, order="end")),
        (_("Data out of date"), usual.but(fresh=Freshness.STALE.value)),
        (_("No contact for 90 days"), usual.but(silent=90)),
    ]


def tabs(user: Any, wanted: ClientFilter, views: Iterable[SavedView]) -> list[dict[str, Any]]:
    """Built-in and saved views as links, without their counts."""
    items = []
    plain = wanted.but(order="name")
    for label, built in _built_in(user):
        items.append(
            {
                "label": label,
                "url": list_url(built),
                "current": plain == built.but(order="name"),
                "filter": built,
            }
        )
    for view in views:
        saved = ClientFilter.read(QueryDict(view.query))
        items.append(
            {"label": view.name, "url": list_url(saved), "current": wanted == saved, "filter": saved, "id": view.pk,
             "own": view.owner_id == user.pk}
        )  # fmt: skip
    return items


def with_counts(user: Any, items: list[dict[str, Any]], today: date) -> list[dict[str, Any]]:
    """The same tabs with their counts, each bounded and kept for a minute."""
    counted = items[:MOST_COUNTED]
    keys = {f"clients.count.{user.pk}.{today}.{hash_of(item['filter'])}": item for item in counted}
    known = cache.get_many(list(keys))
    fresh: dict[str, str] = {}
    for key, item in keys.items():
        words = known.get(key)
        if words is None:
            words = fresh[key] = count_words(bounded_count(listed(user, item["filter"], today)))
        item["count_words"] = words
    if fresh:
        cache.set_many(fresh, COUNTS_KEPT)
    return items


def hash_of(wanted: ClientFilter) -> str:
    """A short key for a filter."""
    return sha256(wanted.query.encode()).hexdigest()[:16]


# --- chips ---------------------------------------------------------------------------------------------


def chips(user: Any, wanted: ClientFilter) -> list[dict[str, str]]:
    """Every condition in force as «field, value» with the address without it."""
    found = []
    for name, label, value in _conditions(user, wanted):
        found.append({"name": label, "value": value, "remove": list_url(wanted.without(name))})
    return found


def _conditions(user: Any, wanted: ClientFilter) -> Iterable[tuple[str, str, str]]:
    if wanted.agent:
        yield "agent", _("Agent"), _names(Agent.objects.filter(pk__in=wanted.agent))
    if wanted.branch:
        yield "branch", _("Branch"), _names(Branch.objects.filter(pk__in=wanted.branch))
    if wanted.loyalty:
        yield "loyalty", _("Category"), _labels(Client.Loyalty, wanted.loyalty)
    if wanted.temperature:
        yield "temperature", _("Prospect"), _labels(Client.Temperature, wanted.temperature)
    if wanted.profitability:
        yield "profitability", _("Profitability"), _labels(Client.Profitability, [wanted.profitability])
    if wanted.line:
        yield "line", pgettext("insurance", "Line"), _labels(Line, wanted.line)
    if wanted.ending:
        yield "ending", _("Ends in"), formats.days(wanted.ending, get_language() or "ru")
    if wanted.tag:
        yield "tag", _("Tag"), ", ".join(wanted.tag)
    if wanted.fresh:
        yield "fresh", _("Data"), str(freshness_words()[wanted.fresh])
    if wanted.silent:
        yield "silent", _("No contact for"), formats.days(wanted.silent, get_language() or "ru")
    if wanted.consent:
        yield "consent", _("Consents"), ", ".join(consent_words()[code] for code in wanted.consent)
    if wanted.kind:
        yield "kind", _("Who"), _labels(Client.Kind, [wanted.kind])
    if wanted.holding:
        head = Client.objects.visible_to(user).filter(pk=wanted.holding).first()
        yield "holding", _("Holding"), head.name if head else _("of another agent")
    if wanted.advised:
        yield "advised", _("What to offer"), _labels(Line, [wanted.advised])
    for name, label in (
        ("knows", pgettext("condition", "Known")),
        ("lacks", pgettext("condition", "Not known")),
    ):
        if codes := getattr(wanted, name):
            yield name, label, ", ".join(str(WORDS[code]) for code in codes)
    if wanted.told:
        yield "told", _("Sister companies tell"), dict(_group_kinds(user)).get(wanted.told, wanted.told)


def _group_kinds(user: Any) -> list[tuple[str, str]]:
    """Kinds of facts of sister companies that may be used in offers, for who may see them."""
    if not user.can(Permission.GROUP_READ):
        return []
    return [(one.code, str(one)) for one in FactKind.objects.filter(is_active=True, for_offers=True)]


def _told(user: Any, wanted: ClientFilter) -> list[dict[str, Any]]:
    kinds = _group_kinds(user)
    return [_choice("told", _("Sister companies tell"), kinds, [wanted.told])] if kinds else []


def _advised(user: Any, wanted: ClientFilter) -> list[dict[str, Any]]:
    if not user.can(Permission.SALES_READ):
        return []
    return [_choice("advised", _("What to offer"), Line.choices, [wanted.advised])]


def _names(rows: QuerySet[Any]) -> str:
    return ", ".join(str(row) for row in rows[:3])


def _labels(kind: Any, values: Iterable[str]) -> str:
    return ", ".join(str(kind(value).label) for value in values)


def consent_words() -> dict[str, str]:
    """Consents that the list can be narrowed by, in words."""
    return {code: consent_name(*code.split("-")) for code in CONSENTS}


def freshness_words() -> dict[str, str]:
    """Levels of freshness in words."""
    return {
        "fresh": _("confirmed within half a year"),
        "ageing": _("confirmed over half a year ago"),
        "stale": _("confirmed over a year ago"),
        "unknown": _("never confirmed"),
    }


# --- choices of the conditions -------------------------------------------------------------------------


def choices(user: Any, wanted: ClientFilter) -> list[dict[str, Any]]:
    """The conditions a person can set, with what is chosen."""
    language = get_language() or "ru"
    rows: list[dict[str, Any]] = [
        _choice("loyalty", _("Category"), Client.Loyalty.choices, wanted.loyalty),
        _choice("temperature", _("Prospect"), Client.Temperature.choices, wanted.temperature),
        _choice("line", pgettext("insurance", "Line"), Line.choices, wanted.line),
        _choice(
            "ending",
            _("Ends in"),
            [(days, formats.days(days, language)) for days in ENDINGS],
            [wanted.ending],
        ),
        _choice("fresh", _("Data"), list(freshness_words().items()), [wanted.fresh]),
        _choice(
            "silent",
            _("No contact for"),
            [(days, formats.days(days, language)) for days in SILENCES],
            [wanted.silent],
        ),
        _choice("consent", _("Consents"), list(consent_words().items()), wanted.consent),
        _choice("profitability", _("Profitability"), Client.Profitability.choices, [wanted.profitability]),
        _choice("kind", _("Who"), Client.Kind.choices, [wanted.kind]),
        _choice("knows", pgettext("condition", "Known"), list(WORDS.items()), wanted.knows),
        _choice("lacks", pgettext("condition", "Not known"), list(WORDS.items()), wanted.lacks),
        *_told(user, wanted),
        *_advised(user, wanted),
    ]
    scope = scope_of(user)
    if scope.everything:
        branches = Branch.objects.values_list("pk", "name")
        rows.append(_choice("branch", _("Branch"), list(branches[:200]), wanted.branch))
    if len(scope.agent_ids) != 1:
        agents = Agent.objects.filter(is_active=True)
        if scope.branch_id:
            agents = agents.filter(branch_id=scope.branch_id)
        elif scope.centre_id:
            agents = agents.filter(centre_id=scope.centre_id)
        elif not scope.everything:
            agents = agents.filter(pk__in=scope.agent_ids)
        named = [
            (pk, f"{last} {first}")
            for pk, last, first in agents.values_list("pk", "last_name", "first_name")[:300]
        ]
        rows.append(_choice("agent", _("Agent"), named, wanted.agent))
    tags = list(Tag.objects.values_list("name", "name")[:100])
    if tags:
        rows.append(_choice("tag", _("Tag"), tags, wanted.tag))
    return rows


def _choice(
    name: str, label: str, options: Iterable[tuple[Any, Any]], chosen: Iterable[Any]
) -> dict[str, Any]:
    picked = {str(value) for value in chosen}
    return {
        "name": name,
        "label": label,
        "options": [{"value": value, "label": text, "on": str(value) in picked} for value, text in options],
    }


def title_words(count: Bounded) -> str:
    """«148 people and companies»; nothing when it could not be counted."""
    if count.value is None:
        return ""
    words = ngettext("%(n)s person or company", "%(n)s people and companies", min(count.value, BOUND))
    return words % {"n": count_words(count)}


def page_query(wanted: ClientFilter, **more: str) -> str:
    """The address line of the filter with something added."""
    return urlencode([*wanted.pairs(), *[(name, value) for name, value in more.items() if value]])
