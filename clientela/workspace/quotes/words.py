"""The words of the one window: what a variant is, who drives, where each step stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from clientela.foundation.dates import full_years
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.products.models import Line
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.queries.facts import answers_of, drivers_of
from clientela.modules.quotes.queries.products import definition_of, questions_of

if TYPE_CHECKING:
    from clientela.workspace.quotes.window import Step, Window

State = Calculation.State
SUBJECTS: dict[str, tuple[str, Promise]] = {
    "vehicle": ("car", gettext_lazy("Vehicle")),
    "flat": ("home", gettext_lazy("Flat")),
    "house": ("home", gettext_lazy("House")),
    "life": ("heart", gettext_lazy("Life and health")),
    "trip": ("world", gettext_lazy("Trip")),
    "person": ("user", gettext_lazy("Insured person")),
}
_SUBJECT_WORDS: dict[str, Promise] = {
    "title": pgettext_lazy("thing insured", "name"), "plate": pgettext_lazy("thing insured", "number plate"),
    "vin": pgettext_lazy("thing insured", "VIN"), "make": pgettext_lazy("thing insured", "make"),
    "body_number": pgettext_lazy("thing insured", "body or chassis number"),
    "model": pgettext_lazy("thing insured", "model"), "year": pgettext_lazy("thing insured", "year"),
    "power": pgettext_lazy("thing insured", "power"), "value": pgettext_lazy("thing insured", "value"),
    "address": pgettext_lazy("thing insured", "address"),
}  # fmt: skip
SUBJECT_KEYS = frozenset(_SUBJECT_WORDS)
STATE_BADGES = {
    State.DRAFT: "", State.REFERRED: "warn", State.DECLINED: "bad", State.SENT: "info", State.ACCEPTED: "good",
    State.PROJECT: "warn", State.ISSUED: "good", State.EXPIRED: "", State.LOST: "",
}  # fmt: skip


def subject_word(key: str) -> str:
    """What a field of the thing insured is called."""
    return str(_SUBJECT_WORDS.get(key, key))


def thing_line(thing: Mapping[str, Any]) -> str:
    """What is insured, in one line: “Skoda Octavia, 2017 · М330СВ116”, or the address."""
    title = str(thing.get("title") or thing.get("address") or "")
    plate = formats.plate(str(thing["plate"])) if thing.get("plate") else ""
    return " · ".join(filter(None, (title, plate)))


def lacks(missing: Sequence[str]) -> str:
    """What a price waits for, as far as it can be said in a line."""
    known = [subject_word(key) for key in missing if key in SUBJECT_KEYS]
    if known:
        return _("Not known: %(what)s") % {"what": ", ".join(known)}
    if any(key.startswith("drivers") for key in missing):
        return _("drivers are to be filled in")
    return (
        ngettext("%(n)s answer is missing", "%(n)s answers are missing", len(missing)) % {"n": len(missing)}
        if missing
        else ""
    )


def said(one: Mapping[str, Any], name: str) -> str:
    """A text of a definition in the language of the page."""
    if (get_language() or "ru").startswith("en") and one.get(f"{name}_en"):
        return str(one[f"{name}_en"])
    return str(one.get(name, ""))


def shown(question: Mapping[str, Any], value: Any) -> str:
    """An answer in words: the title of a choice, yes or no."""
    if question.get("kind") == "bool":
        return str(_("yes") if value is True else _("no"))
    for one in question.get("choices", ()):
        if isinstance(one, dict) and str(one["value"]) == str(value):
            return said(one, "title") or str(value)
    if question.get("kind") in ("number", "money") and value not in (None, ""):
        return formats.number(Decimal(str(value)), language())
    return "—" if value in (None, "") else str(value)


def people(rows: list[dict[str, Any]]) -> str:
    """Вера Орлова, Дмитрий Орлов; of many the first two."""
    if not rows:
        return _("Nobody is named yet")
    names = [f"{one.get('first_name', '')} {one.get('last_name', '')}".strip() or one["name"] for one in rows]
    if len(names) > 2:
        return _("%(names)s and %(n)s more") % {"names": ", ".join(names[:2]), "n": len(names) - 2}
    return ", ".join(names)


def variant_title(calculation: Calculation, variant: Variant) -> tuple[str, str]:
    """What a column is called and what stands below: own words, else what differs."""
    answers, rows = answers_of(calculation, variant), drivers_of(calculation, variant)
    unlimited = answers.get("unlimited") is True
    names = ", ".join(one.get("first_name") or one["name"] for one in rows)
    if not drives(calculation):
        return variant.title or _different(calculation, variant), ""
    if unlimited:
        return variant.title or _("Unlimited"), _("anybody may drive")
    months = int(answers.get("months_of_use") or calculation.months)
    count = ngettext("%(n)s driver", "%(n)s drivers", len(rows)) % {"n": len(rows)}
    span = (
        _("the whole year")
        if months >= 12
        else ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    )
    return variant.title or f"{count}, {span}", names


def drives(calculation: Calculation) -> bool:
    """Whether it is calculated for named drivers."""
    return bool(calculation.drivers) and calculation.product.line in (Line.OSAGO, Line.KASKO)


def _different(calculation: Calculation, variant: Variant) -> str:
    answers = variant.changes.get("answers", {})
    if answers:
        questions = questions_of(
            definition_of(calculation.product, calculation.starts_on), calculation.starts_on
        )
        known = {one["key"]: one for one in questions}
        return ", ".join(_answered(known.get(key, {}), value) for key, value in answers.items())[:60]
    if variant.place > 1:
        return _("Variant %(n)s") % {"n": variant.place}
    return _("As last time") if calculation.policy_id else _("As asked for")


def _answered(question: Mapping[str, Any], value: Any) -> str:
    """A question with its answer; a choice speaks for itself, as does what is said yes to."""
    title, answer = said(question, "title"), shown(question, value)
    if value is True and title:
        return title
    return answer if question.get("choices") or not title else f"{title}: {answer}"


def driver_note(person: dict[str, Any], on: date) -> str:
    """Age and experience in words."""
    parts = []
    if person.get("birth_date"):
        years = full_years(date.fromisoformat(person["birth_date"]), on)
        parts.append(ngettext("%(n)s year old", "%(n)s years old", years) % {"n": years})
    return ", ".join(parts)


def steps(window: "Window") -> "list[Step]":
    """Client, thing, drivers, price, documents, payment, policy: where each stands."""
    from clientela.workspace.quotes.window import Step

    row, found = window.calculation, []
    origins = {"base": _("from the base"), "typed": _("with typed fields"), "": _("not filled in yet")}
    for card in window.cards:
        note = (card.missing and _("something is missing")) or origins.get(card.origin, "")
        if card.code == "drivers" and not card.missing and all(one.get("class") for one in row.drivers):
            note = _("KBM known")
        found.append(Step(f"card-{card.code}", card.name, note, "now" if card.missing else "done"))
    policy = row.project.next_policy if row.project else None
    paid, ready = policy is not None, row.state in (State.PROJECT, State.ISSUED)
    count = len(window.variants)
    priced = window.chosen is not None and window.chosen.premium is not None
    note = ngettext("%(n)s variant", "%(n)s variants", count) % {"n": count}
    if row.state == State.REFERRED:
        note = _("with the underwriter")
    elif not priced:
        note = _("no price yet")
    found.append(Step("price", pgettext("step", "Price"), note, "done" if ready else "now"))
    complete, told = _papers(window)
    stands = "done" if complete else "now" if paid else "next"
    found.append(Step("documents", _("Documents"), told, stands))
    paying = _("paid") if paid else _("waits for the money") if ready else _("link and QR")
    found.append(
        Step(
            "payment",
            pgettext("step", "Payment"),
            paying,
            "done" if paid else "now" if ready else "next",
        )
    )
    found.append(
        Step(
            "policy",
            pgettext("step", "Policy"),
            policy.number if policy else "",
            "done" if policy else "next",
        )
    )
    return _one_now(found)


def _one_now(found: "list[Step]") -> "list[Step]":
    """What is lacking first is what stands now; the rest that lacks waits."""
    first = next((index for index, step in enumerate(found) if step.state == "now"), len(found))
    return [
        replace(step, state="next") if step.state == "now" and index > first else step
        for index, step in enumerate(found)
    ]


def _papers(window: "Window") -> tuple[bool, str]:
    """Whether every document is there, and how many are."""
    rows, paper = window.documents, window.application
    ready = sum(1 for one in rows if one.is_ready) + (paper is not None and paper.state == "signed")
    return ready > len(rows), _("%(ready)s of %(all)s") % {"ready": ready, "all": len(rows) + 1}
