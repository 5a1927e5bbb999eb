"""The steward's page: the queue, a pair with why, and what is decided."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client as Browser

from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.resolution.models import LinkModel, Pair
from clientela.workspace.duplicates.words import waterfall
from clientela.workspace.quotes.tests.test_window import text_of


@pytest.fixture
def make_pair(vera: Client, make_client: Any, anna: User, now: datetime) -> Callable[..., Pair]:
    """Вера once more, as another source wrote her."""
    model = LinkModel.objects.create(parameters={}, cards=2, made_at=now, is_active=True)

    def make(first: str = "Вера", **values: Any) -> Pair:
        other = make_client(anna.agent, "Зорина", first, birth_date=vera.birth_date)
        usual = {
            "probability": 0.9312, "weight": 3.8, "model": model, "seen_by_job": 1,
            "terms": [["last", "maiden", -1.2], ["birth", "same", 8.4], ["phones", "same", 9.0]],
        }  # fmt: skip
        return Pair.objects.create(low_card=vera.pk, high_card=other.pk, **(usual | values))

    return make


def test_a_pair_is_shown_with_why(
    make_pair: Any, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    pair = make_pair()
    page = text_of(sign_in(administrator).get("/duplicates/"))
    assert "93,1 %" in page
    for told in ("другая фамилия, как после свадьбы", "−1,2", "+8,4", "До сравнения", "−12,4", "+3,8"):
        assert told in page
    assert f'action="/duplicates/{pair.pk}/merge/"' in page


def test_the_waterfall_leads_from_chance_to_the_whole(make_pair: Any) -> None:
    bars = waterfall(make_pair(), "ru")
    assert [bar.bits for bar in bars] == ["−12,4", "−1,2", "+8,4", "+9,0", "+3,8"]
    assert all(float(bar.left) >= 0 and float(bar.left) + float(bar.width) <= 101 for bar in bars)


def test_merged_told_apart_and_opened_again(
    make_pair: Any, vera: Client, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    pair, second, browser = make_pair(), make_pair("Верочка", probability=0.8), sign_in(administrator)
    answer = browser.post(f"/duplicates/{pair.pk}/merge/", {"card": pair.high_card, "name": "gone"})
    assert answer["Location"] == f"/duplicates/{second.pk}/"
    kept = Client.objects.get(pk=pair.high_card)
    assert (kept.last_name, Client.objects.filter(pk=vera.pk).exists()) == ("Орлова", False)
    assert "Решено" in text_of(browser.get(f"/duplicates/{pair.pk}/"))
    browser.post(f"/duplicates/{pair.pk}/undoing/")
    assert Client.objects.filter(pk=vera.pk).exists()
    browser.post(f"/duplicates/{second.pk}/difference/")
    second.refresh_from_db()
    assert (second.state, second.decided_by) == ("different", administrator)
    late = browser.post(f"/duplicates/{second.pk}/merge/", {"card": second.low_card})
    assert late.status_code == 409


def test_who_changed_a_card_meanwhile_is_not_overruled(
    make_pair: Any, vera: Client, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    pair = make_pair()
    given = {"card": pair.low_card, "kept": vera.version + 4, "gone": 1}
    assert sign_in(administrator).post(f"/duplicates/{pair.pk}/merge/", given).status_code == 409
    pair.refresh_from_db()
    assert pair.state == "open"


def test_certain_ones_are_joined_at_once(
    make_pair: Any, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    first, second = make_pair(certain=True), make_pair("Верочка", certain=True, probability=0.999)
    browser = sign_in(administrator)
    assert f'name="pair" value="{first.pk}"' in text_of(browser.get("/duplicates/?box=certain"))
    browser.post("/duplicates/acceptance/", {"pair": [first.pk, second.pk]})
    assert set(Pair.objects.values_list("state", flat=True)) == {"merged"}


def test_pairs_of_others_and_acts_without_the_right_are_refused(
    make_pair: Any, anna: User, boris: User, boris_client: Client, branch_head: User, make_client: Any,
    sign_in: Callable[[User], Browser],
) -> None:  # fmt: skip
    own, other = make_pair(), make_client(boris.agent, "Чужой", "Иван")
    cards = {"low_card": boris_client.pk, "high_card": other.pk}
    foreign = Pair.objects.create(**cards, probability=0.9, weight=3, model=own.model, seen_by_job=1)
    assert sign_in(anna).get("/duplicates/").status_code == 403
    browser = sign_in(branch_head)
    assert browser.get(f"/duplicates/{own.pk}/").status_code == 200
    assert browser.get(f"/duplicates/{foreign.pk}/").status_code == 404
    assert browser.post(f"/duplicates/{foreign.pk}/merge/").status_code == 404
    browser.post("/duplicates/acceptance/", {"pair": [foreign.pk]})
    foreign.refresh_from_db()
    assert foreign.state == "open"
    assert [one["id"] for one in browser.get("/api/v1/duplicates").json()["items"]] == [own.pk]


def test_the_api_lists_and_decides(
    make_pair: Any, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    pair, browser = make_pair(), sign_in(administrator)
    shown = browser.get("/api/v1/duplicates?state=open").json()["items"]
    assert [(one["id"], one["terms"][1]) for one in shown] == [(pair.pk, ["birth", "same", 8.4])]
    key = {"HTTP_IDEMPOTENCY_KEY": "one"}
    said = browser.post(
        f"/api/v1/duplicates/{pair.pk}/merge", {"card": pair.low_card}, content_type="application/json", **key
    )
    assert (said.status_code, said.json()["state"]) == (200, "merged")
    late = browser.post(f"/api/v1/duplicates/{pair.pk}/difference", HTTP_IDEMPOTENCY_KEY="two")
    assert late.status_code == 409


def test_a_search_is_begun_once(
    administrator: User, team_lead: User, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(administrator)
    for _time in range(2):
        browser.post("/duplicates/search/")
    assert Job.objects.filter(kind="resolution.find").count() == 1
    assert "База просматривается" in text_of(browser.get("/duplicates/"))
    assert sign_in(team_lead).post("/duplicates/search/").status_code == 403


def test_a_pair_of_companies_is_told_in_words_of_companies(
    make_client: Any, anna: User, now: datetime, administrator: User, sign_in: Callable[[User], Browser]
) -> None:
    cards = [
        make_client(anna.agent, name, kind="company", company_name=name)
        for name in ("ООО «Ромашка»", "Ромашка, ООО")
    ]
    model = LinkModel.objects.create(kind="company", parameters={}, cards=2, made_at=now, is_active=True)
    Pair.objects.create(
        low_card=cards[0].pk, high_card=cards[1].pk, probability=0.97, weight=5.0, model=model, seen_by_job=1,
        terms=[["name", "same", 9.6], ["form", "same", 0.5], ["place", "near", 1.4], ["domains", "same", 8.0]],
    )  # fmt: skip
    page = text_of(sign_in(administrator).get("/duplicates/"))
    for told in (
        "две случайные компании", "Название", "Правовая форма", "Домен почты", "совпадает город или индекс", "это одна компания",
    ):  # fmt: skip
        assert told in page
    assert "один человек" not in page
