"""What a client's words mean: phrases are looked for, the longest found decides, a ban on calls before all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clientela.modules.robot.rules.dialogue import Answer, Meaning
from clientela.modules.robot.rules.phrases import PHRASES, WEIGHT

# Below it a recogniser only guesses.
SURE = 0.5
_WORD = re.compile(r"[\w*]+")


@dataclass(frozen=True, slots=True)
class Understood:
    """The meaning of what was heard, the node's answer for it (None: one that applies everywhere), the phrase found."""

    meaning: str
    answer: Answer | None
    phrase: str


def understand(text: str, answers: Sequence[Answer], confidence: float = 1.0) -> Understood | None:
    """The answer that ``text`` gives to a question, None when it gives none of them.

    Asking for no more calls, for a person, or whether a robot speaks, is understood at every question.
    """
    if confidence < SURE:
        return None
    said = _words(text)
    offered = {answer.meaning for answer in answers}
    options: list[tuple[str, Answer | None, Sequence[str]]] = [
        (answer.meaning, answer, (*PHRASES.get(answer.meaning, ()), *answer.phrases)) for answer in answers
    ]
    options += [
        (meaning, None, PHRASES[meaning])
        for meaning in (Meaning.STOP, Meaning.OPERATOR, Meaning.ARE_YOU_ROBOT)
        if meaning not in offered
    ]
    found = [
        (
            meaning == Meaning.STOP,
            len(_words(phrase)),
            WEIGHT.get(meaning, 0),
            -place,
            meaning,
            answer,
            phrase,
        )
        for place, (meaning, answer, phrases) in enumerate(options)
        for phrase in phrases
        if _stands_in(_words(phrase), said)
    ]
    if not found:
        return None
    best = max(found, key=lambda one: one[:4])
    return Understood(best[4], best[5], best[6])


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("ё", "е"))


def _stands_in(phrase: list[str], said: list[str]) -> bool:
    size = len(phrase)
    return size > 0 and any(
        all(_same(p, s) for p, s in zip(phrase, said[at : at + size], strict=True))
        for at in range(len(said) - size + 1)
    )


def _same(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
