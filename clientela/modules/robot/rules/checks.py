"""What makes a dialogue fit to call people with: every path is walked before a version may start."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clientela.modules.robot.rules.dialogue import (
    PERSON_KEY,
    STOP_KEY,
    VARIABLES,
    Act,
    Dialogue,
    Exit,
    Kind,
    Meaning,
    Node,
)
from clientela.modules.robot.rules.phrases import PHRASES
from clientela.modules.robot.rules.speech import CHARACTERS_A_SECOND, SpeechError, fill, variables_in

NOTICE_SECONDS = 5
_NOTICE = re.compile(r"автоматическ\w+|автоинформатор\w*|робот\w*", re.IGNORECASE)
_RECORDED = re.compile(r"записыва\w+|запись разговора|ведётся запись|ведется запись", re.IGNORECASE)
# Words that only a person who is the client may hear.
_CONTRACT = re.compile(
    r"\b(полис|договор|каско|осаго|преми|ипотек|страховк|страховани|выплат|кредит)\w*", re.IGNORECASE
)
_ACT_OF = {
    Exit.STOP: Act.STOP,
    Exit.PERSON: Act.HAND_OVER,
    Exit.SILENCE: Act.SMS,
    Exit.VOICEMAIL: Act.NOTHING,
}
_SAMPLES = {name: variable.sample for name, variable in VARIABLES.items()}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a version may not start; ``node`` is where, empty where it is the whole."""

    code: str
    node: str
    text: str | Promise


def problems(dialogue: Dialogue) -> list[Problem]:
    """Everything that is wrong, an empty list for a dialogue that may call people."""
    found = [*_broken(dialogue)]
    if found:
        return found  # paths of a broken graph say nothing
    return [*_paths(dialogue), *_notice(dialogue), *_secrecy(dialogue)]


def _broken(dialogue: Dialogue) -> Iterator[Problem]:
    if dialogue.start not in dialogue.nodes:
        yield Problem("start", "", _("Choose the node that the conversation begins with."))
    for exit_ in Exit:
        node = dialogue.nodes.get(dialogue.exits.get(exit_, ""))
        if node is None:
            yield Problem("exit", "", _("Choose the node for “%(exit)s”.") % {"exit": exit_.label})
        elif node.kind != Kind.END or node.act != _ACT_OF[exit_]:
            yield Problem(
                "exit", node.key, _("“%(exit)s” must end with its own act.") % {"exit": exit_.label}
            )
    for node in dialogue.nodes.values():
        yield from _node(dialogue, node)


def _node(dialogue: Dialogue, node: Node) -> Iterator[Problem]:
    if not node.speech:
        yield Problem("speech", node.key, _("Write what the robot says."))
    for words in (node.speech, node.again, node.message):
        try:
            fill(words, _SAMPLES)
        except SpeechError as error:
            yield Problem("variable", node.key, str(error))
    if node.sound and _variables_of(node.speech):
        yield Problem("sound", node.key, _("A recording says the same to everybody: take the {words} out."))
    if any(to not in dialogue.nodes for to in node.links()):
        yield Problem("link", node.key, _("A link leads nowhere."))
    if node.kind == Kind.ASK:
        yield from _answers(node)
    if node.kind == Kind.END:
        if not node.outcome:
            yield Problem("outcome", node.key, _("Choose the outcome."))
        if node.act in (Act.SMS, Act.OFFER) and not node.message:
            yield Problem("message", node.key, _("Write the text that is sent."))


def _variables_of(speech: str) -> list[str]:
    """As `variables_in`; nothing for what cannot be read."""
    try:
        return variables_in(speech)
    except SpeechError:
        return []


def _answers(node: Node) -> Iterator[Problem]:
    keys = [answer.key for answer in node.answers if answer.key]
    if not keys:
        yield Problem("keys", node.key, _("At least one answer needs a key."))
    if len(keys) != len(set(keys)):
        yield Problem("keys", node.key, _("One key cannot mean two answers."))
    if STOP_KEY in keys:
        yield Problem("stop_key", node.key, _("Key 9 always means “do not call”."))
    if any(a.key == PERSON_KEY and a.meaning != Meaning.OPERATOR for a in node.answers):
        yield Problem("person_key", node.key, _("Key 0 always means “a person”."))
    for answer in node.answers:
        if not answer.key and not answer.phrases and not PHRASES.get(answer.meaning):
            yield Problem("phrases", node.key, _("An answer of a choice needs a key or its own words."))


def _paths(dialogue: Dialogue) -> Iterator[Problem]:
    met = {key for key, _confirmed in walk(dialogue)}
    for node in dialogue.nodes.values():
        if node.key not in met:
            yield Problem("unreachable", node.key, _("No path leads to this node."))
    ends = {key for key, node in dialogue.nodes.items() if node.kind == Kind.END}
    while more := {
        k for k, n in dialogue.nodes.items() if k not in ends and any(to in ends for to in n.links())
    }:
        ends |= more
    for key in met - ends:
        yield Problem("endless", key, _("From here the conversation never ends."))
    for key in met:
        if _goes_round_talking(dialogue, key):
            yield Problem("endless", key, _("The robot would talk in a circle without asking."))


def _goes_round_talking(dialogue: Dialogue, start: str) -> bool:
    seen, key = set(), start
    while dialogue.nodes[key].kind == Kind.SAY:
        if key in seen:
            return key == start
        seen.add(key)
        key = dialogue.nodes[key].next
    return False


def walk(dialogue: Dialogue) -> set[tuple[str, bool]]:
    """Every node with what is known there: whether the person is confirmed as the client, on any path."""
    voicemail = dialogue.exits[Exit.VOICEMAIL]
    todo, met = [(dialogue.start, False), (voicemail, False)], set()
    while todo:
        place = todo.pop()
        if place in met:
            continue
        met.add(place)
        node, confirmed = dialogue.nodes[place[0]], place[1]
        if node.kind == Kind.SAY:
            todo.append((node.next, confirmed))
        if node.kind == Kind.ASK:
            todo += [(answer.to, confirmed or answer.confirms) for answer in node.answers]
        if node.kind != Kind.END:
            todo += [(dialogue.exits[way], confirmed) for way in (Exit.STOP, Exit.PERSON, Exit.SILENCE)]
    return met


def _notice(dialogue: Dialogue) -> Iterator[Problem]:
    start = dialogue.nodes[dialogue.start]
    words = fill(start.speech, _SAMPLES)
    found = _NOTICE.search(words)
    if found is None or found.end() > NOTICE_SECONDS * CHARACTERS_A_SECOND:
        yield Problem(
            "notice", start.key, _("Say within the first five seconds that this is an automatic call.")
        )
    if not _RECORDED.search(words):
        yield Problem("recorded", start.key, _("Say at the beginning that the conversation is recorded."))


def _secrecy(dialogue: Dialogue) -> Iterator[Problem]:
    for key in sorted(key for key, confirmed in walk(dialogue) if not confirmed):
        node = dialogue.nodes[key]
        for words in (node.speech, node.again, node.message):
            if _tells(words):
                yield Problem("secrecy", key, _("Nothing about the contract before the person is confirmed."))
                break
        if node.act == Act.OFFER:
            yield Problem("secrecy", key, _("The offer goes only to a person who is confirmed."))
    if _tells(dialogue.about_robot):
        yield Problem("secrecy", "", _("Nothing about the contract before the person is confirmed."))


def _tells(words: str) -> bool:
    return bool(_CONTRACT.search(words)) or any(
        VARIABLES[name].about_contract for name in variables_in(words)
    )
