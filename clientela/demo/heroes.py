"""The clients that the screens and the documentation show by name, the same in every demo company."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clientela.demo.contracts import DemoParticipant, DemoProject, DemoQuote, Loss, Portfolio, Term, Thing
from clientela.demo.people import FIRST_VK_ID, Person, Point, latin
from clientela.demo.vehicles import Vehicle
from clientela.foundation.dates import add_years

SUM_OSAGO = 40_000_000  # kopecks: the legal limit for property of one victim


@dataclass(frozen=True, slots=True)
class Hero:
    """A named client of agent number ``agent`` with one contract ending ``days`` from today.

    ``prices`` and ``next_prices`` are kopecks of the main policy and of the OSAGO sold with it;
    ``done`` is how far the renewal has come: nothing, quote, project, paid, or a reason of loss.
    """

    name: str
    sex: str
    born: date
    agent: int
    phone: str
    products: tuple[str, ...]
    thing: tuple[str, str, int, int, str] | str
    numbers: tuple[str, ...]
    days: int
    prices: tuple[int, ...]
    years: int = 2
    done: str = ""
    next_prices: tuple[int, ...] = ()
    value: int = 1_200_000_00
    street: str = "ул. Чистопольская, 71, кв. 48"
    channels: tuple[str, ...] = ("email", "vk")


HEROES = (
    Hero("Орлова Вера Николаевна", "f", date(1984, 4, 22), 0, "0004108", ("kasko", "osago"),
         ("Hyundai", "Creta", 2021, 123, "Р418ТО116"), ("К 16-204871", "ХХХ 0412773905"), 17, (6386792, 900057), 5,
         "quote", (6295000, 853399), 1_640_000_00, channels=("email", "vk", "telegram")),
    Hero("Зарипова Гузель Фаритовна", "f", date(1990, 9, 3), 0, "0002214", ("osago",),
         ("Lada", "Vesta", 2019, 106, "К207МУ116"), ("ХХХ 0412770118",), 1, (734375,), 1),
    Hero("Валиев Рустам Ильшатович", "m", date(1987, 1, 19), 0, "0007730", ("osago",),
         ("Kia", "Rio", 2018, 123, "Е552НХ716"), ("ХХХ 0412771562",), 5, (842620,), 0),
    Hero("Гайнутдинов Айрат Фаилевич", "m", date(1979, 5, 28), 2, "0003391", ("kasko",),
         ("Chery", "Tiggo 7", 2022, 147, "Т901ОР716"), ("К 16-204415",), 12, (6969961,), 2, "project", (7193000,),
         1_920_000_00),
    Hero("Тихонова Марина Юрьевна", "f", date(1975, 12, 8), 0, "0005847", ("osago",),
         ("Skoda", "Octavia", 2017, 150, "М330СВ116"), ("ХХХ 0412768840",), 3, (790903,), 3, "quote", (726840,)),
    Hero("Хасанова Айгуль Рашидовна", "f", date(1993, 7, 15), 1, "0001176", ("osago",),
         ("Volkswagen", "Polo", 2020, 110, "О118КА716"), ("ХХХ 0412773377",), 16, (840636,), 1, "paid", (812055,)),
    Hero("Шестакова Елена Валерьевна", "f", date(1968, 2, 26), 0, "0009052", ("osago",),
         ("Renault", "Logan", 2014, 82, "А764УМ116"), ("ХХХ 0412772201",), 9, (612303,), 4, "sold"),
    Hero("Егоров Константин Львович", "m", date(1963, 10, 11), 2, "0006623", ("305",), "Дом и баня, Лаишевский район",
         ("16480/305/003318/25",), 11, (1755471,), 2, "quote", (1845000,), 9_000_000_00, "д. Травкино, 17"),
    Hero("Миронов Алексей Борисович", "m", date(1972, 8, 2), 0, "0008814", ("kasko", "osago"),
         ("Toyota", "RAV4", 2020, 199, "В777КЕ716"), ("К 16-204902", "ХХХ 0412774810"), 26, (9412000, 942412), 3, "", (),
         2_700_000_00),
    Hero("Дорохов Сергей Геннадьевич", "m", date(1981, 3, 17), 0, "0004439", ("kasko",),
         ("Haval", "Jolion", 2023, 143, "Н045ЕР716"), ("К 16-204877",), 21, (6096896,), 0, "", (), 1_750_000_00),
    Hero("Кравцова Дарья Андреевна", "f", date(1995, 11, 30), 0, "0003125", ("osago",),
         ("Mazda", "3", 2016, 120, "У619ТТ116"), ("ХХХ 0412775104",), 29, (1499474,), 1),
    Hero("Белова Ольга Дмитриевна", "f", date(1970, 6, 5), 0, "0007008", ("354",), "Квартира, Казань, Ямашева, 35–112",
         ("16480/354/004089/25",), 30, (624000,), 2, "project", (624000,), 4_200_000_00, "пр. Ямашева, 35, кв. 112"),
    Hero("Кузьмин Андрей Павлович", "m", date(1985, 9, 21), 0, "0005560", ("kasko",),
         ("Geely", "Atlas", 2021, 150, "С208ВН716"), ("К 16-205011",), 44, (7376867,), 1, "", (), 2_050_000_00),
    # First-year OSAGO of agents without a centre, so that the step of day 30 always has somebody to meet.
    Hero("Сорокина Алла Викторовна", "f", date(1988, 4, 11), 2, "0006214", ("osago",),
         ("Lada", "Granta", 2019, 90, "М418КР716"), ("ХХХ 0412776218",), 30, (698440,), 0),
    Hero("Галеев Тимур Рашитович", "m", date(1991, 10, 2), 5, "0006347", ("osago",),
         ("Kia", "Ceed", 2020, 128, "О552ТН716"), ("ХХХ 0412776354",), 30, (774120,), 0),
    Hero("Быков Роман Игоревич", "m", date(1983, 1, 27), 7, "0006458", ("osago",),
         ("Skoda", "Rapid", 2018, 110, "Х203АЕ716"), ("ХХХ 0412776490",), 30, (752900,), 0),
)  # fmt: skip


def add_heroes(people: list[Person], book: Portfolio, today: date) -> None:
    """Append the named clients to the people and their contracts to the portfolio."""
    household = max((person.household for person in people), default=0)
    for place, hero in enumerate(HEROES):
        people.append(_person(hero, household + place + 1, place))
        book.agent_of.append(hero.agent)
        main = _contract(hero, book, len(people) - 1, today)
        _work(hero, book, main, today)
    _second_contract(book, len(people) - len(HEROES), today)


def _person(hero: Hero, household: int, place: int) -> Person:
    last, first, middle = hero.name.split()
    points = [Point("phone", f"+7907{hero.phone}", primary=True)]
    values = {
        "email": f"{latin(f'{first[0]}.{last}')}@mail.example",
        "vk": str(FIRST_VK_ID + 900_000_000 + place),
        "telegram": f"prichal_{latin(last)}",
    }
    points += [Point(channel, values[channel]) for channel in hero.channels]
    licensed = add_years(hero.born, 19)
    return Person(
        branch=0, region="RU-TA", city="Казань", zone="Europe/Moscow", household=household, street=hero.street,
        postal_code="420126", last=last, first=first, middle=middle, sex=hero.sex, born=hero.born,
        passport=f"9208{place * 7411 + 104_141:06d}", licence=f"9921{place * 5003 + 300_217:06d}",
        licence_since=licensed, points=points, consents=("sms", "email", "vk", "call"), advertising=place % 3 == 0,
    )  # fmt: skip


def _contract(hero: Hero, book: Portfolio, client: int, today: date) -> int:
    """Lay the yearly terms; returns the place of the main term that ends next."""
    thing = _thing(hero, client)
    book.things.append(thing)
    end = today + timedelta(days=hero.days)
    previous = [-1] * len(hero.products)
    for year in range(hero.years + 1):
        last = add_years(end, year - hero.years)
        start = (
            book.terms[previous[0]].end + timedelta(days=1)
            if year
            else add_years(last, -1) + timedelta(days=1)
        )
        package = -1
        for place, product in enumerate(hero.products):
            number = _number(hero.numbers[place], start, hero.years - year)
            book.terms.append(
                Term(number, product, client, hero.agent, len(book.things) - 1, start, last,
                     round(hero.prices[place] / 1.06 ** (hero.years - year)), year, _at(start, 6), "", package,
                     previous[place], SUM_OSAGO if product == "osago" else hero.value, 1 + (product == "kasko"))
            )  # fmt: skip
            previous[place] = len(book.terms) - 1
            package = previous[0] if place == 0 and len(hero.products) > 1 else -1
        if year == hero.years and isinstance(hero.thing, tuple):
            licensed = add_years(hero.born, 19)
            for place in previous:
                book.participants.append(
                    DemoParticipant(place, "driver", hero.name, client, hero.born, licensed)
                )
    return previous[0]


def _number(number: str, start: date, years_back: int) -> str:
    """Number of the term that began ``years_back`` years before the one that ends next.

    Serial numbers run on, so an earlier one is smaller; where the year is written it is the start's.
    """
    if number.count("/") == 3:
        return f"{number[:-2]}{start:%y}"
    digits = len(number) - len(number.rstrip("0123456789"))
    return f"{number[:-digits]}{int(number[-digits:]) - 11_003 * years_back:0{digits}d}"


def _thing(hero: Hero, client: int) -> Thing:
    if isinstance(hero.thing, str):
        kind = "house" if hero.thing.startswith("Дом") else "flat"
        return Thing(client, kind, hero.thing, f"Казань, {hero.street}", hero.value)
    make, model, year, power, plate = hero.thing
    vin = f"XWE0000{year % 100:02d}0{hero.days:07d}"
    vehicle = Vehicle(make, model, "car", year, power, hero.value // 100, plate, vin)
    return Thing(client, "vehicle", vehicle.title, value=hero.value, vehicle=vehicle)


def _work(hero: Hero, book: Portfolio, main: int, today: date) -> None:
    at = _at(today, 1)
    places = range(main, main + len(hero.products))
    for place, index in enumerate(places):
        term = book.terms[index]
        if hero.done == "quote":
            book.quotes.append(DemoQuote(index, hero.next_prices[place], at, hero.agent))
        elif hero.done == "project":
            book.projects.append(
                DemoProject(index, hero.next_prices[place], term.premium, "offered", at, hero.agent)
            )
        elif hero.done == "paid":
            start = term.end + timedelta(days=1)
            book.terms.append(
                Term(_number(term.number, start, -1), term.product, term.client, term.agent, term.thing, start,
                     add_years(term.end, 1), hero.next_prices[place], term.year + 1, at, "", -1, index,
                     term.sum_insured)
            )  # fmt: skip
            following = len(book.terms) - 1
            book.projects.append(
                DemoProject(index, hero.next_prices[place], term.premium, "issued", at, hero.agent, following)
            )
        elif hero.done:
            book.losses.append(Loss(index, hero.done, at))
            book.things[term.thing].sold_on = at.date()


def _second_contract(book: Portfolio, client: int, today: date) -> None:
    """The flat of the first hero, in force for months to come."""
    book.things.append(
        Thing(
            client,
            "flat",
            "Квартира, Казань, Чистопольская, 71–48",
            "Казань, ул. Чистопольская, 71, кв. 48",
            5_600_000_00,
        )
    )
    end = today + timedelta(days=145)
    start = add_years(end, -1) + timedelta(days=1)
    book.terms.append(
        Term(f"16480/354/004127/{start:%y}", "354", client, 0, len(book.things) - 1, start, end, 724000, 0,
             _at(start, 8), sum_insured=3_000_000_00)
    )  # fmt: skip


def _at(day: date, back: int) -> datetime:
    return datetime.combine(day - timedelta(days=back), time(13, 20))
