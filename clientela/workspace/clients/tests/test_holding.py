"""The holding on the card and in the list."""

import pytest

from clientela.modules.clients.models import HoldingLink

HTMX = {"HX-Request": "true"}


@pytest.fixture
def kama(make_client, anna):
    return make_client(anna.agent, "ООО Кама", kind="company", company_name="ООО «Кама»", inn="1650123456")


@pytest.fixture
def build(make_client, anna):
    return make_client(anna.agent, "ООО Строй", kind="company", company_name="ООО «Строй»")


def test_tied_on_the_card_and_shown_as_a_tree(sign_in, anna, vera, kama, build):
    mine = sign_in(anna)
    assert "Не входит в холдинг" in mine.get(f"/clients/{build.pk}/").content.decode()
    assert "Холдинг" not in mine.get(f"/clients/{vera.pk}/").content.decode()
    tied = mine.post(f"/clients/{build.pk}/parent/", {"parent": "1650123456"}, headers=HTMX)
    assert tied.status_code == 204
    card = mine.get(f"/clients/{build.pk}/").content.decode()
    assert f'<a class="link truncate" href="/clients/{kama.pk}/">ООО «Кама»</a>' in card
    assert f"/clients/?holding={kama.pk}" in card
    listed = mine.get(f"/clients/?holding={kama.pk}").content.decode()
    assert ("ООО «Строй»" in listed, "Орлова" in listed) == (True, False)


def test_what_does_not_fit_stands_at_the_field(sign_in, anna, boris, make_client, kama, build):
    make_client(boris.agent, "чужая", kind="company", company_name="Чужая")
    make_client(anna.agent, "ООО Кама Лес", kind="company", company_name="ООО «Кама-Лес»")
    make_client(anna.agent, "АО Кама Дом", kind="company", company_name="АО «Кама-Дом»")
    mine = sign_in(anna)
    mine.post(f"/clients/{build.pk}/parent/", {"parent": "кама"}, headers=HTMX)
    for client, typed, said in [
        (build, "кам", "Подходит несколько компаний: укажите ИНН."),
        (build, "чужая", "Такой компании среди клиентов нет."),
        (kama, "строй", "Та компания входит в эту: круг — не холдинг."),
    ]:
        answer = mine.post(f"/clients/{client.pk}/parent/", {"parent": typed}, headers=HTMX)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert HoldingLink.objects.count() == 1
    assert sign_in(boris).post(f"/clients/{build.pk}/parent/", {"parent": ""}).status_code == 404
    mine.post(f"/clients/{build.pk}/parent/", {"parent": ""}, headers=HTMX)
    assert not HoldingLink.objects.exists()


def test_a_head_of_another_agent_is_not_named(sign_in, anna, boris, make_client, build):
    foreign = make_client(boris.agent, "чужая", kind="company", company_name="Чужая")
    HoldingLink.objects.create(company=build, parent=foreign, root=foreign)
    mine = sign_in(anna)
    for address in (
        f"/clients/{build.pk}/",
        f"/clients/?holding={foreign.pk}",
        f"/clients/{build.pk}/parent/",
    ):
        page = mine.get(address).content.decode()
        assert "Чужая" not in page
    assert "клиент другого агента" in mine.get(f"/clients/{build.pk}/").content.decode()
