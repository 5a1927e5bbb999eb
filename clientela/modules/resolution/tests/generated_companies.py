"""A base of Russian companies with known truth.

Error model. Names are few, so that companies of different towns bear one name. One company in four belongs to a holding of
two to four that share the first word of the name, the phone, the address and the domain of their e-mail, and are different
companies with numbers of their own.

Every company has a card with INN, OGRN and KPP; 45 of 100 have a second one, and a fifth of those a third. On each of
these, each with its own chance: the company was renamed since (1 %) or has another legal form since (1.5 %); the form is written out (25 %), left out (15 %) or stands behind the name (10 %); the
quotes are others (half); the name is in Latin letters (8 %), has one wrong letter (8 %), has a word like «фирма» more (5 %)
or its words in another order (5 %); the INN is missing (40 %) or another one (0.5 %), the OGRN is missing (60 %), the KPP is
missing (50 %) or of another branch (10 %); the phone is new (35 %) or missing (10 %); the e-mail is missing (40 %), another
one of the same domain (20 %) or at a public post (10 %); the address is written in another way (40 %), is another one (15 %)
or missing (20 %).
"""

import random
from typing import Any

from clientela.modules.resolution.tests.generated import Made, latin

_FIRST_TEXT = """
Ромашка Восток Север Вектор Альфа Прогресс Стандарт Квант Олимп Рассвет Гранит Орион Меридиан Планета Феникс Дельта Спектр
Импульс Горизонт Арсенал Каскад Маяк Форум Эталон Титан Вершина Фаворит Родник Атлант Лидер Парус Сириус Заря Контур Мост
Берег Кристалл Вымпел Ладога Енисей Байкал Урал Волга Кама Дон Нева Обь Амур Тобол Иртыш
"""
FIRST = _FIRST_TEXT.split()
_SECOND_TEXT = """
Сервис Строй Торг Плюс Инвест Авто Транс Пром Агро Мед Софт Проект Логистик Снаб Монтаж Дизайн Тех Энерго Лес Нефть Медиа
Консалт Финанс Мебель Текстиль
"""
SECOND = _SECOND_TEXT.split()
TOWNS = ["Казань", "Самара", "Уфа", "Пермь", "Саратов", "Тула", "Киров", "Псков"]
STREETS = ["Мира", "Ленина", "Садовая", "Лесная", "Заводская", "Промышленная", "Гагарина", "Победы"]
FORMS = {
    "ООО": "Общество с ограниченной ответственностью", "АО": "Акционерное общество", "ПАО": "Публичное акционерное общество",
    "МУП": "Муниципальное унитарное предприятие",
}  # fmt: skip
QUOTES = [("«", "»"), ('"', '"'), ("", "")]


def _wrong_letter(dice: random.Random, text: str) -> str:
    at = dice.randrange(1, len(text))
    letter = dice.choice("аеиоурнтслкв")
    return dice.choice([text[:at] + text[at + 1 :], text[:at] + letter + text[at + 1 :]])


def _home(dice: random.Random, town: int) -> dict[str, str]:
    street, house, office = dice.choice(STREETS), dice.randrange(1, 120), dice.randrange(1, 60)
    return {
        "address": f"ул. {street}, д. {house}, оф. {office}", "city": TOWNS[town], "postal": f"{420 + town}{dice.randrange(1, 60):03}",
    }  # fmt: skip


def _phone(dice: random.Random) -> str:
    return f"+7843{dice.randrange(10**7):07}"


def _called(dice: random.Random, form: str, words: list[str]) -> str:
    left, right = dice.choice(QUOTES) if dice.random() < 0.5 else QUOTES[0]
    name = f"{left}{' '.join(words)}{right}"
    draw = dice.random()
    if draw < 0.25:
        return f"{FORMS[form]} {name}"
    if draw < 0.4:
        return name
    return f"{name}, {form}" if draw < 0.5 else f"{form} {name}"


def _second(dice: random.Random, first: dict[str, Any], form: str, words: list[str]) -> dict[str, Any]:
    hit = lambda percent: dice.random() * 100 < percent  # noqa: E731
    card, said = dict(first), list(words)
    if hit(1):
        said[0] = dice.choice(FIRST)
    if hit(1.5):
        form = dice.choice(list(FORMS))
    if hit(8):
        said[0] = _wrong_letter(dice, said[0])
    if hit(5):
        said.reverse()
    if hit(5):
        said.insert(0, dice.choice(["Фирма", "Компания", "ТД"]))
    if hit(8):
        said = [latin(word) for word in said]
    card["name"] = _called(dice, form, said)
    if hit(40):
        card["inn"] = ""
    elif hit(0.5):
        card["inn"] = f"{dice.randrange(10**9, 10**10)}"
    if hit(60):
        card["ogrn"] = ""
    if hit(50):
        card["kpp"] = ""
    elif hit(10):
        card["kpp"] = f"{dice.randrange(10**8, 10**9)}"
    if hit(35):
        card["phones"] = [_phone(dice)]
    elif hit(10):
        card["phones"] = []
    if hit(40):
        card["emails"] = []
    elif card["emails"] and hit(20):
        card["emails"] = ["sales@" + card["emails"][0].partition("@")[2]]
    elif hit(10):
        card["emails"] = [f"firm{dice.randrange(10**7)}@mail.ru"]
    if hit(15):
        card |= _home(dice, TOWNS.index(card["city"]) if hit(70) else dice.randrange(len(TOWNS)))
    elif hit(20):
        card |= {"address": "", "postal": ""}
    elif hit(40):
        card["address"] = (
            card["address"].replace("ул. ", "улица ").replace(", оф. ", "-").replace(", д. ", " ")
        )
    return card


def companies(number: int, seed: int = 6) -> Made:
    """``number`` companies of the error model above and more than half as many cards more, for ``firms.company_traits``."""
    dice, made, company = random.Random(seed), Made([], {}), 0
    while company < number:
        stem, town = dice.choice(FIRST), dice.randrange(len(TOWNS))
        together = dice.choice([2, 3, 4]) if dice.random() < 0.1 else 1
        home, phone, domain = _home(dice, town), _phone(dice), f"{latin(stem).lower()}{company}.example"
        for second in dice.sample(SECOND, together):
            words = [stem, second] if together > 1 or dice.random() < 0.8 else [stem]
            form = dice.choices(list(FORMS), [80, 12, 4, 4])[0]
            card = {
                "name": f"{form} «{' '.join(words)}»", "inn": f"{dice.randrange(10**9, 10**10)}",
                "ogrn": f"1{dice.randrange(10**12):012}", "kpp": f"16{dice.randrange(100):02}01001", "phones": [phone],
                "emails": [f"info@{domain}"] if dice.random() < 0.7 else [], **home,
            }  # fmt: skip
            more = dice.random()
            extra = [_second(dice, card, form, words) for _again in range((more < 0.45) + (more < 0.09))]
            for row in (card, *extra):
                made.cards.append({"card": len(made.cards) + 1, **row})
                made.person_of[len(made.cards)] = company
            company += 1
    return made
