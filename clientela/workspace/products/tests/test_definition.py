"""The editor of a product: what is typed goes into the draft, faults are told, a second person approves."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from clientela.foundation.jobs.operations import run_next
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.products.models import Product, ProductVersion
from clientela.modules.rating.operations.shipped import load_shipped
from clientela.workspace.products import terms
from clientela.workspace.products.definition import FIELDS, read, rest_of, rows_of
from clientela.workspace.products.told import differences


@pytest.fixture
def accident(db: None) -> Product:
    load_shipped(now=timezone.now() - timedelta(days=1))
    return Product.objects.get(code="accident")


def typed(definition: dict[str, Any], **changes: str) -> QueryDict:
    """The form as the page sends it; ``questions_0_title`` is a field of the first question."""
    form = QueryDict(mutable=True)
    for name, fields in FIELDS.items():
        for place, row in enumerate(rows_of(definition, name)):
            form.appendlist(f"{name}-was", row["was"])
            for field in fields:
                plain = field.replace(".", "_")
                form.appendlist(
                    f"{name}-{plain}", changes.get(f"{name}_{place}_{plain}", row["fields"][plain])
                )
    form["eligibility-when"] = terms.eligibility_text(definition)
    form["object"], form["rest"] = definition["object"], rest_of(definition)
    for name, fields in terms.SECTIONS.items():
        for place, row in enumerate(terms.rows_of(definition, name)):
            for field in (*fields, "was"):
                form.appendlist(f"{name}-{field}", changes.get(f"{name}_{place}_{field}", row[field]))
    form.setlist("documents", definition["documents"])
    return form


def test_a_form_left_alone_changes_nothing_in_any_product(accident: Product) -> None:
    for version in ProductVersion.objects.all():
        assert read(typed(version.definition), version.definition) == version.definition


def test_a_product_goes_from_the_editor_to_its_day(
    accident: Product, product_manager: User, make_user: Any, sign_in: Any
) -> None:
    manager = sign_in(product_manager)
    manager.post("/products/products/accident/draft/")
    draft = accident.versions.get(number=2)
    at = f"/products/definitions/{draft.pk}/"
    assert "accident.rate" in manager.get(at).text
    change = typed(draft.definition, questions_0_title="Программа страхования", questions_1_max="9000000")
    looked = manager.post(f"{at}look/", dict(change.lists()))
    assert looked.status_code == 200
    assert "Программа страхования" in looked.text
    draft.refresh_from_db()
    assert draft.definition["questions"][0]["title"] == "Программа"
    manager.post(at, dict(change.lists()))
    draft.refresh_from_db()
    assert draft.definition["questions"][0]["title"] == "Программа страхования"
    old = accident.versions.get(number=1).definition
    assert [one["where"] for one in differences(draft.definition, old, {})] == ["Вопрос «Программа страхования»: название", "Вопрос «Страховая сумма на человека, ₽»: не больше"]  # fmt: skip
    manager.post(f"{at}check/")
    run_next(worker="w", now=timezone.now(), lease=timedelta(minutes=1))
    manager.post(f"{at}proposal/", {"starts_on": "2099-01-01", "reason": "Понятнее"})
    manager.post(f"{at}approval/")
    draft.refresh_from_db()
    assert draft.state == "proposed"
    second = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    sign_in(second).post(f"{at}approval/")
    draft.refresh_from_db()
    assert (draft.state, draft.approver) == ("active", second)


def test_steps_name_tables_by_their_titles(accident: Product, product_manager: User, sign_in: Any) -> None:
    manager = sign_in(product_manager)
    manager.post("/products/products/accident/draft/")
    draft = accident.versions.get(number=2)
    at = f"/products/definitions/{draft.pk}/"
    assert 'name="steps-table" value="Ставка · accident.rate"' in manager.get(at).text
    places = [place for place, one in enumerate(draft.definition["formula"]["steps"]) if one.get("table")]
    for text in ("Ставка · accident.rate", "ставка", "accident.rate"):
        change = typed(draft.definition, **{f"steps_{places[0]}_table": text})
        looked = manager.post(f"{at}look/", dict(change.lists())).text
        assert ("Нет таблицы" in looked, "Ставка" in looked) == (False, True)
        manager.post(at, dict(change.lists()))
        draft.refresh_from_db()
        assert draft.definition == accident.versions.get(number=1).definition
    wrong = typed(draft.definition, **{f"steps_{places[0]}_table": "Ставки · accident.gone"})
    manager.post(at, dict(wrong.lists()))
    page = manager.get(at).text
    assert f'data-fault="steps-{places[0]}-table"' in page
    assert "Нет таблицы «accident.gone»" in page
    other = typed(draft.definition, **{f"steps_{places[0]}_table": "Возраст · accident.age"})
    manager.post(at, dict(other.lists()))
    assert "accident.rate" not in manager.get(at).text.partition('id="compared"')[2]


def test_a_formula_that_names_an_unknown_table_is_told_and_cannot_start(
    accident: Product, product_manager: User, sign_in: Any
) -> None:
    manager = sign_in(product_manager)
    manager.post("/products/products/accident/draft/")
    draft = accident.versions.get(number=2)
    at = f"/products/definitions/{draft.pk}/"
    wrong = typed(draft.definition, steps_0_table="accident.gone")
    assert "Нет таблицы «accident.gone»" in manager.post(f"{at}look/", dict(wrong.lists())).text
    manager.post(at, dict(wrong.lists()))
    manager.post(f"{at}check/")
    manager.post(f"{at}proposal/", {"starts_on": "2099-01-01", "reason": "x"})
    draft.refresh_from_db()
    assert (draft.state, draft.regression) == ("draft", {})


def test_an_agent_looks_and_changes_nothing(accident: Product, anna: User, sign_in: Any) -> None:
    version, agent = accident.versions.get(), sign_in(anna)
    at = f"/products/definitions/{version.pk}/"
    assert agent.get(at).status_code == 200
    assert agent.post(at, dict(typed(version.definition).lists())).status_code == 403
    assert agent.post("/products/products/accident/draft/").status_code == 403
    assert accident.versions.count() == 1


def test_junk_is_told(accident: Product, product_manager: User, sign_in: Any) -> None:
    manager = sign_in(product_manager)
    manager.post("/products/products/accident/draft/")
    at = f"/products/definitions/{accident.versions.get(number=2).pk}/"
    for junk in (
        {"rest": "["},
        {"rest": "[]"},
        {"steps-was": ["{}"]},
        {"rest": '{"formula": {"defaults": 1}}'},
    ):
        assert manager.post(f"{at}look/", junk).status_code == 200
        assert manager.post(at, junk).status_code in {302, 422}
        assert manager.get(at).status_code == 200


def test_names_with_values_are_typed_as_people_write_them(accident: Product) -> None:
    definition = accident.versions.get().definition
    form = typed(
        definition, limits_0_min="60 000,50 ₽", limits_1_max="24", defaults_0_value="death", defaults_1_value="500 000",
        defaults_4_value="", defaults_4_none="yes", underwriting_1_each="",
    )  # fmt: skip
    form["cancellation-kept_percent"] = "25 %"
    found = read(form, definition)
    assert found["limits"] == {"sum_insured": ["60000.50", "10000000"], "period_months": [1, 24]}
    told = found["formula"]["defaults"]
    assert (told["programme"], told["sum_insured"], told["disability"]) == ("death", "500000", None)
    assert found["underwriting"] == [{"table": "accident.uw"}, {"table": "accident.uw-people"}]
    assert found["cancellation"]["kept_percent"] == "25"


def test_a_draft_that_others_changed_meanwhile_is_not_overwritten_unseen(
    accident: Product, product_manager: User, sign_in: Any
) -> None:
    manager = sign_in(product_manager)
    manager.post("/products/products/accident/draft/")
    draft = accident.versions.get(number=2)
    at = f"/products/definitions/{draft.pk}/"
    mine = typed(draft.definition, limits_0_min="70000")
    mine["seen"] = (draft.changed_at - timedelta(seconds=5)).isoformat()
    answer = manager.post(at, dict(mine.lists()))
    assert (answer.status_code, 'value="70000"' in answer.text) == (422, True)
    draft.refresh_from_db()
    assert draft.definition["limits"]["sum_insured"][0] == "50000"
    mine["seen"] = draft.changed_at.isoformat()
    assert manager.post(at, dict(mine.lists())).status_code == 302
    draft.refresh_from_db()
    assert draft.definition["limits"]["sum_insured"][0] == "70000"
