"""The board, its drawer, moves that ask for fields, the editors, advice on the client's card."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.renewals.models import Renewal
from clientela.modules.sales.models import Advice, Deal, Funnel, LostReason, Script, Stage, Talk
from clientela.modules.sales.operations.advice import advise_all
from clientela.modules.sales.operations.deals import lose_deal

Make = Callable[..., Deal]
SignIn = Callable[[User], Browser]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(make_deal: Make, anna: User, vera: Client) -> Deal:
    return make_deal(anna, vera, subject="Kia Ceed", amount=52_900, now=timezone.now() - timedelta(days=3))


def stage(name: str) -> Stage:
    return Stage.objects.get(name=name, funnel__code="kasko")


def move(browser: Browser, deal: Deal, to: str, **values: str) -> object:
    data = {"stage": stage(to).pk, "version": deal.version, **values}
    return browser.post(reverse("deals:move", args=[deal.pk]), data, headers=HTMX)


def test_the_board_shows_columns_with_sums_and_age(
    sign_in: SignIn, anna: User, boris: User, deal: Deal, django_assert_max_num_queries: Callable[..., object]
) -> None:
    browser = sign_in(anna)
    browser.get(reverse("deals:board"))
    with django_assert_max_num_queries(45):  # type: ignore[attr-defined]
        page = browser.get(reverse("deals:board"))
    column = page.context["columns"][0]
    assert (column["stage"].name, column["count"], column["cards"][0].pace) == ("Новая", 1, "over")
    assert "Орлова Вера" in page.content.decode()
    assert page.context["slow"]["count"] == page.context["stepless"]["count"] == 1
    assert "Орлова" not in sign_in(boris).get(reverse("deals:board")).content.decode()
    rows = browser.get(reverse("deals:board"), {"view": "list", "q": "орл", "slow": "1", "order": "-amount"})
    assert [card.deal for card, _dots in rows.context["lines"]] == [deal]
    assert not browser.get(reverse("deals:board"), {"view": "list", "q": "зимин"}).context["lines"]


def test_a_move_asks_keeps_and_is_undone(sign_in: SignIn, anna: User, deal: Deal) -> None:
    browser = sign_in(anna)
    asked = move(browser, deal, "Решение")
    assert asked.status_code == 200  # type: ignore[attr-defined]
    refused = move(browser, deal, "Решение", amount="61 300", next_at="потом")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "61 300" in refused.content.decode()  # type: ignore[attr-defined]
    assert Deal.objects.get().stage.name == "Новая"
    moved = move(browser, deal, "Решение", amount="61 300", next_at="2026-12-01T11:00")
    assert moved.status_code == 204  # type: ignore[attr-defined]
    kept = Deal.objects.get()
    assert (kept.stage.name, kept.amount, kept.next_at is not None) == ("Решение", 61_300, True)
    toast = json.loads(moved.headers["HX-Trigger"])["toast"]  # type: ignore[attr-defined]
    assert browser.post(toast["undo_url"], headers=HTMX).status_code == 204
    assert Deal.objects.get().stage.name == "Новая"


def test_the_second_mover_is_told(sign_in: SignIn, anna: User, team_lead: User, deal: Deal) -> None:
    move(sign_in(team_lead), deal, "Потребность")
    told = move(sign_in(anna), deal, "Расчёт", drivers="сам")
    toast = json.loads(told.headers["HX-Trigger"])["toast"]  # type: ignore[attr-defined]
    assert toast["kind"] == "warn"
    assert "Галиев" in toast["text"]
    assert Deal.objects.get().stage.name == "Потребность"


def test_the_drawer_leads_the_talk(sign_in: SignIn, anna: User, boris: User, deal: Deal) -> None:
    browser, url = sign_in(anna), reverse("deals:deal", args=[deal.pk])
    assert sign_in(boris).get(url).status_code == 404
    for tab in ("talk", "need", "variants", "documents", "history"):
        assert browser.get(url, {"tab": tab}, headers=HTMX).status_code == 200
    drawer = browser.get(url)
    assert "Вера Николаевна, здравствуйте" in drawer.content.decode()
    version = drawer.context["version"]
    answer = reverse("deals:answer", args=[deal.pk])
    data = {"script": version.pk, "node": "hello", "choice": "0"}
    assert browser.post(answer, data, headers=HTMX).status_code == 204
    data = {"script": version.pk, "node": "drivers", "choice": "2", "garage": "гараж"}
    assert browser.post(answer, data, headers=HTMX).status_code == 204
    assert Deal.objects.get().answers == {"drivers": "семья", "garage": "гараж"}
    browser.post(reverse("deals:step_back", args=[deal.pk]), {"script": version.pk}, headers=HTMX)
    assert Talk.objects.get().node == "drivers"


def test_many_are_closed_and_exported(
    sign_in: SignIn, anna: User, team_lead: User, deal: Deal, price: object
) -> None:
    browser = sign_in(team_lead)
    data = {"ids": [deal.pk], "reason": price.pk, "note": "дорого"}  # type: ignore[attr-defined]
    assert browser.post(reverse("deals:bulk", args=["lose"]), data, headers=HTMX).status_code == 204
    found = browser.get(reverse("deals:export", args=["csv"]), {"state": "lost", "funnel": "kasko"})
    assert "Kia Ceed" in b"".join(found.streaming_content).decode()
    assert sign_in(anna).get(reverse("deals:export", args=["csv"])).status_code == 403
    assert browser.get(reverse("deals:figures"), {"as": "table"}).context["lost"][0]["count"] == 1
    assert browser.post(reverse("deals:reopen", args=[deal.pk]), headers=HTMX).status_code == 204
    assert Deal.objects.get().state == "open"


def test_a_renewal_and_advice_become_deals(
    sign_in: SignIn, anna: User, vera_renewal: Renewal, vera_policy: Policy, sales: None, now: datetime
) -> None:
    browser = sign_in(anna)
    for _time in range(2):
        browser.post(reverse("deals:of_renewal", args=[vera_renewal.pk]))
    assert Deal.objects.get().renews == vera_policy
    advise_all(now=now)
    advice = Advice.objects.get(line="kasko")
    card = browser.get(reverse("deals:of_client", args=[vera_policy.client_id])).content.decode()
    assert "ОСАГО есть" in card
    answer = browser.post(reverse("deals:decline", args=[advice.pk]), {"reason": "dear"}, headers=HTMX)
    assert answer.status_code == 204
    assert Advice.objects.get(line="kasko").state == "declined"


def test_a_manager_edits_stages_and_scripts(
    sign_in: SignIn, anna: User, renewals_manager: User, deal: Deal, kasko_funnel: Funnel, tariffs: None
) -> None:
    assert sign_in(anna).get(reverse("deals:funnels")).status_code == 403
    browser, first = sign_in(renewals_manager), stage("Новая")
    assert "КАСКО, решение" in browser.get(reverse("deals:funnels"), {"funnel": "kasko"}).content.decode()
    address = reverse("deals:stage", args=[kasko_funnel.pk, first.pk])
    assert browser.get(address, headers=HTMX).status_code == 200
    data = {"name": "Новая", "probability": "30", "norm_days": "1.5", "required": ["subject"], "version": "1"}
    assert browser.post(address, data).status_code == 302
    assert Stage.objects.get(pk=first.pk).probability == 30
    assert browser.post(address, data).status_code == 422
    gone = reverse("deals:remove_stage", args=[kasko_funnel.pk, first.pk])
    assert browser.post(gone, {"to": stage("Расчёт").pk}).status_code == 302
    assert Deal.objects.get().stage.name == "Расчёт"
    script = Script.objects.get(code="kasko-new")
    page = reverse("deals:node", args=[script.pk, "close"])
    assert browser.get(page, headers=HTMX).status_code == 200
    node = {
        "title": "Договоритесь",
        "text": "«Когда позвонить?»",
        "label_0": "Сегодня",
        "fills_0_0": "drivers=сам",
        "fills_0_1": "product.deductible=15 000",
    }
    assert browser.post(page, node).status_code == 302
    draft = script.versions.get(state="draft")
    assert draft.content.node("close").answers[0].fills == {
        "drivers": "сам",
        "product.deductible": "15 000",
    }  # type: ignore[union-attr]
    round_and_round = node | {"goto_0": "close"}
    refused = browser.post(page, round_and_round, headers=HTMX)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["goto_0"])
    fresh = node | {"title": "Попрощайтесь", "after": "close=0"}
    assert browser.post(reverse("deals:new_node", args=[script.pk]), fresh).status_code == 302
    draft.refresh_from_db()
    assert draft.content.node("close").answers[0].goto == draft.content.nodes[-1].key  # type: ignore[union-attr]
    assert browser.post(reverse("deals:undo_script", args=[script.pk])).status_code == 302
    draft.refresh_from_db()
    assert (draft.content.nodes[-1].title, len(draft.past)) == ("Назначьте звонок", 1)
    trial = browser.get(reverse("deals:trial", args=[script.pk]), {"path": "0,1"}, headers=HTMX)
    assert trial.context["step"]["node"].key == "deductible"
    assert browser.post(reverse("deals:activate", args=[script.pk])).status_code == 302
    assert script.versions.get(state="active").number == 2
    assert browser.post(reverse("deals:write_again", args=[script.pk]), {"version": "1"}).status_code == 302
    assert script.versions.get(state="draft").body == script.versions.get(number=1).body
    assert browser.post(reverse("deals:drop_draft", args=[script.pk])).status_code == 302
    assert list(script.versions.values_list("number", flat=True)) == [2, 1]


def test_a_month_of_the_forecast_leads_to_its_deals(
    sign_in: SignIn, anna: User, boris: User, team_lead: User, deal: Deal
) -> None:
    ahead = timezone.localdate() + timedelta(days=35)
    Deal.objects.update(amount=61_300, starts_on=ahead)
    for person, count in ((anna, 1), (team_lead, 1), (boris, 0)):
        browser = sign_in(person)
        months = browser.get(reverse("deals:figures"), {"funnel": "kasko"}).context["months"]
        (month,) = (one for one in months if one["row"].first == ahead.replace(day=1))
        page = browser.get(month["url"])
        assert (month["row"].open, len(page.context["lines"])) == (61_300 * count, count)
        assert "Прогноз на" in page.content.decode()
    for broken in ("2026-13", "9999-12", "0001-01", "вчера", "2026"):
        assert browser.get(reverse("deals:board"), {"month": broken}).status_code == 200


def test_figures_are_of_a_branch_a_team_and_go_out_as_a_file(
    sign_in: SignIn, anna: User, renewals_manager: User, deal: Deal, price: LostReason
) -> None:
    browser, page = sign_in(anna), reverse("deals:figures")
    whole = browser.get(page, {"funnel": "kasko"}).context["stages"][0]
    assert whole["row"].count == 1
    nobody = browser.get(page, {"funnel": "kasko", "owner": renewals_manager.pk}).context
    assert (
        nobody["stages"][0]["row"].count,
        f"owner={renewals_manager.pk}" in nobody["stages"][0]["url"],
    ) == (0, True)
    lose_deal(actor=anna, now=timezone.now(), deal=deal, reason=price)
    (lost,) = browser.get(page, {"funnel": "kasko", "owner": anna.pk, "days": "30"}).context["lost"]
    assert [row[0].deal.pk for row in browser.get(lost["url"]).context["lines"]] == [deal.pk]
    Deal.objects.update(closed_at=timezone.now() - timedelta(days=40))
    assert browser.get(lost["url"]).context["lines"] == []
    told = browser.get(reverse("deals:export_figures", args=["csv"]), {"funnel": "kasko", "days": "365"})
    text = b"".join(told.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Проиграно сделок" in text
    assert "Цена" in text
    assert browser.get(reverse("deals:export_figures", args=["pdf"])).status_code == 404
    sheet = browser.get(reverse("deals:export_figures", args=["xlsx"]))
    with closing(sheet):
        assert b"".join(sheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
