"""The demo clients: people in families and some companies, the same for the same seed.

Nothing here can reach anybody: phones have codes never given to an operator, mail goes to the
reserved ``.example`` domain, VK ids are above those that the network gives to people, and document
numbers are drawn at random inside the right shape.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from clientela.demo.figures import FIGURES, Ranges, Weighted
from clientela.demo.name_tables import Names, feminine, streets
from clientela.demo.organisation import BRANCHES, BranchFacts
from clientela.demo.phones import PhoneBook
from clientela.foundation.dates import add_years
from clientela.foundation.identifiers import (
    account_key,
    inn_check_digits,
    ogrn_check_digit,
    snils_check_digits,
)
from clientela.foundation.regions import BY_CODE, City, cities

COMPANY_SHARE = 0.03
# VK gives people ids below two thousand million; above that it numbers chats.
FIRST_VK_ID = 9_000_000_000
HOUSEHOLD_SIZES = {1: 0.62, 2: 0.26, 3: 0.12}
SHARED_PHONE_SHARE = 0.22
CHANNEL_SHARES = {"email": 0.78, "vk": 0.46, "telegram": 0.31, "second_phone": 0.16}
NO_PHONE_SHARE = 0.02
BAD_POINT_SHARE = 0.03
DO_NOT_CONTACT_SHARE = 0.006
NO_CONSENT_SHARE = {"sms": 0.05, "email": 0.06, "vk": 0.10, "call": 0.06}
ADVERTISING_SHARE = 0.38
SMALLEST_TOWN = 25_000
BIC = "041234567"  # a made-up bank

# First three digits of the postal codes of each region's main town.
POSTAL = {
    "RU-TA": 420, "RU-ME": 424, "RU-CU": 428, "RU-ULY": 432, "RU-SAM": 443, "RU-ORE": 460, "RU-SAR": 410, "RU-BA": 450,
    "RU-MOW": 115, "RU-MOS": 143, "RU-TUL": 300, "RU-KLU": 248, "RU-SPE": 195, "RU-LEN": 187, "RU-NGR": 173,
    "RU-PSK": 180, "RU-KGD": 236, "RU-KDA": 350, "RU-AD": 385, "RU-ROS": 344, "RU-STA": 355, "RU-DA": 367,
    "RU-SVE": 620, "RU-CHE": 454, "RU-PER": 614, "RU-TYU": 625, "RU-NVS": 630, "RU-OMS": 644, "RU-TOM": 634,
    "RU-KEM": 650, "RU-ALT": 656, "RU-KYA": 660, "RU-IRK": 664, "RU-BU": 670, "RU-PRI": 690, "RU-KHA": 680, "RU-SAK": 693,
}  # fmt: skip

_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        ["a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f",
         "h", "c", "ch", "sh", "sch", "", "y", "", "e", "yu", "ya"],
        strict=True,
    )
)  # fmt: skip
_MAIL_HOSTS = ("mail.example", "pochta.example", "post.example", "box.example")
_COMPANY_WORDS = (
    "Волга Кама Заря Восход Прогресс Альянс Вектор Горизонт Маяк Орион Парус Родник Спектр Титан Форт Эталон Импульс "
    "Контур Меридиан Новатор Перспектива Ресурс Стандарт Техно Универсал Фаворит Центр Элемент Юнион Атлант Базис Ритм"
)
_COMPANY_TRADES = "Транс Строй Логистик Агро Торг Сервис Проект Мед Пром Авто Такси Монтаж Снаб Нефть Энерго Газ Хлеб Мебель"


@dataclass(slots=True)
class Point:
    """A contact point; ``bad`` is why it does not work."""

    kind: str
    value: str
    primary: bool = False
    bad: str = ""
    do_not_use: bool = False


@dataclass(slots=True)
class Person:
    """A client: a person, or a company when ``company`` is set. ``household`` groups a family."""

    branch: int
    region: str
    city: str
    zone: str
    household: int
    street: str
    postal_code: str
    last: str = ""
    first: str = ""
    middle: str = ""
    sex: str = ""
    born: date | None = None
    company: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    snils: str = ""
    bic: str = ""
    account: str = ""
    passport: str = ""
    licence: str = ""
    licence_since: date | None = None
    points: list[Point] = field(default_factory=list)
    consents: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    advertising: bool = False
    do_not_contact: bool = False
    contact_person: str = ""


class Population:
    """Makes clients one household after another. One seed gives one population."""

    def __init__(self, seed: int, today: date) -> None:
        self._rng = random.Random(f"people {seed}")
        self._names = Names(self._rng)
        self._today = today
        self._phones = PhoneBook()
        self._vk = FIRST_VK_ID
        self._telegram = 0
        self._documents = 0
        self._mail: dict[str, int] = {}
        self._ages = Ranges(FIGURES["client_age"])
        self._licence_ages = Ranges(FIGURES["licence_at_age"])
        self._sizes = Weighted(HOUSEHOLD_SIZES)
        self._branches = Weighted({index: branch.share for index, branch in enumerate(BRANCHES)})
        self._towns = [_towns_of(branch) for branch in BRANCHES]
        self._households = 0

    def clients(self, count: int) -> list[Person]:
        """``count`` clients; members of a household stand next to each other."""
        made: list[Person] = []
        while len(made) < count:
            if self._rng.random() < COMPANY_SHARE * 1.5:  # households bring one and a half people each
                made.append(self._company())
            else:
                made.extend(self._household(min(self._sizes.draw(self._rng), count - len(made))))
        return made

    def _home(self) -> dict[str, Any]:
        rng = self._rng
        branch = self._branches.draw(rng)
        towns, cumulative = self._towns[branch]
        town = towns[bisect_right(cumulative, rng.random() * cumulative[-1])]
        names, weights = streets()
        street = names[bisect_right(weights, rng.random() * weights[-1])]
        house = f"ул. {street}, {int(rng.random() ** 2 * 140) + 1}"
        if rng.random() < 0.72:
            house += f", кв. {int(rng.random() ** 1.3 * 240) + 1}"
        self._households += 1
        return {
            "branch": branch, "region": town.region, "city": town.name_ru, "zone": town.zone, "street": house,
            "household": self._households, "postal_code": f"{POSTAL[town.region]}{rng.randrange(1000):03d}",
        }  # fmt: skip

    def _household(self, size: int) -> list[Person]:
        rng = self._rng
        home = self._home()
        region = str(home["region"])
        culture = self._names.culture(region)
        surname = self._names.surname(culture)
        age = self._ages.draw(rng)
        sex = "m" if rng.random() < 0.58 else "f"
        people = [self._person(home, surname, culture, sex, age)]
        if size > 1:
            other = min(max(age + rng.randint(-6, 4), 19), 88)
            people.append(self._person(home, surname, culture, "f" if sex == "m" else "m", other))
        if size > 2:
            child = age - rng.randint(21, 33)
            young = child if child >= 18 else min(age + rng.randint(21, 30), 88)
            people.append(self._person(home, surname, culture, rng.choice("mf"), young))
        if size > 1 and rng.random() < SHARED_PHONE_SHARE:
            self._share_phone(people[0], people[1])
        return people

    def _person(self, home: dict[str, Any], surname: str, culture: str, sex: str, age: int) -> Person:
        rng = self._rng
        born = add_years(self._today, -age) - timedelta(days=rng.randrange(365))
        last = feminine(surname) if sex == "f" else surname
        first = self._names.given(sex, culture, born.year)
        middle = self._names.patronymic(sex, culture, born.year)
        person = Person(**home, last=last, first=first, middle=middle, sex=sex, born=born)
        if rng.random() < 0.006:
            person.middle = ""
        self._documents += 1
        issued = born.year + (20 if age < 45 else 45)
        number = self._documents * 7919 % 1_000_000
        person.passport = f"{BY_CODE[person.region].number}{issued % 100:02d}{number or 1:06d}"
        if age >= 18 and rng.random() < 0.9:
            start = min(self._licence_ages.draw(rng), age)
            person.licence_since = add_years(born, start) + timedelta(days=rng.randrange(300))
            if person.licence_since < self._today:
                renewed = max(person.licence_since.year, self._today.year - rng.randrange(10))
                person.licence = f"99{renewed % 100:02d}{(number * 3 + 7) % 1_000_000 or 3:06d}"
            else:
                person.licence_since = None
        if rng.random() < 0.55:
            stem = f"{rng.randrange(1, 200):03d}{rng.randrange(10**6):06d}"
            person.snils = stem + snils_check_digits(stem)
        if rng.random() < 0.22:
            stem = f"{BY_CODE[person.region].number}{rng.randrange(10**8):08d}"
            person.inn = stem + inn_check_digits(stem)
        self._add_points(person)
        return person

    def _company(self) -> Person:
        rng = self._rng
        home = self._home()
        name = rng.choice(_COMPANY_WORDS.split())
        if rng.random() < 0.75:
            name += f"-{rng.choice(_COMPANY_TRADES.split())}"
        number = BY_CODE[str(home["region"])].number
        tax_office = f"{number}{rng.randrange(1, 60):02d}"
        inn_stem = f"{tax_office}{rng.randrange(10**5):05d}"
        ogrn_stem = f"1{rng.randrange(2, 26):02d}{number}{rng.randrange(10**7):07d}"
        account = f"40702810{0}{rng.randrange(10**11):011d}"
        names = self._names
        culture = names.culture(str(home["region"]))
        sex = rng.choice("mf")
        surname = names.surname(culture)
        who = [feminine(surname) if sex == "f" else surname, names.given(sex, culture, 1978)]
        person = Person(
            **home, company=f"{'ООО' if rng.random() < 0.9 else 'АО'} «{name}»", inn=inn_stem + inn_check_digits(inn_stem),
            kpp=f"{tax_office}01001", ogrn=ogrn_stem + ogrn_check_digit(ogrn_stem), bic=BIC,
            account=account[:8] + account_key(account, BIC) + account[9:],
            contact_person=" ".join([*who, names.patronymic(sex, culture, 1978)]),
        )  # fmt: skip
        self._add_points(person)
        return person

    def _add_points(self, person: Person) -> None:
        rng = self._rng
        points = person.points
        if rng.random() >= NO_PHONE_SHARE:
            points.append(Point("phone", self._phones.next(), primary=True))
        if rng.random() < CHANNEL_SHARES["second_phone"]:
            points.append(Point("phone", self._phones.next()))
        if rng.random() < CHANNEL_SHARES["email"] or person.company:
            points.append(Point("email", self._address_of(person)))
        if not person.company:
            if rng.random() < CHANNEL_SHARES["vk"]:
                self._vk += 1
                points.append(Point("vk", str(self._vk)))
            if rng.random() < CHANNEL_SHARES["telegram"]:
                self._telegram += 1
                points.append(Point("telegram", f"prichal_demo_{self._telegram}"))
        if points and rng.random() < BAD_POINT_SHARE:
            point = rng.choice(points)
            if rng.random() < 0.3:
                point.do_not_use = True
            else:
                point.bad = {"phone": "Абонент не существует", "email": "Адрес не найден"}.get(
                    point.kind, "Сообщения запрещены"
                )
        person.do_not_contact = rng.random() < DO_NOT_CONTACT_SHARE
        person.refused = tuple(channel for channel, share in NO_CONSENT_SHARE.items() if rng.random() < share)
        person.consents = tuple(channel for channel in NO_CONSENT_SHARE if channel not in person.refused)
        person.advertising = rng.random() < ADVERTISING_SHARE

    def _share_phone(self, owner: Person, other: Person) -> None:
        shared = next((point for point in owner.points if point.kind == "phone"), None)
        own = next((point for point in other.points if point.kind == "phone"), None)
        if shared and own and shared.value not in {point.value for point in other.points}:
            own.value, own.bad, own.do_not_use = shared.value, shared.bad, shared.do_not_use

    def _address_of(self, person: Person) -> str:
        name = (
            person.company.split("«")[-1].rstrip("»")
            if person.company
            else f"{person.first[:1]}.{person.last}"
        )
        local = latin(name)
        host = self._rng.choice(_MAIL_HOSTS)
        taken = self._mail.get(local, 0)
        self._mail[local] = taken + 1
        return f"{local}{taken or ''}@{host}"


def latin(name: str) -> str:
    """``name`` in the Latin letters of a mail address."""
    return "".join(_LATIN.get(char, char) for char in name.casefold() if char.isalnum() or char in ".-")


def _towns_of(branch: BranchFacts) -> tuple[list[City], list[float]]:
    """Towns of the branch's regions; its own region counts threefold."""
    own = branch.regions[0]
    towns = [city for city in cities() if city.region in branch.regions and city.population >= SMALLEST_TOWN]
    return towns, list(accumulate(town.population * (3 if town.region == own else 1) for town in towns))
