"""The car of a request, and headings said once."""

import pytest

from clientela.modules.quotes.models import Calculation
from clientela.modules.requests.models import Request
from clientela.workspace.quotes.forms import QuestionsForm
from clientela.workspace.quotes.said import numbers_in

HTMX = {"hx-request": "true"}


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Рено Логан, м330св116, звонить после 18", {"plate": "М330СВ116"}),
        ("X7LLSRB1HAH548712 и P 418 TO 116", {"plate": "Р418ТО116", "vin": "X7LLSRB1HAH548712"}),
        ("м330св116 или р418то116", {}),
        ("м330св116, номер М 330 СВ 116", {"plate": "М330СВ116"}),
        ("телефон 89172223344, дом 12 кв 116", {}),
        ("ы330св116, о000оо16", {}),
        ("", {}),
    ],
)
def test_only_what_can_be_read_without_doubt(text, found):
    assert numbers_in(text) == found


def test_the_request_fills_the_card_of_the_car_on_a_persons_word(sign_in, anna, boris, calculation, now):
    asked = Request.objects.create(
        source="api", client=calculation.client, branch=calculation.client.branch, agent=calculation.client.agent,
        about="Логан м330св116", came_at=now, created_at=now, assignee=anna,
    )  # fmt: skip
    browser, path = sign_in(anna), f"/quotes/{calculation.pk}/subject/"
    assert "?thing=request" not in text_of(browser.get(path, headers=HTMX))
    Calculation.objects.filter(pk=calculation.pk).update(request_ref=asked.pk)
    page = text_of(browser.get(path, headers=HTMX))
    assert "?thing=request" in page
    assert "М 330 СВ 116" in page
    assert 'value="М330СВ116"' not in page
    filled = text_of(browser.get(f"{path}?thing=request", headers=HTMX))
    assert 'value="М330СВ116"' in filled
    assert "из заявки" in filled
    calculation.refresh_from_db()
    assert calculation.subject.get("plate") != "М330СВ116"
    assert sign_in(boris).get(f"{path}?thing=request").status_code == 404


def test_a_heading_that_its_field_says_is_not_said_twice():
    asked = [
        {"key": "object", "title": "Объект", "title_en": "Object", "kind": "text", "group": "object"},
        {"key": "floor", "title": "Этаж", "title_en": "Floor", "kind": "number", "group": "object"},
        {"key": "days", "title": "Дней", "title_en": "Days", "kind": "number", "group": "term"},
    ]
    groups = QuestionsForm(asked, saved={}).groups
    assert [(name, len(fields)) for name, fields in groups] == [("", 2), ("Срок", 1)]
