"""The agent's dashboard: the month by state, the norm in figures, what to do and what clients get."""

import re
from datetime import date, timedelta

from clientela.modules.renewals.models import NormResult, Renewal
from clientela.workspace.agents.tests.conftest import TODAY


def page(browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " "))


def test_me_is_ones_own_dashboard(sign_in, anna, team_lead):
    answer = sign_in(anna).get("/agents/me/?month=2026-10")

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/agents/{anna.agent.pk}/?month=2026-10",
    )
    assert sign_in(team_lead).get("/agents/me/").status_code == 404


def test_the_page_has_the_name_that_leads_to_it(sign_in, anna, team_lead):
    own, leads = (page(sign_in(person), f"/agents/{anna.agent.pk}/") for person in (anna, team_lead))
    crumb = '<span class="text-ink">%s</span>'
    assert crumb % "Мои показатели" in own
    assert 'href="/agents/me/"' in own
    assert crumb % "Показатели агента" in leads


def test_who_may_open_it(sign_in, anna, boris, team_lead, branch_head, centre_operator, auditor, client):
    url = f"/agents/{anna.agent.pk}/"

    for person in (anna, team_lead, branch_head, centre_operator, auditor):
        assert sign_in(person).get(url).status_code == 200
    assert sign_in(boris).get(url).status_code == 404
    assert client.get(url).status_code == 302


def test_the_month_in_figures(sign_in, anna, november):
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))

    assert "Анна Соколова Поволжье АГД-16/0101 от 01.03.2021" in words
    assert (
        "Истекает 6 9 тыс. ₽ Активировано 3 50 % Рассчитано 1 17 % Оплачено 1 4 тыс. ₽ "
        "Потеряно 2 33 % Ещё ничего не сделано 1 17 %"
    ) in words
    assert "Дорого 1" in words
    assert "Объект продан не в норме 1" in words


def test_each_figure_opens_the_list_of_it(sign_in, anna, november):
    browser = sign_in(anna)
    html = page(browser, f"/agents/{anna.agent.pk}/")
    links = re.findall(r'<dd class="facts-v ?"><a href="([^"]+)"[^>]*>(\d+)</a>', html)

    assert len(links) == 6
    for link, figure in links:
        listed = page(browser, link.replace("&amp;", "&"))
        assert listed.count("data-open data-peek") == int(figure), link
    loss = re.search(r'<a href="([^"]+)"[^>]*>Дорого</a>', html)[1].replace("&amp;", "&")
    assert re.findall(r'data-peek title="(\S+) ', page(browser, loss)) == ["Дроздова"]


def test_other_months_are_within_reach(sign_in, anna, november):
    browser = sign_in(anna)
    december = plain(page(browser, f"/agents/{anna.agent.pk}/?month=2026-12"))
    assert "Истекает 1" in december
    assert "Декабрь 2026" in december
    for odd in ("2020-01", "2099-12", "x", "2026-13"):
        assert sign_in(anna).get(f"/agents/{anna.agent.pk}/?month={odd}").status_code == 200


def test_the_norm_with_numerator_denominator_and_what_is_missing(sign_in, anna, now):
    window = {"window_from": date(2026, 7, 19), "window_to": date(2026, 10, 18), "computed_at": now}
    NormResult.objects.create(
        agent=anna.agent, line="osago", expiring=100, renewed=71, excluded=3, target=75, kept=False, **window
    )
    NormResult.objects.create(
        agent=anna.agent, line="kasko", expiring=50, renewed=39, excluded=0, target=75, kept=True, **window
    )
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))
    words = words[words.index("Возобновление и норма") : words.index("Что сделать дальше")]

    assert "окончания 19.07.2026 – 18.10.2026" in words
    assert (
        "КАСКО 78,0 % из 75 % Возобновлено 39 из 50. Норма есть: клиентам сообщения компании не идут."
        in words
    )
    assert (
        "ОСАГО 71,0 % из 75 % Возобновлено 71 из 100, до нормы 4 полиса . Не в счёт, продано или погибло: 3. "
        "Ниже нормы: клиентам пишет компания."
    ) in words


def test_without_results_it_says_so(sign_in, anna):
    assert "Норма ещё не посчитана" in plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))


def test_next_actions_go_by_days_left_and_say_why(sign_in, anna, november, now):
    Renewal.objects.filter(pk=november["project"].pk).update(last_opened_at=now - timedelta(hours=2))
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))
    actions = words[words.index("Что сделать дальше") : words.index("Что получат клиенты")]

    assert re.findall(r"(\S+) Вера ОСАГО", actions) == ["Волкова", "Белова", "Абрамова", "Ежова"]
    assert "Сделать проект по расчёту Волкова Вера" in actions
    assert "С клиентом никак не связаться: проверьте контакты" in actions
    assert "Отправить предложение или напомнить Белова Вера" in actions
    assert "Клиент прочитал сообщение, сегодня, 08:42" in actions
    assert "Сделать проект Абрамова Вера" in actions


def test_what_clients_get_in_the_coming_days(sign_in, anna, november):
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))
    coming = words[words.index("Что получат клиенты за неделю") : words.index("Карточка для клиентов")]

    # 20.11 − 5 and 25.11 − 5: the project holds the SMS; 18.12 − 30 is today: letter, VK without an address, SMS
    assert "сегодня 2 касания" in coming
    assert "Ежова Вера Письмо сегодня, 12:00" in coming
    assert "1 не уйдёт: Нет контакта или согласия на канал — 1" in coming
    assert "20.11 0 касаний 1 не уйдёт: Есть проект — 1" in coming


def test_the_month_as_a_table(sign_in, anna, november):
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/?plot=table"))

    assert (
        "01.11 0 0 0 1 0 1 10.11 0 0 0 0 2 2 20.11 0 0 1 0 0 1 25.11 0 1 0 0 0 1 30.11 1 0 0 0 0 1" in words
    )


def test_stale_contacts_are_told(sign_in, anna, now):
    browser = sign_in(anna)
    assert "Контакты никто не подтверждал." in plain(page(browser, f"/agents/{anna.agent.pk}/"))
    agent = anna.agent
    agent.contacts_confirmed_at = now - timedelta(days=400)
    agent.save()
    assert "Контакты подтверждены 14.10.2025." in plain(page(browser, f"/agents/{anna.agent.pk}/"))
    agent.contacts_confirmed_at = now - timedelta(days=30)
    agent.save()
    assert "Контакты" not in plain(page(browser, f"/agents/{anna.agent.pk}/"))


def test_english(sign_in, anna, november):
    anna.language = "en"
    anna.save()
    words = plain(page(sign_in(anna), f"/agents/{anna.agent.pk}/"))

    assert (
        "Expiring 6 RUB 9k Activated 3 50% Quoted 1 17% Paid 1 RUB 4k Lost 2 33% Nothing done yet 1 17%"
        in words
    )
    assert "Too dear 1" in words
    assert "Object sold not in the norm 1" in words


def test_statements_do_not_grow_with_terms(sign_in, anna, november, term, django_assert_max_num_queries):
    browser = sign_in(anna)
    page(browser, f"/agents/{anna.agent.pk}/")
    for number in range(30):
        term(anna.agent, f"Фамилия{number}", TODAY + timedelta(days=number))
    with django_assert_max_num_queries(17):
        page(browser, f"/agents/{anna.agent.pk}/")
