"""The board: who sees what, what is counted, and how little it asks of the database."""

import gzip
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.foundation.lists.models import ListSettings, SavedView
from clientela.modules.clients.models import Client
from clientela.modules.organisation.models import Placement
from clientela.modules.renewals.models import Renewal

BOARD = "/renewals/"
PAST_THE_DOOR = 4  # session, person, place of work, calls


def page(browser, address: str = BOARD, **headers) -> str:
    response = browser.get(address, headers=headers)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def plain(html: str) -> str:
    """The words of a page with ordinary spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " "))


def listed(html: str) -> list[str]:
    return re.findall(r'data-open data-peek title="(\S+) ', html)


def test_the_address_is_the_agreed_one():
    assert reverse("renewals:board") == BOARD
    assert reverse("renewals:client_track", args=[7]) == "/renewals/client/7/track/"


def test_an_agent_sees_own_terms_the_nearest_and_barest_first(sign_in, anna, board):
    html = page(sign_in(anna))

    assert listed(html) == ["Абрамова", "Белова", "Волкова", "Громова", "Дроздова"]
    assert "Чужова" not in html


def test_boris_sees_only_his_own(sign_in, boris, board):
    assert listed(page(sign_in(boris))) == ["Чужова"]


def test_every_scope_has_its_own_board(
    sign_in, team_lead, branch_head, centre_operator, renewals_manager, auditor, quality, board
):
    own = ["Абрамова", "Белова", "Волкова", "Громова", "Дроздова"]
    for person in (team_lead, branch_head, centre_operator):
        assert listed(page(sign_in(person))) == own
    for person in (renewals_manager, auditor, quality):
        assert listed(page(sign_in(person))) == ["Абрамова", "Чужова", *own[1:]]


def test_a_stranger_is_sent_to_sign_in(client, db):
    response = client.get(BOARD)

    assert (response.status_code, response.headers["Location"]) == (302, "/account/login/?next=/renewals/")


def test_counts_totals_and_shares_are_exact(sign_in, anna, board):
    words = plain(page(sign_in(anna)))

    assert "Все истекающие 5 17 дней без проекта 1 Рассчитаны, не оплачены 1" in words
    assert "Первый год ОСАГО 5 Оплачены 1 Потеряны 1" in words
    assert "Нет проекта 1 20 % Проект 1 20 % Рассчитан 1 20 % Оплачен 1 20 % Потерян 1 20 %" in words
    # 1000 + 1960 + 3300 + 4000 + 5000; nothing was done for the first
    assert "5 договоров · премия 15 260,00 ₽ · под угрозой 1 000 ₽" in words


def test_english_speakers_read_english(sign_in, anna, board):
    anna.language = "en"
    anna.save()
    words = plain(page(sign_in(anna)))

    assert "Renewals your clients · today is 18 November" in words
    assert "5 contracts · premium RUB 15,260.00 · at risk RUB 1,000" in words
    assert "Quoted, not paid 1" in words
    assert "Абрамова Вера Николаевна OSAGO · Hyundai Creta, 2021" in words


def test_the_shares_follow_the_days_and_the_foot_follows_the_state(sign_in, anna, board):
    words = plain(page(sign_in(anna), f"{BOARD}?from=17&state=quoted"))

    assert "Все истекающие 5" in words  # tabs always speak of everything
    assert "Нет проекта 1 25 %" in words
    assert "1 договор · премия 3 300,00 ₽ " in words
    assert "Осталось 0–17 дн." in words
    assert "Состояние Рассчитан" in words


def test_a_price_shows_how_it_changed(sign_in, anna, board):
    words = plain(page(sign_in(anna)))

    assert "1 960,00 ₽ −2,0 %" in words
    assert "3 300,00 ₽ +10,0 %" in words
    assert "1 000,00 ₽ прошлогодняя" in words


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("name", "Абрамова"),
        ("-name", "Дроздова"),
        ("-price", "Дроздова"),
        ("price", "Абрамова"),
        ("-change", "Волкова"),
    ],
)
def test_orders(sign_in, anna, board, order, first):
    assert listed(page(sign_in(anna), f"{BOARD}?order={order}"))[0] == first


def test_heads_say_how_the_list_is_ordered(sign_in, anna, board):
    html = page(sign_in(anna), f"{BOARD}?order=-name")

    assert (
        '<th scope="col" class="" aria-sort="descending"><a class="sort" href="/renewals/?order=name">'
        in html
    )
    assert 'aria-sort="none"><a class="sort" href="/renewals/?order=end">Осталось' in html


def test_pages_go_on_by_key(sign_in, anna, make_term):
    for number in range(53):
        make_term(anna.agent, f"Фамилия{number:02}", left=number % 40)
    browser = sign_in(anna)
    first = page(browser, f"{BOARD}?order=name")
    after = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = page(browser, after)

    assert listed(first) == [f"Фамилия{number:02}" for number in range(50)]
    assert listed(second) == ["Фамилия50", "Фамилия51", "Фамилия52"]
    assert 'rel="next"' not in second
    before = re.search(r'rel="prev" href="([^"]+)"', second)[1].replace("&amp;", "&")
    assert listed(page(browser, before)) == listed(first)


def test_nothing_found_says_which_way_out(sign_in, anna, board):
    words = plain(page(sign_in(anna), f"{BOARD}?q=Ю"))

    assert "Под эти условия ничего не подходит" in words
    assert "Убрать условия" in words


def test_the_list_alone_answers_htmx(sign_in, anna, board):
    html = page(sign_in(anna), f"{BOARD}?from=5", **{"HX-Request": "true", "HX-Target": "board"})

    assert html.lstrip().startswith('<div id="board"')
    assert "<html" not in html
    assert 'data-announce="2 договора"' in html
    assert 'data-live="renewals"' in html
    assert 'hx-get="/renewals/?from=5"' in html


def test_a_refresh_by_itself_says_nothing_aloud(sign_in, anna, board):
    headers = {"HX-Request": "true", "HX-Target": "board", "HX-Trigger": "board"}

    assert "data-announce" not in page(sign_in(anna), BOARD, **headers)


def test_the_row_of_the_open_drawer_keeps_the_cursor(sign_in, anna, board):
    opened = board["quoted"].pk
    headers = {
        "HX-Request": "true", "HX-Target": "board", "HX-Trigger": "board",
        "HX-Current-URL": f"http://testserver/renewals/{opened}/?tab=quote",
    }  # fmt: skip
    html = page(sign_in(anna), BOARD, **headers)

    assert html.count("is-cursor") == 1
    assert html.index("is-cursor") < html.index(f"pick-{opened}") < html.index("is-cursor") + 200


def test_statements_do_not_grow_with_rows(sign_in, anna, shipped, make_term, django_assert_num_queries):
    browser = sign_in(anna)
    page(browser)
    for _times in range(2):
        for number in range(20):
            make_term(anna.agent, f"Фамилия{number}", left=number)
        # scope, keys, rows, counts, saved views, columns, touches, versions, steps
        with django_assert_num_queries(9 + PAST_THE_DOOR):
            page(browser)


def test_counts_of_a_branch_are_shared_for_a_while(sign_in, branch_head, board):
    browser = sign_in(branch_head)
    page(browser)
    Renewal.objects.filter(pk=board["nothing"].pk).update(state="lost")

    assert "Потеряны 1" in plain(page(browser))
    assert "Потеряны 2" in plain(page(browser, f"{BOARD}?fresh=1"))
    assert "Потеряны 2" in plain(page(browser))


def test_counts_of_one_branch_are_not_those_of_another(sign_in, branch_head, make_user, ulyanovsk, board):
    other = make_user("branch_head", "Пётр", "Другой")
    Placement.objects.create(user=other, branch=ulyanovsk)

    assert "Все истекающие 5" in plain(page(sign_in(branch_head)))
    assert "Все истекающие 1" in plain(page(sign_in(other)))


def test_names_of_foreign_agents_are_not_told(sign_in, anna, boris, board):
    html = page(sign_in(anna), f"{BOARD}?agent={boris.agent.pk}")

    assert "Ершов" not in html
    assert listed(html) == []


def test_the_table_of_days(sign_in, anna, board):
    words = plain(page(sign_in(anna), "/renewals/days/"))

    assert "30 0 0 0 0 1 1 17 0 0 1 1 0 2 5 0 1 0 0 0 1 1 1 0 0 0 0 1" in words


def test_the_conditions_offer_what_is_in_scope(sign_in, anna, branch_head, renewals_manager, board):
    assert 'name="branch"' not in page(sign_in(anna), "/renewals/conditions/")
    assert 'name="branch"' not in page(sign_in(branch_head), "/renewals/conditions/")
    html = page(sign_in(renewals_manager), "/renewals/conditions/?state=lost&from=30")
    assert "Казань" in html
    assert "Ульяновск" in html
    assert re.search(r'name="state" value="lost"[^>]* checked', html)
    assert 'name="from" value="30"' in html


def test_a_view_is_saved_under_a_name_once(sign_in, anna, board):
    browser = sign_in(anna)
    data = {"name": "Дорогие", "query": "junk=1&state=quoted&order=-price"}
    saved = browser.post("/renewals/views/", data)
    again = browser.post("/renewals/views/", data, headers={"HX-Request": "true"})

    assert (saved.status_code, saved.headers["Location"]) == (302, "/renewals/?state=quoted&order=-price")
    assert list(SavedView.objects.values_list("name", "query", "owner")) == [
        ("Дорогие", "state=quoted&order=-price", anna.pk)
    ]
    assert again.status_code == 422
    assert "Вид с таким названием у вас уже есть." in again.content.decode()
    assert "Дорогие" in again.content.decode()
    html = page(browser, "/renewals/?state=quoted&order=-price")
    assert "Дорогие" in html
    assert "Удалить вид" in html


def test_somebody_elses_view_is_not_deleted(sign_in, anna, boris, board):
    view = SavedView.objects.create(list_key="renewals", name="Мой", owner=anna)

    sign_in(boris).post(f"/renewals/views/{view.pk}/removal/")
    assert SavedView.objects.count() == 1
    sign_in(anna).post(f"/renewals/views/{view.pk}/removal/")
    assert SavedView.objects.count() == 0


def test_columns_are_chosen_per_person(sign_in, anna, board):
    browser = sign_in(anna)
    browser.post("/renewals/columns/", {"columns": ["number", "left", "bad"], "query": "from=5"})
    assert ListSettings.objects.count() == 0
    went = browser.post("/renewals/columns/", {"columns": ["number", "left"], "query": "from=5&x=1"})

    assert went.headers["Location"] == "/renewals/?from=5"
    html = page(browser)
    assert "XXX 0000000001" in html
    assert "Следующее касание</th>" not in html
    browser.post("/renewals/columns/", {"query": ""})
    assert "Следующее касание</th>" in page(browser)


def test_an_auditor_reads_but_has_no_acts(sign_in, auditor, board):
    html = page(sign_in(auditor))

    assert "data-bulk" not in html
    assert 'name="ids"' not in html


def test_export_is_for_those_who_may_and_is_journaled(sign_in, anna, branch_head, board):
    assert sign_in(anna).get("/renewals/export/csv/").status_code == 403
    assert Entry.objects.count() == 0
    answer = sign_in(branch_head).get("/renewals/export/csv/?state=quoted&state=lost")
    lines = b"".join(answer.streaming_content).decode().split("\r\n")

    assert lines[0].startswith("\ufeffКлиент;Договор;Номер полиса;Окончание;Осталось;Премия;")
    assert lines[1] == (
        "Волкова Вера Николаевна;ОСАГО · Hyundai Creta, 2021;XXX 0000000003;2026-12-05;17;3000,00;3300,00;10,0;"
        "Рассчитан;1;Анна Соколова;Казань;SMS, E-mail, Звонок;;"
    )
    assert len(lines) == 4
    entry = Entry.objects.get()
    assert (entry.action, entry.actor, entry.object_name) == (
        "renewals.exported", branch_head, "state=quoted&state=lost",
    )  # fmt: skip


def test_export_opens_in_a_spreadsheet(sign_in, branch_head, board, tmp_path):
    Client.objects.filter(pk=board["nothing"].client_id).update(last_name="=1+1")
    answer = sign_in(branch_head).get("/renewals/export/xlsx/")
    file = tmp_path / "terms.xlsx"
    file.write_bytes(b"".join(answer.streaming_content))
    rows = list(load_workbook(file).active.values)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="renewals-2026-11-18.xlsx"'
    assert rows[0][:2] == ("Клиент", "Договор")
    assert rows[1][0] == "'=1+1 Вера Николаевна"
    assert len(rows) == 6


def test_the_page_is_light(sign_in, anna, shipped, make_term):
    for number in range(50):
        make_term(anna.agent, f"Фамилия{number}", left=number % 45)

    assert len(gzip.compress(page(sign_in(anna)).encode())) < 30_000
