"""The talk of the deal stands beside the window, for those who may see the deal."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.sales.models import Deal, Stage, Talk
from clientela.modules.sales.tests.conftest import kasko_funnel, make_deal, sales

__all__ = ["kasko_funnel", "make_deal", "sales"]
HTMX = {"HTTP_HX_REQUEST": "true"}
SignIn = Callable[[User], Browser]


@pytest.fixture
def sold(
    tariffs: None, family: Policy, anna: User, now: datetime, make_deal: Callable[..., Deal]
) -> Calculation:
    """Вера's renewal, calculated for a deal."""
    deal = make_deal(anna, family.client, subject="Hyundai Creta")
    return start(
        actor=anna, now=now, client=family.client, product=family.product, policy=family, deal_ref=deal.pk
    )


def test_an_answer_leads_on_beside_the_window(sold: Calculation, anna: User, sign_in: SignIn) -> None:
    browser, url = sign_in(anna), f"/quotes/{sold.pk}/talk/"
    assert f'hx-get="{url}"' in browser.get(f"/quotes/{sold.pk}/").content.decode()
    panel = browser.get(url, **HTMX)
    assert "Вера Николаевна, здравствуйте" in panel.content.decode()
    answer = {"script": panel.context["version"].pk, "node": panel.context["node"].key, "choice": "0"}
    taken = browser.post(f"/deals/{sold.deal_ref}/answer/", answer, **HTMX)
    assert "deal-changed" in taken["HX-Trigger"]
    assert Talk.objects.get().node == browser.get(url, **HTMX).context["node"].key == "drivers"


def test_a_talk_goes_on_when_the_calculation_moves_the_deal(
    sold: Calculation, anna: User, sign_in: SignIn
) -> None:
    browser, url = sign_in(anna), f"/quotes/{sold.pk}/talk/"
    before = browser.get(url, **HTMX).context["version"]
    stage = Stage.objects.get(funnel__code="kasko", name="Расчёт")
    Deal.objects.filter(pk=sold.deal_ref).update(stage=stage)
    assert browser.get(url, **HTMX).context["version"] == before


def test_without_a_deal_there_is_no_panel(calculation: Calculation, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    assert 'id="quote-talk"' not in browser.get(f"/quotes/{calculation.pk}/").content.decode()
    assert browser.get(f"/quotes/{calculation.pk}/talk/").context["deal"] is None


def test_a_stranger_sees_neither(sold: Calculation, boris: User, sign_in: SignIn) -> None:
    assert sign_in(boris).get(f"/quotes/{sold.pk}/talk/").status_code == 404


def test_a_deal_out_of_sight_stays_out_of_sight(
    sold: Calculation, anna: User, boris: User, sign_in: SignIn, make_client: Callable[..., object],
    make_deal: Callable[..., Deal],
) -> None:  # fmt: skip
    other = make_deal(boris, make_client(boris.agent, "Чужая"))  # type: ignore[arg-type]
    Calculation.objects.filter(pk=sold.pk).update(deal_ref=other.pk)
    panel = sign_in(anna).get(f"/quotes/{sold.pk}/talk/", **HTMX)
    assert panel.context["deal"] is None
    assert "Чужая" not in panel.content.decode()


def test_a_deal_of_the_request_is_found_too(
    calculation: Calculation, anna: User, sign_in: SignIn, make_deal: Callable[..., Deal]
) -> None:
    """Begun from a request, a calculation names no deal: the deal names the calculation."""
    deal = make_deal(anna, calculation.client)
    Deal.objects.filter(pk=deal.pk).update(calculation=calculation.pk)
    assert 'id="quote-talk"' in sign_in(anna).get(f"/quotes/{calculation.pk}/").content.decode()


def test_what_was_said_and_what_was_typed_are_settled(sold: Calculation, anna: User, sign_in: SignIn) -> None:
    browser, url = sign_in(anna), f"/quotes/{sold.pk}/talk/"
    Deal.objects.filter(pk=sold.deal_ref).update(answers={"product.months_of_use": "6"})
    settle = f"{url}settling/"
    typed = {"version": sold.version, "q-months_of_use": "3"}
    Calculation.objects.filter(pk=sold.pk).update(
        answers=sold.answers | {"months_of_use": 3}, origins=sold.origins | {"answers.months_of_use": "typed"}
    )
    (dispute,) = browser.get(url, **HTMX).context["disputes"]
    assert (dispute.key, dispute.said, dispute.typed) == ("months_of_use", "6", "3")
    assert browser.post(settle, {"question": "nonsense", "take": "said"}, **HTMX).status_code == 404
    taken = browser.post(settle, {"question": "months_of_use", "take": "said"}, **HTMX)
    assert "deal-changed" in taken["HX-Trigger"]
    sold.refresh_from_db()
    assert (sold.answers["months_of_use"], sold.origins["answers.months_of_use"]) == (6, "talk")
    assert "из разговора" in browser.get(f"/quotes/{sold.pk}/").content.decode()
    browser.post(f"/quotes/{sold.pk}/answers/", typed | {"version": sold.version}, **HTMX)
    sold.refresh_from_db()
    assert sold.origins["answers.months_of_use"] == "typed"
    assert browser.get(url, **HTMX).context["disputes"] == []
    Deal.objects.filter(pk=sold.deal_ref).update(answers={"product.months_of_use": "6"})
    browser.post(settle, {"question": "months_of_use", "take": "typed"}, **HTMX)
    assert Deal.objects.get().answers["product.months_of_use"] is None
    assert browser.get(url, **HTMX).context["disputes"] == []


def test_a_calculation_begins_with_what_was_said(
    tariffs: None, family: Policy, anna: User, make_deal: Callable[..., Deal], sign_in: SignIn
) -> None:
    deal = make_deal(anna, family.client)
    Deal.objects.filter(pk=deal.pk).update(answers={"product.deductible": "30 000"})
    data = {"client": family.client_id, "product": "kasko", "deal": deal.pk}
    sign_in(anna).post("/quotes/new/", data)
    row = Calculation.objects.get()
    assert (row.answers["deductible"], row.origins["answers.deductible"]) == ("30000", "talk")
