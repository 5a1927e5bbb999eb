"""Why two cards may be one person, in words and bars."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clientela.foundation.ui import formats
from clientela.modules.resolution.models import Pair

ALMOST = 99.9
# What is compared of companies alone.
_OF_COMPANIES = {"name", "form", "inn", "ogrn", "kpp", "domains"}


@dataclass(frozen=True)
class Bar:
    """A line of the waterfall: ``left`` and ``width`` in percent of the whole scale."""

    label: str
    why: str
    bits: str
    left: str
    width: str
    tone: str


def percent_of(pair: Pair) -> Decimal:
    """How sure it is; never a whole hundred."""
    return Decimal(str(min(pair.probability * 100, ALMOST))).quantize(Decimal("0.1"))


def waterfall(pair: Pair, language: str) -> list[Bar]:
    """From what two strangers weigh, field by field, to what these two cards weigh together; in bits."""
    terms = [(name, how, float(bits)) for name, how, bits in pair.terms]
    start = pair.weight - sum(bits for _name, _how, bits in terms)
    companies = any(name in _OF_COMPANIES for name, _how, _bits in terms)
    chance = _("two companies met by chance") if companies else _("two people met by chance")
    steps = [(_("Before comparing"), chance, start), *(
        (field_word(name), level_word(name, how), bits) for name, how, bits in terms
    )]  # fmt: skip
    ends, total = [0.0], 0.0
    for _label, _why, bits in steps:
        total += bits
        ends.append(total)
    low, high = min(ends), max(ends)
    scale = (high - low) or 1.0
    found, before = [], 0.0
    for place, (label, why, bits) in enumerate(steps):
        after = before + bits
        tone = "first" if place == 0 else "good" if bits > 0 else "bad"
        found.append(_bar(label, why, bits, (before, after), (low, scale), tone, language))
        before = after
    if companies:
        whole = _("it is one company") if pair.probability > 1 / 2 else _("two companies rather")
    else:
        whole = _("it is one person") if pair.probability > 1 / 2 else _("two people rather")
    found.append(_bar(_("Together"), whole, total, (0.0, total), (low, scale), "sum", language))
    return found


def _bar(
    label: str, why: str, bits: float, ends: tuple[float, float], scale: tuple[float, float], tone: str, language: str
) -> Bar:  # fmt: skip
    low, width = min(ends), abs(ends[1] - ends[0])
    sign = "+" if bits > 0 else "−" if bits < 0 else ""
    text = sign + formats.number(Decimal(str(abs(bits))).quantize(Decimal("0.1")), language, 1)
    return Bar(
        label, why, text, f"{(low - scale[0]) * 100 / scale[1]:.1f}", f"{max(width * 100 / scale[1], 0.6):.1f}", tone
    )  # fmt: skip


def field_word(name: str) -> str:
    """What is compared."""
    words = {
        "last": pgettext("person", "Last name"), "first": pgettext("person", "First name"),
        "middle": pgettext("person", "Patronymic"), "birth": _("Birth date"), "phones": pgettext("compared", "Phone"),
        "emails": _("E-mail"), "documents": pgettext("compared", "Document"), "address": _("Address"),
        "place": pgettext("compared", "Town and postcode"), "name": pgettext("company", "Name"),
        "form": pgettext("company", "Legal form"), "inn": _("INN"), "ogrn": _("OGRN"), "kpp": _("KPP"),
        "domains": pgettext("compared", "E-mail domain"),
    }  # fmt: skip
    return str(words.get(name, name))


def level_word(name: str, how: str) -> str:
    """How far it agrees."""
    if how == "near" and name == "birth":
        return _("one figure differs, or day and month change places")
    if how == "near" and name == "place":
        return _("the town or the postcode is the same")
    words = {
        "same": pgettext("compared", "the same"), "near": _("a letter or two differ"),
        "swapped": _("last and first name change places"), "initial": _("an initial of the other"),
        "crossed": _("one of the names stands in the place of the other"),
        "words": _("the same words in another order"), "part": _("all words of the shorter one"),
        "most": _("most words and numbers are the same"), "some": _("some words and numbers are the same"),
        "word": _("one word or number is the same"),
        "maiden": _("another last name, as after a wedding"), "other": pgettext("compared", "different"),
    }  # fmt: skip
    return str(words.get(how, how))


def told(pair: Pair) -> str:
    """What speaks for it most, in a line."""
    strongest = sorted((one for one in pair.terms if one[2] > 0), key=lambda one: -one[2])[:3]
    return ", ".join(_lower(field_word(name)) for name, _how, _bits in strongest)


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]
