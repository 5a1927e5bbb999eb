"""The robot asks: by key or by word, the answer is kept as that of a link, and who is not content is called back."""

import json
from datetime import timedelta

import pytest

from clientela.foundation.outbox.operations import deliver
from clientela.modules.calls.ports import Ending, KeyPressed, LineAnswered, LineEnded, PromptEnded
from clientela.modules.contacts.models import Message
from clientela.modules.quality.models import Survey, SurveyRequest
from clientela.modules.quality.operations import ask_due, note_occasion, record_answer
from clientela.modules.quality.operations.surveys import DIALOGUES
from clientela.modules.robot.models import RobotCall, Said
from clientela.modules.robot.operations.dialling import dial_due
from clientela.modules.robot.operations.talking import hear, take
from clientela.modules.robot.rules.checks import problems
from clientela.modules.robot.rules.dialogue import Dialogue

pytestmark = pytest.mark.django_db
WHILE = timedelta(minutes=1)


@pytest.fixture
def asked(surveys, vera, now):
    """``asked("claim")``: Vera is to be asked by the robot, at ``now``."""

    def ask(kind: str) -> SurveyRequest:
        Survey.objects.filter(occasion=kind).update(delay_hours=0, channels=["robot", "sms"])
        note_occasion(now=now, kind=kind, occasion=f"{kind}:7", client_id=vera.pk, about="У-12")
        ask_due(now=now)
        return SurveyRequest.objects.get()

    return ask


@pytest.fixture
def talk(now):
    """Ring, pick up and answer: a digit is a key, anything else words. The last thing said is heard out."""

    def go(*answers: str) -> None:
        (ring,) = dial_due(worker="t", now=now, lease=WHILE)
        take(LineAnswered(ring.line, now), now=now)
        _heard_out(ring.line, now)
        for answer in answers:
            if answer.isdigit():
                take(KeyPressed(ring.line, answer, now), now=now)
            else:
                hear(line=ring.line, text=answer, confidence=0.9, now=now)
        _heard_out(ring.line, now)
        take(LineEnded(ring.line, now, Ending.NORMAL), now=now)
        while deliver(worker="t", now=now, lease=WHILE):
            pass

    return go


def _heard_out(line, now):
    moves = RobotCall.objects.get().talk.get("moves", 0)
    take(PromptEnded(line, f"{line}-{moves}", now), now=now)


@pytest.mark.parametrize("file", sorted(DIALOGUES.glob("*.json")), ids=lambda path: path.stem)
def test_the_shipped_dialogues_may_call(file):
    assert problems(Dialogue.from_json(json.loads(file.read_text()))) == []


def test_who_is_not_content_is_called_back(asked, talk, vera):
    request = asked("claim")
    assert (request.state, Message.objects.count()) == ("asked", 0)

    talk("1", "2")

    request.refresh_from_db()
    assert (request.state, request.score, request.group, request.via) == ("answered", 2, "bad", "robot")
    assert request.call_back_by is not None
    assert RobotCall.objects.get().outcome == "scored"
    said = list(Said.objects.order_by("move").values_list("text", flat=True))
    assert "автоматический звонок" in said[0]
    assert request.survey.question in said[2]
    assert "перезвонит" in said[3]


@pytest.mark.parametrize(
    ("answers", "score"),
    [(("1", "1", "2"), 10), (("1", "5", "1"), 0), (("да", "восемь"), 8), (("1", "десятка"), 10)],
)
def test_eleven_scores_are_asked_for_with_the_keys_of_a_telephone(asked, talk, answers, score):
    request = asked("purchase")
    talk(*answers)
    request.refresh_from_db()
    assert (request.score, request.via) == (score, "robot")


def test_a_stranger_hears_no_question_and_the_client_is_let_go(asked, talk):
    request = asked("claim")
    talk("ошиблись номером")
    request.refresh_from_db()
    assert (request.state, request.reason, request.score) == ("dropped", "unreachable", None)
    assert not Said.objects.filter(node="question").exists()


def test_stop_is_heard_at_any_moment(asked, talk, vera):
    request = asked("claim")
    talk("1", "9")
    request.refresh_from_db()
    assert (request.state, request.score) == ("asked", None)
    assert not vera.consents.filter(channel="call", withdrawn_at=None).exists()


def test_who_answered_the_link_meanwhile_is_not_rung(asked, now):
    record_answer(actor=None, now=now, request=asked("claim"), score=5, via="link")
    assert dial_due(worker="t", now=now, lease=WHILE) == []
    assert RobotCall.objects.get().dropped == "answered"


def test_without_a_consent_to_calls_the_next_channel_asks(asked, vera):
    vera.consents.filter(channel="call").delete()
    request = asked("claim")
    assert (request.message.channel, RobotCall.objects.exists()) == ("sms", False)
