"""Whom to offer a product: the list of clients narrowed by what the rules of advice found."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.sales.models import Advice, AdviceRule, Deal
from clientela.modules.sales.operations.advice import advise_all
from clientela.modules.sales.operations.funnels import load_shipped

SignIn = Callable[[User], Browser]


@pytest.fixture
def advised(vera: Client, vera_policy: Policy, boris_client: Client, now: datetime) -> Advice:
    load_shipped(now=now)
    advise_all(now=now)
    return Advice.objects.get(client=vera, line="kasko")


def test_the_list_says_whom_to_offer_and_why(
    sign_in: SignIn, anna: User, boris: User, advised: Advice, vera: Client
) -> None:
    listed = sign_in(anna).get("/clients/?advised=kasko")
    assert [row.id for row in listed.context["rows"]] == [vera.pk]
    html = listed.content.decode()
    assert str(advised.rule) in html
    assert f'formaction="/deals/advice/{advised.pk}/deal/"' in html
    assert {"advice", "last", "phone"} <= set(listed.context["columns"])
    assert "1" in sign_in(anna).get("/clients/count/?advised=kasko").content.decode()
    assert sign_in(boris).get("/clients/?advised=kasko").context["rows"] == []


def test_who_may_not_be_contacted_is_left_out(
    sign_in: SignIn, anna: User, advised: Advice, vera: Client
) -> None:
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True)
    assert sign_in(anna).get("/clients/?advised=kasko").context["rows"] == []


def test_a_deal_from_a_row_notes_the_offer(sign_in: SignIn, anna: User, advised: Advice) -> None:
    browser = sign_in(anna)
    answer = browser.post(f"/deals/advice/{advised.pk}/deal/", {"ids": advised.client_id})
    deal = Deal.objects.get()
    assert (answer.status_code, deal.origin, deal.origin_id) == (302, "advice", advised.pk)
    advised.refresh_from_db()
    assert (advised.state, advised.deal) == ("offered", deal)
    assert f'href="/deals/{deal.pk}/"' in browser.get("/clients/?advised=kasko").content.decode()


def test_the_file_has_the_reason(sign_in: SignIn, team_lead: User, advised: Advice) -> None:
    file = sign_in(team_lead).post("/clients/export/", {"query": "advised=kasko", "format": "csv"})
    text = b"".join(file.streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert f"{advised.get_line_display()}: {advised.rule}" in text


def test_programs_read_the_same(
    sign_in: SignIn, anna: User, product_manager: User, advised: Advice, vera: Client
) -> None:
    [row] = sign_in(anna).get("/api/v1/clients", {"advised": "kasko"}).json()["items"]
    assert row["id"] == vera.pk
    assert row["advice"] == [
        {"id": advised.pk, "line": "kasko", "state": "advised", "why": str(advised.rule)}
    ]
    assert sign_in(anna).get("/api/v1/clients/count", {"advised": "kasko"}).json()["count"] == 1
    assert sign_in(anna).get("/api/v1/clients", {"advised": "boats"}).status_code == 422
    assert sign_in(product_manager).get("/api/v1/clients", {"advised": "kasko"}).json()["items"] == []


def test_the_page_of_the_product_leads_there(
    sign_in: SignIn, anna: User, product_manager: User, advised: Advice, kasko: Product
) -> None:
    html = sign_in(anna).get("/book/kasko/").content.decode()
    assert 'href="/clients/?advised=kasko"' in html
    assert 'hx-get="/clients/count/?advised=kasko"' in html
    assert "advised=kasko" not in sign_in(product_manager).get("/book/kasko/").content.decode()
    AdviceRule.objects.filter(line="kasko").update(is_active=False)
    assert "advised=kasko" not in sign_in(anna).get("/book/kasko/").content.decode()
