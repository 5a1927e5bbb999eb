"""Where a card's values come from, and the rules between them, on the pages."""

from datetime import date

import pytest

from clientela.modules.clients import operations
from clientela.modules.clients.models import Client, FieldValue, GoldenRules

HTMX = {"HX-Request": "true"}


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


@pytest.fixture
def card(anna, now):
    """Her birth day as Анна typed it, and then as another system says it."""
    details = {"last_name": "Смирнова", "first_name": "Лидия", "birth_date": date(1990, 2, 3)}
    card = operations.create_client(actor=anna, now=now, details=details)
    said = {"birth_date": date(1991, 2, 3)}
    return operations.update_client(
        actor=None, now=now, client=card, version=card.version, details=said, source="api"
    )


def test_the_other_value_is_taken_marked_and_back(sign_in, anna, boris, card):
    browser, path = sign_in(anna), f"/clients/{card.pk}/sources/"
    page = text_of(browser.get(path))
    for words in ("Другая система по API", "03.02.1991", "Другой источник: 03.02.1990", "отметить: сверено"):
        assert words in page, words
    other = FieldValue.objects.get(client=card, state="other")
    assert sign_in(boris).post(f"/clients/values/{other.pk}/choice/", headers=HTMX).status_code == 404
    taken = browser.post(f"/clients/values/{other.pk}/choice/", headers=HTMX)
    assert Client.objects.get(pk=card.pk).birth_date == date(1990, 2, 3)
    lost = FieldValue.objects.get(client=card, state="other")
    assert f"/clients/values/{lost.pk}/choice/" in taken["HX-Trigger"]
    browser.post(f"/clients/values/{lost.pk}/wrong/", headers=HTMX)
    assert "отмечено неверным" in text_of(browser.get(path))
    browser.post(f"/clients/values/{lost.pk}/restoration/", headers=HTMX)
    assert "Другой источник: 03.02.1991" in text_of(browser.get(path))


def test_a_wrong_rank_keeps_what_was_typed(sign_in, anna, administrator):
    path = "/clients/golden-rules/"
    assert sign_in(anna).post(path, {"name.agent": "1"}).status_code in (302, 403)
    browser = sign_in(administrator)
    sent = {f"{name}.{code}": "2" for name in ("name", "sex") for code in ("agent", "import")}
    answer = browser.post(path, sent | {"note": "из-за 1С"})
    assert answer.status_code == 422
    assert "из-за 1С" in text_of(answer)
    assert GoldenRules.objects.count() == 0
