"""Counts and the lists behind them."""

import re
from datetime import timedelta

from clientela.modules.renewals.models import Touch
from clientela.workspace.schedules.tests.conftest import TODAY, TOMORROW
from clientela.workspace.schedules.tests.helpers import HX, plain


def test_the_plan_of_tomorrow_has_a_list_behind_every_figure(manager, draft, at, anna, osago, ending):
    term = ending(anna.agent, osago, days=31)
    held = ending(anna.agent, osago, days=31, norm_kept=True)

    shown = manager.get(at("plan"), headers=HX).content.decode()
    assert re.search(r'id="n-motor-30-sms"[^>]*>1</span>', shown)
    assert "Агент держит норму" in shown

    listed = plain(manager.get(at("terms") + "?channel=sms", headers=HX))
    assert term.client.name in listed
    assert held.client.name not in listed
    listed = plain(manager.get(at("terms") + "?reason=norm_kept", headers=HX))
    assert held.client.name in listed
    assert term.client.name not in listed


def test_lists_behind_figures_stay_in_the_scope(sign_in, anna, draft, at, osago, ending, boris, volga):
    ending(boris.agent, osago, days=31, centre=volga)

    shown = plain(sign_in(anna).get(at("terms") + "?channel=sms"))

    assert "Клиентов" not in shown


def test_the_check_compares_the_draft_with_the_version_in_force(manager, draft, at, anna, osago, ending):
    ending(anna.agent, osago, days=31)
    manager.post(at("move_step", "motor-30-sms"), {"day": 33}, headers=HX)

    shown = manager.get(at("check") + f"?day={TOMORROW.isoformat()}", headers=HX)

    row = re.search(r"SMS</span></span></td>.*?</tr>", shown.content.decode(), re.S).group()
    assert re.findall(r'<td class="r[^"]*">(?:<a[^>]*>)?(\d+)', row) == ["1", "0", "0"]
    far = (TODAY + timedelta(days=90)).isoformat()
    assert manager.get(at("check") + f"?day={far}", headers=HX).status_code == 422


def test_what_a_step_gave_is_counted_from_its_touches(manager, draft, at, anna, osago, ending, now):
    yesterday = TODAY - timedelta(days=1)
    for state, paid in (("delivered", False), ("replied", True), ("failed", False), ("dropped", False)):
        term = ending(anna.agent, osago, days=29, paid_at=now if paid else None)
        Touch.objects.create(
            renewal=term, step_key="centre.motor-30-sms", term_end=term.end_date, day=30, channel="sms", state=state,
            due_on=yesterday, due_at=now - timedelta(days=1), created_at=now, sent_at=now - timedelta(days=1),
        )  # fmt: skip

    shown = plain(manager.get(at("results", "motor-30-sms"), headers=HX))
    assert "Отправлено 3" in shown
    assert "Доставлено 66,7 % 2" in shown
    assert "Ответили 33,3 % 1" in shown
    assert "Продлили 33,3 % 1" in shown
    assert "1 не доставлено" in shown
    listed = plain(manager.get(at("terms") + "?step=motor-30-sms&what=renewed", headers=HX))
    assert listed.count("Клиентов") == 1
