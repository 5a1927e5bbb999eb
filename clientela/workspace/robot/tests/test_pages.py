"""The pages of the voice robot."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.contacts.models import Message
from clientela.modules.renewals.models import Renewal
from clientela.modules.robot.models import Dialogue, DialogueVersion, Pause, RobotCall
from clientela.modules.robot.operations.shipped import load_shipped

TODAY = date(2026, 11, 18)


@pytest.fixture
def dialogue(db: None, now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        load_shipped(now=now, active_from=TODAY)
        yield Dialogue.objects.get()


@pytest.fixture
def manager(dialogue: Dialogue, sign_in: Callable[[User], Browser], renewals_manager: User) -> Browser:
    return sign_in(renewals_manager)


@pytest.fixture
def draft(dialogue: Dialogue, manager: Browser) -> str:
    """The address of the draft's acts."""
    answer = manager.post(f"/robot/{dialogue.pk}/versions/1/draft/")
    assert answer.status_code == 302
    assert "version=2" in answer["Location"]
    return f"/robot/{dialogue.pk}/versions/2/"


def test_the_list_and_the_board_are_shown_to_who_sees_renewals(
    dialogue: Dialogue, anna: User, sign_in: Callable[[User], Browser], vera_renewal: Renewal
) -> None:
    browser = sign_in(anna)
    assert "Продление, Даша" in browser.get("/robot/").content.decode()
    page = browser.get(f"/robot/{dialogue.pk}/?node=offer").content.decode()
    assert len(re.findall(r'class="node[ "]', page)) == 26
    assert "за клиента Орлова Вера Николаевна" in page
    assert "Сделать черновик" not in page
    for path in ("draft/", "launch/", "nodes/", "nodes/offer/", "nodes/offer/removal/", "retirement/"):
        assert browser.post(f"/robot/{dialogue.pk}/versions/1/{path}").status_code == 403
    assert browser.post("/robot/pause/").status_code == 403
    assert (DialogueVersion.objects.count(), Pause.objects.count()) == (1, 0)


def test_a_tried_conversation_calls_nobody(
    dialogue: Dialogue, manager: Browser, vera_renewal: Renewal
) -> None:
    url, events = f"/robot/{dialogue.pk}/versions/1/trial/", "[]"
    for said in ({"text": "да, слушаю"}, {"text": "ну давайте"}, {"key": "1"}, {"key": "1"}):
        page = manager.post(url, {"events": events, "term": vera_renewal.pk, **said}).content.decode()
        found = re.search(r'name="events" value="([^"]*)"', page)
        assert found is not None
        events = found[1].replace("&quot;", '"')
    assert json.loads(events) == [{"text": "да, слушаю"}, {"text": "ну давайте"}, {"key": "1"}, {"key": "1"}]
    assert "Полис ОСАГО на Hyundai Creta заканчивается пятого декабря." in page
    assert "Согласился на расчёт" in page
    assert (RobotCall.objects.count(), Message.objects.count()) == (0, 0)


def test_a_node_is_changed_and_taken_back(dialogue: Dialogue, manager: Browser, draft: str) -> None:
    values = {
        "name": "Отказ", "speech": "Всего доброго!", "outcome": "refused", "act": "nothing",
    }  # fmt: skip
    answer = manager.post(f"{draft}nodes/refused/", values, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    version = DialogueVersion.objects.get(number=2)
    assert version.parsed.nodes["refused"].speech == "Всего доброго!"
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo_url"]
    assert manager.post(undo).status_code == 302
    assert manager.post(undo).status_code == 409
    version.refresh_from_db()
    assert version.graph == DialogueVersion.objects.get(number=1).graph


def test_the_answers_of_a_question_are_rows(dialogue: Dialogue, manager: Browser, draft: str) -> None:
    values = {
        "name": "Как прислать?", "speech": "SMS — один, письмо — два?", "wait": "5",
        "a-0-key": "1", "a-0-meaning": "choice", "a-0-to": "sent-sms", "a-0-phrases": "смс, сообщени*",
        "a-1-key": "2", "a-1-meaning": "choice", "a-1-to": "",
        "a-19-key": "2", "a-19-meaning": "choice", "a-19-to": "sent-email", "a-19-days": "3",
    }  # fmt: skip
    assert manager.post(f"{draft}nodes/how/", values).status_code == 302
    node = DialogueVersion.objects.get(number=2).parsed.nodes["how"]
    assert [(a.key, a.to, a.phrases, a.days) for a in node.answers] == [
        ("1", "sent-sms", ("смс", "сообщени*"), None), ("2", "sent-email", (), 3),
    ]  # fmt: skip
    refused = manager.post(f"{draft}nodes/how/", values | {"wait": "many"})
    assert refused.status_code == 422
    assert DialogueVersion.objects.get(number=2).parsed.nodes["how"] == node


def test_a_node_is_added_removed_and_named_where_it_is_wrong(
    dialogue: Dialogue, manager: Browser, draft: str
) -> None:
    answer = manager.post(f"{draft}nodes/", {"kind": "end"})
    assert "node=node-27" in answer["Location"]
    assert "К этому узлу не ведёт ни один путь." in manager.get(answer["Location"]).content.decode()
    launch = manager.get(f"{draft}launch/").content.decode()
    assert "звонить людям пока нельзя" in launch
    assert manager.post(f"{draft}nodes/node-27/removal/").status_code == 302
    assert manager.post(f"{draft}nodes/greeting/removal/").status_code == 422


def test_a_version_starts_on_its_day(dialogue: Dialogue, manager: Browser, draft: str) -> None:
    changed = {"name": "Отказ", "speech": "Всего доброго!", "outcome": "refused", "act": "nothing"}
    manager.post(f"{draft}nodes/refused/", changed)
    assert "Всего доброго!" in manager.get(f"{draft}changes/").content.decode()
    assert manager.post(f"{draft}launch/", {"day": "2026-11-18"}).status_code == 422
    assert manager.post(f"{draft}launch/", {"day": "2026-11-19"}).status_code == 302
    assert DialogueVersion.objects.get(number=2).active_from == TODAY + timedelta(days=1)
    assert "впереди" in manager.get(f"/robot/{dialogue.pk}/").content.decode()
    manager.post(f"{draft}retirement/")
    assert DialogueVersion.objects.get(number=2).state == "retired"


def test_fifty_records_are_checked(dialogue: Dialogue, manager: Browser, vera_renewal: Renewal) -> None:
    page = manager.get(f"/robot/{dialogue.pk}/versions/1/check/").content.decode()
    assert "Проверена 1 запись: всё можно произнести." in page
    assert "заканчивается пятого декабря" in page


def test_the_robot_is_paused_and_let_go(manager: Browser) -> None:
    manager.post("/robot/pause/")
    assert Pause.objects.get().ended_at is None
    assert "Пусть звонит" in manager.get("/robot/").content.decode()
    manager.post("/robot/resume/")
    assert Pause.objects.get().ended_at is not None
