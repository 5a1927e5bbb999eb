"""Experiments on the screen: starting, watching, the lists behind the figures, choosing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from clientela.modules.renewals.experiments import bucket
from clientela.modules.renewals.models import Experiment, Renewal, Step, Touch
from clientela.modules.renewals.operations.experiments import end_experiment, start_experiment
from clientela.modules.renewals.operations.planning import plan_day
from clientela.workspace.schedules.queries.day_plan import day_plan
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW
from clientela.workspace.schedules.tests.helpers import HX, plain


@pytest.fixture
def changed(draft):
    """The draft sends the SMS of the thirtieth day in other words."""
    Step.objects.filter(version=draft, key="motor-30-sms").update(text="Продлите полис у своего агента")
    return draft


@pytest.fixture
def url(centre):
    def address(name="experiments", *args):
        return reverse(f"schedules:{name}", args=[centre.pk, *args])

    return address


@pytest.fixture
def running(changed, renewals_manager, now):
    return start_experiment(actor=renewals_manager, now=now, version=changed, first_day=TOMORROW)


def form(draft, **changes):
    return {"version": draft.number, "share": 50, "first_day": TOMORROW.isoformat(), "last_day": ""} | changes


def test_the_addresses_are_the_agreed_ones():
    assert reverse("schedules:experiments", args=[2]) == "/schedules/2/experiments/"
    assert reverse("schedules:experiment", args=[2, 7]) == "/schedules/2/experiments/7/"


def test_the_empty_page_teaches_and_the_dialog_asks_for_a_draft(manager, centre, url):
    assert "Каждый клиент получает только одну версию" in plain(manager.get(url()))
    asked = manager.get(url("start_experiment"), headers=HX)
    assert "Есть только версия 1" in plain(asked)
    assert f'action="/schedules/{centre.pk}/versions/1/draft/"' in asked.content.decode()


def test_an_experiment_starts_and_the_editor_shows_it_read_only(manager, changed, url, centre):
    shown = plain(manager.get(url("start_experiment"), headers=HX))
    assert "Версия 2, черновик" in shown

    response = manager.post(url("start_experiment"), form(changed, share=30), headers=HX)

    made = Experiment.objects.get()
    assert response["HX-Redirect"] == url("experiment", made.pk)
    assert (made.control.number, made.candidate.number, made.share, made.lead_days) == (1, 2, 30, 30)
    page = plain(manager.get(url()))
    assert "Версия 2 для 30 % клиентов, версия 1 для остальных" in page
    assert "Начнётся 19 ноября" in page
    editor = manager.get(f"/schedules/{centre.pk}/?version=2")
    assert "В опыте с 19.11.2026, только чтение" in plain(editor)
    assert "data-editable" not in editor.content.decode()
    line = plain(manager.get(url("experiment_figures", made.pk) + "?brief=1", headers=HX))
    assert "Опыт 70 / 30" in line


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"share": 0}, "от 1 до 99"),
        ({"share": ""}, "Доля клиентов"),
        ({"first_day": TODAY.isoformat()}, "19.11.2026"),
        ({"last_day": TODAY.isoformat()}, "не раньше первого"),
        ({"version": 1}, "Версия Б"),
    ],
)
def test_what_cannot_be_started_is_said_at_the_field(manager, changed, url, changes, words):
    response = manager.post(url("start_experiment"), form(changed, **changes), headers=HX)

    assert response.status_code == 422
    assert words in plain(response)
    name = next(iter(changes))
    assert re.search(rf'name="{name}"[^>]*aria-invalid="true"', response.content.decode())
    assert not Experiment.objects.exists()


def test_a_text_that_cannot_be_filled_stops_the_start(manager, changed, url):
    Step.objects.filter(version=changed, key="motor-30-sms").update(text="{nobody}")
    assert manager.post(url("start_experiment"), form(changed), headers=HX).status_code == 422
    assert not Experiment.objects.exists()


@pytest.fixture
def watched(running, anna, osago, ending, now):
    """Fifty days on: sixty clients entered on the first day, B's all paid and A's none; one is open still."""
    terms = [ending(anna.agent, osago, days=31) for _ in range(60)]
    plan_day(day=TOMORROW, now=now)
    b = [t.pk for t in terms if bucket(t.client_id, running.pk) < 50]
    Renewal.objects.filter(pk__in=b).update(paid_at=now, state="paid")
    Touch.objects.filter(channel="sms").update(state="delivered", sent_at=now)
    with time_machine.travel(now + timedelta(days=50), tick=False):
        cache.clear()
        yield running, terms, b


def test_figures_are_told_in_plain_words_and_open_their_lists(sign_in, renewals_manager, url, watched):
    experiment, terms, b = watched
    manager = sign_in(renewals_manager)
    shown = manager.get(url("experiment_figures", experiment.pk), headers=HX)
    words = plain(shown)
    a = len(terms) - len(b)

    assert "С версией Б продлевают чаще: +100,0 п. п." in words
    assert f"{len(b)} из {len(b)}" in words
    assert f"0 из {a}" in words
    assert "p &lt; 0,001" in words
    assert "пока нечего рисовать" not in words
    links = re.findall(r'hx-get="([^"]+side=[^"]+)"', shown.content.decode())
    assert len(links) == 2 * 7
    for link in links:
        assert manager.get(link.replace("&amp;", "&"), headers=HX).status_code == 200
    listed = plain(manager.get(url("experiment_terms", experiment.pk) + "?side=b&what=renewed", headers=HX))
    by_name = {t.client.name: t.pk in b for t in terms}
    assert {name for name in by_name if f"{name} " in listed} == {
        name for name, is_b in by_name.items() if is_b
    }
    assert manager.get(url("experiment_terms", experiment.pk) + "?side=c&what=terms").status_code == 404
    assert manager.get(url("experiment_terms", experiment.pk) + "?side=a&what=secrets").status_code == 404


def test_figures_and_lists_stay_in_the_scope(sign_in, boris, url, watched):
    experiment, _terms, _b = watched
    browser = sign_in(boris)
    assert "Пока слишком мало" in plain(browser.get(url("experiment_figures", experiment.pk)))
    assert "Клиентов" not in plain(browser.get(url("experiment_terms", experiment.pk) + "?side=a&what=terms"))


def test_b_is_chosen_with_a_reason(sign_in, url, watched, changed, renewals_manager):
    experiment, _terms, _b = watched
    manager = sign_in(renewals_manager)
    day = TODAY + timedelta(days=51)
    data = {"winner": "b", "from_day": day.isoformat(), "reason": ""}
    refused = manager.post(url("end_experiment", experiment.pk), data, headers=HX)
    assert refused.status_code == 422
    experiment.refresh_from_db()
    assert experiment.ended_from is None

    response = manager.post(
        url("end_experiment", experiment.pk), data | {"reason": "Продлевают чаще"}, headers=HX
    )

    assert response["HX-Redirect"] == url("experiment", experiment.pk)
    experiment.refresh_from_db()
    changed.refresh_from_db()
    assert (experiment.winner, experiment.ended_by, changed.state) == ("b", renewals_manager, "active")
    page = plain(manager.get(url()))
    assert "Выбрана версия 2: действует с 08.01.2027" in page
    assert "Продлевают чаще" in page
    again = manager.post(url("end_experiment", experiment.pk), data | {"reason": "x"}, headers=HX)
    assert (again.status_code, "уже завершён" in plain(again)) == (422, True)


@pytest.mark.parametrize("who", ["anna", "branch_head", "marketer", "auditor"])
def test_others_watch_and_change_nothing(request, sign_in, who, running, url, changed):
    browser = sign_in(request.getfixturevalue(who))
    assert browser.get(url()).status_code == 200
    assert "Остановить" not in plain(browser.get(url()))
    data = {"winner": "b", "from_day": TOMORROW.isoformat(), "reason": "x"}
    assert browser.post(url("end_experiment", running.pk), data).status_code == 403
    assert browser.post(url("start_experiment"), form(changed)).status_code == 403
    running.refresh_from_db()
    assert (running.ended_from, Experiment.objects.count()) == (None, 1)


def test_an_experiment_of_another_schedule_is_not_found(manager, running, base):
    for name in ("experiment", "experiment_figures", "end_experiment"):
        assert manager.get(reverse(f"schedules:{name}", args=[base.pk, running.pk])).status_code == 404


def test_tomorrows_figures_of_the_list_are_those_of_the_planner(
    manager, running, anna, osago, ending, now, centre
):
    """Both sides together, each client once."""
    for _ in range(12):
        ending(anna.agent, osago, days=31)
    shown = manager.get("/schedules/figures/").content.decode()
    told = dict(re.findall(r'id="figure-(\d+)".*?<span[^>]*>(\d+)</span>', shown))

    plan_day(day=TOMORROW, now=now)

    planned = Touch.objects.filter(state="planned", step_key__startswith="centre.")
    assert told[str(centre.pk)] == str(planned.count())
    assert planned.filter(step__version__number=2).exists()


def test_alone_a_version_on_trial_is_counted_on_everybody(
    running, changed, renewals_manager, anna, osago, ending
):
    for _ in range(6):
        ending(anna.agent, osago, days=31)
    steps = list(changed.steps.select_related("version__schedule").filter(key="motor-30-sms"))
    assert day_plan(renewals_manager, steps, day=TOMORROW, today=TODAY).going == 6


def test_former_experiments_are_kept(manager, running, renewals_manager, now, url, changed):
    end_experiment(actor=renewals_manager, now=now, experiment=running, winner="a", reason="Передумали")
    changed.refresh_from_db()
    again = start_experiment(
        actor=renewals_manager, now=now, version=changed, first_day=TOMORROW + timedelta(days=1)
    )

    page = plain(manager.get(url()))
    assert "Все опыты 1 и 3" in page
    assert "осталась 1" in page
    assert "Передумали" in plain(manager.get(url("experiment", running.pk)))
    assert manager.get(url("experiment", again.pk + 1)).status_code == 404


def test_the_page_speaks_english_too(manager, renewals_manager, running, url):
    renewals_manager.language = "en"
    renewals_manager.save()
    assert "Version 2 for 50% of the clients, version 1 for the others" in plain(manager.get(url()))
