"""One form of a card, whichever way it was written."""

from datetime import date

import pytest

from clientela.modules.resolution.companies import COMPANIES
from clientela.modules.resolution.firms import company_traits, domains, legal_form
from clientela.modules.resolution.people import PEOPLE
from clientela.modules.resolution.rules import cyrillic, threshold_of, traits, words_of_address
from clientela.modules.resolution.subjects import SELDOM, fits, is_sound, sobered


def _name(last, first, middle=""):
    row = traits(card=1, last=last, first=first, middle=middle, birth=date(1980, 2, 3))
    return row["last"], row["first"], row["middle"]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        (("Королёв", "Пётр", "Ильич"), ("королев", "петр", "ильич")),
        (("Петр", "Королев", "Ильич"), ("королев", "петр", "ильич")),
        (("Оля", "Петрова"), ("петрова", "ольга", None)),
        (("Petrova", "Olga", "Ivanovna"), ("петрова", "олга", "ивановна")),
        (("Петрова-Водкина", "Саша", "Ивановна"), ("петроваводкина", "александра", "ивановна")),
        (("Петров", "Саша", "Иванович"), ("петров", "александр", "иванович")),
        (("Ким", "Саша"), ("ким", "саша", None)),
        (("Иванов", "Пётр"), ("иванов", "петр", None)),
        (("Иванов", "", ""), ("иванов", None, None)),
    ],
)
def test_names_come_to_one_form(written, means):
    assert _name(*written) == means


def test_latin_letters_are_read():
    assert [cyrillic(text) for text in ("shcherbakov", "zhukov", "иванов")] == ["щербаков", "жуков", "иванов"]


def _model(**weights):
    return {
        "comparisons": [
            {
                "output_column_name": name,
                "comparison_levels": [
                    {"is_null_level": True},
                    {"label_for_charts": "same", "m_probability": same[0], "u_probability": same[1]},
                    {"label_for_charts": "other", "m_probability": other[0], "u_probability": other[1]},
                ],
            }
            for name, (same, other) in weights.items()
        ]
    }


def test_weights_learnt_from_strangers_are_not_used():
    """Where another last name speaks for one person, the base had no duplicates to learn from."""
    right = {"last": ((0.9, 0.01), (0.1, 0.99)), "birth": ((0.95, 0.001), (0.05, 0.999))}
    assert is_sound(PEOPLE, _model(**right))
    assert not is_sound(PEOPLE, _model(**right | {"last": ((0.02, 0.01), (0.98, 0.4))}))
    assert not is_sound(PEOPLE, _model(**right | {"phones": ((None, 0.001), (0.5, 0.9))}))


@pytest.mark.parametrize(
    "written",
    [
        "ул. Мира, д. 5, кв. 12",
        "улица Мира 5-12",
        "МИРА, дом 5, квартира 12",
        "ul. Mira, d. 5, kv. 12",
        "Мира, 5, 12",
    ],
)
def test_an_address_is_its_names_and_numbers(written):
    assert words_of_address(written) == ["12", "5", "мира"]


@pytest.mark.parametrize(
    ("written", "form", "name"),
    [
        ("ООО «Ромашка»", "ооо", "ромашка"),
        ('Общество с ограниченной ответственностью "Ромашка"', "ооо", "ромашка"),
        ("Ромашка, ООО", "ооо", "ромашка"),
        ("РОМАШКА", None, "ромашка"),
        ("Romashka LLC", "ооо", "ромашка"),
        ("OOO «Romashka»", "ооо", "ромашка"),
        ("Фирма «Ромашка»", None, "ромашка"),
        ("ПАО «Сургутнефтегаз»", "ао", "сургутнефтегаз"),
        ("Открытое акционерное общество «Сургутнефтегаз»", "ао", "сургутнефтегаз"),
        ("ТД «Королёвский край»", None, "королевскиикраи"),
        ("Компания", None, "компания"),
        ("«Ао»", "ао", None),
    ],
)
def test_a_company_has_one_name_whichever_way_it_is_written(written, form, name):
    row = company_traits(card=1, name=written)
    assert (row["form"], row["name"]) == (form, name)


def test_the_words_of_a_name_and_its_own_domains():
    assert legal_form("АО «Восток-Сервис»") == ("ао", ["восток", "сервис"])
    assert domains(["info@Vostok.example", "vostok@mail.ru", "sales@vostok.example"]) == ["vostok.example"]


def test_the_threshold_is_where_the_model_itself_expects_enough_of_the_pairs_to_be_right():
    expected = [(0.99, 100, 99.9), (0.9, 110, 109.45), (0.7, 112, 110.9), (0.3, 120, 113.5)]
    assert threshold_of(expected, precision=0.995) == 0.9
    assert threshold_of(expected, precision=0.9) == 0.7  # a pair below a half is more likely wrong than right
    assert threshold_of(expected, precision=0.9995) == 1.0
    assert threshold_of([], precision=0.9) == 1.0


def test_learnt_weights_are_cleared_of_the_pairs_that_any_sample_holds():
    prior = 0.0001
    learnt = _model(documents=((0.9, 0.00009), (None, 0.9999))) | {
        "probability_two_random_records_match": prior
    }
    levels = sobered(learnt, least=1e-6)["comparisons"][0]["comparison_levels"]
    # Of sampled pairs 0.00009 share a document, and all of these are pairs of one person: strangers never do.
    assert levels[1]["u_probability"] == pytest.approx(0.00009 / 20)
    assert levels[2]["m_probability"] == SELDOM
    assert levels[0] == {"is_null_level": True}


def test_weights_of_other_comparisons_are_not_used():
    parameters = {"comparisons": [dict(one) for one in PEOPLE.comparisons]}
    assert fits(PEOPLE, parameters)
    assert not fits(COMPANIES, parameters)
    level = dict(parameters["comparisons"][0]["comparison_levels"][1], sql_condition="last_l > last_r")
    older = {**parameters["comparisons"][0], "comparison_levels": [level]}
    assert not fits(PEOPLE, {"comparisons": [older]})
