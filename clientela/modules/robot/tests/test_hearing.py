"""What clients' words mean at the questions of the shipped dialogue."""

import pytest

from clientela.modules.robot.rules.dialogue import Dialogue
from clientela.modules.robot.rules.hearing import understand


@pytest.mark.parametrize(
    ("node", "said", "meaning"),
    [
        ("who", "Да, слушаю", "yes"),
        ("who", "нет", "no"),
        ("who", "Вы ошиблись номером", "wrong_person"),
        ("who", "это его жена, его нет", "third_party"),
        ("who", "я за рулём", "later"),
        ("offer", "Ну давайте", "yes"),
        ("offer", "да нет, не надо", "no"),
        ("offer", "Да я машину продал", "sold"),
        ("offer", "нет, дорого очень", "too_dear"),
        ("offer", "Уже продлила у агента", "already_renewed"),
        ("offer", "да я в другой компании", "elsewhere"),
        ("offer", "погасил я ипотеку", "loan_closed"),
        ("offer", "соедините с человеком", "operator"),
        ("offer", "мне по ДТП не заплатили", "hard_case"),
        ("offer", "Не надо мне больше ничего, не звоните!", "stop"),
        ("offer", "да, прекратите звонить", "stop"),
        ("who", "Это робот?", "are_you_robot"),
        ("who", "вы живой человек?", "are_you_robot"),
        ("changes", "всё по-прежнему", "no"),
        ("how", "эсэмэской", "choice"),
        ("promise", "на следующей неделе", "choice"),
    ],
)
def test_words_at_a_question(renewal: Dialogue, node: str, said: str, meaning: str) -> None:
    found = understand(said, renewal.nodes[node].answers)
    assert found is not None
    assert found.meaning == meaning


@pytest.mark.parametrize("said", ["", "абракадабра", "данные", "нетрудно сказать"])
def test_what_is_no_answer_is_not_understood(renewal: Dialogue, said: str) -> None:
    assert understand(said, renewal.nodes["offer"].answers) is None


def test_a_guess_of_the_recogniser_is_no_answer(renewal: Dialogue) -> None:
    assert understand("да", renewal.nodes["offer"].answers, 0.49) is None
    assert understand("да", renewal.nodes["offer"].answers, 0.5) is not None


def test_of_two_choices_the_words_decide(renewal: Dialogue) -> None:
    found = understand("лучше письмом на почту", renewal.nodes["how"].answers)
    assert found is not None
    assert found.answer is not None
    assert found.answer.to == "sent-email"
