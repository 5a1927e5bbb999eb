"""The editor of templates of documents."""

import shutil

import pytest

from clientela.modules.documents.models import Document, Template
from clientela.modules.documents.operations import load_shipped, shipped
from clientela.modules.products.queries import name_of
from clientela.workspace.documents.compare import compared


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
    assert f'<td class="line">{name_of(kasko)}</td>' in page.get("/document-templates/").content.decode()


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


def test_a_newer_shipped_text_is_compared_taken_and_undone(
    sign_in, product_manager, administrator, anna, shipped_papers, now, tmp_path, monkeypatch
):
    author, other = sign_in(product_manager), sign_in(administrator)
    first = Template.objects.get(kind="offer", language="ru")
    own = first.html.replace("Предложение", "Наше предложение")
    author.post(f"/document-templates/{first.pk}/", {"name": "Предложение", "html": own})
    draft = Template.objects.get(kind="offer", language="ru", number=2)
    author.post(f"/document-templates/{draft.pk}/proposal/")
    other.post(f"/document-templates/{draft.pk}/approval/")
    base = f"/document-templates/{draft.pk}/"
    assert "новый текст поставки" not in text_of(author.get("/document-templates/"))
    assert author.get(f"{base}shipped/").status_code == 302

    folder = tmp_path / "shipped"
    shutil.copytree(shipped.FOLDER, folder)
    (folder / "offer.ru.html").write_text(first.html.replace("Цена", "Стоимость"), encoding="utf-8")
    monkeypatch.setattr(shipped, "FOLDER", folder)
    load_shipped(now=now)
    assert "есть более новый текст поставки" in text_of(author.get("/document-templates/"))
    assert f'href="{base}shipped/"' in text_of(author.get(base))
    page = text_of(author.get(f"{base}shipped/"))
    for words in ("Наше предложение", "Стоимость", "<del", "<ins"):
        assert words in page, words
    assert sign_in(anna).get(f"{base}shipped/").status_code == 403
    assert sign_in(anna).post(f"{base}shipped/", {"do": "take"}).status_code == 403

    answer = author.post(f"{base}shipped/", {"do": "take"}, follow=True)
    assert "прежняя версия — в списке" in text_of(answer)
    taken = Template.objects.get(kind="offer", language="ru", state="active")
    assert "Стоимость" in taken.html
    assert "Вернуть в силу" in text_of(author.get(base))
    author.post(f"{base}restoration/")
    back = Template.objects.get(kind="offer", language="ru", state="active")
    assert (back.number, back.html) == (4, own.strip())
    assert "новый текст поставки" not in text_of(author.get(f"/document-templates/{back.pk}/"))


def test_the_own_text_is_kept(sign_in, product_manager, shipped_papers):
    author = sign_in(product_manager)
    Template.objects.filter(kind="offer", language="ru").update(html="<p>Наше</p>", shipped="x" * 64)
    row = Template.objects.get(kind="offer", language="ru")
    path = f"/document-templates/{row.pk}/"
    assert "Есть более новый текст поставки" in text_of(author.get(path))
    author.post(f"{path}shipped/", {"do": "keep"})
    assert "Есть более новый текст поставки" not in text_of(author.get(path))
    row.refresh_from_db()
    assert (row.state, row.html) == ("active", "<p>Наше</p>")
    answer = author.post(f"{path}shipped/", {"do": "take"}, follow=True)
    assert "нет более нового текста поставки" in text_of(answer)


def test_lines_far_from_a_difference_are_counted():
    ours = "\n".join(f"line {number}" for number in range(20))
    lines = compared(ours, ours.replace("line 10\n", "line ten\n"))
    assert [(line.state, line.text or line.count) for line in lines] == [
        ("gap", 8), ("same", "line 8"), ("same", "line 9"), ("old", "line 10"), ("new", "line ten"),
        ("same", "line 11"), ("same", "line 12"), ("gap", 7),
    ]  # fmt: skip
    assert compared(ours, f"{ours}\n") == []
