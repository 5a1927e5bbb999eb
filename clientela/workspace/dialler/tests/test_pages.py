"""The screens of calling lists, as operators and managers use them."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry as Journal
from clientela.modules.accounts.models import User
from clientela.modules.calls.models import Call
from clientela.modules.clients.models import Client, ProfileAnswer
from clientela.modules.contacts.models import CommunicationPolicy
from clientela.modules.dialler.models import Attempt, CallingList, Entry
from clientela.modules.dialler.operations.lists import add_clients, load_shipped
from clientela.modules.dialler.rules.attempts import Rules

SignIn = Callable[[User], Browser]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def calling(db: None) -> CallingList:
    """The shipped list; calls are allowed at any hour, so that the day's clock decides nothing."""
    now = timezone.now()
    load_shipped(now=now)
    CommunicationPolicy.objects.create(
        weekday_from="00:00",
        weekday_to="23:59:59",
        weekend_from="00:00",
        weekend_to="23:59:59",
        created_at=now,
    )
    return CallingList.objects.get()


@pytest.fixture
def entry(calling: CallingList, vera: Client, anna: User) -> Entry:
    add_clients(
        actor=anna, now=timezone.now(), calling=calling, client_ids=[vera.pk], reason="Просила расчёт"
    )
    return Entry.objects.get()


@pytest.fixture
def page(sign_in: SignIn, centre_operator: User) -> Browser:
    return sign_in(centre_operator)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_the_lists_show_what_is_to_be_done(page: Browser, entry: Entry) -> None:
    shown = text_of(page.get("/dialler/"))
    assert "Возобновление" in shown
    assert f"/dialler/{entry.calling_id}/" in shown
    assert f"/dialler/{entry.calling_id}/entries/" not in shown  # an operator sets nothing up


def test_a_talk_from_taking_to_the_outcome_and_back(
    page: Browser, entry: Entry, vera: Client, centre_operator: User
) -> None:
    work = text_of(page.post(f"/dialler/{entry.calling_id}/next/", **HTMX))
    assert "Орлова Вера Николаевна" in work
    assert "Просила расчёт" in work
    assert "Вера Николаевна, здравствуйте. Олег Панин" in work
    page.post(f"/dialler/entries/{entry.pk}/call/", **HTMX)
    page.post(f"/dialler/entries/{entry.pk}/call/", **HTMX)
    assert Call.objects.get().person == centre_operator
    coming = text_of(page.get(f"/dialler/entries/{entry.pk}/coming/?outcome=no_answer"))
    assert "Следующий звонок" in coming
    said = {"outcome": "agreed", "note": "Ждёт", "answer.mileage": "12", "answer.drives": "сам"}
    saved = page.post(f"/dialler/entries/{entry.pk}/outcome/", said, **HTMX)
    entry.refresh_from_db()
    attempt = Attempt.objects.get()
    assert (entry.state, attempt.outcome, attempt.note) == ("done", "agreed", "Ждёт")
    assert f"/dialler/attempts/{attempt.pk}/undo/" in saved.headers["HX-Trigger"]
    assert sorted(ProfileAnswer.objects.values_list("key", "value")) == [("drives", "сам"), ("mileage", "12")]
    card = text_of(page.get(f"/clients/{vera.pk}/answers/"))
    assert "Пробег за год" in card
    assert "12 тыс. км" in card
    page.post(f"/dialler/attempts/{attempt.pk}/undo/", **HTMX)
    entry.refresh_from_db()
    assert (entry.state, entry.taken_by) == ("taken", centre_operator)


def test_a_named_moment_is_on_the_client_s_clock(page: Browser, entry: Entry, vera: Client) -> None:
    Client.objects.update(time_zone="Asia/Vladivostok")
    page.post(f"/dialler/{entry.calling_id}/next/", **HTMX)
    refused = page.post(f"/dialler/entries/{entry.pk}/outcome/", {"outcome": "later"}, **HTMX)
    assert refused.status_code == 422
    day = (timezone.now() + timedelta(days=2)).date()
    page.post(f"/dialler/entries/{entry.pk}/outcome/", {"outcome": "later", "moment": f"{day}T15:00"}, **HTMX)
    entry.refresh_from_db()
    assert (entry.next_at.hour, entry.next_at.date(), entry.asked) == (5, day, True)


def test_skipping_a_break_and_a_page_that_stays_open(page: Browser, entry: Entry) -> None:
    page.post(f"/dialler/{entry.calling_id}/next/", **HTMX)
    assert page.post(f"/dialler/entries/{entry.pk}/keep/", **HTMX).status_code == 200
    assert page.post(f"/dialler/entries/{entry.pk}/skip/", {"reason": ""}, **HTMX).status_code == 422
    page.post(f"/dialler/{entry.calling_id}/break/", **HTMX)
    gone = page.post(f"/dialler/entries/{entry.pk}/keep/", **HTMX)
    assert (gone.status_code, "dialler-moved" in gone.headers["HX-Trigger"]) == (204, True)
    page.post(f"/dialler/entries/{entry.pk}/taking/", **HTMX)
    page.post(f"/dialler/entries/{entry.pk}/skip/", {"reason": "Звонил агент"}, **HTMX)
    entry.refresh_from_db()
    assert (entry.state, entry.taken_by) == ("waiting", None)


def test_a_manager_sets_a_list_up(sign_in: SignIn, renewals_manager: User, calling: CallingList) -> None:
    browser = sign_in(renewals_manager)
    numbers = {name: value for name, value in Rules().to_json().items() if name != "morning"}
    form = {
        "name": "Жильё", "purpose": "service", "mode": "progressive", "countdown": "10", "script": "Здравствуйте",
        "is_active": "on", "q0.key": "area", "q0.label": "Площадь", "q0.kind": "number", "q0.unit": "м²",
    }  # fmt: skip
    assert browser.post("/dialler/new/", form | numbers | {"busy": "0"}).status_code == 422
    broken = form | {"q1.label": "Кто", "q1.kind": "choice", "q1.options": "один"}
    assert browser.post("/dialler/new/", broken | numbers).status_code == 422
    assert browser.post("/dialler/new/", form | numbers | {"busy": "5"}).status_code == 302
    made = CallingList.objects.get(name="Жильё")
    assert (made.mode, made.attempt_rules.busy, [one.key for one in made.asks]) == (
        "progressive",
        5,
        ["area"],
    )
    assert Journal.objects.get(action="calling_list.created").object_name == "Жильё"


def test_a_head_sets_up_the_own_branch_alone(
    sign_in: SignIn, branch_head: User, centre_operator: User, calling: CallingList
) -> None:
    own = CallingList.objects.create(
        code="own", name="Своя", branch=branch_head.placement.branch, updated_at=timezone.now()
    )
    browser = sign_in(branch_head)
    assert browser.get(f"/dialler/{own.pk}/settings/").status_code == 200
    assert browser.get(f"/dialler/{calling.pk}/settings/").status_code == 404
    assert sign_in(centre_operator).get(f"/dialler/{own.pk}/entries/").status_code == 403


def test_a_manager_gives_a_client_to_a_person_and_takes_one_off(
    sign_in: SignIn, renewals_manager: User, page: Browser, entry: Entry, anna: User, boris: User
) -> None:
    browser, url = sign_in(renewals_manager), f"/dialler/{entry.calling_id}/assignment/"
    browser.post(url, {"ids": entry.pk, "person": boris.pk})  # he does not see her
    entry.refresh_from_db()
    assert entry.reserved_for is None
    browser.post(url, {"ids": entry.pk, "person": anna.pk})
    assert "Сейчас звонить некому" in text_of(page.post(f"/dialler/{entry.calling_id}/next/", **HTMX))
    assert "Анна Соколова" in text_of(browser.get(f"/dialler/{entry.calling_id}/entries/"))
    browser.post(f"/dialler/entries/{entry.pk}/removal/")
    entry.refresh_from_db()
    assert (entry.state, entry.dropped, entry.fault) == ("dropped", "taken_off", "person")
    assert "снял коллега" in text_of(browser.get(f"/dialler/{entry.calling_id}/entries/?tab=over"))


def test_the_list_is_a_workbook_with_the_answers(
    sign_in: SignIn, renewals_manager: User, entry: Entry, vera: Client
) -> None:
    ProfileAnswer.objects.create(
        client=vera, key="mileage", label="Пробег", kind="number", value="15", answered_at=timezone.now()
    )
    answer = sign_in(renewals_manager).get(f"/dialler/{entry.calling_id}/export/")
    rows = list(load_workbook(BytesIO(b"".join(answer))).active.values)  # type: ignore[union-attr, arg-type]
    assert rows[1][0] == "Орлова Вера Николаевна"
    assert rows[1][rows[0].index("Пробег за год")] == "15"
    assert Journal.objects.filter(action="calling_list.exported").exists()


def test_chosen_clients_and_a_filtered_board_come_onto_a_list(
    sign_in: SignIn,
    anna: User,
    vera: Client,
    boris_client: Client,
    vera_renewal: object,
    calling: CallingList,
) -> None:
    browser = sign_in(anna)
    assert "1 клиент" in text_of(browser.post("/dialler/clients/", {"ids": [vera.pk, boris_client.pk]}))
    assert not Entry.objects.exists()
    form = {"source": "renewals", "query": "", "calling": calling.pk, "reason": "Проверить адрес"}
    browser.post("/dialler/clients/", form)
    browser.post("/dialler/clients/", form)
    assert list(Entry.objects.values_list("client", "reasons")) == [(vera.pk, ["Проверить адрес"])]
    assert "Никто не выбран" in text_of(browser.get("/dialler/clients/"))


def test_another_program_works_through_a_list(page: Browser, entry: Entry, vera: Client) -> None:
    def post(path: str, body: dict[str, Any] | None = None) -> Any:
        key = {"HTTP_IDEMPOTENCY_KEY": f"{path}{body}"}
        return page.post(f"/api/v1/dialler/{path}", body or {}, content_type="application/json", **key)

    lists = page.get("/api/v1/dialler/lists").json()
    assert [(one["name"], one["waiting"], one["due"]) for one in lists] == [("Возобновление", 1, 1)]
    taken = post(f"lists/{entry.calling_id}/next").json()["entry"]
    assert (taken["client_id"], taken["state"], taken["why"]) == (vera.pk, "taken", ["Просила расчёт"])
    assert post(f"entries/{entry.pk}/call").json()["call_id"] == Call.objects.get().pk
    assert post(f"entries/{entry.pk}/outcome", {"outcome": "later"}).status_code == 422
    said = post(f"entries/{entry.pk}/outcome", {"outcome": "quote", "answers": {"home": "yes"}}).json()
    assert (said["outcome"], said["number"]) == ("quote", 1)
    answers = page.get(f"/api/v1/clients/{vera.pk}/answers").json()["items"]
    assert [(one["key"], one["value"]) for one in answers] == [("home", "yes")]
    page.delete(f"/api/v1/dialler/attempts/{said['id']}/outcome")
    assert page.get(f"/api/v1/dialler/entries/{entry.pk}").json()["state"] == "taken"
