"""A Russian base with known truth.

Error model. People live in households of two to four: one surname (women with its feminine ending), one address, and of
every household one phone that all give; in 15 of 100 they give one e-mail too. Brothers and sisters share the patronymic,
one household in forty has twins, one son in twenty bears his father's name. Towns, streets and given names are few, so that
strangers agree in them often; one card in 200 has an agent's phone that hundreds share.

Every person has a card; 45 of 100 have a second one, and a fifth of those a third. On each of these, each with its own
chance: the surname has one wrong letter (8 %) or two (1 %), the given name is short (8 %), the name is in Latin letters of
one of two tables (5 %), surname and given name are swapped (5 %), a woman's surname is another one since she married (6 %),
ё instead of е (30 % of where it can be), the patronymic is missing (15 %) or an initial (3 %), day and month of the birth
date are swapped where both can be (3 %), one digit of it is wrong (4 %), it is missing (4 %) or another one altogether (0.5 %), the phone is new (30 %) or
missing (3 %), the e-mail is missing (40 %) or new (10 %), the document is missing (50 %) or renewed (8 %), the address is
written in another way (40 %), is another one (20 %) or missing (10 %). Three cards in a hundred come from a chat: nothing
but the name and a phone.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, product
from typing import Any

_MEN_TEXT = """
Александр Дмитрий Иван Николай Михаил Сергей Владимир Петр Анатолий Константин Павел Григорий Борис Виктор
Юрий Андрей Антон Федор Георгий Роман Ильдар Тимур Артем Олег
"""
MEN = _MEN_TEXT.split()
_WOMEN_TEXT = """
Мария Екатерина Елена Анна Ольга Татьяна Наталья Ирина Светлана Людмила Надежда Галина Любовь Анастасия Юлия
Дарья Елизавета Ксения Виктория Айгуль Лейсан Нина Вера Алла
"""
WOMEN = _WOMEN_TEXT.split()
SHORT = dict(
    zip(
        [
            "Дмитрий",
            "Иван",
            "Николай",
            "Михаил",
            "Сергей",
            "Владимир",
            "Петр",
            "Мария",
            "Екатерина",
            "Елена",
            "Анна",
            "Ольга",
            "Татьяна",
            "Ирина",
            "Юлия",
        ],
        [
            "Дима",
            "Ваня",
            "Коля",
            "Миша",
            "Сережа",
            "Вова",
            "Петя",
            "Маша",
            "Катя",
            "Лена",
            "Аня",
            "Оля",
            "Таня",
            "Ира",
            "Юля",
        ],
        strict=True,
    )
)
_STEMS_TEXT = """
Иван Петр Сидор Кузнец Смирн Попов Васил Соколов Михайл Новиков Федор Мороз Волк Алексе Лебед Семен Егор Павл
Козл Степан Николае Орл Андре Макар Никит Захар Зайц Соловь Борис Яковл Григорь Роман Воробь Серге Кузьм Фрол
Александр Дмитри Королё Гус Кисел Ильин Максим Поляк Сорок Виноград Ковал Бел Медвед Антон
"""
_STEMS = _STEMS_TEXT.split()
_OTHER = {"я": "ia", "ю": "iu", "й": "i", "ц": "c", "х": "h"}
_ENDS = ["ов", "ев", "ин", "енков", "анов", "яков"]
_TABLE = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "y",
            "",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
SURNAMES = [stem + end for stem in _STEMS for end in _ENDS]
_TOWNS = ["Казань", "Самара", "Уфа", "Пермь", "Саратов", "Тула", "Киров", "Псков"]
_STREETS_TEXT = """
Мира Ленина Садовая Лесная Школьная Новая Гагарина Пушкина Советская Заречная Полевая Речная Южная Победы Зеленая Кирова
"""
_STREETS = _STREETS_TEXT.split()


def many_surnames(number: int) -> list[str]:
    """Made-up surnames for a large base, the frequent ones first."""
    first, second = (
        ["б", "в", "г", "д", "з", "к", "л", "м", "н", "п", "р", "с", "т", "ш"],
        ["а", "е", "и", "о", "у", "я"],
    )
    heads = ["".join(one) for one in product(first, second, first, second, first)]
    random.Random(1).shuffle(heads)
    made = SURNAMES + [head.capitalize() + end for end in ("ов", "ин", "енков") for head in heads]
    return made[:number]


@dataclass
class Made:
    """Keyword arguments of ``rules.traits`` for each card, and whose card it is."""

    cards: list[dict[str, Any]]
    person_of: dict[int, int]

    def truth(self) -> set[tuple[int, int]]:
        of: dict[int, list[int]] = {}
        for card, person in self.person_of.items():
            of.setdefault(person, []).append(card)
        return {(a, b) for cards in of.values() for a in cards for b in cards if a < b}


def latin(text: str, other: bool = False) -> str:
    """In Latin letters: as in a passport, or as people write."""
    table = _TABLE | _OTHER if other else _TABLE
    return "".join(table.get(letter, letter) for letter in text.lower()).capitalize()


def _patronymic(father: str, woman: bool) -> str:
    irregular = {"Михаил": "Михайл", "Павел": "Павл", "Петр": "Петр"}
    stem = irregular.get(father, father)
    if stem.endswith("й"):
        return (
            stem[:-2] + ("ьевна" if woman else "ьевич")
            if stem[-2] == "и"
            else stem[:-1] + ("евна" if woman else "евич")
        )
    return stem + ("овна" if woman else "ович")


def _wrong_letter(dice: random.Random, text: str) -> str:
    at = dice.randrange(1, len(text))
    letter = dice.choice("аеиоурнтслкв")
    return dice.choice(
        [text[:at] + text[at + 1 :], text[:at] + letter + text[at + 1 :], text[:at] + letter + text[at:]]
    )


def _other_day(dice: random.Random, day: date) -> date:
    digits = list(day.isoformat())
    while True:
        made = digits.copy()
        made[dice.choice([2, 3, 5, 6, 8, 9])] = dice.choice("0123456789")
        try:
            found = date.fromisoformat("".join(made))
        except ValueError:
            continue
        if found != day:
            return found


def _second(
    dice: random.Random, first: dict[str, Any], woman: bool, surnames: Sequence[str]
) -> dict[str, Any]:
    hit = lambda percent: dice.random() * 100 < percent  # noqa: E731
    card = dict(first)
    if hit(9):
        card["last"] = _wrong_letter(dice, card["last"])
        if hit(11):
            card["last"] = _wrong_letter(dice, card["last"])
    if woman and hit(6):
        card["last"] = dice.choice(surnames) + "а"
    if hit(8):
        card["first"] = SHORT.get(card["first"], card["first"])
    if hit(30):
        card["last"] = card["last"].replace("е", "ё", 1)
    if hit(15):
        card["middle"] = ""
    elif hit(3):
        card["middle"] = card["middle"][:1]
    if hit(5):
        other = hit(50)
        card |= {part: latin(card[part], other) for part in ("last", "first", "middle")}
    if hit(5):
        card["last"], card["first"] = card["first"], card["last"]
    card["birth"] = _day_again(hit, dice, card["birth"])
    if hit(30):
        card["phones"] = [f"+79{dice.randrange(10**9):09}"]
    elif hit(3):
        card["phones"] = []
    if hit(40):
        card["emails"] = []
    elif hit(10):
        card["emails"] = [f"new{dice.randrange(10**9)}@mail.example"]
    if hit(50):
        card["documents"] = []
    elif hit(8):
        card["documents"] = [f"passport:{dice.randrange(10**10):010}"]
    if hit(20):
        card |= _home(dice)
    elif hit(10):
        card |= {"address": "", "city": "", "postal": ""}
    elif hit(40):
        card["address"] = (
            card["address"].replace("ул. ", "улица ").replace(", кв. ", "-").replace(", д. ", " ")
        )
    if hit(3):
        card |= {
            "middle": "",
            "birth": None,
            "emails": [],
            "documents": [],
            "address": "",
            "city": "",
            "postal": "",
        }
    return card


def _day_again(hit: Callable[[float], bool], dice: random.Random, born: date) -> date | None:
    if hit(3) and born.day <= 12:
        return date(born.year, born.day, born.month)
    if hit(4):
        return _other_day(dice, born)
    if hit(4):
        return None
    return date(1950, 1, 1) + timedelta(days=dice.randrange(20000)) if hit(0.5) else born


def _home(dice: random.Random) -> dict[str, str]:
    town = dice.randrange(len(_TOWNS))
    street, house, flat = dice.choice(_STREETS), dice.randrange(1, 120), dice.randrange(1, 200)
    return {
        "address": f"ул. {street}, д. {house}, кв. {flat}", "city": _TOWNS[town], "postal": f"{420 + town}{dice.randrange(1, 60):03}",
    }  # fmt: skip


def people(
    number: int, seed: int = 5, *, surnames: Sequence[str] = (), days: int = 6500
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Whose card it is, and keyword arguments of ``rules.traits`` but for its number; ``number`` people, one after another."""
    dice = random.Random(seed)
    names = surnames or SURNAMES
    weights = list(accumulate(1 / (place + 20) for place in range(len(names)))) if surnames else None
    person = 0
    while person < number:
        surname = dice.choices(names, cum_weights=weights)[0] if weights else dice.choice(names)
        home, phone, one_email = _home(dice), f"+79{dice.randrange(10**9):09}", dice.random() < 0.15
        named: set[str] = set()
        father, twins, born = dice.choice(MEN), dice.random() < 0.025, None
        for member in range(dice.choice([2, 3, 3, 4])):
            woman = dice.random() < 0.5
            child = member >= 2
            start = date(1990, 1, 1) if child else date(1950, 1, 1)
            same_day = child and twins and born is not None and born.year >= 1990
            born = born if same_day else start + timedelta(days=dice.randrange(days))
            assert born is not None
            name = dice.choice([name for name in (WOMEN if woman else MEN) if name not in named])
            if child and not woman and dice.random() < 0.05 and father not in named:
                name = father
            named.add(name)
            dads = father if child else dice.choice(MEN)
            phones = [phone] if member or dice.random() < 0.5 else [f"+79{dice.randrange(10**9):09}", phone]
            if dice.random() < 0.005:
                phones = [f"+7900000{dice.randrange(max(1, number // 50_000)):04}"]
            email = f"p{person - member if one_email else person}@mail.example"
            card = {
                "last": surname + "а" * woman, "first": name, "middle": _patronymic(dads, woman), "birth": born,
                "phones": phones, "emails": [email] if dice.random() < 0.6 else [],
                "documents": [f"passport:{dice.randrange(10**10):010}"] if dice.random() < 0.8 else [], **home,
            }  # fmt: skip
            yield person, card
            more = dice.random()
            for _again in range((more < 0.45) + (more < 0.09)):
                yield person, _second(dice, card, woman, names)
            person += 1


def base(number: int, seed: int = 5) -> Made:
    """``number`` people of the error model above and more than half as many cards more."""
    made = Made([], {})
    for card, (person, row) in enumerate(people(number, seed), 1):
        made.cards.append({"card": card, **row})
        made.person_of[card] = person
    return made
