"""What of a card is compared, in one form whichever way it was written."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from clientela.foundation.names import has_latin, name_key, split_full_name

_LATIN = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("iu", "ю"),
    ("ya", "я"), ("ia", "я"), ("yo", "е"), ("ye", "е"), ("ey", "ей"), ("iy", "ий"), ("ii", "ий"), ("ay", "ай"), ("oy", "ой"),
    ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j", "й"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"),
    ("u", "у"), ("v", "в"), ("w", "в"), ("x", "кс"), ("y", "ы"), ("z", "з"),
)  # fmt: skip

# Short names that stand for one full name; those of two (Слава, Валя of men and women) are left as they are.
_NICKNAMES_TEXT = """
алеша:алексей леша:алексей дима:дмитрий митя:дмитрий ваня:иван коля:николай миша:михаил сережа:сергей володя:владимир
вова:владимир петя:петр толя:анатолий костя:константин паша:павел гриша:григорий боря:борис витя:виктор
юра:юрий андрюша:андрей антоша:антон саня:александр федя:федор гоша:георгий жора:георгий степа:степан макс:максим
рома:роман тема:артем илюша:илья кирюша:кирилл вадик:вадим стас:станислав влад:владислав игорек:игорь леня:леонид
маша:мария катя:екатерина лена:елена аня:анна оля:ольга таня:татьяна наташа:наталья наталия:наталья ира:ирина
света:светлана люда:людмила надя:надежда галя:галина люба:любовь настя:анастасия юля:юлия даша:дарья лиза:елизавета
ксюша:ксения вика:виктория рита:маргарита соня:софья софия:софья поля:полина варя:варвара зина:зинаида
тоня:антонина рая:раиса тома:тамара лида:лидия лара:лариса лиля:лилия вера:вера нина:нина оксана:оксана
"""
_NICKNAMES = dict(pair.split(":") for pair in _NICKNAMES_TEXT.split())
# A short name of men and women alike is told by the patronymic's ending.
_OF_BOTH = {
    "саша": ("александр", "александра"), "женя": ("евгений", "евгения"), "валя": ("валентин", "валентина"),
}  # fmt: skip

_OF_ADDRESS_TEXT = """
г город с село д дом деревня пос поселок п пгт ул улица пр прт пркт проспект пер переулок б бр бул бульвар ш шоссе пл площадь
наб набережная проезд прд мкр микрорайон кв квартира оф офис к корп корпус стр строение лит литера обл область рн район
"""
_OF_ADDRESS = frozenset(_OF_ADDRESS_TEXT.split())


def cyrillic(text: str) -> str:
    """A folded name as Russian letters would write it; names in Russian letters come back as they are."""
    if not has_latin(text):
        return text
    for latin, letters in _LATIN:
        text = text.replace(latin, letters)
    return text


def folded(text: str) -> str:
    """A part of a name without case, ё, hyphens and alphabet."""
    return cyrillic(name_key(text)).replace(" ", "")


def given(first: str, middle: str) -> str:
    """The full given name behind a short one: Саша Петровна is Александра."""
    if both := _OF_BOTH.get(first):
        return both[middle.endswith("на")] if middle else first
    return _NICKNAMES.get(first, first)


def words_of_address(text: str) -> list[str]:
    """Names and numbers of a street, a house and a flat, without the words that stand before them."""
    words = (cyrillic(word) for word in name_key(text).split())
    return sorted({word for word in words if word not in _OF_ADDRESS})


def threshold_of(
    expected: Iterable[tuple[float, int, float]], *, precision: float, least: float = 0.5
) -> float:
    """The lowest probability from which on the model itself expects so many pairs of a hundred to be right.

    Nobody labels a pair for it: of pairs that are one client with probability ``p`` each, as many as the sum of ``p`` are.
    Below a half a pair is more likely wrong than right, and lowers what precision and recall make together. ``expected``
    are (from which probability, how many pairs, sum of their probabilities), by falling probability.
    """
    kept = [start for start, pairs, right in expected if start >= least and right >= precision * pairs]
    return min(kept, default=1.0)


def traits(
    *, card: int, last: str, first: str, middle: str, birth: date | None,
    phones: Iterable[str] = (), emails: Iterable[str] = (), documents: Iterable[str] = (), address: str = "",
    city: str = "", postal: str = "",
) -> dict[str, Any]:  # fmt: skip
    """One row of what is compared; what is not known is None or empty and says nothing for or against."""
    if last and first:
        parts = split_full_name(f"{given(folded(last), '')} {folded(first)}")
        if parts.last == folded(first):
            last, first = first, last
    kept_last, kept_middle = folded(last), folded(middle)
    kept_first = given(folded(first), kept_middle)
    day = birth.isoformat() if birth else None
    return {
        "unique_id": card,
        "last": kept_last or None,
        "first": kept_first or None,
        "middle": kept_middle or None,
        "birth": day,
        "phones": sorted(set(phones)),
        "emails": sorted(set(emails)),
        "documents": sorted(set(documents)),
        "address": words_of_address(address),
        "city": folded(city) or None,
        "postal": postal.strip() or None,
    }


def connected(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """Cards that hang together through pairs, each group in order, the groups in order of their first cards."""
    head: dict[int, int] = {}

    def of(card: int) -> int:
        while head.setdefault(card, card) != card:
            head[card] = head[head[card]]
            card = head[card]
        return card

    for one, other in pairs:
        low, high = sorted((of(one), of(other)))
        head[high] = low
    groups: dict[int, list[int]] = defaultdict(list)
    for card in sorted(head):
        groups[of(card)].append(card)
    return [tuple(cards) for _first, cards in sorted(groups.items())]
