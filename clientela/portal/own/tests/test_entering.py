"""Who comes in, who does not, and what an outsider learns: nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser

from clientela.foundation.audit.models import Entry
from clientela.modules.clients.models import Client, ContactPoint
from clientela.modules.contacts.models import OneTimeCode
from clientela.portal.own.models import Visit
from clientela.portal.own.operations import forget


def text_of(answer) -> str:
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


def test_the_code_lets_in_and_a_phone_is_proved(enter, vera):
    browser = enter()
    page = text_of(browser.get("/my/"))
    assert vera.greeting in page
    assert ContactPoint.objects.get(client=vera, value="+79170008055").verified_at
    assert Entry.objects.filter(action="client.entered").count() == 1
    browser.post("/my/leave/")
    assert browser.get("/my/").headers["Location"].startswith("/my/enter/")


def test_the_number_of_a_policy_does_for_the_birth_date(enter, vera_policy, vera):
    assert vera.greeting in text_of(enter(number=vera_policy.number.lower()).get("/my/"))


@pytest.mark.parametrize("told", [{"birth_date": "01.02.1999"}, {"number": "ХХХ 0412779999"}])
def test_a_phone_alone_is_not_enough(enter, vera, boris_policy, told):
    """Numbers are given to other people: who does not know the birth date or a policy sees nobody's pages."""
    browser = enter(**told)
    assert browser.get("/my/").status_code == 302
    assert Visit.objects.get().client is None


def test_who_is_known_shows_only_after_the_code(vera, vera_phone):
    """The answer to a phone of nobody is the answer to Вера's."""
    seen = []
    for phone, born in ((vera_phone, f"{vera.birth_date:%d.%m.%Y}"), ("+79170009999", "01.02.1999")):
        browser = Browser()
        answer = browser.post("/my/enter/", {"phone": phone, "birth_date": born})
        page = text_of(browser.get("/my/code/"))
        page = re.sub(r"content=\S{30,}|>\d{6}<|\+7 [\d -]+|nonce\S+|value=\S+|X-CSRF\S+ \S+", "", page)
        seen.append((answer.status_code, answer.headers["Location"], page))
    assert seen[0] == seen[1]
    assert OneTimeCode.objects.count() == 2


def test_two_people_of_one_phone_and_birthday_are_nobody(enter, vera, vera_phone, kazan, now):
    twin = Client.objects.create(
        kind="person", last_name="Орлова", first_name="Надежда", birth_date=vera.birth_date, branch=kazan,
        created_at=now, updated_at=now,
    )  # fmt: skip
    ContactPoint.objects.create(client=twin, kind="phone", value=vera_phone, created_at=now)
    assert enter().get("/my/").status_code == 302
    twin.first_name, twin.last_name = vera.first_name, vera.last_name
    twin.save()
    assert enter().get("/my/").status_code == 200, "a second card of the same person does not lock her out"


def test_a_number_she_gave_up_does_not_open_her_pages(enter, vera, vera_phone):
    ContactPoint.objects.filter(value=vera_phone).update(do_not_use=True)
    assert enter().get("/my/").status_code == 302


def test_wrong_codes_end_at_five(vera, vera_phone):
    browser = Browser()
    browser.post("/my/enter/", {"phone": vera_phone, "birth_date": f"{vera.birth_date:%d.%m.%Y}"})
    code = re.search(r'id="demo-code">(\d{6})<', browser.get("/my/code/").content.decode())[1]
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _try in range(5):
        answer = browser.post("/my/code/", {"code": wrong})
        assert answer.status_code == 422
        assert "Код не подходит" in text_of(answer)
    browser.post("/my/code/", {"code": code})
    assert browser.get("/my/").status_code == 302


def test_a_visit_ends_by_itself_and_is_forgotten(enter, clock, now):
    browser = enter()
    for later, status in (
        (timedelta(minutes=59), 200),
        (timedelta(minutes=118), 200),
        (timedelta(hours=4), 302),
    ):
        clock.move_to(now + later)
        assert browser.get("/my/").status_code == status
    assert forget(now=now + timedelta(days=29)) == 0
    assert forget(now=now + timedelta(days=31)) == 1


@pytest.mark.parametrize("typed", [
    {}, {"phone": "12", "birth_date": "1"}, {"phone": "+79170008055"}, {"phone": "9" * 400, "number": "1" * 90},
    {"phone": "+74951234567", "birth_date": "01.02.1999"}, {"phone": "+79170008055", "birth_date": "31.02.1999"},
])  # fmt: skip
def test_what_cannot_be_is_told_at_its_field(db, typed):
    answer = Browser().post("/my/enter/", typed)
    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "way", ["https://evil.example/my/", "//evil.example/my/", "/settings/", "/my/../settings/"]
)
def test_the_way_back_leads_only_to_own_pages(vera, vera_phone, way):
    browser = Browser()
    browser.get("/my/enter/", {"next": way})
    browser.post("/my/enter/", {"phone": vera_phone, "birth_date": f"{vera.birth_date:%d.%m.%Y}"})
    code = re.search(r'id="demo-code">(\d{6})<', browser.get("/my/code/").content.decode())[1]
    assert browser.post("/my/code/", {"code": code}).headers["Location"] == "/my/"
