"""The screen of requests, its dialogs, its settings, and the public form."""

import pytest
from django.utils import translation

from clientela.modules.requests.models import Intake, Policy, Request, ScoreRule
from clientela.modules.routing.models import Desk, Queue
from clientela.workspace.clients.queries.timeline import timeline
from clientela.workspace.clients.timeline_words import items
from clientela.workspace.requests.today import requests_of_today

HTMX = {"HX-Request": "true"}


def text_of(response):
    return response.content.decode()


def test_the_list_shows_whose_each_is_and_why(ask, at_desk, anna, lilia, kasko, team_lead, sign_in):
    at_desk(anna), at_desk(lilia, capacity=0)
    made = ask(product=kasko, about="Omoda C5")
    page = text_of(sign_in(team_lead).get("/requests/?tab=all"))
    for words in (
        "Миннуллина Резеда",
        "КАСКО, Omoda C5",
        str(anna),
        "Занято сейчас",
        "1 из 10",
        "Поровну ли",
    ):
        assert words in page
    why = text_of(sign_in(anna).get(f"/requests/{made.pk}/why/"))
    assert "почему Анна Соколова" in why
    assert "полон" in why


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("tab=waiting", True), ("tab=late", False), ("tab=nobody", False), ("tab=moved", False), ("q=Минн", True),
        ("q=89870006319", True), ("q=Петров", False), ("temperature=hot", False), ("source=web", True),
    ],
    ids=str,
)  # fmt: skip
def test_tabs_and_conditions(ask, at_desk, anna, sign_in, query, shown):
    at_desk(anna)
    ask()
    page = text_of(sign_in(anna).get(f"/requests/?{'' if 'tab' in query else 'tab=all&'}{query}"))
    assert ("/requests/1/why/" in page or 'data-open href="/requests/' in page) is shown


def test_a_request_is_worked_through_on_the_screen(ask, at_desk, anna, lilia, sign_in):
    at_desk(anna)
    made, browser = ask(), sign_in(anna)
    at_desk(lilia)
    assert browser.post(f"/requests/{made.pk}/taking/", headers=HTMX).status_code == 204
    assert browser.post(f"/requests/{made.pk}/beginning/", headers=HTMX).status_code == 204
    refused = browser.post(f"/requests/{made.pk}/assignee/", {"person": lilia.pk, "reason": ""}, headers=HTMX)
    assert refused.status_code == 422
    given = browser.post(
        f"/requests/{made.pk}/assignee/", {"person": lilia.pk, "reason": "Её район"}, headers=HTMX
    )
    made.refresh_from_db()
    assert (given.status_code, made.assignee, made.state) == (204, lilia, "working")
    other = sign_in(lilia)
    assert other.post(f"/requests/{made.pk}/closing/", {"reason": "price"}, headers=HTMX).status_code == 204
    page = text_of(other.get(f"/requests/{made.pk}/"))
    for words in ("Дорого", "Её район", "Почему столько баллов", "Оставил телефон", "Открыть снова"):
        assert words in page


def test_a_calculation_begins_with_the_client_and_the_request(ask, at_desk, anna, kasko, sign_in):
    at_desk(anna)
    made, browser = ask(product=kasko), sign_in(anna)
    browser.post(f"/requests/{made.pk}/taking/", headers=HTMX)
    begins = f'hx-get="/quotes/new/?client={made.client_id}&amp;request={made.pk}&amp;product={kasko.code}"'
    page = text_of(browser.get(f"/requests/{made.pk}/"))
    assert (page.count(begins), page.count("/quotes/new/")) == (1, 1)
    assert text_of(browser.get(f"/requests/{made.pk}/why/")).count(begins) == 1


def test_strangers_see_nothing_of_it(ask, at_desk, anna, boris, product_manager, sign_in):
    at_desk(anna)
    made = ask()
    assert sign_in(boris).get(f"/requests/{made.pk}/").status_code == 404
    assert sign_in(boris).post(f"/requests/{made.pk}/taking/").status_code == 404
    assert sign_in(product_manager).get("/requests/").status_code == 403
    made.refresh_from_db()
    assert made.state == "new"


def test_what_is_no_phone_is_told_at_its_field(anna, sign_in):
    given = {"name": "Титов Глеб", "phone": "абв123", "email": "titov@mail.example"}
    refused = sign_in(anna).post("/requests/new/", given, headers=HTMX)
    assert refused.status_code == 422
    assert "Это не номер телефона" in text_of(refused)
    assert "абв123" in text_of(refused)
    assert not Request.objects.exists()


def test_a_request_by_hand_and_its_place_in_the_day(anna, kasko, sign_in, moment):
    given = {"name": "Титов Глеб", "phone": "+7 917 000 55 44", "product": kasko.pk, "mine": "on"}
    assert sign_in(anna).post("/requests/new/", given, headers=HTMX).status_code == 204
    made = Request.objects.get()
    assert (made.assignee, made.source, made.phone) == (anna, "hand", "+79170005544")
    (row,), count = requests_of_today(anna, now=moment, most=5)
    assert (row.ids, row.number, count) == ({"request_id": made.pk}, "+79170005544", 1)
    with translation.override("ru"):
        told = items(timeline(made.client_id).entries)
    assert [one.title for one in told if one.url == f"/requests/{made.pk}/"] == ["Заявка: Внесена вручную"]


def test_heads_set_the_rules(anna, branch_head, kazan, sign_in, moment):
    browser = sign_in(branch_head)
    times = {"answer_minutes": 20, "join_days": 5, "warm_from": 30, "hot_from": 80}
    assert browser.post("/requests/rules/", times).status_code == 302
    assert Policy.now().answer_minutes == 20
    assert browser.post("/requests/rules/", {**times, "hot_from": 10}).status_code == 422
    desk = {"branch": kazan.pk, "takes": "on", "capacity": 6, "weight": 50}
    assert browser.post(f"/requests/rules/desks/{anna.pk}/", desk).status_code == 302
    assert (Desk.objects.get().capacity, Desk.objects.get().weight) == (6, 50)
    browser.post(f"/requests/rules/branches/{kazan.pk}/sharing/", {"paused": "1"})
    assert Queue.objects.get(key=f"sales:{kazan.pk}").is_paused
    rule = ScoreRule.objects.get(code="phone")
    browser.post("/requests/rules/points/", {f"points-{rule.pk}": "35", f"on-{rule.pk}": "1"})
    rule.refresh_from_db()
    assert rule.points == 35
    more = {"words": "Дальние", "fact": "text", "test": "has", "value": "Чистополь", "points": "7"}
    assert browser.post("/requests/rules/points/", more).status_code == 302
    assert ScoreRule.objects.filter(words="Дальние", points=7).exists()
    assert sign_in(anna).get("/requests/rules/").status_code == 403


def test_a_form_is_set_up_and_shows_its_line_of_code(administrator, kazan, sign_in):
    browser = sign_in(administrator)
    given = {
        "name": "Дом", "key": "dom", "title": "Застраховать дом", "branch": kazan.pk, "colour": "moss", "is_active": "on",
        "sites": "https://salon.example", "consent": "Согласен", "field-TOTAL_FORMS": "2", "field-INITIAL_FORMS": "0",
        "field-0-label": "Площадь", "field-0-kind": "number", "field-0-required": "on", "field-1-label": "",
    }  # fmt: skip
    assert browser.post("/requests/forms/new/", given).status_code == 302
    made = Intake.objects.get()
    assert [(one["label"], one["kind"], one["required"]) for one in made.fields] == [
        ("Площадь", "number", True)
    ]
    page = text_of(browser.get(f"/requests/forms/{made.pk}/"))
    assert "request-form.js" in page
    assert "data-form=&quot;dom&quot;" in page
    changed = {**given, "consent": "Согласен на звонок", "field-TOTAL_FORMS": "1"}
    assert browser.post(f"/requests/forms/{made.pk}/", changed).status_code == 302
    assert [one.number for one in made.consents.all()] == [2, 1]


def test_the_export_is_journaled_and_holds_the_rows(ask, at_desk, anna, branch_head, sign_in):
    at_desk(anna)
    ask(utm={"utm_source": "yandex"})
    answer = sign_in(branch_head).get("/requests/export.csv?tab=all")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert "yandex" in lines[1]


def answered(**fields):
    return {
        "name": "Миннуллина Резеда",
        "phone": "8 987 000 63 19",
        "q-0": "Omoda C5",
        "agreed": "on",
    } | fields


def test_a_visitor_asks_and_the_request_keeps_where_from(form, client, at_desk, anna):
    at_desk(anna)
    page = client.get("/ask/kasko/?utm_source=vk&page=https://salon.example/1")
    assert "Рассчитать КАСКО" in text_of(page)
    sent = answered(
        **{
            "q-1": "r@mail.example",
            "q-2": "Днём",
            "once": "abc",
            "k-utm_source": "vk",
            "k-ref": "https://vk.example/",
        }
    )
    for _time in range(2):
        assert client.post("/ask/kasko/", sent).status_code == 302
    made = Request.objects.get()
    assert (made.source, made.phone, made.email, made.about, made.assignee) == (
        "web", "+79870006319", "r@mail.example", "Omoda C5", anna,
    )  # fmt: skip
    assert (made.utm, made.referrer, made.consent.number) == ({"utm_source": "vk"}, "https://vk.example/", 1)
    assert [one["label"] for one in made.answers] == ["Машина", "Почта", "Когда ответить"]
    assert made.client.consents.filter(channel="call", text_version="kasko 1").exists()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"website": "http://spam.example"}, 302),
        ({"phone": "12"}, 422),
        ({"agreed": ""}, 422),
        ({"q-0": ""}, 422),
    ],
    ids=["a program", "no number", "not agreed", "nothing said"],
)
def test_what_is_not_a_request_is_not_kept(form, client, fields, status):
    assert client.post("/ask/kasko/", answered(**fields)).status_code == status
    assert not Request.objects.exists()


def test_too_many_from_one_address_wait(form, client):
    answers = [client.post("/ask/kasko/", answered(phone=f"+7917000{n:04}")).status_code for n in range(12)]
    assert answers == [302] * 10 + [422] * 2
    assert Request.objects.count() == 10


def test_other_sites_show_it_only_where_they_may(form, client):
    framed = client.get("/ask/kasko/?embed=1")
    assert "frame-ancestors 'self' https://salon.example" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert "frame-ancestors 'none'" in client.get("/ask/kasko/").headers["Content-Security-Policy"]
    script = client.get("/request-form.js")
    assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert client.get("/ask/none/").status_code == 404
