"""Classes on the client's card and the disputes' pages; the same over the API."""

import json
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from clientela.modules.bonus_malus.models import Dispute, Lookup, RegistryEntry
from clientela.modules.bonus_malus.queries import driver_of
from clientela.modules.clients.models import IdentityDocument
from clientela.modules.clients.operations import attach_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def vera_driver(vera):
    """Вера with a new licence; her history stands under the old one."""
    for number, issued in (("9912345678", date(2026, 3, 1)), ("1605111222", date(2016, 3, 1))):
        IdentityDocument.objects.create(client=vera, kind="licence", number=number, issued_on=issued)
    driver = driver_of(vera)
    old = driver.__class__(driver.last_name, driver.first_name, driver.middle_name, driver.birth_date, "1605111222")  # fmt: skip
    RegistryEntry.objects.create(
        key=old.key,
        last_name="x",
        first_name="x",
        birth_date=old.birth_date,
        klass="12",
        since=date(2026, 4, 1),
    )
    return driver


@pytest.mark.usefixtures("tariffs")
def test_from_the_card_to_the_answer(sign_in, anna, vera, vera_driver):
    page = sign_in(anna)
    section = reverse("classes:of_client", args=[vera.pk])
    assert "Ещё не запрашивали" in page.get(section).text
    form = page.get(reverse("classes:ask", args=[vera.pk])).context["form"]
    assert form.initial["previous_licence"] == "1605111222"
    answer = page.post(
        reverse("classes:ask", args=[vera.pk]), {"on": "2026-12-06"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 204
    shown = page.get(section).text
    assert "12 · 0,52" in shown
    assert "по прежнему удостоверению" in shown
    lookup = Lookup.objects.get()
    wanted = {"claimed_klass": "13", "reason": "Ездит без аварий"}
    page.post(reverse("classes:open", args=[lookup.pk]), wanted, headers={"HX-Request": "true"})
    dispute = Dispute.objects.get()
    assert dispute.number in page.get(reverse("classes:home")).text
    page.post(reverse("classes:send", args=[dispute.pk]))
    done = page.post(
        reverse("classes:answer", args=[dispute.pk]),
        {"klass": "13", "answer": "Да"},
        headers={"HX-Request": "true"},
    )
    assert done.status_code == 204
    lookup.refresh_from_db()
    assert lookup.klass == "13"
    assert "Класс исправлен" in page.get(reverse("classes:dispute", args=[dispute.pk])).text
    assert dispute.number in page.get(reverse("classes:home") + "?box=closed").text


def test_a_refusal_stands_in_the_form(sign_in, anna, vera, vera_driver):
    page = sign_in(anna)
    page.post(reverse("classes:ask", args=[vera.pk]), {"on": "2026-12-06"})
    lookup = Lookup.objects.get()
    answer = page.post(reverse("classes:open", args=[lookup.pk]), {"claimed_klass": "12", "reason": "x"})
    assert answer.status_code == 422
    assert "он должен отличаться" in answer.text
    assert not Dispute.objects.exists()


def test_files_of_the_card_go_with_it_and_junk_is_refused(sign_in, anna, vera, vera_driver, now):
    file = attach_file(actor=anna, now=now, client=vera, file=ContentFile(b"%PDF-1.4 x"), name="полис.pdf")
    page = sign_in(anna)
    page.post(reverse("classes:ask", args=[vera.pk]), {"on": "2026-12-06"})
    url = reverse("classes:open", args=[Lookup.objects.get().pk])
    wanted = {"claimed_klass": "13", "reason": "x"}
    assert page.post(url, wanted | {"documents": [str(2**70)]}).status_code == 422
    page.post(url, wanted | {"documents": [str(file.pk)]})
    assert list(Dispute.objects.get().documents.all()) == [file]


def test_a_foreign_client_is_not_there(sign_in, boris, vera, vera_driver, anna, now):
    sign_in(anna).post(reverse("classes:ask", args=[vera.pk]), {"on": "2026-12-06"})
    page, lookup = sign_in(boris), Lookup.objects.get()
    for url in (
        reverse("classes:of_client", args=[vera.pk]),
        reverse("classes:ask", args=[vera.pk]),
        reverse("classes:open", args=[lookup.pk]),
    ):
        assert page.get(url).status_code == 404
    assert page.post(reverse("classes:ask", args=[vera.pk]), {"on": "2027-12-06"}).status_code == 404
    assert Lookup.objects.count() == 1


def test_who_waits_is_seen(sign_in, anna, vera):
    Lookup.objects.create(
        driver_key="x", on=date(2026, 12, 6), last_name="Орлова", first_name="Вера", birth_date=vera.birth_date,
        client=vera, state="pending", error="HTTP 503", created_at=vera.created_at,
    )  # fmt: skip
    page = sign_in(anna)
    assert "Реестр ещё не ответил" in page.get(reverse("classes:of_client", args=[vera.pk])).text
    assert "HTTP 503" in page.get(reverse("classes:home") + "?box=asked").text


@pytest.mark.usefixtures("tariffs")
def test_over_the_api(sign_in, anna, boris, vera, vera_driver):
    page, count = sign_in(anna), iter(range(100))

    def post(path, browser=page, **body):
        answer = browser.post(
            f"/api/v1/bonus-malus/{path}", json.dumps(body), content_type="application/json",
            headers={"Idempotency-Key": f"k{next(count)}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    driver = {"last_name": "Орлова", "first_name": "Вера", "middle_name": "Николаевна", "birth_date": "1984-04-12",
              "licence": "9912345678", "on": "2026-12-06", "client_id": vera.pk}  # fmt: skip
    status, found = post("classes", **driver)
    assert (status, found["state"], found["klass"], found["found_by"]) == (200, "known", "3", "new")
    _, found = post("classes", **driver, previous_licence="1605111222")
    assert (found["klass"], found["value"], found["found_by"]) == ("12", "0.52", "previous_licence")
    status, made = post("disputes", lookup_id=found["id"], claimed_klass="13", reason="x")
    assert (status, made["state"]) == (201, "new")
    assert post(f"disputes/{made['id']}/answer", klass="13")[0] == 409
    assert post(f"disputes/{made['id']}/sending")[1]["state"] == "sent"
    assert post(f"disputes/{made['id']}/answer", sign_in(boris), klass="13")[0] == 404
    assert post(f"disputes/{made['id']}/answer", klass="13")[1]["state"] == "corrected"
    rows = page.get("/api/v1/bonus-malus/disputes").json()
    assert [row["answered_klass"] for row in rows["items"]] == ["13"]
    assert page.get("/api/v1/bonus-malus/recalculations").json() == []
