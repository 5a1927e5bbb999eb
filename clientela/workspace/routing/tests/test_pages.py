"""Pages and API of routing: who takes what, when queues overflow, one's own state."""

import pytest

from clientela.foundation.audit.models import Entry
from clientela.modules.routing.models import Queue, Station
from clientela.modules.routing.operations import note_seen

USUAL = {"live_overflow": 30, "letter_overflow": 3600, "live_take_back": 20, "takes_back_letters": False}


def test_a_person_says_that_it_is_a_break(sign_in, anna):
    browser = sign_in(anna)
    answer = browser.post("/routing/state/", {"state": "break"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert Station.objects.get(user=anna).state == "break"
    assert 'value="break" class="menu-item" aria-pressed="true"' in answer.content.decode()
    assert "Перерыв" in browser.get("/routing/state/?part=line").content.decode()
    assert list(Entry.objects.filter(action="station.state").values_list("changes", flat=True)) == [
        {"state": ["available", "break"]}
    ]
    back = browser.post("/routing/state/", {"state": "available", "next": "https://far.example/"})
    assert back.headers["Location"] == "/"


def test_a_state_that_does_not_exist_is_refused(sign_in, anna):
    answer = sign_in(anna).post("/routing/state/", {"state": "asleep"}, headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert not Station.objects.filter(state="asleep").exists()


def test_the_head_says_what_people_of_the_branch_take(sign_in, branch_head, anna, boris, now):
    browser = sign_in(branch_head)
    skills = {"language": ["language:tt"], "channel": ["channel:call"], "product": []}
    answer = browser.post(f"/routing/people/{anna.pk}/", {"capacity": "50", **skills})
    assert answer.status_code == 302
    station = Station.objects.get(user=anna)
    assert (station.capacity, station.skills) == (50, ["channel:call", "language:tt"])
    assert "татарский" in browser.get("/routing/?all=1").content.decode()
    assert browser.post(f"/routing/people/{boris.pk}/", {"capacity": "50"}).status_code == 404
    assert not Station.objects.filter(user=boris).exists()


def test_who_serves_no_queue_cannot_be_given_its_work(call, branch_head, anna):
    body = {"capacity": 100, "skills": [], "serves": True}
    assert call(branch_head, "put", f"/routing/people/{anna.pk}", body).status_code == 422
    assert call(branch_head, "put", f"/routing/people/{anna.pk}", body | {"skills": ["x"]}).status_code == 422
    assert not Station.objects.exists()


def test_the_head_says_when_the_queue_of_the_branch_overflows(sign_in, branch_head, kazan, ulyanovsk):
    browser = sign_in(branch_head)
    data = {"live_overflow": "45", "letter_minutes": "", "live_take_back": "15", "takes_back_letters": "on",
            "answer_share": "90", "answer_within": "15"}  # fmt: skip
    assert browser.post(f"/routing/queues/branch:{kazan.pk}/", data).status_code == 302
    queue = Queue.objects.get()
    assert (queue.live_overflow, queue.letter_overflow, queue.takes_back_letters) == (45, None, True)
    assert (queue.answer_share, queue.answer_within) == (90, 15)
    page = browser.get("/routing/queues/").content.decode()
    assert "45 секунд" in page
    assert "никогда" in page
    for key in (f"branch:{ulyanovsk.pk}", "company", "nonsense"):
        assert browser.post(f"/routing/queues/{key}/", data).status_code == 404
    assert Queue.objects.count() == 1


@pytest.mark.parametrize("path", ["/routing/", "/routing/queues/"])
def test_agents_set_nothing(sign_in, anna, path):
    assert sign_in(anna).get(path).status_code == 403


def test_other_programs_do_the_same(call, branch_head, centre_operator, renewals_manager, kazan, now):
    assert call(centre_operator, "put", "/routing/state", {"state": "busy"}).json()["state"] == "busy"
    (row,) = call(renewals_manager, "get", "/routing/people?serving=true").json()["items"]
    assert (row["person_id"], row["queue"], row["state"]) == (
        centre_operator.pk, f"centre:{centre_operator.placement.centre_id}", "busy",
    )  # fmt: skip
    changed = call(branch_head, "put", f"/routing/queues/branch:{kazan.pk}", USUAL | {"live_overflow": None})
    assert changed.json()["live_overflow"] is None
    assert changed.json()["answer_within"] == 20  # left out: it stays
    assert call(branch_head, "put", "/routing/queues/company", USUAL).status_code == 404
    note_seen([branch_head.pk], now=now)
    body = {"capacity": 200, "skills": ["language:ru"], "serves": True}
    assert call(renewals_manager, "put", f"/routing/people/{branch_head.pk}", body).json()["serves"]
