"""Names as documents, forms and people in a hurry write them."""

import pytest

from clientela.foundation import names
from clientela.foundation.names import PersonName, Sex


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Иванов Иван Иванович", PersonName("Иванов", "Иван", "Иванович")),
        ("Иван Иванович Иванов", PersonName("Иванов", "Иван", "Иванович")),
        ("Иван Петров", PersonName("Петров", "Иван")),
        ("Петров Иван", PersonName("Петров", "Иван")),
        ("Анна Сергеевна", PersonName("", "Анна", "Сергеевна")),
        ("Алиев Расим Вагиф оглы", PersonName("Алиев", "Расим", "Вагиф оглы")),
        ("Мамедова Лейла Рустам кызы", PersonName("Мамедова", "Лейла", "Рустам кызы")),
        ("Абрамович Роман Аркадьевич", PersonName("Абрамович", "Роман", "Аркадьевич")),
        ("Роман Аркадьевич Абрамович", PersonName("Абрамович", "Роман", "Аркадьевич")),
        ("Иванова-Петрова Анна", PersonName("Иванова-Петрова", "Анна")),
        ("Иванов И.И.", PersonName("Иванов", "И.", "И.")),
        ("И. И. Иванов", PersonName("Иванов", "И.", "И.")),
        ("Ли Чжан", PersonName("Ли", "Чжан")),
        ("Анна", PersonName("", "Анна")),
        ("Сидоренко", PersonName("Сидоренко")),
        ("  ", PersonName()),
    ],
)
def test_split(text, expected):
    assert names.split_full_name(text) == expected


def test_full_name_in_order():
    assert str(PersonName("Иванов", "Иван", "Иванович")) == "Иванов Иван Иванович"
    assert str(PersonName("", "Анна")) == "Анна"


def test_key_makes_spellings_equal():
    assert names.name_key("  СОЛОВЬЁВА – Седова ") == names.name_key("Соловьева-Седова") == "соловьева седова"
    assert names.full_name_key("Королёв", "Пётр") == "королев петр"


@pytest.mark.parametrize(
    ("middle", "sex"),
    [
        ("Иванович", Sex.MALE), ("Сергеевич", Sex.MALE), ("Ильич", Sex.MALE), ("Вагиф оглы", Sex.MALE),
        ("Ивановна", Sex.FEMALE), ("Сергеевна", Sex.FEMALE), ("Ильинична", Sex.FEMALE),
        ("Лукинична", Sex.FEMALE), ("Рустам кызы", Sex.FEMALE), ("Рустам-Кызы", Sex.FEMALE),
        ("", None), ("Джон", None),
    ],
)  # fmt: skip
def test_sex_from_patronymic(middle, sex):
    assert names.sex_from_patronymic(middle) is sex


def test_greeting():
    assert names.greeting("Иван", "Иванович") == "Иван Иванович"
    assert names.greeting("Джон") == "Джон"
    assert names.greeting("Иван", "Иванович", company="ООО «Ромашка»") == "ООО «Ромашка»"
    assert names.greeting("") == ""


def test_initials():
    assert names.initials("Иванов", "Иван", "Петрович") == "Иванов И. П."
    assert names.initials("Ли", "Чжан") == "Ли Ч."


def test_alphabets():
    assert names.has_cyrillic("Ivanов")
    assert not names.has_cyrillic("Ivanov")
    assert names.has_latin("Müller")
    assert not names.has_latin("Иванов 5")
    assert names.mixes_alphabets("Ивaнов")
    assert not names.mixes_alphabets("Иванов Ivan")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Спросить @a.sokolova@prichal.example завтра", ["a.sokolova@prichal.example"]),
        ("@Соколова и @Тимур Галиев: перезвоните", ["Соколова и", "Тимур Галиев"]),
        ("почта vera@mail.example не работает", []),
        ("@Петрова-Водкина, @Петрова-Водкина", ["Петрова-Водкина"]),
    ],
)
def test_mentions(text: str, expected: list[str]) -> None:
    assert names.mentions(text) == expected
