"""A product's version from its draft to its day, and what holds it back."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating import queries
from clientela.modules.rating.models import TableVersion
from clientela.modules.rating.operations.checking import check
from clientela.modules.rating.operations.definitions import (
    Faulty,
    NotTried,
    approve_definition,
    change_definition,
    faults_of,
    make_product_draft,
    propose_definition,
    return_definition,
)
from clientela.modules.rating.operations.regression import Case
from clientela.modules.rating.operations.versions import BadStart, ChangedMeanwhile, NotADraft, OwnVersion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tariffs")]
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY, LATER = date(2026, 11, 20), date(2026, 12, 10)
FACTS = {"programme": "full", "sum_insured": "500000", "people": [{"birth_date": "1990-01-01"}]}
CASE = Case("Р-1", "Ким", FACTS)


@pytest.fixture
def draft(product_manager: User) -> ProductVersion:
    product = Product.objects.get(code="accident")
    return make_product_draft(actor=product_manager, now=NOW, product=product)


@pytest.fixture
def second(make_user: Any) -> User:
    made: User = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    return made


def changed(draft: ProductVersion, actor: User, **parts: Any) -> ProductVersion:
    definition = copy.deepcopy(draft.definition) | parts
    return change_definition(actor=actor, now=NOW, version=draft, definition=definition)


def test_every_shipped_product_is_without_fault() -> None:
    for version in ProductVersion.objects.select_related("product"):
        assert [(version.product.code, one.where, str(one.text)) for one in faults_of(version, TODAY)] == []


def test_a_version_goes_from_its_draft_to_its_day_and_no_earlier_cover_sees_it(
    draft: ProductVersion, product_manager: User, second: User
) -> None:
    formula = copy.deepcopy(draft.definition["formula"])
    formula["steps"].append({"code": "N", "op": "times", "title": {"ru": "Надбавка"}, "constant": "1.10"})
    draft = changed(draft, product_manager, formula=formula)
    checked = check(actor=product_manager, now=NOW, version=draft, cases=[CASE], on=TODAY)
    assert (checked.regression["dearer"], checked.regression["failed"]) == (1, 0)
    assert checked.regression["most"][0]["percent"] == "10.0"
    propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=LATER, reason="Убыточность")
    with pytest.raises(OwnVersion):
        approve_definition(actor=product_manager, now=NOW, version=draft)
    approved = approve_definition(actor=second, now=NOW, version=draft)
    assert (approved.state, approved.approver) == ("active", second)
    before = queries.price("accident", FACTS, on=TODAY)
    after = queries.price("accident", FACTS, on=LATER)
    assert before.tariff.startswith("accident-1-")
    assert after.tariff.startswith("accident-2-")
    assert str(after.amount) == str(round(before.amount * 11 / 10, 2))
    with pytest.raises(NotADraft):
        changed(approved, product_manager)


@pytest.mark.parametrize(
    ("where", "breakage"),
    [
        ("formula.steps.0.table", lambda d: d["formula"]["steps"][0].update(table="accident.gone")),
        ("formula.steps.0", lambda d: d["formula"]["steps"][0].update(of="sum_gone")),
        ("formula.steps.0.op", lambda d: d["formula"]["steps"][0].update(op="boom")),
        ("formula.steps.0.part", lambda d: d["formula"]["steps"][0].update(part="gone")),
        ("formula.steps.0", lambda d: d["formula"]["steps"][0].update(junk=1)),
        ("formula.steps", lambda d: d["formula"].update(steps=[])),
        ("questions.1.key", lambda d: d["questions"][1].update(key=d["questions"][0]["key"])),
        ("questions.1.max", lambda d: d["questions"][1].update(max="1", min="2")),
        ("questions.0.choices", lambda d: d["questions"][0].update(choices=[])),
        ("questions.0.show_if", lambda d: d["questions"][0].update(show_if={"gone": ["a"]})),
        ("coverages", lambda d: d.update(coverages=[])),
        ("underwriting.0.table", lambda d: d["underwriting"][0].update(table="gone")),
        ("eligibility.gone.key", lambda d: d.update(eligibility={"gone": ["a"]})),
        ("questions", lambda d: d.update(questions="junk")),
    ],
)
def test_what_is_not_there_holds_a_version_back(
    draft: ProductVersion, product_manager: User, where: str, breakage: Any
) -> None:
    definition = copy.deepcopy(draft.definition)
    breakage(definition)
    kept = change_definition(actor=product_manager, now=NOW, version=draft, definition=definition)
    assert where in [one.where for one in faults_of(kept, TODAY)]
    with pytest.raises(Faulty):
        check(actor=product_manager, now=NOW, version=kept, cases=[CASE], on=TODAY)
    with pytest.raises(Faulty):
        propose_definition(actor=product_manager, now=NOW, version=kept, starts_on=LATER, reason="x")


def test_a_table_that_goes_before_the_approval_holds_it_back(
    draft: ProductVersion, product_manager: User, second: User
) -> None:
    check(actor=product_manager, now=NOW, version=draft, cases=[CASE], on=TODAY)
    propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=LATER, reason="x")
    TableVersion.objects.filter(table__code="accident.sport").update(state="retired")
    with pytest.raises(Faulty):
        approve_definition(actor=second, now=NOW, version=draft)
    draft.refresh_from_db()
    assert draft.state == "proposed"


def test_a_version_unchecked_or_that_does_not_price_a_past_calculation_cannot_start(
    draft: ProductVersion, product_manager: User
) -> None:
    with pytest.raises(NotTried):
        propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=LATER, reason="x")
    questions = [
        *draft.definition["questions"], {"key": "height", "title": "Рост", "kind": "number", "required": True}
    ]  # fmt: skip
    formula = copy.deepcopy(draft.definition["formula"])
    formula["steps"].append({"code": "H", "op": "plus", "title": {"ru": "Рост"}, "given": "height"})
    draft = changed(draft, product_manager, questions=questions, formula=formula)
    checked = check(actor=product_manager, now=NOW, version=draft, cases=[CASE], on=TODAY)
    assert checked.regression["failed"] == 1
    with pytest.raises(NotTried):
        propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=LATER, reason="x")


def test_a_draft_is_one_starts_tomorrow_at_the_earliest_and_may_come_back(
    draft: ProductVersion, product_manager: User, second: User
) -> None:
    assert make_product_draft(actor=second, now=NOW, product=draft.product) == draft
    with pytest.raises(ChangedMeanwhile):
        change_definition(
            actor=second, now=NOW, version=draft, definition={}, seen=datetime(2026, 1, 1, tzinfo=UTC)
        )
    check(actor=product_manager, now=NOW, version=draft, cases=[CASE], on=TODAY)
    with pytest.raises(BadStart):
        propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=TODAY, reason="x")
    propose_definition(actor=product_manager, now=NOW, version=draft, starts_on=LATER, reason="x")
    back = return_definition(actor=second, now=NOW, version=draft, reason="Проверьте")
    assert (back.state, back.proposed_at) == ("draft", None)


def test_over_the_api(draft: ProductVersion, anna: User, product_manager: User, sign_in: Any) -> None:
    manager, agent = sign_in(product_manager), sign_in(anna)
    at = f"/api/v1/product-versions/{draft.pk}"
    key = {"Idempotency-Key": "a"}
    made = manager.post("/api/v1/product-drafts", {"product": "accident"}, "application/json", headers=key)
    assert (made.status_code, made.json()["id"], made.json()["faults"]) == (201, draft.pk, [])
    definition = draft.definition | {"coverages": []}
    told = manager.put(f"{at}/definition", {"definition": definition}, "application/json").json()
    assert told["faults"][0]["where"] == "coverages"
    body = {"starts_on": "2099-01-01", "reason": "x"}
    refused = manager.post(f"{at}/proposal", body, "application/json", headers={"Idempotency-Key": "b"})
    assert (refused.status_code, refused.json()["code"]) == (422, "faulty")
    denied = agent.put(f"{at}/definition", {"definition": {}}, "application/json")
    assert denied.status_code == 403
    assert ProductVersion.objects.get(pk=draft.pk).definition == definition


def test_an_agent_makes_no_draft(anna: User) -> None:
    with pytest.raises(PermissionDenied):
        make_product_draft(actor=anna, now=NOW, product=Product.objects.get(code="osago"))
    assert not ProductVersion.objects.filter(state="draft").exists()
