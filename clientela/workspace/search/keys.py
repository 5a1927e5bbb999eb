"""What a typed text may be: a name, a phone, a plate, a VIN, a policy number, an e-mail, a document, an INN.

Every reading gives a normal form that a b-tree answers.
"""

import operator
import re
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from clientela.foundation import identifiers, phones
from clientela.foundation.fields import prefix_range
from clientela.foundation.identifiers import policy_number_key
from clientela.foundation.identifiers.alphabet import to_cyrillic_twins, to_latin_twins
from clientela.foundation.names import name_key
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.clients.queries import documents_by_number, inn_is
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.organisation.queries import scope_of

_DIGITS = re.compile(r"\D+")
_WORDY = re.compile(r"[^0-9A-Za-zА-Яа-яЁё]+")
_EMAIL = re.compile(r"[\w.+-]*@[\w.-]*")
_PLATE_START = re.compile(
    r"[АВЕКМНОРСТУХ][0-9]{3}[АВЕКМНОРСТУХ]{0,2}[0-9]{0,3}|[АВЕКМНОРСТУХ]{2}[0-9]{3,6}[АВЕКМНОРСТУХ]?"
)
_VIN_START = re.compile(r"(?=[A-Z0-9]*[0-9])(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{6,17}")
_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
_OTHER_LAYOUT = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
OSAGO_SERIES = ("XXX", "EEE", "MMM", "HHH", "PPP", "CCC", "KKK", "TTT", "AAC", "BBB")
SHORTEST_NAME = 2
SHORTEST_NUMBER = 4


@dataclass(frozen=True)
class Keys:
    """Readings of one text; empty where the text cannot be such a thing."""

    name: str = ""
    other_layout: str = ""
    phone: str = ""
    tail: str = ""
    short_tail: str = ""
    email: str = ""
    plate: str = ""
    vin: str = ""
    policy: tuple[str, ...] = ()
    document: str = ""
    inn: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)


def read(text: str) -> Keys:
    """Every reading of what was typed so far. The text may be unfinished."""
    text = " ".join(text.replace("\x00", "").split())[:80]
    if not text:
        return Keys()
    if _EMAIL.fullmatch(text):
        return Keys(email=text.lower()) if len(text) > 3 else Keys()
    digits = _DIGITS.sub("", text)
    letters = " ".join(word for word in text.split() if not any(char.isdigit() for char in word))
    name = name_key(letters)
    compact = _WORDY.sub("", text)
    found: dict[str, Any] = {}
    if len(name) >= SHORTEST_NAME:
        found["name"] = name
        if name.isascii():
            found["other_layout"] = name_key(letters.lower().translate(_OTHER_LAYOUT))
            if len(compact) > SHORTEST_NUMBER and not digits:
                found["email"] = text.lower() if text.isascii() and " " not in text else ""
    if digits:
        found |= _numbers(text, digits, compact, bool(name))
    return Keys(**found)


def _numbers(text: str, digits: str, compact: str, has_name: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    only_digits = compact == digits
    if only_digits or has_name or text.lstrip().startswith("+"):
        number = phones.normalize(text if only_digits else digits)
        if number:
            found["phone"] = number
        elif len(digits) >= 7 and len(digits) < 10:
            found["tail"] = digits[-7:]
        elif 3 <= len(digits) < 7:
            found["short_tail"] = digits
    plate = to_cyrillic_twins(compact)
    if _PLATE_START.fullmatch(plate):
        found["plate"] = plate
    vin = to_latin_twins(compact)
    if _VIN_START.fullmatch(vin):
        found["vin"] = vin
    key = policy_number_key(text)
    if len(key) >= SHORTEST_NUMBER:
        found["policy"] = (key,)
        if key.isdigit() and len(key) == 10:
            found["policy"] = (key, *(series + key for series in OSAGO_SERIES))
    if (only_digits and len(digits) == 10) or (
        len(compact) == 10 and identifiers.is_valid_driving_licence(compact)
    ):
        found["document"] = to_cyrillic_twins(compact)
    if only_digits and identifiers.is_valid_inn(digits):
        found["inn"] = digits
    return found


def name_readings(keys: Keys) -> list[str]:
    """Beginnings of folded names to look for: as typed, with the last word first, in the other layout."""
    readings = [keys.name] if keys.name else []
    words = keys.name.split()
    if len(words) > 1:
        readings.append(" ".join([words[-1], *words[:-1]]))
    if keys.other_layout and keys.other_layout != keys.name:
        readings.append(keys.other_layout)
    return readings


def text_condition(text: str, user: Any) -> Q:
    """A condition on clients that any reading of ``text`` matches; for narrowing a list that is shown.

    Names alone stay a range of the list's own index; everything else becomes one set of ids.
    """
    keys = read(text)
    names = reduce(
        operator.or_, (Q(**prefix_range("name_key", key)) for key in name_readings(keys)), Q(pk__in=[])
    )
    ends = ContactPoint.objects.filter(
        client=OuterRef("pk"), kind=ContactPoint.Kind.PHONE, value__endswith=keys.short_tail
    )
    if keys.short_tail and keys.name:
        names &= Q(Exists(ends))
    found = names
    if sets := _id_sets(keys):
        if keys.name:
            sets.append(Client.objects.filter(names).values("pk"))
        found = Q(pk__in=sets[0].union(*sets[1:]) if len(sets) > 1 else sets[0])
    # Few digits have no index: they are compared only among an agent's or a team's own clients.
    few_digits = keys.short_tail and not keys.name and scope_of(user).agent_ids
    return found | Q(Exists(ends)) if few_digits else found


def _id_sets(keys: Keys) -> list[QuerySet[Any]]:
    points = ContactPoint.objects.order_by()
    sets: list[QuerySet[Any]] = []
    if keys.phone:
        sets.append(points.filter(value=keys.phone).values("client"))
    if keys.tail:
        sets.append(points.filter(tail=keys.tail).values("client"))
    if keys.email:
        sets.append(points.filter(**prefix_range("value", keys.email)).values("client"))
    if keys.policy:
        numbers = Q(number_key__in=keys.policy[1:]) | Q(**prefix_range("number_key", keys.policy[0]))
        sets.append(Policy.objects.filter(numbers).values("client"))
    for field, value in (("plate", keys.plate), ("vin", keys.vin)):
        if value:
            things = InsuredObject.objects.filter(**prefix_range(field, value)).exclude(**{field: ""})
            sets.append(things.values("client"))
    if keys.document:
        sets.append(documents_by_number(keys.document).values("client"))
    if keys.inn:
        sets.append(Client.objects.filter(inn_is(keys.inn)).values("pk"))
    return sets
