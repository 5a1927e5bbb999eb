"""The screens and the API of absences."""

from datetime import date
from itertools import count

import pytest
import time_machine
from django.urls import reverse

from clientela.foundation.api.operations import issue_token
from clientela.modules.organisation.models import Absence
from clientela.workspace.admin.tests.test_organisation_screens import text
from tests.access.requests import browser, call


@pytest.fixture(autouse=True)
def _at_now(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def away(anna, lilia, now):
    days = {"first_day": date(2026, 11, 16), "last_day": date(2026, 11, 20)}
    return Absence.objects.create(person=anna, substitute=lilia, created_at=now, **days)


FORM = {"first_day": "2026-11-23", "last_day": "2026-11-27", "kind": "leave", "note": "дача"}


def test_an_agent_enters_the_own_leave(sign_in, anna, lilia):
    mine = sign_in(anna)
    page = text(mine.get(reverse("organisation:absence_new")))
    assert "Отсутствие: Анна Соколова" in page
    assert "Закирова Лилия" in page
    done = mine.post(
        reverse("organisation:absence_new"), FORM | {"substitute": lilia.pk, "shows_phone": "on"}
    )
    assert done.status_code == 302
    row = Absence.objects.get()
    assert (row.person, row.substitute, row.shows_phone, row.note) == (anna, lilia, True, "дача")
    listed = text(mine.get(reverse("organisation:absences")))
    assert "Соколова Анна" in listed
    assert "23.11 – 27.11" in listed
    assert "23.11 – 27.11" in text(mine.get(reverse("organisation:agent", args=[anna.agent.pk])))


def test_what_is_refused_stands_at_its_field_and_the_rest_stays(sign_in, anna, lilia, boris, away):
    mine = sign_in(anna)
    overlap = mine.post(
        reverse("organisation:absence_new"), FORM | {"first_day": "2026-11-20", "substitute": lilia.pk}
    )
    assert overlap.status_code == 422
    page = overlap.content.decode()
    assert "Отсутствие на эти дни уже есть: 16.11.2026 – 20.11.2026." in page
    assert 'value="дача"' in page
    stranger = mine.post(reverse("organisation:absence_new"), FORM | {"substitute": boris.pk})
    assert stranger.status_code == 422
    assert Absence.objects.count() == 1


def test_nobody_enters_anothers_leave(sign_in, anna, lilia, boris):
    address = f"{reverse('organisation:absence_new')}?person={anna.pk}"
    for person in (lilia, boris):
        assert sign_in(person).get(address).status_code == 404
        assert sign_in(person).post(address, FORM | {"substitute": lilia.pk}).status_code == 404
    assert not Absence.objects.exists()


def test_a_lead_chooses_of_whom(sign_in, team_lead, anna, lilia, boris):
    page = text(sign_in(team_lead).get(reverse("organisation:absence_new")))
    assert "Соколова Анна" in page
    assert "Ершов" not in page


def test_the_month_shows_who_is_away_and_who_is_back(sign_in, anna, lilia, team_lead, boris, away):
    page = sign_in(team_lead).get(reverse("organisation:absences"))
    assert "Сейчас отсутствует 1 человек" in text(page)
    assert "left:50.00%;width:16.67%" in page.content.decode()
    assert "Соколова" not in text(
        sign_in(team_lead).get(reverse("organisation:absences"), {"month": "2026-12"})
    )
    assert "Соколова" not in text(sign_in(boris).get(reverse("organisation:absences")))
    ending = reverse("organisation:absence_ending", args=[away.pk])
    assert sign_in(boris).post(ending).status_code == 404
    assert sign_in(lilia).post(ending).status_code == 403
    away.refresh_from_db()
    assert away.last_day == date(2026, 11, 20)


def test_the_day_of_the_return_is_chosen(sign_in, team_lead, lilia, away):
    mine, ending = sign_in(team_lead), reverse("organisation:absence_ending", args=[away.pk])
    dialog = mine.get(ending, headers={"HX-Request": "true"}).content.decode()
    assert "Анна Соколова: когда снова на работе?" in dialog
    assert 'value="2026-11-18"' in dialog
    assert 'min="2026-11-18"' in dialog
    assert "<html" in mine.get(ending).content.decode()
    for day in ("2026-11-17", "2026-11-21", "позже", ""):
        refused = mine.post(ending, {"back_on": day}, headers={"HX-Request": "true"})
        assert refused.status_code == 422
    away.refresh_from_db()
    assert away.last_day == date(2026, 11, 20)
    done = mine.post(ending, {"back_on": "2026-11-20"}, follow=True)
    assert "Анна Соколова: отсутствие по 19 ноября включительно." in text(done)
    away.refresh_from_db()
    assert away.last_day == date(2026, 11, 19)
    mine.post(ending, {"back_on": "2026-11-18"}, headers={"HX-Request": "true"})
    away.refresh_from_db()
    assert away.last_day == date(2026, 11, 17)


def test_what_is_to_come_is_shortened_or_taken_back(sign_in, anna, away):
    Absence.objects.update(first_day=date(2026, 12, 1), last_day=date(2026, 12, 10))
    mine, ending = sign_in(anna), reverse("organisation:absence_ending", args=[away.pk])
    assert 'value="2026-12-01"' in mine.get(ending).content.decode()
    mine.post(ending, {"back_on": "2026-12-08"})
    away.refresh_from_db()
    assert (away.first_day, away.last_day) == (date(2026, 12, 1), date(2026, 12, 7))
    done = mine.post(ending, {"back_on": "2026-12-01"}, follow=True)
    assert "Анна Соколова: отсутствие снято." in text(done)
    assert not Absence.objects.exists()


def test_statements_of_the_month_do_not_grow(
    sign_in, administrator, anna, lilia, away, now, django_assert_num_queries
):
    mine = sign_in(administrator)
    mine.get(reverse("organisation:absences"))
    with django_assert_num_queries(7):
        mine.get(reverse("organisation:absences"))
    for month in (1, 2, 3):
        days = {"first_day": date(2026, 11, 20 + month), "last_day": date(2026, 11, 20 + month)}
        Absence.objects.create(person=lilia, substitute=anna, created_at=now, **days)
    with django_assert_num_queries(7):
        mine.get(reverse("organisation:absences"))


def test_the_api_does_the_same(anna, lilia, boris, now):
    keys = count()

    def send(who, method, path, body=None):
        token = tokens[who]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(next(keys))}
        answer = call(browser(), method, f"/api/v1/{path}", body, **headers)
        return answer.status_code, answer.json() if answer.content else None

    tokens = {
        who: issue_token(actor=who, now=now, name="x", scopes=["clients.read"])[1] for who in (anna, boris)
    }
    body = {
        "person_id": anna.pk,
        "substitute_id": lilia.pk,
        "first_day": "2026-11-23",
        "last_day": "2026-11-27",
    }
    status, made = send(anna, "post", "absences", body)
    assert (status, made["kind"], made["shows_phone"]) == (201, "leave", False)
    status, again = send(anna, "post", "absences", body)
    assert (status, again["code"]) == (422, "invalid")
    assert send(boris, "post", "absences", body)[0] == 404
    assert send(boris, "get", f"absences/{made['id']}")[0] == 404
    assert [row["id"] for row in send(anna, "get", "absences?since=2026-11-25")[1]["items"]] == [made["id"]]
    assert send(anna, "get", "absences?since=2026-11-28")[1]["items"] == []
    assert send(anna, "post", f"absences/{made['id']}/ending", {"last_day": "2026-11-24"})[0] == 204
    assert Absence.objects.get().last_day == date(2026, 11, 24)


def test_who_moves_the_substitute_is_told_what_ended(sign_in, administrator, anna, lilia, away, ulyanovsk):
    card = {
        "code": "AG-003", "kind": "agent", "last_name": "Закирова", "first_name": "Лилия", "legal_status": "individual",
        "branch": ulyanovsk.pk, "is_active": "on", "phone": "+79172000303",
    }  # fmt: skip
    moved = sign_in(administrator).post(
        reverse("organisation:agent_edit", args=[lilia.agent.pk]), card, follow=True
    )
    assert "Лилия Закирова больше не замещает: Анна Соколова. Найдите другого заместителя." in text(moved)
    away.refresh_from_db()
    assert away.last_day == date(2026, 11, 17)
