"""The drawer of a term: what it says, who may open it, how much it reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from clientela.modules.contacts.models import Consent
from clientela.modules.contracts.operations import make_quote, prepare_project
from clientela.modules.renewals.models import NormResult, Renewal, Touch
from clientela.modules.renewals.operations.planning import plan_day
from clientela.workspace.renewals.tests.conftest import TODAY
from clientela.workspace.renewals.tests.test_board import plain

HTMX = {"HX-Request": "true", "HX-Target": "drawer"}


def drawer(browser, renewal: Renewal, query: str = "") -> str:
    response = browser.get(f"/renewals/{renewal.pk}/{query}", headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def planned(shipped, vera_renewal, now) -> Renewal:
    """Вера's term, 17 days left, with the touches of today planned."""
    plan_day(day=TODAY, now=now)
    return vera_renewal


def test_the_head_and_the_facts(sign_in, anna, vera_renewal):
    words = plain(drawer(sign_in(anna), vera_renewal))

    assert "Орлова Вера Николаевна 17 дн." in words
    assert "ОСАГО · Hyundai Creta, 2021 · ХХХ 0412773905" in words
    assert (
        "Цена на год 8 533,99 ₽ прошлогодняя Состояние Нет проекта Агент АС Анна Соколова +7 917 200-01-01"
        in words
    )


def test_the_plan_says_what_goes_when_and_why(sign_in, anna, planned):
    words = plain(drawer(sign_in(anna), planned))

    assert "17 дн. сегодня" in words
    assert "E-mail Повторное письмо Уйдёт сегодня, 12:00" in words
    assert "Оператор Звонок оператора Позвонит сегодня" in words
    assert "5 дн. 30.11 SMS SMS с телефоном центра Уйдёт 30.11, 12:00" in words
    assert "0 5 декабря, окончание договора" in words
    assert "«КАСКО и ОСАГО с центром возобновления», версия 1" in words


def test_a_touch_held_back_gives_its_reason_first(sign_in, anna, planned, now):
    prepare_project(actor=anna, now=now, policy=planned.policy)
    from clientela.modules.renewals.operations.terms import refresh

    refresh(now=now, policy_ids=[planned.policy_id])
    words = plain(drawer(sign_in(anna), planned))

    assert "SMS с телефоном центра Не уйдёт Есть проект" in words


def test_a_missing_consent_is_told_beforehand(sign_in, anna, planned):
    Consent.objects.filter(client=planned.client, channel="sms").delete()
    html = drawer(sign_in(anna), planned)

    assert "SMS с телефоном центра Не уйдёт" in plain(html)


def test_what_went_shows_how_it_fared(sign_in, anna, planned):
    at = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)
    email = planned.touches.get(channel="email")
    Touch.objects.filter(pk=email.pk).update(state="opened", sent_at=at)
    Touch.objects.filter(pk=planned.touches.get(channel="operator").pk).update(
        state="done", sent_at=at, reason_detail="Продлит: в пятницу"
    )
    words = plain(drawer(sign_in(anna), planned))

    assert "Повторное письмо Прочитано сегодня, 09:00" in words
    assert "Звонок оператора Сделано сегодня, 09:00 · Продлит: в пятницу" in words


def test_the_norm_explains_why_the_company_writes(sign_in, anna, planned, now):
    NormResult.objects.create(
        agent=anna.agent, line="osago", window_from=TODAY, window_to=TODAY, expiring=100, renewed=71, excluded=0,
        target=75, kept=False, computed_at=now,
    )  # fmt: skip
    browser = sign_in(anna)
    below = plain(drawer(browser, planned))
    Renewal.objects.filter(pk=planned.pk).update(norm_kept=True)
    NormResult.objects.update(renewed=80, kept=True)
    kept = plain(drawer(browser, planned))

    assert "Сообщения компании идут, потому что агент возобновляет 71 % при норме 75 %." in below
    assert "Агент держит норму, 80 % при норме 75 %: сообщения компании не идут." in kept
    assert "SMS с телефоном центра Не уйдёт Агент держит норму" in kept


def test_english_words(sign_in, anna, planned):
    anna.language = "en"
    anna.save()
    words = plain(drawer(sign_in(anna), planned))

    assert "Plan of touches Quote History" in words
    assert "Will go today, 12:00" in words
    assert "0 5 December, end of the contract" in words


def test_boris_and_strangers_do_not_see_it(sign_in, boris, client, vera_renewal):
    for address in ("", "quote/", "project/", "offer/", "payment/", "loss/", "hold/", "note/", "opt-out/"):
        url = f"/renewals/{vera_renewal.pk}/{address}"
        assert sign_in(boris).get(url).status_code == 404, url
        assert client.get(url).status_code == 302, url


def test_without_htmx_the_board_stands_behind_it(sign_in, anna, vera_renewal):
    html = sign_in(anna).get(f"/renewals/{vera_renewal.pk}/?from=30").content.decode()

    assert html.index('id="board"') < html.index('class="drawer"')
    assert 'data-back="/renewals/?from=30"' in html
    assert re.search(rf'class="is-cursor".{{0,200}}pick-{vera_renewal.pk}"', html, re.S)
    assert "<h1" in html


def test_the_drawer_looks_again_by_itself(sign_in, anna, vera_renewal):
    html = drawer(sign_in(anna), vera_renewal, "?tab=quote&from=30")

    assert f'data-live="client:{vera_renewal.client_id}"' in html
    assert f'hx-get="/renewals/{vera_renewal.pk}/?from=30&amp;tab=quote"' in html
    assert 'hx-trigger="live, renewal-changed from:body"' in html


def test_prices_of_the_next_term(sign_in, anna, vera_renewal, now):
    make_quote(actor=anna, now=now, policy=vera_renewal.policy, premium="9000", note="без франшизы")
    prepare_project(actor=anna, now=now, policy=vera_renewal.policy, premium="8700", reason="КБМ вырос")
    words = plain(drawer(sign_in(anna), vera_renewal, "?tab=quote"))

    assert "Следующий срок 06.12.2026 – 05.12.2027" in words
    assert "Прошлый срок 8 533,99 ₽ Почему другая КБМ вырос" in words
    assert "сегодня, 10:42 9 000,00 ₽ — без франшизы Анна Соколова" in words


def test_the_story_is_told_once_newest_first(sign_in, anna, vera_renewal, now):
    from clientela.modules.renewals.operations.work import hold_plan

    make_quote(actor=anna, now=now - timedelta(days=1), policy=vera_renewal.policy, premium="9000")
    hold_plan(actor=anna, now=now, renewal=vera_renewal, until=TODAY + timedelta(days=3), reason="в отпуске")
    words = plain(drawer(sign_in(anna), vera_renewal, "?tab=history"))

    assert words.count("Сделан расчёт") == 1
    assert words.index("План придержан") < words.index("Сделан расчёт")
    assert "в отпуске · Анна Соколова" in words


def test_statements_of_the_drawer_are_bounded(sign_in, anna, planned, django_assert_max_num_queries):
    browser = sign_in(anna)
    drawer(browser, planned)
    for query, most in (("", 17), ("?tab=quote", 9), ("?tab=history", 11)):
        with django_assert_max_num_queries(most):
            drawer(browser, planned, query)


def test_the_acts_follow_the_state(sign_in, anna, auditor, vera_renewal):
    fresh = drawer(sign_in(anna), vera_renewal)
    assert re.findall(r'btn-signal">.*?</svg>([^<]+)', fresh) == ["Сделать проект"]
    reader = drawer(sign_in(auditor), vera_renewal)
    assert "btn-signal" not in reader
    assert "Отметить потерянным" not in reader
    Renewal.objects.update(state="lost", lost_at=datetime(2026, 11, 1, tzinfo=UTC))
    lost = drawer(sign_in(anna), vera_renewal)
    assert "Вернуть в работу" in lost
    assert "btn-signal" not in lost


def test_the_track_for_the_clients_card(sign_in, anna, boris, planned, make_term, kasko):
    make_term(anna.agent, "", left=40, client=planned.client, product=kasko)
    make_term(anna.agent, "", left=2, client=planned.client, state="paid")
    browser = sign_in(anna)
    url = f"/renewals/client/{planned.client_id}/track/"
    words = plain(browser.get(url).content.decode())

    assert words.count("Hyundai Creta") == 2
    assert words.index("ОСАГО · Hyundai Creta") < words.index("КАСКО · Hyundai Creta")
    assert "17 дн." in words
    assert sign_in(boris).get(url).status_code == 404


def test_a_client_without_open_terms_says_so(sign_in, anna, vera):
    words = plain(sign_in(anna).get(f"/renewals/client/{vera.pk}/track/").content.decode())

    assert words.strip() == "В ближайшие 60 дней продлевать нечего."
