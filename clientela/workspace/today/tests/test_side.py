"""What stands beside the queue: norms, the month, today's touches, tomorrow's plan."""

import re
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse

from clientela.modules.organisation.models import NormTarget
from clientela.modules.renewals.models import NormResult
from clientela.modules.renewals.operations.shipped import load_shipped
from clientela.workspace.today.tests.conftest import TODAY
from clientela.workspace.today.tests.helpers import HX, plain


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
