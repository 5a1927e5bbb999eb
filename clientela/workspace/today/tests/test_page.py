"""The page of the day for each role."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from clientela.modules.organisation.models import NormTarget
from clientela.modules.renewals.models import NormResult, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.workspace.today.tests.conftest import TODAY

HX = {"HX-Request": "true", "HX-Target": "today"}
PAST_THE_DOOR = 10  # session, person, and what the navigation counts once a minute


def plain(response) -> str:
    """The words of an answer with ordinary spaces."""
    html = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def tasks(response) -> list[str]:
    """Kind and client of every row, in order."""
    return re.findall(
        r'data-row id="task-(\w+)-\d+".*?data-open data-peek>(\S+?)[ <]', response.content.decode(), re.S
    )


@pytest.fixture
def day(anna, osago, ending, call, wrote, project, now):
    """A day of Anna's: a call, a project to make, an offer to send, a client who waits."""
    called = ending(anna.agent, osago, "Валиев", days=5, last_opened_at=now - timedelta(hours=15))
    call(called)
    ending(anna.agent, osago, "Кузьмин", days=16)
    ready = ending(
        anna.agent,
        osago,
        "Белова",
        days=30,
        state="project",
        has_project=True,
        next_premium=Decimal("8363.31"),
    )
    project(ready)
    asks = ending(anna.agent, osago, "Тихонова", days=40, state="quoted", has_quote=True)
    wrote(asks.client, "Можно оплатить половину сейчас?")


def test_the_page_is_at_the_root():
    assert reverse("today:home") == "/"


def test_a_stranger_is_sent_to_the_door(client, db):
    assert client.get("/").status_code == 302
    assert client.get("/today/side/", headers=HX).status_code == 401


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
    from datetime import date

    client = make_client(
        anna.agent, "Фомина", "Наталья", phone="+79170001111", birth_date=date(1971, 11, 18), policies_in_force=3,
        client_since=date(2019, 5, 1),
    )  # fmt: skip

    response = sign_in(anna).get("/")

    shown = plain(response)
    assert "55 лет сегодня" in shown
    assert "с нами 7 лет, 3 полиса" in shown
    assert f"/today/clients/{client.pk}/message/?about=birthday" in response.content.decode()


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


# --- beside the queue ----------------------------------------------------------------------------------------


def norm(agent, line, renewed, expiring, kept, target=75):
    NormResult.objects.create(
        agent=agent, line=line, window_from=TODAY - timedelta(days=120), window_to=TODAY - timedelta(days=31),
        expiring=expiring, renewed=renewed, excluded=0, target=Decimal(target), kept=kept, computed_at="2026-11-18T00:00Z",
    )  # fmt: skip


def test_an_agent_sees_own_norms_what_is_missing_and_what_it_does(sign_in, anna, day):
    norm(anna.agent, "kasko", 78, 100, True)
    norm(anna.agent, "osago", 67, 100, False)

    response = sign_in(anna).get("/today/side/", headers=HX)

    shown = plain(response)
    assert "78 % из 75 78 из 100" in shown
    assert "67 % из 75 67 из 100" in shown
    assert "До нормы ОСАГО — 8 полисов" in shown
    assert "КАСКО в норме: ваши клиенты не получают SMS компании. Почему" in shown
    assert "/renewals/?line=osago&amp;line=kasko_osago&amp;state=nothing" in response.content.decode()
    assert reverse("agents:me") in response.content.decode()
    assert "Нормы агентов" not in shown


def test_a_lead_sees_who_is_below_the_norm_in_the_own_scope(
    sign_in, branch_head, anna, boris, renewals_manager, day
):
    norm(anna.agent, "kasko", 78, 100, True)
    norm(anna.agent, "osago", 67, 100, False)
    norm(boris.agent, "osago", 1, 100, False)

    shown = plain(sign_in(branch_head).get("/today/side/", headers=HX))
    assert "держат 1 из 2" in shown
    assert "Анна Соколова ОСАГО 67 % из 75" in shown
    assert "Борис Ершов" not in shown
    shown = plain(sign_in(renewals_manager).get("/today/side/", headers=HX))
    assert shown.index("Борис Ершов") < shown.index("Анна Соколова")
    assert NormTarget.objects.count() == 0


def test_the_month_is_counted_by_state_and_every_figure_opens_its_list(sign_in, anna, osago, ending, now):
    ending(anna.agent, osago, days=5)
    ending(anna.agent, osago, days=12, state="paid", paid_at=now)
    ending(anna.agent, osago, days=-3, state="lost")
    ending(anna.agent, osago, days=20)
    browser = sign_in(anna)

    response = browser.get("/today/side/", headers=HX)

    shown = plain(response)
    assert "Возобновления, ноябрь 3" in shown
    assert "Оплачен 1" in shown
    assert "Потерян 1" in shown
    assert "доля продлённых 50 %" in shown
    urls = [
        url.replace("&amp;", "&")
        for url in re.findall(r'href="(/renewals/\?[^"]+)"', response.content.decode())
    ]
    assert "/renewals/?from=12&to=-17" in urls
    assert browser.get(urls[0]).status_code == 200


def test_todays_touches_and_what_failed_have_lists(
    sign_in, renewals_manager, anna, boris, osago, ending, call, now
):
    term, other = ending(anna.agent, osago, "Валиев", days=30), ending(boris.agent, osago, "Чужов", days=30)
    for one, state, channel in (
        (term, "failed", "sms"),
        (term, "opened", "email"),
        (other, "dropped", "sms"),
    ):
        call(
            one,
            state=state,
            channel=channel,
            step_key=f"{channel}-{state}",
            reason="norm_kept" if state == "dropped" else "",
        )
    call(other, state="failed", channel="vk", step_key="old", ago=7)

    shown = plain(sign_in(renewals_manager).get("/today/side/", headers=HX))
    assert "1 не дошло 1 не уйдут" in shown
    assert "Не доставлено за 7 дней 1" in shown

    listed = plain(sign_in(renewals_manager).get("/today/touches/?channel=sms&outcome=dropped", headers=HX))
    assert "Чужов" in listed
    assert "Агент держит норму" in listed
    assert "Чужов" not in plain(sign_in(anna).get("/today/touches/", headers=HX))
    failed = plain(sign_in(renewals_manager).get("/today/failures/"))
    assert "Валиев" in failed
    assert "Чужов" not in failed
    assert sign_in(anna).get("/today/touches/?channel=pigeon").status_code == 404
    assert sign_in(anna).get("/today/touches/?outcome=lost").status_code == 404


def test_tomorrows_plan_is_counted_in_the_scope(sign_in, team_lead, boris, anna, osago, ending, now):
    load_shipped(now=now, active_from=TODAY - timedelta(days=100))
    ending(anna.agent, osago, days=31)

    assert "2 касания, клиентов: 1" in plain(sign_in(team_lead).get("/today/plan/", headers=HX))
    assert "0 касаний" in plain(sign_in(boris).get("/today/plan/", headers=HX))


# --- how the system is ---------------------------------------------------------------------------------------


def test_an_administrator_sees_how_the_system_is(sign_in, administrator, auditor, now, day):
    from clientela.foundation.jobs.models import Job
    from clientela.foundation.outbox.models import Delivery, Event

    Job.objects.create(
        kind="renewals.plan",
        title="Plan the day",
        state="failed",
        error="disk full",
        created_at=now,
        not_before=now,
    )
    event = Event.objects.create(name="renewals.DayPlanned", payload={}, at=now - timedelta(minutes=30))
    Delivery.objects.create(event=event, handler="a.b", state="failed", error="boom", next_attempt_at=now)
    Delivery.objects.create(event=event, handler="c.d", state="pending", next_attempt_at=now)

    for person in (administrator, auditor):
        shown = plain(sign_in(person).get("/"))
        assert "Сорвались задания, 7 дней 1" in shown
        assert "Не доставлены события 1" in shown
        assert "События в пути 1" in shown
        assert "похоже, обработчик не работает" in shown
        assert "disk full" in shown
        assert "boom" in shown
        assert "Валиев" not in shown


def test_a_planned_day_is_told(sign_in, administrator, now, db):
    plan_day(day=TODAY, now=now)

    assert "Запланировано сегодня 0" in plain(sign_in(administrator).get("/"))


# --- what it costs -------------------------------------------------------------------------------------------


def test_the_page_asks_little_whatever_there_is_to_do(
    sign_in, anna, centre_operator, renewals_manager, administrator, day, osago, ending, call,
    django_assert_max_num_queries,
):  # fmt: skip
    for days in range(2, 14):
        call(ending(anna.agent, osago, days=days))
        ending(anna.agent, osago, days=days)
    for person, most in ((anna, 15), (centre_operator, 15), (renewals_manager, 13), (administrator, 8)):
        browser = sign_in(person)
        with django_assert_max_num_queries(PAST_THE_DOOR + most):
            browser.get("/")
        with django_assert_max_num_queries(PAST_THE_DOOR):
            browser.get("/today/side/", headers=HX)
