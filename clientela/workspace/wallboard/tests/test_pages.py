"""The wall, running the line, and staffing, as the people of a centre and a branch see them."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.modules.calls.models import Call
from clientela.modules.contacts.models import Conversation
from clientela.modules.organisation.models import Agent
from clientela.modules.routing.models import Queue, Station, WallScreen

TALKED = {"ago": 3600, "wait": 10, "talk": 120}


def text(answer):
    """What is read on the page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_the_wall_shows_the_day_who_waits_and_who_does_what(
    sign_in, branch_head, vera, anna, lilia, at_work, call_of
):
    at_work(anna, lilia)
    for _one in range(3):
        call_of(vera, **TALKED)
    call_of(vera, ago=3600, wait=40, talk=60)
    call_of(vera, ago=95, wait=5, talk=300, state="talking", person=anna, ended_at=None)
    call_of(vera, ago=45, reason="Оплата")
    page = sign_in(branch_head).get("/wallboard/")
    shown = text(page)
    assert "Ответили за 20 секунд 80 % в норме" in shown
    assert "Ждут на линии 1" in shown
    assert "Оплата" in shown
    assert "слишком долго" in shown
    assert "Операторы 1 говорят 1 свободны" in shown
    assert "Соколова говорит" in shown
    assert "Закирова свободен" in shown
    assert vera.last_name not in page.content.decode()
    assert "10:30: звонков 1" not in shown  # the bars say it to readers
    assert "10:30: звонков 1, принято 1" in page.content.decode()


def test_a_lead_counts_the_own_team_and_a_stranger_s_line_is_not_shown(
    sign_in, team_lead, centre_operator, anna, boris, vera, boris_client, ulyanovsk, call_of
):
    call_of(vera, **TALKED)
    call_of(boris_client, **TALKED)
    for user in (team_lead, centre_operator):
        shown = text(sign_in(user).get(f"/wallboard/?queue=branch:{ulyanovsk.pk}"))
        assert "Принято 1" in shown
        assert "Ульяновск" not in shown
    assert sign_in(anna).get("/wallboard/").status_code == 403
    Agent.objects.filter(team=anna.agent.team).update(team=None)
    shown = text(sign_in(team_lead).get("/wallboard/"))
    assert "Казань, правый берег" in shown
    assert "Принято 0" in shown
    assert sign_in(centre_operator).get("/supervision/").status_code == 403


def test_a_screen_on_the_wall_names_nobody_and_can_be_taken_back(
    client, sign_in, branch_head, team_lead, anna, vera, kazan, at_work, call_of
):
    at_work(anna)
    call_of(vera, **TALKED)
    browser = sign_in(branch_head)
    made = browser.post("/wallboard/screens/", {"name": "Зал"}).content.decode()
    address = re.search(r"/wall/[\w-]+/", made)[0]
    screen = WallScreen.objects.get()
    assert (screen.queue, screen.name, screen.digest in made) == (f"branch:{kazan.pk}", "Зал", False)
    page = client.get(address)
    assert "Принято 1" in text(page)
    assert "свободны" in text(page)
    for name in ("Соколова", "Орлова", "79170004108"):
        assert name not in page.content.decode()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert sign_in(team_lead).post("/wallboard/screens/", {"name": "Мой"}).status_code == 404
    assert sign_in(team_lead).post(f"/wallboard/screens/{screen.pk}/removal/").status_code == 404
    assert browser.post(f"/wallboard/screens/{screen.pk}/removal/").status_code == 200
    assert client.get(address).status_code == 404
    assert WallScreen.objects.count() == 1
    kept = Entry.objects.filter(action__startswith="wall_screen").order_by("id")
    assert [entry.action for entry in kept] == ["wall_screen.made", "wall_screen.revoked"]


def test_supervision_shows_whose_promise_breaks_first(
    sign_in, branch_head, vera, anna, make_client, at_work, call_of, now
):
    at_work(anna)
    call_of(vera, ago=95, wait=5, talk=300, state="talking", person=anna, ended_at=None, reason="Оплата")
    call_of(vera, ago=15, reason="Убытки", reasons=[{"why": "queue_of_branch", "name": "Казань"}])
    for number, minutes in enumerate((50, 10, -30)):
        other = make_client(anna.agent, f"Клиент{number}")
        Conversation.objects.create(
            client=other, agent=anna.agent, branch=anna.agent.branch, centre=other.centre, channel="sms",
            address=f"+7917000{number}", assignee=anna, last_at=now, waiting_since=now - timedelta(hours=1),
            answer_by=now + timedelta(minutes=minutes), created_at=now, last_text="Когда?",
        )  # fmt: skip
    shown = text(sign_in(branch_head).get(f"/supervision/?who={anna.pk}"))
    places = [shown.index(word) for word in ("Убытки", "Клиент1", "Клиент0", "Клиент2")]
    assert places == sorted(places)
    assert "В очереди филиала «Казань»" in shown
    assert "Слушать" in shown
    assert "Забрать разговор" in shown
    assert "Анна Соколова говорит" in shown
    assert "Орлова Вера Николаевна, Оплата" in shown


def test_a_state_is_changed_with_a_reason_and_a_call_given_out(
    sign_in, branch_head, anna, boris, vera, lilia, at_work, call_of
):
    at_work(anna, lilia)
    browser, htmx = sign_in(branch_head), {"HX-Request": "true"}
    path = f"/supervision/people/{anna.pk}/state/"
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"state": "break", "reason": ""}, headers=htmx).status_code == 422
    assert Station.objects.get(user=anna).state == "available"
    assert browser.post(path, {"state": "break", "reason": "Обед"}, headers=htmx).status_code == 200
    assert Station.objects.get(user=anna).state == "break"
    assert browser.post(f"/supervision/people/{boris.pk}/state/", {"state": "break"}).status_code == 404
    call = call_of(vera)
    call.lines.create(line="x", role="client", state="up", asked_at=call.started_at)
    assert "Закирова" in text(browser.get(f"/supervision/calls/{call.pk}/person/"))
    given = browser.post(f"/supervision/calls/{call.pk}/person/", {"person": lilia.pk}, headers=htmx)
    assert (given.status_code, Call.objects.get(pk=call.pk).offered_to) == (200, lilia)
    again = browser.post(f"/supervision/calls/{call.pk}/person/", {"person": lilia.pk}, headers=htmx)
    assert again.status_code == 204


def test_staffing_counts_what_the_link_says_and_writes_it_to_a_file(
    sign_in, branch_head, anna, lilia, vera, call_of, at_work
):
    at_work(anna, lilia)
    for weeks in (1, 3, 4):
        call_of(vera, **{**TALKED, "ago": weeks * 7 * 86400 - 86400})
    browser = sign_in(branch_head)
    shown = text(browser.get("/staffing/"))
    assert "Четверг, 19 ноября" in shown
    assert "История: 22.10, 29.10, 12.11" in shown
    link = "/staffing/export/?day=2026-11-19&aht=180&v20=100&shrinkage=30&aim=80&within=20"
    file = browser.get(link)
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert rows["10:00"] == (100, 14, 20, 2, 18, 89, 7.8, 71, 0)
    assert rows["10:30"][:4] == (1, 1, 2, 2)
    assert Entry.objects.get(action="staffing.exported").changes["conditions"][1].endswith("v20=100")
    page = browser.get(link.replace("export/", "")).content.decode()
    assert 'name="v20" value="100"' in page
    assert "не хватает 18" in page
    assert "Данных мало" not in shown
    holiday = text(browser.get("/staffing/?day=2027-01-01"))
    assert "праздник" in holiday
    assert "Данных мало" in holiday


@pytest.mark.parametrize(
    "query", ["?day=x&v20=many&aht=-1&weeks=99", "?day=1800-01-01&shrinkage=100", "?v99=1&aim=100"]
)
def test_a_strange_link_is_the_usual_day(sign_in, branch_head, query):
    assert "Четверг, 19 ноября" in text(sign_in(branch_head).get(f"/staffing/{query}"))


def test_the_aim_of_a_queue_colours_its_level(sign_in, branch_head, vera, kazan, call_of):
    Queue.objects.create(key=f"branch:{kazan.pk}", answer_within=30, answer_share=40)
    Queue.objects.create(key=f"centre:{vera.centre_id}", answer_within=30)
    call_of(vera, **{**TALKED, "wait": 25})
    call_of(vera, **{**TALKED, "wait": 31})
    assert "Ответили за 30 секунд 50 % в норме норма 40 %" in text(sign_in(branch_head).get("/wallboard/"))
