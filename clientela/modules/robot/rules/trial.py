"""A conversation tried in the browser: the engine and typed answers, nobody is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clientela.modules.robot.rules import engine
from clientela.modules.robot.rules.dialogue import Dialogue
from clientela.modules.robot.rules.engine import Phase, Talk
from clientela.modules.robot.rules.speech import seconds

MOST_EVENTS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the transcript: what the robot said, or how the client answered. ``at`` is seconds from the start."""

    node: str
    text: str
    at: int
    is_client: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A tried conversation so far; ``acts`` are what would have been done, nothing is."""

    lines: list[Line]
    nodes: list[str]
    acts: list[str]
    talk: Talk

    @property
    def is_over(self) -> bool:
        return self.talk.phase == Phase.OVER


def event_of(raw: Any) -> engine.Event | None:
    """A typed event: ``{"key": "1"}``, ``{"text": "да"}``, ``{"silent": true}``, ``{"machine": true}``."""
    if not isinstance(raw, Mapping):
        return None
    key, text = raw.get("key"), raw.get("text")
    if isinstance(key, str) and len(key) == 1 and key in "0123456789*#":
        return engine.Pressed(key)
    if isinstance(text, str) and text.strip():
        return engine.Heard(text.strip()[:200])
    return engine.Silent() if raw.get("silent") else None


def play(
    dialogue: Dialogue, values: Mapping[str, str], events: Sequence[Any], *, machine: bool = False
) -> Trial:
    """The conversation after these events; each is given when the robot has said what it says."""
    trial = Trial([], [], [], Talk())
    talk, at = _take(
        trial, *engine.step(dialogue, Talk(), engine.Answered("machine" if machine else "person"), values), 0
    )
    talk, at = _speak(trial, dialogue, talk, values, at)
    for raw in events[:MOST_EVENTS]:
        event = event_of(raw)
        if event is None or talk.phase == Phase.OVER:
            continue
        talk, at = _take(trial, *engine.step(dialogue, talk, event, values), at)
        talk, at = _speak(trial, dialogue, talk, values, at)
    return Trial(trial.lines, trial.nodes, trial.acts, talk)


def _speak(
    trial: Trial, dialogue: Dialogue, talk: Talk, values: Mapping[str, str], at: int
) -> tuple[Talk, int]:
    while talk.phase in (Phase.SPEAKING, Phase.CLOSING):
        talk, at = _take(trial, *engine.step(dialogue, talk, engine.SpeechEnded(), values), at)
    return talk, at


def _take(trial: Trial, talk: Talk, deeds: Sequence[engine.Deed], at: int) -> tuple[Talk, int]:
    for deed in deeds:
        match deed:
            case engine.Took(node, via, meaning, _to, heard):
                at += 2
                trial.lines.append(
                    Line(node, heard if via != "silence" else "…", at, is_client=True, meaning=meaning)
                )
            case engine.Say(node, text):
                trial.lines.append(Line(node, text, at))
                trial.nodes.append(node)
                at += seconds(text)
            case engine.Do(act):
                trial.acts.append(act)
    return talk, at
