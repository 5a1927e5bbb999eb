"""The page of a delivery: how it stands, and nothing about people."""

from datetime import timedelta

import pytest
import time_machine

from clientela.modules.documents.models import Delivery, DeliveryStep, PickupPoint


@pytest.fixture
def delivery(vera_policy, now):
    row = Delivery.objects.create(
        client=vera_policy.client, policy=vera_policy, way="courier", token="T" * 22, day=now.date(), hour_from=10, hour_to=14,
        address="Казань, ул. Тайная, 7", phone="+79170004108", recipient="Орлова Вера", created_at=now, changed_at=now,
    )  # fmt: skip
    for state in ("ordered", "handed_over"):
        DeliveryStep.objects.create(delivery=row, state=state, at=now, note="заметка для своих")
    return row


@pytest.fixture(autouse=True)
def _today(now):
    with time_machine.travel(now, tick=False):
        yield


def page_of(client, delivery, **changes):
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    answer = client.get(f"/delivery/{delivery.token}/")
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_a_courier_with_day_and_hours_and_no_secrets(client, delivery, vera_policy):
    page = page_of(client, delivery, state="handed_over")
    for words in (
        "Передано курьеру",
        "Курьер приедет 18 ноября, 10:00–14:00",
        vera_policy.number,
        "Заказано",
        "18.11.2026",
    ):
        assert words in page, words
    for secret in ("Тайная", "9170004108", "Орлова", "заметка для своих"):
        assert secret not in page, secret


def test_a_point_with_its_address_and_the_last_day(client, delivery, kazan):
    point = PickupPoint.objects.create(branch=kazan, name="Офис", address="ул. Баумана, 1", hours="9–19")
    page = page_of(client, delivery, way="pickup", point=point, state="ready")
    for words in ("Готово к выдаче", "ул. Баумана, 1", "9–19", "ждут вас до 18 ноября"):
        assert words in page, words


@pytest.mark.parametrize(
    ("way", "state"), [("courier", "not_delivered"), ("pickup", "expired"), ("email", "not_delivered")]
)
def test_what_went_wrong_says_where_to_ring(client, delivery, settings, way, state):
    page = page_of(client, delivery, way=way, state=state, reason="550 no such user")
    assert f"Позвоните по номеру {settings.SHORT_NUMBER}" in page
    assert "no such user" not in page


def test_a_day_that_has_passed_is_not_promised(client, delivery, now):
    page = page_of(client, delivery, state="handed_over", day=(now - timedelta(days=1)).date())
    assert "Курьер приедет" not in page
    assert "дольше, чем мы обещали" in page


def test_in_the_language_of_the_client(client, delivery):
    type(delivery.client).objects.filter(pk=delivery.client_id).update(language="en")
    assert "The courier comes on 18 November, 10:00–14:00" in page_of(client, delivery, state="on_the_way")


def test_a_wrong_link_leads_nowhere(client, delivery):
    assert client.get("/delivery/nothing/").status_code == 404
    assert client.post(f"/delivery/{delivery.token}/").status_code == 405
