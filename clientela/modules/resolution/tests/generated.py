"""A Russian base with known truth.

Error model. People live in households of two to four: one surname (women with its feminine ending), one address, and of
every household one phone that all give; brothers and sisters share the patronymic, one household in forty has twins.
Every person has a card; 45 of 100 have a second one on which, each with its own chance: the surname has one wrong letter
(8 %), the given name is short (8 %), the name is in Latin letters (5 %), surname and given name are swapped (5 %), a
woman's surname is another one since she married (6 %), ё instead of е (everywhere it can be, 30 %), the patronymic is
missing (15 %), day and month of the birth date are swapped where both can be (3 %), one digit of it is wrong (4 %), it is
missing (4 %), the phone is new (30 %), the e-mail is missing (40 %) or new (10 %), the document is missing (50 %) or
renewed (8 %), the address is another (25 %).
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta
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


def latin(text: str) -> str:
    return "".join(_TABLE.get(letter, letter) for letter in text.lower()).capitalize()


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


def _second(dice: random.Random, first: dict[str, Any], woman: bool, surnames: list[str]) -> dict[str, Any]:
    hit = lambda percent: dice.random() * 100 < percent  # noqa: E731
    card = dict(first)
    if hit(8):
        card["last"] = _wrong_letter(dice, card["last"])
    if woman and hit(6):
        card["last"] = dice.choice(surnames) + "а"
    if hit(8):
        card["first"] = SHORT.get(card["first"], card["first"])
    if hit(30):
        card["last"] = card["last"].replace("е", "ё", 1)
    if hit(15):
        card["middle"] = ""
    if hit(5):
        card |= {part: latin(card[part]) for part in ("last", "first", "middle")}
    if hit(5):
        card["last"], card["first"] = card["first"], card["last"]
    born = card["birth"]
    if hit(3) and born.day <= 12:
        card["birth"] = date(born.year, born.day, born.month)
    elif hit(4):
        card["birth"] = _other_day(dice, born)
    elif hit(4):
        card["birth"] = None
    if hit(30):
        card["phones"] = [f"+79{dice.randrange(10**9):09}"]
    if hit(40):
        card["emails"] = []
    elif hit(10):
        card["emails"] = [f"new{dice.randrange(10**6)}@mail.example"]
    if hit(50):
        card["documents"] = []
    elif hit(8):
        card["documents"] = [f"passport:{dice.randrange(10**10):010}"]
    if hit(25):
        card["address"] = f"Новая, {dice.randrange(500)}"
    return card


def base(people: int, seed: int = 5) -> Made:
    """``people`` people of the error model above and about half as many cards more."""
    dice = random.Random(seed)
    surnames = [stem + end for stem in _STEMS for end in _ENDS]
    made = Made([], {})
    person = 0
    while person < people:
        surname, address, phone = dice.choice(surnames), f"Мира, {person}", f"+79{dice.randrange(10**9):09}"
        named: set[str] = set()
        father, twins, born = dice.choice(MEN), dice.random() < 0.025, None
        for member in range(dice.choice([2, 3, 3, 4])):
            woman = dice.random() < 0.5
            child = member >= 2
            start = date(1990, 1, 1) if child else date(1950, 1, 1)
            born = (
                born
                if child and twins and born and born.year >= 1990
                else start + timedelta(days=dice.randrange(6500))
            )
            name = dice.choice([name for name in (WOMEN if woman else MEN) if name not in named])
            named.add(name)
            dads = father if child else dice.choice(MEN)
            card = {
                "last": surname + "а" * woman, "first": name, "middle": _patronymic(dads, woman),
                "birth": born, "phones": [phone] if member or dice.random() < 0.5 else [f"+79{dice.randrange(10**9):09}", phone],
                "emails": [f"p{person}@mail.example"] if dice.random() < 0.6 else [],
                "documents": [f"passport:{dice.randrange(10**10):010}"] if dice.random() < 0.8 else [], "address": address,
            }  # fmt: skip
            cards = [card, *([_second(dice, card, woman, surnames)] if dice.random() < 0.45 else [])]
            for row in cards:
                number = len(made.cards) + 1
                made.cards.append({"card": number, **row})
                made.person_of[number] = person
            person += 1
    return made
