"""Steps and conditions in the person's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import CHANNELS
from clientela.modules.contacts.models import Channel
from clientela.modules.contacts.rules import VARIABLES
from clientela.modules.products.models import Bank, Product
from clientela.modules.renewals.models import Step, TermLine
from clientela.modules.renewals.rules import AUDIENCE, DAY_VALUED, LIST_VALUED, Condition, Reason

PERIODS = frozenset({Channel.ROBOT, Channel.OPERATOR})
# Conditions that say nothing about what the client did: a step with these alone goes to everybody it is for.
STANDING = AUDIENCE | {Condition.AGENT_BELOW_NORM, Condition.CHANNEL_PRESENT}


@dataclass(frozen=True)
class Names:
    """Names of everything a condition may choose from, in the person's language, by condition code."""

    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def of(self, code: str, value: str) -> str:
        return next((name for known, name in self.choices.get(code, []) if known == value), value)


def names() -> Names:
    """Lines, products and banks in two statements."""
    english = (get_language() or "ru").startswith("en")
    products = [
        (p.code, f"{(p.name_en if english else '') or p.name}{f' ({p.code})' if p.code.isdigit() else ''}")
        for p in Product.objects.filter(is_renewable=True)
    ]
    banks = [(bank.code, bank.name) for bank in Bank.objects.all()]
    return Names(
        {
            Condition.LINE_IN: [(code, str(label)) for code, label in TermLine.choices],
            Condition.PRODUCT_IN: products,
            Condition.BANK_IN: banks,
            Condition.BANK_NOT_IN: banks,
        }
    )


def label(code: str) -> str:
    """«Нет проекта»; the code itself for one that is no longer in the vocabulary."""
    return str(Condition(code).label) if code in Condition.values else code


def sentence(condition: Mapping[str, Any], known: Names) -> str:
    """A condition with its value: «Line is: KASKO, OSAGO», «Opened nothing since day 30»."""
    code, value = condition["code"], condition.get("value")
    if code in LIST_VALUED and isinstance(value, list):
        return f"{label(code)}: {', '.join(known.of(code, one) for one in value)}"
    if code in DAY_VALUED:
        return f"{label(code)} {value}"
    return label(code)


def is_conditional(step: Step) -> bool:
    """Whether the step waits for something the client or the agent did or did not do: the diamond."""
    return any(condition["code"] not in STANDING for condition in step.conditions)


def stops(step: Step) -> list[Mapping[str, Any]]:
    return [condition for condition in step.conditions if condition["code"] not in STANDING]


def short_stops(step: Step) -> str:
    """«if opened nothing and did not reply»: what a period waits for, short enough for a chip."""
    short = {
        Condition.NO_PROJECT: pgettext("condition", "no project"),
        Condition.NO_QUOTE: pgettext("condition", "no quote"),
        Condition.NO_PAYMENT: pgettext("condition", "no payment"),
        Condition.NOT_OPENED_SINCE: pgettext("condition", "not opened"),
        Condition.NOT_CLICKED_SINCE: pgettext("condition", "link not followed"),
        Condition.NOT_REPLIED_SINCE: pgettext("condition", "not answered"),
    }
    found = [short[Condition(c["code"])] for c in stops(step) if c["code"] in short]
    return _("if %(conditions)s") % {"conditions": ", ".join(found)} if found else ""


def when(step: Step) -> str:
    """«5 days before the end», «from 29 to 17 days before the end»."""
    if step.until_day is not None and step.until_day != step.day:
        return _("days %(first)s to %(last)s") % {"first": step.day, "last": step.until_day}
    return ngettext("%(n)s day before", "%(n)s days before", step.day) % {"n": step.day}


def variable(name: str) -> str:
    """A variable of a text, short enough for a chip in the text."""
    short = {
        "greeting": pgettext("variable", "name and patronymic"),
        "client_name": pgettext("variable", "full name"),
        "product": pgettext("variable", "product"),
        "number": pgettext("variable", "policy number"),
        "object": pgettext("variable", "what is insured"),
        "end_date": pgettext("variable", "end date"),
        "agent_name": pgettext("variable", "agent"),
        "agent_phone": pgettext("variable", "agent's phone"),
        "centre_phone": pgettext("variable", "centre's phone"),
        "company": pgettext("variable", "company"),
        "short_number": pgettext("variable", "short number"),
    }
    return short.get(name, str(VARIABLES.get(name, name)))


def channel_name(code: str) -> str:
    return str(CHANNELS[code][1]) if code in CHANNELS else code


def always_stops() -> list[str]:
    """Reasons that take a touch away whatever the step says."""
    return [
        pgettext("stop", "payment"),
        pgettext("stop", "lost"),
        pgettext("stop", "object sold"),
        pgettext("stop", "claim in dispute"),
        pgettext("stop", "client asked not to be contacted"),
        pgettext("stop", "plan held"),
        pgettext("stop", "no consent to the channel"),
    ]


def reason_name(code: str) -> str:
    return str(Reason(code).label) if code in Reason.values else code


def reasons(rows: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"code": code, "label": reason_name(code), "count": count} for code, count in rows]


def field_value(name: str, value: Any) -> str:
    """A field of a step as the list of changes writes it."""
    if value is None or value == "":
        return "—"
    if name == "channel":
        return channel_name(value)
    if name == "at_time":
        return f"{value:%H:%M}"
    return str(value)


def field_name(name: str) -> str:
    """The name of a field or text of a step."""
    return {
        "name": pgettext("step", "Name"),
        "day": pgettext("step", "Day"),
        "until_day": _("Last day"),
        "at_time": _("Client's time"),
        "channel": _("Channel"),
        "subject": _("Subject"),
        "text": _("Text"),
        "subject_en": _("Subject in English"),
        "text_en": _("Text in English"),
    }.get(name, name)


def day_words(day: date, today: date) -> str:
    """«tomorrow, Thursday 19 November»-like: the weekday and the date."""
    from django.utils.formats import date_format

    weekday = (
        date_format(day, "l").lower()
        if not (get_language() or "ru").startswith("en")
        else date_format(day, "l")
    )
    return f"{weekday}, {formats.long_date(day, get_language() or 'ru', today)}"
