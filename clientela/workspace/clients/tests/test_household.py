"""The household on the card and on its page, in the day of the agent, and over the API."""

import json
from datetime import date

import pytest
from django.urls import reverse

from clientela.modules.clients.models import LifeEvent, ProfileAnswer, Relation
from clientela.modules.clients.operations import note_life_event, relate
from clientela.workspace.clients.today import life_events

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def pyotr(make_client, anna):
    return make_client(
        anna.agent, "Орлов", "Пётр", "Ильич", birth_date=date(1981, 11, 25), phone="+79170001122"
    )


def test_ties_by_name_by_phone_and_of_no_client(sign_in, anna, vera, pyotr, make_client):
    page = sign_in(anna)
    url = reverse("clients:relate", args=[vera.pk])
    assert page.post(url, {"kind": "spouse", "who": "8 917 000-11-22"}, headers=HTMX).status_code == 204
    assert page.post(url, {"kind": "child", "who": "Орлова Нина", "birth_year": "2015"}, headers=HTMX).status_code == 204  # fmt: skip
    shown = page.get(reverse("clients:family", args=[vera.pk])).text
    assert "Орлов Пётр Ильич" in shown
    assert "Орлова Нина" in shown
    wrong = page.post(url, {"kind": "parent", "who": "орлов пётр ильич"}, headers=HTMX)
    assert "уже родня" in wrong.text
    unknown = page.post(url, {"kind": "parent", "who": "+7 999 123-45-67"}, headers=HTMX)
    assert "нет клиента с таким телефоном" in unknown.text
    assert Relation.objects.count() == 2
    removed = page.post(
        reverse("clients:unrelate", args=[Relation.objects.get(kind="spouse").pk]), headers=HTMX
    )
    assert removed.status_code == 204
    assert Relation.objects.count() == 1


def test_a_foreign_relative_stays_without_a_name(sign_in, anna, administrator, vera, boris_client, now):
    relate(actor=administrator, now=now, client=vera, kind="sibling", other=boris_client)
    page = sign_in(anna)
    for name in ("clients:family", "clients:household"):
        shown = page.get(reverse(name, args=[vera.pk])).text
        assert "клиент другого филиала" in shown
        assert "Зимин" not in shown
        assert reverse("clients:card", args=[boris_client.pk]) not in shown
    assert page.get(reverse("clients:household", args=[boris_client.pk])).status_code == 404
    other = reverse("clients:relate", args=[vera.pk]) + f"?other={boris_client.pk}"
    assert page.post(other, {"kind": "parent"}).status_code == 404


def test_the_page_tells_who_is_insured_and_what_there_is(
    sign_in, anna, vera, vera_policy, pyotr, make_policy, osago, now
):
    relate(actor=anna, now=now, client=vera, kind="spouse", other=pyotr)
    make_policy(pyotr, osago, number="ХХХ 0555", end=date(2027, 5, 1))
    page = sign_in(anna)
    page.post(reverse("clients:belonging", args=[vera.pk]), {"kind": "flat", "title": "Квартира на Баумана", "insured_until": "2027-01-15"}, headers=HTMX)  # fmt: skip
    page.post(reverse("clients:profile", args=[vera.pk]), {"interests": "горные лыжи"}, headers=HTMX)
    response = page.get(reverse("clients:household", args=[vera.pk]))
    together = [(row["person"].pk, len(row["policies"])) for row in response.context["together"]]
    assert together == [(vera.pk, 1), (pyotr.pk, 1)]
    assert "Квартира на Баумана" in response.text
    assert "горные лыжи" in response.text
    assert ProfileAnswer.objects.get().label_en == "Interests"


def test_a_proposed_relative_is_confirmed_by_hand(sign_in, anna, vera, pyotr, vera_policy):
    vera_policy.participants.create(role="driver", client=pyotr, name=pyotr.name)
    page = sign_in(anna)
    [likely] = page.get(reverse("clients:household", args=[vera.pk])).context["likely"]
    assert (likely["client"], likely["why"]) == (pyotr, "в одном полисе")
    page.post(
        reverse("clients:relate", args=[vera.pk]) + f"?other={pyotr.pk}", {"kind": "spouse"}, headers=HTMX
    )
    assert Relation.objects.get().source == "suggestion"
    assert page.get(reverse("clients:household", args=[vera.pk])).context["likely"] == []


def test_an_event_stands_in_the_day_until_it_was_spoken_about(
    sign_in, anna, lilia, vera, boris_client, boris, now
):
    values = {"now": now, "kind": "car", "on": date(2026, 12, 1)}
    due = note_life_event(actor=anna, client=vera, remind_on=now.date(), note="Haval", **values)
    note_life_event(actor=anna, client=vera, remind_on=date(2026, 11, 19), **values)
    note_life_event(actor=boris, client=boris_client, remind_on=now.date(), **values)
    [call], count = life_events(anna, now=now, most=5)
    assert (call.ids, count, call.detail) == ({"life_event_id": due.pk}, 1, "Новая машина: Haval")
    assert life_events(lilia, now=now, most=5) == ([], 0)
    page = sign_in(anna)
    assert page.post(call.close_url, {"result": "Ждёт расчёт"}, headers=HTMX).status_code == 204
    assert life_events(anna, now=now, most=5) == ([], 0)
    assert LifeEvent.objects.get(pk=due.pk).result == "Ждёт расчёт"


def test_over_the_api(sign_in, anna, boris, vera, pyotr, boris_client):
    page, count = sign_in(anna), iter(range(100))

    def post(path, browser=page, **body):
        answer = browser.post(
            f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": f"k{next(count)}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    status, made = post(f"clients/{vera.pk}/relations", kind="spouse", other_client_id=pyotr.pk)
    assert (status, made["name"], made["client_id"]) == (201, "Орлов Пётр Ильич", pyotr.pk)
    assert post(f"clients/{pyotr.pk}/relations", kind="spouse", other_client_id=vera.pk)[0] == 422
    assert post(f"clients/{vera.pk}/relations", kind="parent", other_client_id=boris_client.pk)[0] == 404
    [back] = page.get(f"/api/v1/clients/{pyotr.pk}/relations").json()
    assert back["client_id"] == vera.pk
    assert sign_in(boris).delete(f"/api/v1/relations/{made['id']}").status_code == 404
    assert page.delete(f"/api/v1/relations/{made['id']}").status_code == 204
    status, thing = post(f"clients/{vera.pk}/belongings", kind="house", title="Дача")
    assert status == 201
    assert page.delete(f"/api/v1/belongings/{thing['id']}").status_code == 204
    status, event = post(f"clients/{vera.pk}/life-events", kind="wedding", on="2026-12-12")
    assert post(f"life-events/{event['id']}/closing", result="поздравили")[1]["result"] == "поздравили"


def test_a_proposed_relative_is_put_aside_on_the_page_and_over_the_api(sign_in, anna, vera, make_client):
    alike = make_client(anna.agent, "Сомов", "Глеб", phone="+79170004108")
    page, url = sign_in(anna), reverse("clients:household", args=[vera.pk])
    assert "Не родня" in page.get(url).text
    aside = reverse("clients:put_aside", args=[vera.pk])
    assert page.post(aside, {"other": alike.pk}, headers=HTMX).status_code == 204
    shown = page.get(url).text
    assert "Не родня" not in shown
    assert "1 предложение отложено" in shown
    path = f"/api/v1/clients/{vera.pk}/suggested-relatives"
    assert page.get(path).json() == [
        {"client_id": alike.pk, "name": "Сомов Глеб", "why": ["phone"], "put_aside": True}
    ]
    said = {"other_client_id": alike.pk, "put_aside": False}
    answer = page.post(
        path, json.dumps(said), content_type="application/json", headers={"Idempotency-Key": "a"}
    )
    assert answer.status_code == 204
    assert page.get(path).json()[0]["put_aside"] is False
    assert page.post(aside, {"other": "x"}, headers=HTMX).status_code == 404
