"""One conversation, move by move: a state and an event give the next state and what is to be done."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Literal, Self

from clientela.modules.robot.rules.dialogue import (
    PERSON_KEY,
    STOP_KEY,
    Act,
    Answer,
    Dialogue,
    Exit,
    Kind,
    Meaning,
    Node,
    Outcome,
)
from clientela.modules.robot.rules.hearing import understand
from clientela.modules.robot.rules.speech import fill

# A conversation that goes round longer than this goes to a person.
MOST_MOVES = 40
TWICE = 2
SORRY = "Извините, не расслышала."


class Phase(StrEnum):
    RINGING = "ringing"
    SPEAKING = "speaking"
    LISTENING = "listening"
    CLOSING = "closing"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Talk:
    """Where a conversation is. ``unclear`` and ``silences`` count in a row; ``moves`` numbers what was said."""

    phase: str = Phase.RINGING
    node: str = ""
    moves: int = 0
    confirmed: bool = False
    unclear: int = 0
    silences: int = 0
    days: int | None = None
    outcome: str = ""
    score: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


@dataclass(frozen=True, slots=True)
class Answered:
    """The line was picked up; an unknown voice counts as a person."""

    who: Literal["person", "machine", "unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class Pressed:
    key: str


@dataclass(frozen=True, slots=True)
class Heard:
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing came for as long as was waited."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """What was said is over."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The client is gone."""


Event = Answered | Pressed | Heard | Silent | SpeechEnded | HungUp


@dataclass(frozen=True, slots=True)
class Say:
    """Say ``text``; ``sound`` names a recording that is played instead."""

    node: str
    text: str
    move: int
    sound: str = ""


@dataclass(frozen=True, slots=True)
class Listen:
    seconds: int


@dataclass(frozen=True, slots=True)
class Took:
    """How a question was left: ``meaning`` of the answer, by ``via``, to the node ``to`` (empty: none)."""

    node: str
    via: Literal["key", "word", "silence", "line"]
    meaning: str
    to: str
    heard: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Do:
    """The act of the end that was reached; ``days`` is when to call back."""

    act: str
    node: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Give the line to a person."""


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is over with this outcome."""

    outcome: str


Deed = Say | Listen | Took | Do | Connect | HangUp | Finish


def step(dialogue: Dialogue, talk: Talk, event: Event, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    """The next state and what is to be done. An event that means nothing now changes nothing."""
    if talk.phase == Phase.OVER:
        return talk, []
    match event:
        case HungUp():
            outcome = talk.outcome or Outcome.CUT_OFF
            return replace(talk, phase=Phase.OVER, outcome=outcome), [Finish(outcome)]
        case Answered(who):
            if talk.phase != Phase.RINGING:
                return talk, []
            key = dialogue.exits[Exit.VOICEMAIL] if who == "machine" else dialogue.start
            return _enter(dialogue, talk, key, values)
        case SpeechEnded():
            return _spoken(dialogue, talk, values)
    if talk.phase not in (Phase.SPEAKING, Phase.LISTENING):
        return talk, []
    node = dialogue.nodes[talk.node]
    match event:
        case Pressed(key):
            return _pressed(dialogue, talk, node, key, values)
        case Heard(text, confidence):
            return _heard(dialogue, talk, node, text, confidence, values)
        case Silent() if talk.phase == Phase.LISTENING:
            return _silent(dialogue, talk, node, values)
    return talk, []


def repeat(dialogue: Dialogue, talk: Talk, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    """Say the node in hand once more: after a restart nobody knows how much of it was heard."""
    if talk.phase not in (Phase.SPEAKING, Phase.LISTENING):
        return talk, [HangUp()]
    return _say(dialogue, talk, dialogue.nodes[talk.node], values, "")


def _enter(dialogue: Dialogue, talk: Talk, key: str, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    node = dialogue.nodes[key]
    said, deeds = _say(dialogue, replace(talk, node=key), node, values, "")
    if node.kind != Kind.END:
        return said, deeds
    outcome = node.outcome or Outcome.REFUSED
    days = node.days if node.days is not None else talk.days
    if node.act != Act.NOTHING:
        deeds.append(Do(node.act, node.key, days))
    return replace(said, phase=Phase.CLOSING, outcome=outcome, days=days), deeds


def _say(
    dialogue: Dialogue, talk: Talk, node: Node, values: Mapping[str, str], before: str, *, again: bool = False
) -> tuple[Talk, list[Deed]]:
    words = node.again if again and node.again else f"{before} {node.speech}"
    move = talk.moves + 1
    sound = node.sound if not before and not again else ""
    return replace(talk, phase=Phase.SPEAKING, moves=move), [Say(node.key, fill(words, values), move, sound)]


def _spoken(dialogue: Dialogue, talk: Talk, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    node = dialogue.nodes.get(talk.node)
    if node is None or talk.phase not in (Phase.SPEAKING, Phase.CLOSING):
        return talk, []
    if talk.phase == Phase.CLOSING:
        over = replace(talk, phase=Phase.OVER)
        last: Deed = Connect() if node.act == Act.HAND_OVER else HangUp()
        return over, [last, Finish(talk.outcome)]
    if node.kind == Kind.ASK:
        return replace(talk, phase=Phase.LISTENING), [Listen(node.wait)]
    if talk.moves >= MOST_MOVES:
        return _enter(dialogue, talk, dialogue.exits[Exit.PERSON], values)
    return _enter(dialogue, talk, node.next, values)


def _pressed(
    dialogue: Dialogue, talk: Talk, node: Node, key: str, values: Mapping[str, str]
) -> tuple[Talk, list[Deed]]:
    answer = next((one for one in node.answers if one.key == key), None)
    if key == STOP_KEY:
        return _leave(
            dialogue, talk, Took(node.key, "key", Meaning.STOP, dialogue.exits[Exit.STOP], key), values
        )
    if answer is not None and node.kind == Kind.ASK:
        return _answered(
            dialogue, talk, answer, Took(node.key, "key", answer.meaning, answer.to, key), values
        )
    if key == PERSON_KEY:
        return _leave(
            dialogue, talk, Took(node.key, "key", Meaning.OPERATOR, dialogue.exits[Exit.PERSON], key), values
        )
    if node.kind != Kind.ASK:
        return talk, []
    return _unclear(dialogue, talk, node, Took(node.key, "key", Meaning.UNCLEAR, "", key), values)


def _heard(
    dialogue: Dialogue, talk: Talk, node: Node, text: str, confidence: float, values: Mapping[str, str]
) -> tuple[Talk, list[Deed]]:
    found = understand(text, node.answers, confidence)
    if found is None:
        if node.kind != Kind.ASK:
            return talk, []
        return _unclear(
            dialogue, talk, node, Took(node.key, "word", Meaning.UNCLEAR, "", text, confidence), values
        )
    if found.answer is not None:
        took = Took(node.key, "word", found.meaning, found.answer.to, text, confidence)
        return _answered(dialogue, talk, found.answer, took, values)
    if found.meaning == Meaning.ARE_YOU_ROBOT:
        took = Took(node.key, "word", found.meaning, node.key, text, confidence)
        if talk.moves >= MOST_MOVES:
            return _leave(dialogue, talk, replace(took, to=dialogue.exits[Exit.PERSON]), values)
        said, deeds = _say(dialogue, talk, node, values, dialogue.about_robot)
        return said, [took, *deeds]
    way = Exit.STOP if found.meaning == Meaning.STOP else Exit.PERSON
    return _leave(
        dialogue, talk, Took(node.key, "word", found.meaning, dialogue.exits[way], text, confidence), values
    )


def _answered(
    dialogue: Dialogue, talk: Talk, answer: Answer, took: Took, values: Mapping[str, str]
) -> tuple[Talk, list[Deed]]:
    known = replace(
        talk,
        confirmed=talk.confirmed or answer.confirms,
        days=talk.days if answer.days is None else answer.days,
        score=talk.score if answer.score is None else answer.score,
    )
    if talk.moves >= MOST_MOVES:
        took = replace(took, to=dialogue.exits[Exit.PERSON])
    return _leave(dialogue, known, took, values)


def _leave(dialogue: Dialogue, talk: Talk, took: Took, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    entered, deeds = _enter(dialogue, replace(talk, unclear=0, silences=0), took.to, values)
    return entered, [took, *deeds]


def _unclear(
    dialogue: Dialogue, talk: Talk, node: Node, took: Took, values: Mapping[str, str]
) -> tuple[Talk, list[Deed]]:
    count = talk.unclear + 1
    if count >= TWICE:
        return _leave(dialogue, talk, replace(took, to=dialogue.exits[Exit.PERSON]), values)
    said, deeds = _say(dialogue, replace(talk, unclear=count, silences=0), node, values, SORRY)
    return said, [replace(took, to=node.key), *deeds]


def _silent(dialogue: Dialogue, talk: Talk, node: Node, values: Mapping[str, str]) -> tuple[Talk, list[Deed]]:
    count = talk.silences + 1
    took = Took(node.key, "silence", Meaning.SILENCE, node.key)
    if count >= TWICE:
        return _leave(dialogue, talk, replace(took, to=dialogue.exits[Exit.SILENCE]), values)
    said, deeds = _say(dialogue, replace(talk, silences=count), node, values, "", again=True)
    return said, [took, *deeds]
