"""Products that insure people by name, sold in the one window."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, IdentityDocument, Relation
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import start
from clientela.modules.rating.queries import plan_of
from clientela.workspace.quotes.tests.test_window import HTMX, text_of


@pytest.fixture
def trip(tariffs: None, vera: Client, anna: User) -> Calculation:
    """Вера's journey, asked for but not described yet."""
    product = Product.objects.get(code="travel")
    return start(actor=anna, now=timezone.now(), client=vera, product=product)


def rows_of(*people: tuple[str, date]) -> dict[str, Any]:
    """What the browser sends for these people."""
    found: dict[str, Any] = {"insured-TOTAL_FORMS": len(people), "insured-INITIAL_FORMS": 0}
    for place, (name, born) in enumerate(people):
        found |= {f"insured-{place}-name": name, f"insured-{place}-birth_date": born.isoformat()}
    return found


def test_a_journey_of_the_family_is_priced_and_paid(
    trip: Calculation, anna: User, make_client: Any, sign_in: Callable[[User], Browser]
) -> None:
    vera, now = trip.client, timezone.now()
    assert trip.drivers == []
    assert trip.answers["travellers"] == [
        {"client_id": vera.pk, "name": vera.name, "birth_date": vera.birth_date.isoformat()}
    ]
    son = make_client(anna.agent, "Орлов", "Пётр", birth_date=date(2015, 5, 2))
    Relation.objects.create(client=vera, other=son, kind="child", created_at=now)
    browser, page = sign_in(anna), f"/quotes/{trip.pk}/insured/"
    asked = text_of(browser.get(page, **HTMX))
    assert "Путешественники" in asked
    born = vera.birth_date
    more = rows_of((vera.name, born)) | {"more": Relation.objects.get().pk, "version": trip.version}
    assert 'value="2015-05-02"' in text_of(browser.post(page, more, **HTMX))
    given = rows_of((vera.name, born), (son.name, son.birth_date)) | {"version": trip.version}
    assert browser.post(page, given, **HTMX).status_code == 200
    trip.refresh_from_db()
    answers = {"q-zone": "europe", "q-days": "10", "version": trip.version}
    shown = text_of(browser.post(f"/quotes/{trip.pk}/answers/", answers, **HTMX))
    trip.refresh_from_db()
    variant = trip.variants.get()
    facts = {
        "zone": "europe", "days": 10, "medical_sum": "30000", "sport": "none",
        "travellers": [{"birth_date": born.isoformat()}, {"birth_date": "2015-05-02"}],
    }  # fmt: skip
    plain = plan_of("travel", trip.starts_on).price(facts, trip.starts_on, "ru").amount
    assert variant.premium == plain > 0
    assert "2 человека" in shown
    assert "водитель" not in shown
    assert "Права" not in shown
    browser.post(f"/quotes/{trip.pk}/invoice/", {"version": trip.version}, **HTMX)
    browser.post(f"/quotes/{trip.pk}/payment/", {"method": "card"}, **HTMX)
    policy = Policy.objects.get(client=vera, product=trip.product)
    named = policy.participants.order_by("birth_date").values_list("role", "name", "client_id")
    assert list(named) == [("insured", vera.name, vera.pk), ("insured", son.name, None)]


def test_what_is_not_filled_in_is_told_in_words(
    trip: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    trip.answers["travellers"] = [{"name": "Орлов Пётр", "birth_date": ""}]
    trip.save(update_fields=["answers"])
    page = text_of(sign_in(anna).post(f"/quotes/{trip.pk}/price/", **HTMX))
    assert "Путешественники 1: Возраст" in page
    assert "travellers.0" not in page


@pytest.mark.parametrize("day", ["1200-01-01", "2999-01-01", "завтра"])
def test_nobody_is_born_on_such_a_day(
    trip: Calculation, anna: User, day: str, sign_in: Callable[[User], Browser]
) -> None:
    given = rows_of(("Орлов Пётр", date(2015, 5, 2))) | {"insured-0-birth_date": day, "version": trip.version}
    answer = sign_in(anna).post(f"/quotes/{trip.pk}/insured/", given, **HTMX)
    assert answer.status_code == 422
    assert 'id="id_insured-0-birth_date_error"' in text_of(answer)
    before = trip.answers["travellers"]
    trip.refresh_from_db()
    assert trip.answers["travellers"] == before


def test_a_product_without_people_has_no_such_dialog(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, url = sign_in(anna), f"/quotes/{calculation.pk}/"
    assert browser.get(f"{url}insured/")["Location"] == url
    assert "toast" in browser.get(f"{url}insured/", **HTMX)["HX-Trigger"]


def test_what_is_told_of_the_client_reaches_the_card(
    trip: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    Client.objects.filter(pk=trip.client_id).update(birth_date=None)
    given = rows_of((trip.client.name, date(1984, 4, 12))) | {"version": trip.version}
    sign_in(anna).post(f"/quotes/{trip.pk}/insured/", given, **HTMX)
    assert Client.objects.get(pk=trip.client_id).birth_date == date(1984, 4, 12)


def test_a_licence_that_is_none_is_told_at_its_field_and_a_right_one_reaches_the_card(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, page = sign_in(anna), f"/quotes/{calculation.pk}/drivers/"
    IdentityDocument.objects.filter(client=calculation.client, kind="licence").delete()
    given = {
        "drivers-TOTAL_FORMS": 1, "drivers-INITIAL_FORMS": 0, "drivers-0-name": calculation.client.name,
        "drivers-0-birth_date": "1984-04-12", "drivers-0-experience_since": "2012-05-20",
        "drivers-0-licence": "абв", "version": calculation.version,
    }  # fmt: skip
    wrong = browser.post(page, given, **HTMX)
    assert wrong.status_code == 422
    assert 'id="id_drivers-0-licence_error"' in text_of(wrong)
    assert browser.post(page, given | {"drivers-0-licence": "99 12 345678"}, **HTMX).status_code == 200
    kept = IdentityDocument.objects.get(client=calculation.client, kind="licence")
    assert kept.number == "9912345678"


def test_a_plate_that_is_none_is_told_at_its_field(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    given = {"make": "Skoda", "model": "Octavia", "plate": "ЪЪЪ", "version": calculation.version}
    answer = sign_in(anna).post(f"/quotes/{calculation.pk}/subject/", given, **HTMX)
    assert answer.status_code == 422
    assert 'id="id_plate_error"' in text_of(answer)


def test_the_api_names_people_and_refuses_who_cannot_be(
    trip: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    browser, url = sign_in(anna), f"/api/v1/calculations/{trip.pk}"

    def change(**values: Any) -> Any:
        trip.refresh_from_db()
        return browser.patch(url, {"version": trip.version, **values}, content_type="application/json")

    born = timezone.localdate() - timedelta(days=40 * 365)
    named = {"insured": [{"name": "Орлова Ольга", "birth_date": born.isoformat()}]}
    assert change(**named, answers={"zone": "europe", "days": 10}).status_code == 200
    trip.refresh_from_db()
    assert [one["name"] for one in trip.answers["travellers"]] == ["Орлова Ольга"]
    assert trip.variants.get().premium > Decimal(0)
    wrong = change(insured=[{"name": "Орлова Ольга", "birth_date": "1200-01-01"}])
    assert (wrong.status_code, wrong.json()["errors"][0]["loc"]) == (
        422, ["body", "insured", "0", "birth_date"],
    )  # fmt: skip
    assert change(answers={"travellers": "двое"}).status_code == 422
    assert change(insured=[{"name": "А", "birth_date": born.isoformat()}] * 31).status_code == 422


def test_a_driver_without_experience_is_told_in_words(
    calculation: Calculation, anna: User, sign_in: Callable[[User], Browser]
) -> None:
    calculation.drivers[0]["experience_since"] = ""
    calculation.save(update_fields=["drivers"])
    page = text_of(sign_in(anna).post(f"/quotes/{calculation.pk}/price/", **HTMX))
    assert "Водители 1: водительский стаж" in page
    assert "experience." not in page
