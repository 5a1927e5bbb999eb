"""A month of the robot's calls: each conversation is led by the real engine with a made-up client."""

import random
from datetime import datetime, timedelta
from typing import Any

from clientela.foundation.dates import local_moment
from clientela.modules.renewals.models import Renewal, Touch
from clientela.modules.renewals.queries.texts import spoken
from clientela.modules.renewals.rules import Reason
from clientela.modules.robot.models import Attempt, Dialogue, DialogueVersion, RobotCall, Said
from clientela.modules.robot.operations.shipped import load_shipped
from clientela.modules.robot.rules import engine
from clientela.modules.robot.rules.dialogue import Dialogue as Graph
from clientela.modules.robot.rules.dialogue import Outcome
from clientela.modules.robot.rules.engine import Phase, Talk
from clientela.modules.robot.rules.speech import seconds

SEEN_DAYS = 60
MOST = 1500
# How often clients answer so: at the node, (words, share); the rest keep silent.
ANSWERS: dict[str, tuple[tuple[str, float], ...]] = {
    "who": (("Да, слушаю", 0.80), ("1", 0.10), ("нет, это жена", 0.03), ("ошиблись номером", 0.02), ("за рулём", 0.02),
            ("9", 0.01)),
    "offer": (("Ну давайте", 0.30), ("1", 0.16), ("2", 0.11), ("соедините с агентом", 0.06), ("потом", 0.12),
              ("машину продал", 0.03), ("дорого", 0.05), ("уже продлил", 0.03), ("нет", 0.05), ("не звоните больше", 0.02)),
    "changes": (("1", 0.55), ("нет, ничего", 0.30), ("да, водитель новый", 0.08)),
    "how": (("1", 0.50), ("смс", 0.25), ("письмом на почту", 0.20)),
    "promise": (("завтра", 0.45), ("2", 0.30), ("через неделю", 0.20)),
    "objection": (("2", 0.35), ("1", 0.20), ("3", 0.10), ("4", 0.10), ("5", 0.20)),
    "too-dear": (("да", 0.45), ("2", 0.45)),
    "number-of": (("1", 0.5), ("2", 0.4)),
}  # fmt: skip
# What becomes of an attempt before anybody speaks.
ENDINGS = (("", 0.58), ("no_answer", 0.27), ("busy", 0.06), ("machine", 0.09))


def write(now: datetime, seed: int) -> int:
    """Calls for the robot's touches of the last month, with transcripts; a draft of the next version. Returns calls."""
    load_shipped(now=now - timedelta(days=SEEN_DAYS), active_from=(now - timedelta(days=SEEN_DAYS)).date())
    dialogue = Dialogue.objects.get(code="renewal")
    version = dialogue.versions.get()
    _draft(version, now)
    rng = random.Random(f"dasha {seed}")
    touches = Touch.objects.filter(channel="robot", state=Touch.State.DROPPED, reason=Reason.NO_ROBOT)
    related = (
        "renewal__client",
        "renewal__agent",
        "renewal__centre",
        "renewal__product",
        "renewal__policy__insured_object",
    )
    rows = list(touches.select_related(*related).order_by("-due_on", "id")[:MOST])
    calls: list[RobotCall] = []
    attempts: list[Attempt] = []
    said: list[Said] = []
    graph, phones = version.parsed, {0: ""}
    for touch in rows:
        call = _call(touch, dialogue, version, spoken(touch.renewal, phones) | {"robot": dialogue.robot})
        _lead(call, graph, touch, rng, attempts, said)
        if call.ended_at is not None and call.ended_at < now:
            calls.append(call)
            touch.state, touch.reason, touch.reason_detail = Touch.State.DONE, "", call.outcome
            touch.sent_at = call.ended_at
    kept = {id(call) for call in calls}
    attempts = [one for one in attempts if id(one.call) in kept]
    RobotCall.objects.bulk_create(calls, batch_size=500)
    for one in attempts:
        one.call_id, one.line = one.call.pk, f"robot-{one.call.pk}-{one.number}"
    Attempt.objects.bulk_create(attempts, batch_size=500)
    known = {id(one) for one in attempts}
    told = [one for one in said if id(one.attempt) in known]
    for row in told:
        row.attempt_id = row.attempt.pk
    Said.objects.bulk_create(told, batch_size=1000)
    Touch.objects.bulk_update(
        [touch for touch in rows if touch.state == Touch.State.DONE], ["state", "reason", "reason_detail", "sent_at"],
        batch_size=500,
    )  # fmt: skip
    return len(calls)


def _draft(version: DialogueVersion, now: datetime) -> None:
    graph = version.parsed.to_json()
    for node in graph["nodes"]:
        if node["key"] == "offer":
            node["speech"] = (
                "Прислать расчёт? Скажите «да» или нажмите один. Соединить с человеком — два, позже — три."
            )
    DialogueVersion.objects.create(
        dialogue=version.dialogue, number=version.number + 1, graph=Graph.from_json(graph).to_json(), created_at=now,
        changed_at=now,
    )  # fmt: skip


def _call(touch: Touch, dialogue: Dialogue, version: DialogueVersion, values: dict[str, str]) -> RobotCall:
    term: Renewal = touch.renewal
    return RobotCall(
        origin="renewals.touch", origin_id=touch.pk, client_id=term.client_id, dialogue=dialogue, version=version,
        values=values, state=RobotCall.State.DONE, next_at=touch.due_at, created_at=touch.due_at,
        until=local_moment(touch.term_end - timedelta(days=17), touch.due_at.time().replace(hour=18), term.time_zone),
    )  # fmt: skip


def _lead(
    call: RobotCall, graph: Graph, touch: Touch, rng: random.Random, attempts: list[Attempt], said: list[Said]
) -> None:
    """Up to six attempts, until a conversation settles it."""
    at = touch.due_at + timedelta(minutes=rng.randrange(0, 240))
    for number in range(1, 7):
        call.tries = number
        ending = _pick(ENDINGS, rng)
        attempt = Attempt(call=call, number=number, client_id=call.client_id, rung_at=at)
        attempts.append(attempt)
        if ending in ("no_answer", "busy"):
            attempt.ending, attempt.ended_at = ending, at + timedelta(seconds=30)
            call.outcome, call.ended_at = Outcome.NOT_REACHED, attempt.ended_at
            at += timedelta(minutes=15) if ending == "busy" else timedelta(hours=rng.randrange(2, 5))
            continue
        who: Any = "machine" if ending == "machine" else "person"
        attempt.who, attempt.ending, attempt.answered_at = (
            who,
            "normal",
            at + timedelta(seconds=rng.randrange(4, 20)),
        )
        call.outcome, attempt.ended_at = _talk(call, attempt, graph, who, rng, said)
        call.ended_at = attempt.ended_at
        if call.outcome not in (Outcome.VOICEMAIL, Outcome.SILENT, Outcome.CUT_OFF, Outcome.THIRD_PARTY):
            return
        at += timedelta(days=1)


def _talk(
    call: RobotCall, attempt: Attempt, graph: Graph, who: Any, rng: random.Random, said: list[Said]
) -> tuple[str, datetime]:
    talk, now = Talk(), attempt.answered_at
    assert now is not None
    event: engine.Event = engine.Answered(who)
    while True:
        talk, deeds = engine.step(graph, talk, event, call.values)
        for deed in deeds:
            match deed:
                case engine.Took(_node, via, meaning, to, heard, _sure):
                    now += timedelta(seconds=rng.randrange(1, 4))
                    last = said[-1]
                    last.left_at, last.via, last.heard, last.meaning, last.to = now, via, heard, meaning, to
                    last.confidence = round(rng.uniform(0.62, 0.97), 2) if via == "word" else None
                case engine.Say(node, text, move):
                    said.append(
                        Said(attempt=attempt, version=call.version, move=move, node=node, text=text, at=now)
                    )
                    now += timedelta(seconds=seconds(text))
        if talk.phase == Phase.OVER:
            return talk.outcome, now
        event = _next(talk, rng)


def _next(talk: Talk, rng: random.Random) -> engine.Event:
    if talk.phase != Phase.LISTENING:
        return (
            engine.HungUp() if talk.phase == Phase.SPEAKING and rng.random() < 0.02 else engine.SpeechEnded()
        )
    words = _pick(ANSWERS.get(talk.node, ()), rng)
    if not words:
        return engine.Silent()
    return engine.Pressed(words) if len(words) == 1 else engine.Heard(words)


def _pick(shares: tuple[tuple[str, float], ...], rng: random.Random) -> str:
    drawn = rng.random()
    for word, share in shares:
        drawn -= share
        if drawn < 0:
            return word
    return ""
