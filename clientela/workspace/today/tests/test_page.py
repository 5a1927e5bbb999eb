"""The queue of the day for each role."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from clientela.modules.claims.models import Claim
from clientela.modules.renewals.models import Touch
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import HX, PAST_THE_DOOR, plain, tasks


def test_the_page_is_at_the_root():
    assert reverse("today:home") == "/"


def test_a_stranger_is_sent_to_the_door(client, db):
    assert client.get("/").status_code == 302
    assert client.get("/today/side/", headers=HX).status_code == 401


def test_who_has_no_day_begins_at_their_own_work(sign_in, product_manager, underwriter):
    for person, place in ((product_manager, "/products/"), (underwriter, "/underwriting/")):
        browser = sign_in(person)
        assert browser.get("/").headers["Location"] == place
        assert browser.get(place).status_code == 200


def test_an_agents_day_is_in_order_and_says_why(sign_in, anna, day):
    response = sign_in(anna).get("/")

    assert tasks(response) == [
        ("call", "Валиев"),
        ("answer", "Тихонова"),
        ("project", "Кузьмин"),
        ("offer", "Белова"),
    ]
    shown = plain(response)
    assert "Первое из 4, потому что осталось 5 дней и по плану сегодня звонок" in shown
    assert "Всё 4 Звонки 1 Истекают 2 Ждут ответа 1 События 0" in shown
    assert "«Можно оплатить половину сейчас?»" in shown
    assert "ждёт 26 минут" in shown
    assert "Проект готов: 8 363,31 ₽, на 2,0 % ниже" in shown
    assert "До обеда" in shown


def test_the_card_of_now_has_the_track_the_phone_and_what_to_say(sign_in, anna, day):
    shown = sign_in(anna).get("/")

    html = shown.content.decode()
    assert 'class="trk"' in html
    assert "tel:+7917100" in html
    assert "Цены на следующий год ещё нет; в прошлом году было 8 533,99 ₽." in plain(shown)
    assert "Клиент прочитал наше сообщение вчера, 19:42." in plain(shown)


def test_the_same_day_in_english(sign_in, anna, day):
    anna.language = "en"
    anna.save()

    shown = plain(sign_in(anna).get("/"))

    assert "First of 4 because 5 days are left and the plan has a call today" in shown
    assert "All 4 Calls 1 Expiring 2 Wait for an answer 1 Events 0" in shown
    assert "waits 26 minutes" in shown


def test_after_noon_there_is_no_before_noon(sign_in, anna, day, now):
    with time_machine.travel(now + timedelta(hours=3), tick=False):
        shown = plain(sign_in(anna).get("/"))

    assert "До обеда" not in shown
    assert "Сначала" in shown


@pytest.mark.parametrize(
    ("show", "kinds"),
    [("calls", {"call"}), ("expiring", {"project", "offer"}), ("answers", {"answer"}), ("events", set())],
)
def test_a_segment_shows_its_own_tasks(sign_in, anna, day, show, kinds):
    response = sign_in(anna).get(f"/?show={show}", headers=HX)

    assert {kind for kind, _name in tasks(response)} == kinds
    assert 'id="segments" hx-swap-oob="innerHTML"' in response.content.decode()


def test_nonsense_in_the_address_shows_everything(sign_in, anna, day):
    assert len(tasks(sign_in(anna).get("/?show=nothing"))) == 4


def test_an_operator_begins_with_calls_and_may_not_ring_at_night(
    sign_in, centre_operator, anna, osago, ending, call, day, now
):
    call(ending(anna.agent, osago, "Дальний", days=1, time_zone="Asia/Kamchatka"))

    with time_machine.travel(now + timedelta(hours=2), tick=False):
        response = sign_in(centre_operator).get("/")

    assert tasks(response) == [("call", "Валиев"), ("call", "Дальний")]
    shown = plain(response)
    assert "Всё 3 Звонки 2 Ждут ответа 1" in shown
    assert "У клиента ещё рано или уже поздно" in shown
    assert "у клиента 21:42" in shown


def test_who_may_not_work_sees_the_queue_without_acts(sign_in, marketer, quality, day):
    for person in (marketer, quality):
        response = sign_in(person).get("/")
        assert len(tasks(response)) == 4
        html = response.content.decode()
        assert "data-key=" not in html.split('id="today"')[1]
        assert "Открыть" in html


@pytest.mark.parametrize("who", ["boris"])
def test_nobody_sees_the_tasks_of_others(request, sign_in, who, day):
    response = sign_in(request.getfixturevalue(who)).get("/")

    assert tasks(response) == []
    assert "Вас ничего не ждёт" in plain(response)


def test_every_action_is_a_dialog_that_opens(sign_in, anna, day):
    browser = sign_in(anna)
    html = browser.get("/").content.decode()

    urls = re.findall(r'hx-get="([^"]+)" hx-target="#modal"', html)

    assert len(urls) >= 7
    for url in urls:
        assert browser.get(url.replace("&amp;", "&"), headers=HX).status_code == 200, url


def test_events_of_clients_have_one_act_each(sign_in, anna, make_client):
    client = make_client(
        anna.agent, "Фомина", "Наталья", phone="+79170001111", birth_date=date(1971, 11, 18), policies_in_force=3,
        client_since=date(2019, 5, 1),
    )  # fmt: skip

    response = sign_in(anna).get("/")

    shown = plain(response)
    assert "55 лет сегодня" in shown
    assert "с нами 7 лет, 3 полиса" in shown
    assert f"/today/clients/{client.pk}/message/?about=birthday" in response.content.decode()


def test_a_paid_claim_is_a_reason_to_ask(sign_in, anna, vera_policy, now):
    Claim.objects.create(
        number="У-26-000007", token="t", policy=vera_policy, client=vera_policy.client, occurred_on=TODAY, reported_at=now,
        status=Claim.Status.PAID, amount=Decimal(71700), settled_at=now - timedelta(hours=2),
    )  # fmt: skip
    browser = sign_in(anna)
    response = browser.get("/")
    assert "убыток выплачен сегодня" in plain(response)
    assert "ОСАГО, 71 700,00 ₽: спросите, всё ли хорошо" in plain(response)
    url = f"/today/clients/{vera_policy.client_id}/message/?about=claim"
    assert url in response.content.decode()
    assert "ваш убыток выплачен" in plain(browser.get(url, headers=HX))


def test_a_held_term_leaves_the_queue(sign_in, anna, day):
    browser = sign_in(anna)
    url = re.search(r'hx-get="(/renewals/\d+/hold/)"', browser.get("/").content.decode()).group(1)

    answer = browser.post(url, {"until": (TODAY + timedelta(days=2)).isoformat(), "reason": ""}, headers=HX)

    assert answer.status_code == 204
    assert ("call", "Валиев") not in tasks(browser.get("/"))


def test_a_finished_call_leaves_the_queue(sign_in, anna, day):
    browser = sign_in(anna)
    touch = Touch.objects.get()

    answer = browser.post(
        reverse("renewals:call", args=[touch.renewal_id, touch.pk]),
        {"outcome": "will_renew", "note": ""},
        headers=HX,
    )

    assert answer.status_code == 204
    # the call is made; what is left to do for the client is the project
    assert ("call", "Валиев") not in tasks(browser.get("/"))
    assert ("project", "Валиев") in tasks(browser.get("/"))


def test_the_page_asks_little_whatever_there_is_to_do(
    sign_in, anna, centre_operator, renewals_manager, administrator, day, osago, ending, call,
    django_assert_max_num_queries,
):  # fmt: skip
    for days in range(2, 14):
        call(ending(anna.agent, osago, days=days))
        ending(anna.agent, osago, days=days)
    for person, most in ((anna, 20), (centre_operator, 19), (renewals_manager, 17), (administrator, 11)):
        browser = sign_in(person)
        with django_assert_max_num_queries(PAST_THE_DOOR + most):
            browser.get("/")
        with django_assert_max_num_queries(PAST_THE_DOOR):
            browser.get("/today/side/", headers=HX)
