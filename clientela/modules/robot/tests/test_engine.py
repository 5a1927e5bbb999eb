"""Conversations by the shipped dialogue, event by event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.modules.robot.rules import engine
from clientela.modules.robot.rules.dialogue import VARIABLES, Dialogue
from clientela.modules.robot.rules.engine import (
    Answered,
    Connect,
    Do,
    Event,
    Finish,
    HangUp,
    Heard,
    HungUp,
    Listen,
    Pressed,
    Say,
    Silent,
    SpeechEnded,
    Talk,
    Took,
)
from clientela.modules.robot.tests.conftest import SHIPPED

ENDED = SpeechEnded()
# Up to the question whether it is the client: the greeting, then the question is said.
WHO: list[Event] = [Answered("person"), ENDED, ENDED]


def run(dialogue: Dialogue, values: dict[str, str], *events: Event) -> tuple[Talk, list[Any]]:
    talk, done = Talk(), []
    for event in events:
        talk, deeds = engine.step(dialogue, talk, event, values)
        done += deeds
    return talk, done


def ends(done: list[Any]) -> list[Any]:
    """Acts and the outcome, without speech."""
    return [one for one in done if isinstance(one, (Do, Connect, HangUp, Finish))]


def test_who_agrees_by_keys_gets_the_offer(renewal: Dialogue, values: dict[str, str]) -> None:
    keys: list[Event] = [Pressed("1"), ENDED, Pressed("1"), Pressed("1"), Pressed("1"), ENDED]
    talk, done = run(renewal, values, *WHO, *keys)
    assert ends(done) == [Do("offer", "sent-sms"), HangUp(), Finish("agreed")]
    assert (talk.phase, talk.outcome, talk.confirmed) == ("over", "agreed", True)


def test_the_same_by_words_says_what_was_heard(renewal: Dialogue, values: dict[str, str]) -> None:
    _talk, done = run(
        renewal, values, *WHO, Heard("Да, слушаю", 0.94), ENDED, ENDED, Heard("Ну давайте", 0.81)
    )
    assert [one for one in done if isinstance(one, Took)] == [
        Took("who", "word", "yes", "purpose", "Да, слушаю", 0.94),
        Took("offer", "word", "yes", "changes", "Ну давайте", 0.81),
    ]
    said = [one.text for one in done if isinstance(one, Say)]
    assert said[2] == (
        "Полис ОСАГО на Mazda 3 заканчивается семнадцатого декабря. Цена на год — тринадцать тысяч двести"
        " девяносто шесть рублей."
    )


def test_what_is_not_known_of_a_client_is_left_out(renewal: Dialogue, values: dict[str, str]) -> None:
    _talk, done = run(renewal, values | {"object": "", "price": ""}, *WHO, Pressed("1"))
    assert done[-1].text == "Полис ОСАГО заканчивается семнадцатого декабря."


@pytest.mark.parametrize(
    "before", [[Answered("person")], [*WHO], [*WHO, Pressed("1")], [*WHO, Pressed("1"), ENDED, ENDED]]
)
@pytest.mark.parametrize("stop", [Pressed("9"), Heard("больше не звоните")])
def test_stop_is_heard_at_every_moment(
    renewal: Dialogue, values: dict[str, str], before: list[Event], stop: Event
) -> None:
    talk, done = run(renewal, values, *before, stop)
    assert ends(done) == [Do("stop", "stop")]
    assert talk.outcome == "stopped"
    assert run(renewal, values, *before, stop, HungUp())[0].outcome == "stopped"


def test_not_understood_twice_goes_to_a_person(renewal: Dialogue, values: dict[str, str]) -> None:
    talk, done = run(renewal, values, *WHO, Heard("э"), ENDED, Pressed("7"), ENDED)
    assert ends(done) == [Do("hand_over", "hand-over"), Connect(), Finish("handed_over")]
    assert done[4].text.startswith("Извините, не расслышала. Вы Никита Олегович?")
    talk, _ = run(renewal, values, *WHO, Heard("э"), ENDED, Pressed("1"), ENDED, ENDED, Heard("э"))
    assert (talk.node, talk.unclear) == ("offer", 1)


def test_two_silences_end_with_an_sms(renewal: Dialogue, values: dict[str, str]) -> None:
    _talk, done = run(renewal, values, *WHO, Silent(), ENDED, Silent(), ENDED)
    assert done[4].text.startswith("Вы меня слышите?")
    assert ends(done) == [Do("sms", "silent"), HangUp(), Finish("silent")]


def test_a_machine_hears_nothing_of_the_policy(renewal: Dialogue, values: dict[str, str]) -> None:
    _talk, done = run(renewal, values, Answered("machine"), ENDED)
    assert done == [
        Say(
            "voicemail",
            "Здравствуйте! Это автоматический звонок компании Причал Страхование. Перезвоним в другой день.",
            1,
        ),
        HangUp(),
        Finish("voicemail"),
    ]


def test_an_unknown_voice_is_a_person(renewal: Dialogue, values: dict[str, str]) -> None:
    assert run(renewal, values, Answered("unknown"))[0].node == "greeting"


def test_are_you_a_robot_is_answered_and_the_question_repeated(
    renewal: Dialogue, values: dict[str, str]
) -> None:
    talk, done = run(renewal, values, *WHO, Heard("а это робот?"))
    assert done[-1].text.startswith("Да, я робот Даша.")
    assert done[-1].text.endswith("Чтобы мы не звонили — девять.")
    assert (talk.node, talk.unclear) == ("who", 0)


@pytest.mark.parametrize(
    ("said", "act", "outcome"),
    [
        ("ошиблись", Do("wrong_number", "wrong-person"), "wrong_person"),
        ("это жена", None, "third_party"),
        ("позже", Do("call_back", "call-later", 1), "promised"),
    ],
)
def test_whoever_is_not_the_client_hears_nothing(
    renewal: Dialogue, values: dict[str, str], said: str, act: Do | None, outcome: str
) -> None:
    talk, done = run(renewal, values, *WHO, Heard(said))
    assert ends(done) == ([act] if act else [])
    assert (talk.outcome, talk.confirmed) == (outcome, False)
    assert not any("ОСАГО" in one.text for one in done if isinstance(one, Say))


def test_a_day_that_is_promised_is_kept(renewal: Dialogue, values: dict[str, str]) -> None:
    _talk, done = run(renewal, values, *WHO, Pressed("1"), ENDED, Pressed("3"), Heard("через неделю"), ENDED)
    assert ends(done) == [Do("call_back", "call-back", 7), HangUp(), Finish("promised")]


def test_who_hangs_up_is_cut_off_and_nothing_follows(renewal: Dialogue, values: dict[str, str]) -> None:
    talk, done = run(renewal, values, *WHO, HungUp(), Pressed("1"), ENDED)
    assert ends(done) == [Finish("cut_off")]
    assert talk.phase == "over"


def test_a_state_survives_being_stored(renewal: Dialogue, values: dict[str, str]) -> None:
    talk, done = run(renewal, values, *WHO, Pressed("1"), ENDED)
    assert done[-1] == Say("offer", renewal.nodes["offer"].speech, 4)
    assert Talk.from_json(talk.to_json()) == talk
    again, deeds = engine.repeat(renewal, talk, values)
    assert deeds == [Say("offer", renewal.nodes["offer"].speech, 5)]
    assert engine.step(renewal, again, ENDED, values)[1] == [Listen(4)]


EVENTS = st.one_of(
    st.builds(Pressed, st.sampled_from("0123456789*#")),
    st.builds(Heard, st.sampled_from(["да", "нет", "э", "не звоните", "вы робот", "продал", "дорого", "завтра", "ошиблись"])),
    st.just(Silent()),
    st.just(ENDED),
    st.just(ENDED),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=120))
def test_no_conversation_tells_a_stranger_anything_or_goes_on_for_ever(events: list[Event]) -> None:
    dialogue = Dialogue.from_json(json.loads(SHIPPED.read_text()))
    values = {name: variable.sample for name, variable in VARIABLES.items()}
    talk, deeds = engine.step(dialogue, Talk(), Answered("person"), values)
    finished = 0
    for event in [*events, *[Silent(), ENDED] * 6]:
        talk, deeds = engine.step(dialogue, talk, event, values)
        if not talk.confirmed:
            assert not any(isinstance(one, Say) and "ОСАГО" in one.text for one in deeds)
        finished += sum(isinstance(one, Finish) for one in deeds)
    assert (talk.phase, finished) == ("over", 1)
    assert talk.moves <= engine.MOST_MOVES + 5
