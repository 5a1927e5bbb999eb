"""Who waits to be called stands in the day of the person, with why and until when, and is closed with a result."""

from datetime import timedelta

import pytest
import time_machine

from clientela.foundation.audit.models import Entry
from clientela.modules.calls.models import Call, CallBack
from clientela.modules.calls.operations.callbacks import ask_back
from clientela.modules.quality.models import SurveyRequest
from clientela.modules.quality.operations import load_shipped, note_occasion, record_answer
from clientela.workspace.today.tests.helpers import HX, plain, tasks
from tests.cast import VERAS_PHONE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def missed(now):
    """``missed(client, number, minutes)``: a call that nobody took so long ago."""

    def one(client, number, minutes, **fields) -> CallBack:
        at = now - timedelta(minutes=minutes)
        call = Call.objects.create(
            direction="in", client=client, agent=client and client.agent, number=number, state="ended",
            branch=client and client.branch, centre=client and client.centre, started_at=at, ended_at=at, outcome="missed",
            **fields,
        )  # fmt: skip
        back = ask_back(call, "missed", at)
        assert back is not None
        return back

    return one


def test_the_day_shows_who_waits_why_and_until_when(sign_in, anna, vera, boris_client, missed, now):
    back = missed(vera, VERAS_PHONE, 20, reason="Возобновление полиса")
    missed(boris_client, "+79020007301", 30)
    load_shipped(now=now)
    note_occasion(now=now, kind="purchase", occasion="policy:1", client_id=vera.pk, about="ОСАГО")
    record_answer(
        actor=None, now=now, request=SurveyRequest.objects.get(), score=3, comment="Долго ждала", via="call"
    )

    response = sign_in(anna).get("/?show=calls")

    assert [name for _kind, name in tasks(response)] == ["Орлова", "Орлова"]
    shown = plain(response)
    assert "Пропущенный звонок: Возобновление полиса" in shown
    assert "до сегодня, 11:22" in shown
    assert "NPS 3. «Долго ждала»" in shown
    assert "Звонки 2" in shown
    html = response.content.decode()
    assert f'name="client" value="{vera.pk}"' in html
    assert f'hx-get="/calls/call-backs/{back.pk}/done/"' in html


def test_it_is_the_owners_for_an_hour_and_then_everybodys(
    sign_in, anna, lilia, team_lead, centre_operator, vera, missed
):
    back = missed(vera, VERAS_PHONE, 20)
    asked = {"person": back.person, "call_by": back.call_by - back.asked_at}
    assert asked == {"person": anna, "call_by": timedelta(hours=1)}
    for person, seen in ((anna, 1), (lilia, 0), (team_lead, 0), (centre_operator, 0)):
        assert len(tasks(sign_in(person).get("/?show=calls"))) == seen

    CallBack.objects.update(call_by=back.asked_at)

    for person, seen in ((anna, 1), (lilia, 0), (team_lead, 1), (centre_operator, 1)):
        assert len(tasks(sign_in(person).get("/?show=calls"))) == seen
    assert "пора было перезвонить" in plain(sign_in(anna).get("/?show=calls"))


def test_it_is_closed_with_a_result_by_who_sees_it(sign_in, anna, boris, vera, missed):
    url = f"/calls/call-backs/{missed(vera, VERAS_PHONE, 20).pk}/done/"
    assert sign_in(boris).get(url).status_code == 404
    browser = sign_in(anna)
    assert "Дозвониться не удалось" in plain(browser.get(url, headers=HX))
    assert browser.post(url, {"result": "nonsense"}, headers=HX).status_code == 422
    assert CallBack.objects.open().count() == 1

    answer = browser.post(url, {"result": "otherwise", "note": "Ответила письмом"}, headers=HX)

    assert answer.status_code == 204
    back = CallBack.objects.get()
    assert (back.result, back.note, back.done_by) == ("otherwise", "Ответила письмом", anna)
    assert Entry.objects.get(action="call_back.done").changes["result"] == [None, "otherwise"]
    assert tasks(browser.get("/?show=calls")) == []


def test_other_programs_read_and_close_it(sign_in, anna, vera, missed):
    back = missed(vera, VERAS_PHONE, 20)
    browser = sign_in(anna)
    task = browser.get("/api/v1/today/tasks?show=calls").json()["items"][0]
    assert (task["kind"], task["number"], task["ids"]) == (
        "call_back",
        VERAS_PHONE,
        {"call_back_id": back.pk},
    )

    closed = browser.post(
        f"/api/v1/call-backs/{back.pk}/completion", {"result": "not_reached"}, "application/json",
        headers={"Idempotency-Key": "a"},
    )  # fmt: skip

    assert (closed.status_code, closed.json()["result"]) == (200, "not_reached")
    assert browser.get("/api/v1/today").json()["counts"]["calls"] == 0
