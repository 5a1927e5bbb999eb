"""Training over the API: taking a test, what stays hidden until its end, people, editing."""

from collections.abc import Callable
from typing import Any

from django.test import Client as Browser

from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.book.models import Attempt, Test
from clientela.modules.book.tests.conftest import places
from clientela.modules.clients.models import Client
from clientela.modules.products.models import Product

SignIn = Callable[[User], Browser]


def send(browser: Browser, method: str, path: str, body: Any = None, key: str = "k") -> Any:
    headers = {"Idempotency-Key": f"{key}-{path}"}
    return getattr(browser, method)(
        f"/api/v1/training/{path}", body or {}, content_type="application/json", headers=headers
    )


def test_a_test_is_taken(sign_in: SignIn, anna: User, kasko_test: Test) -> None:
    browser = sign_in(anna)
    [row] = browser.get("/api/v1/training/tests").json()
    assert (row["questions"], row["admission"]["reason"]) == (2, "not_taken")
    begun = send(browser, "post", f"tests/{kasko_test.pk}/attempts")
    assert begun.status_code == 201
    first = begun.json()["questions"][0]
    assert (first["right"], first["explanation"], first["several"]) == (None, "", False)
    attempt = Attempt.objects.get()
    for place, texts in ((0, ["да"]), (1, ["а", "в"])):
        chosen = places(attempt, place, *texts)
        kept = send(browser, "put", f"attempts/{attempt.pk}/answers/{place}", {"chosen": chosen})
        assert kept.json()["questions"][place]["chosen"] == sorted(chosen)
    wrong = send(browser, "put", f"attempts/{attempt.pk}/answers/9", {"chosen": [0]})
    assert wrong.status_code == 422
    done = send(browser, "post", f"attempts/{attempt.pk}/end").json()
    assert (done["is_passed"], done["questions"][0]["explanation"]) == (True, "Её платит клиент.")
    late = send(browser, "put", f"attempts/{attempt.pk}/answers/0", {"chosen": [1]})
    assert (late.status_code, late.json()["code"]) == (409, "attempt_over")


def test_a_pause_is_told(sign_in: SignIn, anna: User, kasko_test: Test) -> None:
    browser = sign_in(anna)
    attempt = send(browser, "post", f"tests/{kasko_test.pk}/attempts").json()
    send(browser, "post", f"attempts/{attempt['id']}/end")
    again = send(browser, "post", f"tests/{kasko_test.pk}/attempts", key="again")
    assert (again.status_code, again.json()["code"]) == (409, "too_early")
    assert browser.get("/api/v1/training/tests").json()[0]["free_at"]


def test_people_are_seen_within_reach(
    sign_in: SignIn, anna: User, boris: User, team_lead: User, kasko_test: Test
) -> None:
    assert sign_in(anna).get("/api/v1/training/people").status_code == 403
    rows = sign_in(team_lead).get("/api/v1/training/people").json()["items"]
    assert {row["id"] for row in rows} == {anna.pk, team_lead.pk}
    assert rows[0]["tests"][0]["admission"]["allowed"] is False


def test_a_manager_edits(sign_in: SignIn, make_user: Any, anna: User, kasko_test: Test) -> None:
    assert sign_in(anna).get(f"/api/v1/training/tests/{kasko_test.pk}").status_code == 403
    browser = sign_in(make_user(Role.PRODUCT_MANAGER, "Тимур", "Ахметов"))
    question = {"text": "Что?", "options": ["один", "два"], "right": [1]}
    made = send(browser, "post", f"tests/{kasko_test.pk}/questions", question)
    assert (made.status_code, made.json()["place"]) == (201, 3)
    nothing = send(browser, "post", f"tests/{kasko_test.pk}/questions", question | {"right": []}, key="2")
    assert nothing.status_code == 422
    row = browser.get(f"/api/v1/training/tests/{kasko_test.pk}").json()
    names = (
        "version", "title", "pass_mark", "minutes", "valid_months", "pause_minutes", "required_from",
    )  # fmt: skip
    values = {name: row[name] for name in names}
    changed = send(browser, "put", f"tests/{kasko_test.pk}", values | {"pass_mark": 3})
    assert (changed.status_code, changed.json()["pass_mark"]) == (200, 3)
    stale = send(browser, "put", f"tests/{kasko_test.pk}", values | {"pass_mark": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "test_changed")
    too_many = send(browser, "put", f"tests/{kasko_test.pk}", values | {"version": 3, "pass_mark": 9})
    assert too_many.status_code == 422
    assert browser.delete(f"/api/v1/training/questions/{made.json()['id']}").status_code == 422


def test_a_sale_that_waits_for_a_test_names_it(
    sign_in: SignIn, anna: User, vera: Client, kasko: Product, kasko_test: Test
) -> None:
    refused = sign_in(anna).post(
        "/api/v1/calculations", {"client_id": vera.pk, "product": "kasko"},
        content_type="application/json", headers={"Idempotency-Key": "sale"},
    )  # fmt: skip
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    told = refused.json()
    assert {name: told[name] for name in ("code", "reason", "product_code", "test_id", "test", "test_url")} == {
        "code": "not_admitted", "reason": "not_taken", "product_code": "kasko", "test_id": kasko_test.pk,
        "test": "КАСКО, тариф 13", "test_url": f"/training/{kasko_test.pk}/",
    }  # fmt: skip
