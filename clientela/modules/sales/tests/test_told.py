"""What a talk hears about the product goes on into the calculation of the deal."""

from collections.abc import Callable
from datetime import datetime

import pytest

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.events import CalculationStarted
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import change, start
from clientela.modules.sales import handlers
from clientela.modules.sales.models import Deal, Funnel, Script, ScriptVersion
from clientela.modules.sales.operations import scripts as talk
from clientela.modules.sales.operations.told import fill_calculations, forget_told
from clientela.modules.sales.queries.scripts import script_for
from clientela.modules.sales.queries.told import asks_of_script, told_of
from clientela.modules.sales.rules.fields import OF_PRODUCT
from clientela.modules.sales.rules.scripts import BadScript, written

Make = Callable[..., Deal]


@pytest.fixture
def selling(make_deal: Make, tariffs: None, vera: Client, anna: User) -> tuple[Deal, ScriptVersion]:
    deal = make_deal(anna, vera, product=Product.objects.get(code="kasko"))
    version = script_for(deal)
    assert version is not None
    return deal, version


def test_the_shipped_scripts_name_questions_of_the_shipped_products(sales: None, tariffs: None) -> None:
    heard = set()
    for version in ScriptVersion.objects.select_related("script__funnel"):
        named = {key for key in written(version.content) if key.startswith(OF_PRODUCT)}
        assert named <= set(asks_of_script(version.script)), version
        heard |= named
    assert f"{OF_PRODUCT}deductible" in heard


def test_an_answer_goes_into_the_calculation_that_stands_beside(
    selling: tuple[Deal, ScriptVersion], vera: Client, anna: User, now: datetime
) -> None:
    deal, version = selling
    row = start(actor=anna, now=now, client=vera, product=deal.product, deal_ref=deal.pk)  # type: ignore[arg-type]
    go = {"actor": anna, "now": now, "deal": deal, "version": version}
    talk.answer(**go, node="hello", choice=0)
    talk.answer(**go, node="drivers", choice=0)
    talk.answer(**go, node="deductible", choice=1)
    row.refresh_from_db()
    assert (row.answers["deductible"], row.origins["answers.deductible"]) == ("15000", "talk")
    deal.refresh_from_db()
    assert told_of(deal) == {"deductible": "15 000"}
    assert deal.answers["deductible"] == "15 000"


def test_what_was_said_first_waits_for_the_calculation(
    selling: tuple[Deal, ScriptVersion], vera: Client, anna: User, now: datetime
) -> None:
    deal, version = selling
    go = {"actor": anna, "now": now, "deal": deal, "version": version}
    talk.answer(**go, node="hello", choice=0)
    talk.answer(**go, node="drivers", choice=0)
    talk.answer(**go, node="deductible", choice=2)
    deal.refresh_from_db()
    row = start(actor=anna, now=now, client=vera, product=deal.product, deal_ref=deal.pk)  # type: ignore[arg-type]
    (filled,) = fill_calculations(actor=anna, now=now, deal=deal)
    assert (filled.pk, filled.answers["deductible"]) == (row.pk, "30000")
    assert fill_calculations(actor=anna, now=now, deal=deal) == []


def test_what_was_typed_stays_until_the_seller_says(
    selling: tuple[Deal, ScriptVersion], vera: Client, anna: User, now: datetime
) -> None:
    deal, version = selling
    row = start(actor=anna, now=now, client=vera, product=deal.product, deal_ref=deal.pk)  # type: ignore[arg-type]
    change(actor=anna, now=now, calculation=row, answers={"deductible": "20000"})
    go = {"actor": anna, "now": now, "deal": deal, "version": version}
    talk.answer(**go, node="hello", choice=0)
    talk.answer(**go, node="drivers", choice=0)
    talk.answer(**go, node="deductible", choice=2)
    row.refresh_from_db()
    assert (row.answers["deductible"], row.origins["answers.deductible"]) == ("20000", "typed")
    deal.refresh_from_db()
    forget_told(actor=anna, now=now, deal=deal, questions=["deductible", "gap"])
    deal.refresh_from_db()
    assert told_of(deal) == {}


def test_a_product_that_does_not_ask_so_is_not_filled(
    make_deal: Make, tariffs: None, family: Policy, vera: Client, anna: User, now: datetime
) -> None:
    """The deal of a KASKO talk turned to OSAGO, which knows no deductible: the talk goes on."""
    deal = make_deal(anna, vera, product=family.product)
    version = script_for(deal)
    assert version is not None
    go = {"actor": anna, "now": now, "deal": deal, "version": version}
    talk.answer(**go, node="hello", choice=0)
    talk.answer(**go, node="drivers", choice=0)
    assert talk.answer(**go, node="deductible", choice=2).node == "credit"
    deal.refresh_from_db()
    assert told_of(deal) == {}
    assert Calculation.objects.count() == 0


def test_a_script_names_only_questions_that_are_asked(
    kasko_funnel: Funnel, tariffs: None, renewals_manager: User, now: datetime
) -> None:
    script = Script.objects.get(code="kasko-new")
    draft = talk.draft_of(actor=renewals_manager, now=now, script=script)
    draft.body["nodes"][0]["asks"] = ["product.gap", "product.nonsense"]
    draft = talk.write_body(actor=renewals_manager, now=now, script=script, body=draft.body)
    with pytest.raises(BadScript):
        talk.activate(actor=renewals_manager, now=now, version=draft)
    draft.body["nodes"][0]["asks"] = ["product.gap"]
    draft = talk.write_body(actor=renewals_manager, now=now, script=script, body=draft.body)
    assert talk.activate(actor=renewals_manager, now=now, version=draft).state == "active"


def test_a_deal_without_words_is_about_what_its_calculation_insures(
    selling: tuple[Deal, ScriptVersion], vera: Client, anna: User, now: datetime
) -> None:
    deal, _version = selling
    row = start(actor=anna, now=now, client=vera, product=deal.product, deal_ref=deal.pk)  # type: ignore[arg-type]
    Calculation.objects.filter(pk=row.pk).update(subject={"title": "Kia Ceed, 2020"})
    started = CalculationStarted(row.pk, vera.pk, None, deal.pk)
    handlers.on_calculation_started(started, now=now)
    assert Deal.objects.get().subject == "Kia Ceed, 2020"
    Deal.objects.update(subject="машина жены")
    handlers.on_calculation_started(started, now=now)
    assert Deal.objects.get().subject == "машина жены"
