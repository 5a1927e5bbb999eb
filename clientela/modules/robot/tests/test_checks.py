"""A dialogue that may not call people says why."""

from collections.abc import Callable
from typing import Any

import pytest

from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.dialogue import BadDialogue, Dialogue

Raw = dict[str, Any]


def node(raw: Raw, key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in raw["nodes"] if one["key"] == key)
    return found


def change(key: str, /, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: node(raw, key).update(values)


def answer(key: str, place: int, /, **values: Any) -> Callable[[Raw], None]:
    return lambda raw: node(raw, key)["answers"][place].update(values)


def add(**values: Any) -> Callable[[Raw], None]:
    return lambda raw: raw["nodes"].append(values)


def test_the_shipped_dialogue_may_call(renewal: Dialogue) -> None:
    assert problems(renewal) == []
    assert Dialogue.from_json(renewal.to_json()) == renewal


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda raw: raw.update(start="nowhere"), {("start", "")}),
        (lambda raw: raw["exits"].pop("stop"), {("exit", "")}),
        (lambda raw: raw["exits"].update(stop="refused"), {("exit", "refused")}),
        (lambda raw: raw["exits"].update(person="who"), {("exit", "who")}),
        (change("offer", speech=""), {("speech", "offer")}),
        (change("offer", speech="Цена {total}"), {("variable", "offer")}),
        (change("purpose", speech="Полис [до {end_date}"), {("variable", "purpose")}),
        (change("purpose", sound="file-1.abcdef01"), {("sound", "purpose")}),
        (change("purpose", next="nowhere"), {("link", "purpose")}),
        (answer("offer", 0, to="nowhere"), {("link", "offer")}),
        (answer("offer", 0, key="2"), {("keys", "offer")}),
        (answer("offer", 0, key="9"), {("stop_key", "offer")}),
        (answer("offer", 0, key="0"), {("person_key", "offer")}),
        (change("how", answers=[{"meaning": "yes", "to": "sent-sms"}]), {("keys", "how")}),
        (change("sold", outcome=""), {("outcome", "sold")}),
        (change("sent-sms", message=""), {("message", "sent-sms")}),
        (add(key="lost", kind="end", speech="Пока", outcome="refused"), {("unreachable", "lost")}),
        (change("purpose", next="purpose"), {("endless", "purpose"), ("unreachable", "offer")}),
        (change("greeting", speech="Здравствуйте! Говорит Даша. Разговор записывается."), {("notice", "greeting")}),
        (
            change("greeting", speech="Здравствуйте! " + "Очень рада Вас слышать. " * 3 + "Это робот. Разговор записывается."),
            {("notice", "greeting")},
        ),
        (change("greeting", speech="Здравствуйте! Это робот {robot}."), {("recorded", "greeting")}),
        (change("who", speech="Вы {name}? Звоню про {product}."), {("secrecy", "who")}),
        (change("who", again="Это о Вашем полисе. Вы {name}?"), {("secrecy", "who")}),
        (change("voicemail", speech="Это автоматический звонок. Договор заканчивается."), {("secrecy", "voicemail")}),
        (change("silent", message="{name}, полис до {end_date}"), {("secrecy", "silent")}),
        (lambda raw: raw.update(about_robot="Я робот, звоню об ОСАГО."), {("secrecy", "")}),
        (answer("who", 1, to="offer"), {("secrecy", "sent-sms"), ("secrecy", "sent-email")}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(raw: Raw, spoil: Callable[[Raw], None], found: set[tuple[str, str]]) -> None:
    spoil(raw)
    named = {(problem.code, problem.node) for problem in problems(Dialogue.from_json(raw))}
    assert found <= named
    if len(found) == 1 and next(iter(found))[0] not in {"start", "exit"}:
        assert {code for code, _node in named} == {next(iter(found))[0]}


def test_no_path_goes_past_the_question_who_it_is(raw: Raw) -> None:
    """The way over a confirmed node does not open the same node to a stranger."""
    node(raw, "number-of")["answers"][0]["to"] = "purpose"
    assert ("secrecy", "purpose") in {(p.code, p.node) for p in problems(Dialogue.from_json(raw))}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.update(nodes="x"),
        lambda raw: raw["nodes"].append(3),
        lambda raw: raw["nodes"].append(raw["nodes"][0]),
        change("who", kind="sing"),
        change("who", wait=99),
        change("who", key="кто"),
        answer("who", 0, meaning="stop"),
        answer("who", 0, key="12"),
        answer("who", 0, phrases="да"),
        answer("who", 0, days=-1),
        lambda raw: raw.update(exits=[1]),
    ],
)
def test_what_is_no_dialogue_is_refused(raw: Raw, spoil: Callable[[Raw], None]) -> None:
    spoil(raw)
    with pytest.raises(BadDialogue):
        Dialogue.from_json(raw)
