from datetime import date
from decimal import Decimal

import pytest

from clientela.modules.billing.models import Payment
from clientela.modules.contracts.models import Policy, Project


@pytest.fixture
def project(vera_policy, now):
    return Project.objects.create(
        policy=vera_policy, start_date=date(2026, 12, 6), end_date=date(2027, 12, 5), premium=Decimal("8067.41"),
        carried_premium=Decimal("8533.99"), pay_token="k3J9x0Qm2aVt7LsR", created_at=now, updated_at=now,
    )  # fmt: skip


PATH = "/pay/k3J9x0Qm2aVt7LsR/"


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_the_page_shows_what_is_renewed_and_by_whom(project, client):
    answer = client.get(PATH)

    assert answer.status_code == 200
    page = text_of(answer)
    for words in (
        "Вера Николаевна, проверьте и оплатите", "Hyundai Creta, 2021", "Р 418 ТО 116", "8 067,41 ₽",
        "на 466,58 ₽ дешевле", "№ ХХХ 0412773905", "5 декабря 2027", "Анна Соколова", "+7 917 200-01-01",
    ):  # fmt: skip
        assert words in page, words
    assert 'href="tel:+79172000101"' in page
    assert not Payment.objects.exists()


def test_paying_issues_the_next_term(project, client):
    answer = client.post(PATH)

    assert (answer.status_code, answer.headers["Location"]) == (302, PATH)
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.registered_by) == (Decimal("8067.41"), "link", None)
    project.refresh_from_db()
    assert project.state == "issued"
    assert Policy.objects.get(pk=project.next_policy_id).previous == project.policy
    page = text_of(client.get(PATH))
    assert "Готово: вы застрахованы до 5 декабря 2027" in page
    assert project.next_policy.number in page


def test_pressing_twice_pays_once(project, client):
    client.post(PATH)
    answer = client.post(PATH)

    assert answer.status_code == 200
    assert Payment.objects.count() == 1


def test_a_withdrawn_project_takes_no_money(project, client):
    Project.objects.update(state=Project.State.WITHDRAWN)
    answer = client.post(PATH)

    assert "Эта цена больше не действует" in text_of(answer)
    assert not Payment.objects.exists()


def test_without_the_demo_no_money_is_taken(project, client, settings):
    settings.DEMO = False
    answer = client.post(PATH)

    assert "Оплата по ссылке ещё не подключена" in text_of(answer)
    assert "<button" not in text_of(answer).split("<main")[1].split("</main>")[0]
    assert not Payment.objects.exists()


def test_an_unknown_token_is_404(project, client):
    assert client.get("/pay/k3J9x0Qm2aVt7LsX/").status_code == 404
    assert client.post("/pay/k3J9x0Qm2aVt7LsX/").status_code == 404
    assert not Payment.objects.exists()
