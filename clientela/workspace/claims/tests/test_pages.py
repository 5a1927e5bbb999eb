"""Claims on the screen: the list, the page with its decision, the notice for a client."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.claims.models import Claim
from clientela.modules.claims.operations import open_claim
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.models import Policy

HTMX = {"HX-Request": "true", "HX-Target": "claim"}


@pytest.fixture(autouse=True)
def _today(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def claim(vera_policy: Policy, now: datetime) -> Claim:
    return open_claim(
        actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 17), kind="collision", payout="bank",
        payee="Орлова Вера", bic="044525225", account="40817810899910004312", place="Казань, Баумана, 1",
    )  # fmt: skip


@pytest.fixture
def foreign(boris_policy: Policy, now: datetime) -> Claim:
    return open_claim(actor=None, now=now, policy=boris_policy, occurred_on=date(2026, 11, 17))


def text_of(answer: Any) -> str:
    return str(answer.content.decode()).replace("\xa0", " ")


def test_the_list_shows_what_waits_with_the_nearest_deadline_first(
    sign_in: Callable[[User], Browser], adjuster: User, claim: Claim, foreign: Claim, vera_policy: Policy, now: datetime
) -> None:  # fmt: skip
    late = open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    paid = open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 2))
    Claim.objects.filter(pk=late.pk).update(
        due_on=now.date() - timedelta(days=1), assignee=adjuster, status="work"
    )
    Claim.objects.filter(pk=paid.pk).update(status="paid", amount=Decimal(71700))
    browser = sign_in(adjuster)

    def shown(query: str = "") -> list[str]:
        page = text_of(browser.get(f"/claims/{query}"))
        return re.findall(r"data-open>([^<]+)</a>", page)

    assert shown() == [late.number, claim.number]
    assert shown("?order=-due") == [claim.number, late.number]
    assert shown("?whose=mine") == shown("?whose=late") == shown("?state=work") == [late.number]
    assert shown("?state=paid") == [paid.number]
    assert shown("?state=all&order=reported") == [claim.number, late.number, paid.number]
    assert shown("?line=kasko") == []
    assert shown(f"?q={claim.pk}") == [claim.number]
    assert shown(f"?q={claim.number[:4]}&state=reported") == [claim.number]
    assert shown("?q=орлова&state=paid") == [paid.number]
    for junk in ("?state=x&whose=y&line=z&branch=" + "9" * 30, "?q=" + "9" * 300, "?order=zzz&after=!!"):
        assert browser.get(f"/claims/{junk}").status_code == 200
    assert shown("?branch=" + "9" * 30) == shown()
    assert "просрочен" in text_of(browser.get("/claims/"))
    assert browser.get("/").headers["Location"] == "/claims/"


def test_the_list_costs_the_same_for_many(
    sign_in: Callable[[User], Browser], branch_head: User, vera_policy: Policy, now: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for _ in range(8):
        open_claim(actor=None, now=now, policy=vera_policy, occurred_on=date(2026, 11, 1))
    browser = sign_in(branch_head)
    browser.get("/claims/")
    with django_assert_max_num_queries(12):
        browser.get("/claims/", headers={"HX-Request": "true", "HX-Target": "claims-list"})


def test_from_taking_to_paying(sign_in: Callable[[User], Browser], adjuster: User, claim: Claim) -> None:
    browser, path = sign_in(adjuster), f"/claims/{claim.pk}/"
    page = text_of(browser.get(path))
    for words in (claim.number, "20", "Казань, Баумана, 1", "40817810899910004312", "сегодня 0-й день"):
        assert words in page, words
    assert "Рогов" in text_of(browser.post(f"{path}work/", headers=HTMX))
    wrong = browser.post(f"{path}papers/", {"wanted": " "}, headers=HTMX)
    assert (wrong.status_code, 'class="err"' in text_of(wrong)) == (422, True)
    assert "Справка" in text_of(browser.post(f"{path}papers/", {"wanted": "Справка"}, headers=HTMX))
    assert browser.post(f"{path}papers-here/").headers["Location"] == path
    wrong = browser.post(f"{path}payment/", {"amount": "много"}, headers=HTMX)
    assert (wrong.status_code, "много" in text_of(wrong)) == (422, True)
    assert "71 700,00 ₽" in text_of(browser.post(f"{path}payment/", {"amount": "71 700"}, headers=HTMX))
    again = browser.post(f"{path}payment/", {"amount": "71 700"}, headers=HTMX)
    assert again.status_code == 422
    claim.refresh_from_db()
    assert (claim.status, claim.amount, claim.assignee) == ("paid", Decimal(71700), adjuster)
    assert Message.objects.filter(origin="claims.step").count() == 4


def test_a_refusal_needs_its_reason(
    sign_in: Callable[[User], Browser], branch_head: User, claim: Claim
) -> None:
    browser, path = sign_in(branch_head), f"/claims/{claim.pk}/"
    assert browser.post(f"{path}refusal/", {"reason": ""}, headers=HTMX).status_code == 422
    assert "Не вписан" in text_of(browser.post(f"{path}refusal/", {"reason": "Не вписан"}, headers=HTMX))
    assert "в споре" in text_of(browser.post(f"{path}dispute/", headers=HTMX))
    assert browser.post(f"{path}dispute/", {"closed": "1"}).status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.disputed_since) == ("refused", None)


def test_an_agent_reads_and_reports_and_decides_nothing(
    sign_in: Callable[[User], Browser], anna: User, claim: Claim, foreign: Claim
) -> None:
    browser, path = sign_in(anna), f"/claims/{claim.pk}/"
    page = text_of(browser.get(path))
    assert "•••• 4312" in page
    assert "40817810899910004312" not in page
    for act in ("work", "papers", "papers-here", "payment", "refusal"):
        assert (
            browser.post(f"{path}{act}/", {"amount": "1", "reason": "x", "wanted": "x"}).status_code == 403
        ), act
    for address in (
        f"/claims/{foreign.pk}/",
        f"/claims/{foreign.pk}/dispute/",
        f"/claims/{foreign.pk}/photos/",
    ):
        assert browser.post(address).status_code in (404, 405)
    claim.refresh_from_db()
    assert (claim.status, claim.steps.count()) == ("reported", 1)


def test_readers_see_and_change_nothing(
    sign_in: Callable[[User], Browser], auditor: User, marketer: User, claim: Claim
) -> None:
    assert sign_in(auditor).get(f"/claims/{claim.pk}/").status_code == 200
    assert sign_in(auditor).post(f"/claims/{claim.pk}/dispute/").status_code == 403
    assert sign_in(marketer).get("/claims/").status_code == 403


def test_photos_are_added_and_private(
    sign_in: Callable[[User], Browser], anna: User, boris: User, claim: Claim
) -> None:
    made = BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, "JPEG")
    browser = sign_in(anna)
    file = SimpleUploadedFile("a.jpg", made.getvalue(), "image/jpeg")
    assert browser.post(f"/claims/{claim.pk}/photos/", {"view": "front", "photo": file}).status_code == 302
    photo = claim.photos.get()
    assert browser.get(f"/claims/photos/{photo.pk}/").getvalue().startswith(b"\xff\xd8")
    assert sign_in(boris).get(f"/claims/photos/{photo.pk}/").status_code == 404
    bad = browser.post(
        f"/claims/{claim.pk}/photos/", {"view": "front", "photo": SimpleUploadedFile("a", b"x")}
    )
    assert (bad.status_code, "JPEG" in text_of(bad)) == (422, True)


def test_a_notice_for_a_client_is_one_claim(
    sign_in: Callable[[User], Browser], anna: User, vera_policy: Policy, boris_policy: Policy
) -> None:
    browser = sign_in(anna)
    assert f"/claims/new/?policy={vera_policy.pk}" in text_of(browser.get(f"/policies/{vera_policy.pk}/"))
    page = text_of(browser.get(f"/claims/new/?client={vera_policy.client_id}"))
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    body = {
        "key": key[1], "policy": vera_policy.pk, "channel": "phone", "kind": "collision", "occurred_on": "2026-11-17",
        "occurred_at": "10:20", "place": "Казань", "description": "Удар сзади", "other_plate": "а123вс 116",
    }  # fmt: skip
    wrong = browser.post("/claims/new/", body | {"occurred_on": "2020-01-01"})
    assert (wrong.status_code, "не действовал" in text_of(wrong)) == (422, True)
    wrong = browser.post(
        "/claims/new/", body | {"payout": "bank", "payee": "Вера", "bic": "1", "account": "2"}
    )
    assert wrong.status_code == 422
    for _again in range(2):
        answer = browser.post("/claims/new/", body)
    claim = Claim.objects.get()
    assert answer.headers["Location"] == f"/claims/{claim.pk}/"
    assert (claim.channel, claim.participants.get().plate) == ("phone", "А123ВС116")
    assert Message.objects.filter(origin="claims.step").count() == 1
    assert browser.get(f"/claims/new/?policy={boris_policy.pk}").status_code == 404
    assert browser.post("/claims/new/", body | {"policy": boris_policy.pk}).status_code == 404
    assert browser.get("/claims/new/").status_code == 404


def test_the_list_as_a_file(
    sign_in: Callable[[User], Browser], branch_head: User, anna: User, claim: Claim
) -> None:
    browser = sign_in(branch_head)
    lines = b"".join(browser.get("/claims/export.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert claim.number in lines
    assert "Столкновение" in lines
    assert browser.get("/claims/export.xlsx").getvalue().startswith(b"PK")
    assert sign_in(anna).get("/claims/export.csv").status_code == 403
    assert Entry.objects.filter(action="claims.exported").count() == 2
