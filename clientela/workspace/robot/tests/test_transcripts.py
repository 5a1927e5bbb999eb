"""What the robot and the client said is read on the timeline, in the call's page and in the card of who picks up."""

import pytest

from clientela.modules.calls.models import Call, Line
from clientela.modules.robot.models import Dialogue, DialogueVersion, RobotCall
from clientela.workspace.today.tests.helpers import HX, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(vera, now):
    dialogue = Dialogue.objects.create(code="x", name="Продление, Даша", robot="Даша")
    version = DialogueVersion.objects.create(
        dialogue=dialogue, number=1, graph={}, created_at=now, changed_at=now
    )
    call = RobotCall.objects.create(
        client=vera, dialogue=dialogue, version=version, origin="x", origin_id=1, state="done", outcome="handed_over",
        tries=1, address="+79170004108", next_at=now, until=now, created_at=now,
    )  # fmt: skip
    made = call.attempts.create(
        number=1,
        line="robot-1-1",
        client=vera,
        rung_at=now,
        answered_at=now,
        ended_at=now,
        ending="handed_over",
    )
    made.said.create(
        version=version, move=1, node="who", text="Вы Вера Николаевна?", at=now, via="key", heard="1"
    )
    made.said.create(
        version=version,
        move=2,
        node="offer",
        text="Прислать расчёт?",
        at=now,
        via="word",
        heard="дайте человека",
    )
    return made


def test_the_timeline_tells_of_calls_and_leads_to_what_was_said(sign_in, anna, boris, vera, attempt, now):
    Call.objects.create(
        direction="in",
        client=vera,
        state="ended",
        outcome="missed",
        started_at=now,
        ended_at=now,
        number="+79170004108",
    )
    browser = sign_in(anna)
    card = browser.get(f"/clients/{vera.pk}/")
    shown = plain(card)
    assert "Звонил робот Продление, Даша · Ушёл к человеку · «дайте человека»" in shown
    assert "Входящий звонок Пропущен" in shown
    url = f"/robot/transcripts/{attempt.pk}/"
    assert f'href="{url}"' in card.content.decode()

    read = plain(browser.get(url))

    assert "Вы Вера Николаевна? Клиент: нажата 1" in read
    assert "«дайте человека»" in read
    assert sign_in(boris).get(url).status_code == 404


def test_whoever_picks_up_reads_it_before_and_after(sign_in, anna, vera, attempt, now):
    call = Call.objects.create(
        direction="in", client=vera, state="ringing", agent=anna.agent, branch=vera.branch, offered_to=anna,
        started_at=now, number="+79170004108",
    )  # fmt: skip
    Line.objects.create(call=call, line=attempt.line, role="client", state="up", asked_at=now)
    Line.objects.create(call=call, line="desk", role="desk", person=anna, state="ringing", asked_at=now)
    browser = sign_in(anna)
    for page in (browser.get("/calls/panel/", headers=HX), browser.get(f"/calls/{call.pk}/")):
        assert "Разговор робота с клиентом" in plain(page)
        assert "Прислать расчёт? Клиент: «дайте человека»" in plain(page)
