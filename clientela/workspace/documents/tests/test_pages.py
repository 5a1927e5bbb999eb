"""The editor of templates of documents."""

import pytest

from clientela.modules.documents.models import Document, Template
from clientela.modules.documents.operations import load_shipped


@pytest.fixture
def shipped_papers(db, now):
    load_shipped(now=now)


def text_of(answer):
    return answer.content.decode().replace("\xa0", " ")


def test_two_people_put_a_template_in_force(sign_in, product_manager, administrator, shipped_papers):
    author, other = sign_in(product_manager), sign_in(administrator)
    assert "Соглашение о расторжении" in text_of(author.get("/document-templates/"))
    first = Template.objects.get(kind="offer", language="ru")
    path = f"/document-templates/{first.pk}/"
    answer = author.post(path, {"name": "Предложение", "html": "<p>{{ oops }}</p>"})
    assert answer.status_code == 422
    assert "Нет переменной «oops»" in text_of(answer)
    author.post(path, {"name": "Предложение", "html": "<p>{{ product }}</p>"})
    draft = Template.objects.get(kind="offer", language="ru", number=2)
    base = f"/document-templates/{draft.pk}/"
    author.post(f"{base}proposal/")
    assert "утвердит коллега" in text_of(author.get(base))
    author.post(f"{base}approval/")
    draft.refresh_from_db()
    assert draft.state == "proposed"
    other.post(f"{base}approval/")
    assert dict(Template.objects.filter(kind="offer", language="ru").values_list("number", "state")) == {
        1: "retired",
        2: "active",
    }


def test_a_template_of_a_product(sign_in, product_manager, kasko):
    page = sign_in(product_manager)
    values = {
        "name": "Полис КАСКО",
        "kind": "policy",
        "product_code": "kasko",
        "language": "ru",
        "html": "<h1>{{ number }}</h1>",
    }
    assert page.post("/document-templates/new/", values).status_code == 302
    assert Template.objects.get().product_code == "kasko"


def test_preview_on_a_real_record(sign_in, administrator, anna, vera_policy):
    page = sign_in(administrator)
    values = {
        "kind": "policy",
        "language": "ru",
        "name": "Полис",
        "html": "<h1>{{ number }}</h1>",
        "number": "ХХХ 0412773905",
    }
    answer = page.post("/document-templates/preview/", values)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert page.post("/document-templates/preview/", values | {"html": "{{ oops }}"}).status_code == 422
    assert page.post("/document-templates/preview/", values | {"number": "Ы 1"}).status_code == 422
    assert Document.objects.count() == 0
    assert sign_in(anna).post("/document-templates/preview/", values).status_code == 403
