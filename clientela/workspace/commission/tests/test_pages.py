"""Statements, the act, files and rates on the screen: own pay only, closing, errors at the field."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry as Told
from clientela.modules.accounts.models import User
from clientela.modules.billing.models import Payment
from clientela.modules.clients.models import Client
from clientela.modules.commission import operations
from clientela.modules.commission.models import Entry, Rate, Statement
from clientela.modules.contracts.models import Policy

SignIn = Callable[[User], Browser]
NOVEMBER = "month=2026-11"


def text_of(answer: Any) -> str:
    return answer.content.decode().replace("\xa0", " ")  # type: ignore[no-any-return]


@pytest.fixture
def paid(vera_policy: Policy, boris_policy: Policy, now: datetime) -> None:
    """By 10 % Anna has earned 853.40, Борис 100.00."""
    operations.set_rate(actor=None, now=now, line="osago", percent=Decimal(10), valid_from=date(2026, 1, 1))
    for policy, amount in ((vera_policy, "8533.99"), (boris_policy, "1000.00")):
        Payment.objects.create(
            client=policy.client,
            policy=policy,
            amount=Decimal(amount),
            method="bank",
            paid_at=now,
            created_at=now,
        )
    operations.accrue_missing(now=now, first=1, last=2**40)


def test_an_agent_lands_on_the_own_statement(sign_in: SignIn, anna: User, boris: User, paid: None) -> None:
    browser = sign_in(anna)
    answer = browser.get(f"/commission/?{NOVEMBER}")
    assert answer.headers["Location"] == f"/commission/of/{anna.agent.pk}/?{NOVEMBER}"
    page = text_of(browser.get(answer.headers["Location"]))
    for words in (
        "Моя комиссия",
        "853,40 ₽",
        "742,40 ₽",
        "НДФЛ 111,00 ₽",
        "8 533,99",
        "10 %",
        "Орлова Вера",
        "АГД-16/0101",
    ):
        assert words in page, words
    assert "Закрыть ведомость" not in page
    assert browser.get(f"/commission/of/{boris.agent.pk}/").status_code == 404


def test_who_has_earned_nothing_reads_how_it_comes(sign_in: SignIn, lilia: User) -> None:
    page = text_of(sign_in(lilia).get("/commission/", follow=True))
    assert "Комиссии пока нет" in page
    assert "Центр возобновления" in page


def test_conditions_of_the_lines(sign_in: SignIn, anna: User, paid: None) -> None:
    browser, path = sign_in(anna), f"/commission/of/{anna.agent.pk}/?{NOVEMBER}"
    for query in (
        "",
        "&kind=new",
        "&line=osago",
        "&q=орл",
        "&q=0412773905",
        "&kind=nonsense",
        "&q=ХХХ%200412",
    ):
        assert "Орлова" in text_of(browser.get(path + query)), query
    for query in ("&kind=renewal", "&kind=back", "&kind=unrated", "&line=kasko", "&q=зимин", "&q=99"):
        page = text_of(browser.get(path + query))
        assert "Орлова" not in page, query
        assert "Этим условиям" in page
    for month in ("0001-01", "9999-12", "x", "2026-13", "2026-10"):
        assert browser.get(f"/commission/of/{anna.agent.pk}/?month={month}").status_code == 200
    assert "853" in text_of(browser.get(path + "&plot=table"))


def test_a_client_who_was_handed_over_has_a_name_and_no_link(
    sign_in: SignIn, anna: User, boris: User, vera: Client, vera_policy: Policy, paid: None
) -> None:
    link, path = f"/policies/{vera_policy.pk}/", f"/commission/of/{anna.agent.pk}/?{NOVEMBER}"
    assert link in text_of(sign_in(anna).get(path))
    Client.objects.filter(pk=vera.pk).update(agent=boris.agent, branch=boris.agent.branch)
    page = text_of(sign_in(anna).get(path))
    assert link not in page
    assert "Орлова" in page


def test_who_leads_sees_the_own_agents_and_their_sums(
    sign_in: SignIn, team_lead: User, branch_head: User, renewals_manager: User, paid: None
) -> None:
    for person, sees_boris in ((team_lead, False), (branch_head, False), (renewals_manager, True)):
        page = text_of(sign_in(person).get(f"/commission/?{NOVEMBER}"))
        assert "Анна Соколова" in page
        assert ("Борис Ершов" in page) is sees_boris
        assert ("953,40 ₽" if sees_boris else "853,40 ₽") in page
        assert "Анна Соколова" in text_of(sign_in(person).get(f"/commission/?{NOVEMBER}&q=сок"))
        assert "Анна Соколова" not in text_of(sign_in(person).get("/commission/?month=2026-10"))


def test_who_sees_no_commission(sign_in: SignIn, centre_operator: User, quality: User, paid: None) -> None:
    for person in (centre_operator, quality):
        for path in ("/commission/", "/commission/rates/", "/commission/export/csv/"):
            assert sign_in(person).get(path).status_code == 403


def test_closing(sign_in: SignIn, anna: User, branch_head: User, paid: None) -> None:
    path = f"/commission/of/{anna.agent.pk}/"
    assert sign_in(anna).post(f"{path}closing/", {"month": "2026-11"}).status_code == 403
    browser = sign_in(branch_head)
    assert "Закрыть ведомость" in text_of(browser.get(f"{path}?{NOVEMBER}"))
    answer = browser.post(f"{path}closing/", {"month": "2026-11"}, follow=True)
    assert "Ведомость АГД-16/0101/11-2026 закрыта" in text_of(answer)
    assert Statement.objects.get().closed_by == branch_head
    again = browser.post(f"{path}closing/", {"month": "2026-11"}, follow=True)
    assert "уже закрыта" in text_of(again)
    assert "закрыта" in text_of(browser.get(f"/commission/?{NOVEMBER}"))


def test_the_files(sign_in: SignIn, anna: User, team_lead: User, boris: User, paid: None) -> None:
    browser, path = sign_in(anna), f"/commission/of/{anna.agent.pk}/file"
    answer = browser.get(f"{path}/csv/?{NOVEMBER}")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 2
    for part in ("Анна Соколова", "2026-11", "ХХХ 0412773905", "8533,99", "10,000", "853,40"):
        assert part in lines[1].replace("853,4;", "853,40;").replace(";10;", ";10,000;"), part
    book = load_workbook(BytesIO(b"".join(browser.get(f"{path}/xlsx/?{NOVEMBER}").streaming_content)))  # type: ignore[attr-defined]
    assert book.active.max_row == 2  # type: ignore[union-attr]
    assert browser.get(f"{path}/pdf/?{NOVEMBER}").status_code == 404
    assert browser.get(f"/commission/of/{boris.agent.pk}/file/csv/").status_code == 404
    assert browser.get("/commission/export/csv/").status_code == 403
    whole = b"".join(sign_in(team_lead).get(f"/commission/export/csv/?{NOVEMBER}").streaming_content)  # type: ignore[attr-defined]
    assert len(whole.splitlines()) == 2
    assert Told.objects.filter(action="commission.exported").count() == 3


def test_the_act(
    sign_in: SignIn, anna: User, branch_head: User, boris: User, paid: None, now: datetime
) -> None:
    import pypdf

    path = f"/commission/of/{anna.agent.pk}/act/?{NOVEMBER}"

    def read() -> str:
        answer = sign_in(anna).get(path)
        assert answer["Content-Type"] == "application/pdf"
        pages = pypdf.PdfReader(BytesIO(answer.content)).pages
        return " ".join(page.extract_text() for page in pages).replace("\xa0", " ")

    assert "ПРОЕКТ" in read().upper()
    operations.close_statement(actor=branch_head, now=now, agent=anna.agent, month=date(2026, 11, 1))
    text = read()
    for words in ("АГД-16/0101/11-2026", "853,40", "742,40", "111,00", "Орлова"):
        assert words in text, words
    assert "ПРОЕКТ" not in text.upper()
    assert sign_in(anna).get(f"/commission/of/{boris.agent.pk}/act/?{NOVEMBER}").status_code == 404


def test_rates_are_set_ended_and_removed(
    sign_in: SignIn, renewals_manager: User, anna: User, kasko: Any
) -> None:
    browser = sign_in(renewals_manager)
    form = {"line": "kasko", "percent": "16,5", "valid_from": "2026-11-01", "reason": "Приказ 7"}
    assert browser.post("/commission/rates/new/", form).status_code == 302
    rate = Rate.objects.get()
    assert (rate.percent, rate.reason) == (Decimal("16.5"), "Приказ 7")
    assert "16,5" in text_of(browser.get("/commission/rates/"))
    again = browser.post("/commission/rates/new/", form | {"percent": "17"})
    assert again.status_code == 422
    assert "действует ставка 16,5 %" in text_of(again)
    assert "Приказ 7" in text_of(again)
    for wrong in (
        {"percent": "101"},
        {"percent": "x"},
        {"valid_until": "2026-10-01"},
        {"line": "boats"},
        {"percent": "NaN"},
    ):
        assert browser.post("/commission/rates/new/", form | wrong).status_code == 422
    path = f"/commission/rates/{rate.pk}"
    assert browser.post(f"{path}/end/", {"valid_until": "2026-10-01"}).status_code == 422
    assert browser.post(f"{path}/end/", {"valid_until": "2026-11-02"}).status_code == 302
    page = text_of(sign_in(anna).get("/commission/rates/?show=over"))
    assert "Новая ставка" not in page
    for address in ("/commission/rates/new/", f"{path}/end/"):
        assert sign_in(anna).get(address).status_code == 403
    assert sign_in(anna).post(f"{path}/removal/").status_code == 403
    assert browser.post(f"{path}/removal/").status_code == 302
    assert not Rate.objects.exists()


def test_a_payment_without_a_rate_is_told(sign_in: SignIn, anna: User, branch_head: User, paid: None) -> None:
    Entry.objects.filter(agent=anna.agent).update(percent=None, amount=0, rate=None)
    page = text_of(sign_in(anna).get(f"/commission/of/{anna.agent.pk}/?{NOVEMBER}"))
    assert "1 оплата без ставки" in page
    assert "нет ставки" in page
    assert "нет ставки" in text_of(sign_in(branch_head).get(f"/commission/?{NOVEMBER}"))


def test_the_cabinet_tells_what_was_earned(
    sign_in: SignIn, anna: User, paid: None, monkeypatch: Any, now: datetime
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    page = text_of(sign_in(anna).get(f"/agents/{anna.agent.pk}/"))
    assert "853,40 ₽" in page
    assert f"/commission/of/{anna.agent.pk}/" in page
