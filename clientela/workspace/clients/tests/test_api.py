"""The list of clients over the API: the conditions of the screen, its count, its export."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client as Browser
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.jobs.models import Job
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Client, Tag
from clientela.modules.clients.operations import add_contact_point, add_note, update_client
from clientela.modules.clients.tests.calling import Call
from clientela.modules.contacts.models import Consent, Message
from clientela.modules.contracts.models import Policy
from clientela.modules.products.models import Line
from clientela.workspace.clients import schemas
from clientela.workspace.clients.columns import COLUMNS
from clientela.workspace.clients.filters import CONSENTS, ORDERS, ClientFilter
from clientela.workspace.clients.queries import rows
from clientela.workspace.clients.tests.conftest import TODAY


@pytest.fixture(autouse=True)
def _at_now(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def told(book: dict[str, Client], now: datetime) -> dict[str, Client]:
    """The same book with tags, a message and a confirmation to look for."""
    Tag.objects.create(name="лето")
    book["vera"].tags.add(Tag.objects.create(name="зима"))
    Client.objects.filter(pk=book["Алла"].pk).update(data_confirmed_at=now - timedelta(days=400))
    Consent.objects.filter(client=book["Яков"], channel="sms").update(withdrawn_at=now)
    Consent.objects.create(client=book["vera"], purpose="advertising", channel="email", granted_at=now)
    Message.objects.create(
        client=book["vera"], direction="in", channel="sms", address="+79170004108", text="?", state="received",
        not_before=now, created_at=now - timedelta(days=1),
    )  # fmt: skip
    return book


def ids(answer: tuple[int, Any]) -> list[int]:
    assert answer[0] == 200, answer
    return [row["id"] for row in answer[1]["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ending=17", ["vera", "Яков"]),
        ("line=osago", ["vera"]),
        ("loyalty=prospect", ["Егор"]),
        ("temperature=cold", ["Егор"]),
        ("profitability=profitable", ["Алла", "vera", "Яков"]),
        ("tag=зима", ["vera"]),
        ("tag=зима&tag=лето", []),
        ("fresh=stale", ["Алла"]),
        ("silent=90", ["Алла", "Егор", "Яков"]),
        ("consent=service-sms", ["Алла", "Егор", "vera"]),
        ("consent=service-sms&consent=advertising-email", ["vera"]),
        ("consent=advertising-sms", []),
        ("kind=company", []),
        ("q=орлова 4108", ["vera"]),
        ("q=Р418ТО&line=osago", ["vera"]),
        ("ending=366&order=-end", ["Алла", "vera", "Яков"]),
    ],
)
def test_a_condition_means_what_it_means_on_the_screen(
    call: Call, anna: User, told: dict[str, Client], query: str, expected: list[str]
) -> None:
    found = ids(call(anna, "get", f"/clients?{query}"))
    assert found == [told[name].pk for name in expected]
    wanted = ClientFilter.read(QueryDict(query))
    screen = rows.page(anna, wanted, today=TODAY, columns=())
    assert found == [row.id for row in screen.rows]
    count = call(anna, "get", f"/clients/count?{query}")[1]
    assert count == {"count": len(expected), "is_more": False}


def test_agents_branches_and_holdings_are_named_by_id(
    call: Call, auditor: User, anna: User, boris: User, told: dict[str, Client]
) -> None:
    both = call(auditor, "get", f"/clients?agent_id={anna.agent.pk}&agent_id={boris.agent.pk}&order=-name")
    assert len(ids(both)) == 5
    assert ids(call(auditor, "get", f"/clients?branch_id={boris.agent.branch_id}")) == [
        told["boris_client"].pk
    ]
    assert ids(call(auditor, "get", f"/clients?holding_id={told['vera'].pk}")) == [told["vera"].pk]


def test_foreign_clients_stay_out_whatever_the_condition(
    call: Call, anna: User, boris: User, told: dict[str, Client]
) -> None:
    foreign = told["boris_client"]
    for query in (
        f"agent_id={boris.agent.pk}",
        f"holding_id={foreign.pk}",
        "q=зимин",
        "inn=",
        "phone=79020007301",
    ):
        assert foreign.pk not in ids(call(anna, "get", f"/clients?{query}"))
    assert call(anna, "get", f"/clients/count?agent_id={boris.agent.pk}")[1]["count"] == 0


@pytest.mark.parametrize("order", ["name", "-name", "end", "-end", "premium", "-policies"])
def test_the_list_is_walked_in_every_order(
    call: Call, anna: User, told: dict[str, Client], order: str
) -> None:
    whole = ids(call(anna, "get", f"/clients?order={order}"))
    walked, cursor = [], ""
    while cursor is not None:
        page = call(anna, "get", f"/clients?order={order}&limit=1&cursor={cursor}")[1]
        walked += [row["id"] for row in page["items"]]
        cursor = page["next"]
    assert walked == whole
    assert len(whole) == 4
    other = call(anna, "get", "/clients?order=completeness&limit=1")[1]["next"]
    status, problem = call(anna, "get", f"/clients?order={order}&cursor={other}")
    assert (status, problem["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    "query",
    ["kind=dog", "line=life", "ending=0", "ending=367", "silent=x", "fresh=rotten", "order=age", "agent_id=x", "tag=",
     "agent_id=0", f"q={'я' * 81}", "&".join(["tag=x"] * 51)],
)  # fmt: skip
def test_nonsense_is_refused_and_not_left_out(call: Call, anna: User, query: str) -> None:
    for path in ("/clients", "/clients/count"):
        status, problem = call(anna, "get", f"{path}?{query}")
        assert (status, problem["code"]) == (422, "invalid")


def test_a_row_says_what_the_screen_says(call: Call, anna: User, told: dict[str, Client]) -> None:
    (row,) = call(anna, "get", "/clients?q=орлова")[1]["items"]
    vera = Client.objects.get(pk=told["vera"].pk)
    assert row | {"premium_in_force": "", "updated_at": ""} == {
        "id": vera.pk, "kind": "person", "name": "Орлова Вера Николаевна", "city": "Казань",
        "agent_id": anna.agent.pk, "branch_id": vera.branch_id, "loyalty": vera.loyalty, "temperature": "",
        "profitability": "profitable", "policies_in_force": 1, "premium_in_force": "", "next_end_date": "2026-12-05",
        "completeness": vera.completeness, "data_confirmed_at": None, "do_not_contact": False, "updated_at": "",
        "version": vera.version, "freshness": "unknown", "phone": "+79170004108", "tags": ["зима"],
        "client_since": vera.client_since and vera.client_since.isoformat(), "last_channel": "sms",
        "last_at": "2026-11-17T07:42:00+00:00", "advice": [],
    }  # fmt: skip


def test_a_page_costs_the_same_whatever_its_size(
    call: Call, anna: User, told: dict[str, Client], statements: Callable[..., Any]
) -> None:
    call(anna, "get", "/clients")
    sent = []
    for limit in (1, 4):
        with statements() as seen:
            call(anna, "get", f"/clients?limit={limit}")
        sent.append(len(seen))
    assert sent[0] == sent[1]


def test_what_takes_too_long_is_said(
    call: Call, anna: User, vera: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clientela.workspace.clients import api

    def slow(*_args: Any, **_options: Any) -> None:
        raise rows.TooSlow

    monkeypatch.setattr(api, "page_of", slow)
    status, problem = call(anna, "get", "/clients?silent=90")
    assert (status, problem["code"]) == (422, "too_slow")


def test_the_words_of_the_conditions_are_those_of_the_screen() -> None:
    assert list(get_args(schemas.Loyalty)) == Client.Loyalty.values
    assert list(get_args(schemas.Temperature)) == Client.Temperature.values
    assert list(get_args(schemas.Line)) == Line.values
    assert get_args(schemas.Consented) == CONSENTS
    assert get_args(schemas.Order) == ORDERS
    assert list(get_args(schemas.Column)) == list(COLUMNS)
    known = {schemas.IN_ADDRESS.get(name, name) for name in schemas.ClientConditions.model_fields}
    assert known == set(ClientFilter.__dataclass_fields__)


# --- the card of a day ---------------------------------------------------------------------------------


def test_the_card_of_a_day_is_as_it_was(
    call: Call, anna: User, team_lead: User, vera: Client, vera_policy: Policy, now: datetime
) -> None:
    who = {"actor": anna, "now": now - timedelta(days=2)}
    update_client(
        **who, client=vera, version=vera.version, details={"city": "Самара", "last_name": "Егорова"}
    )
    add_contact_point(**who, client=vera, kind="email", value="new@mail.example")
    add_note(**who, client=vera, text="Позвонить вечером")
    before = Entry.objects.count()
    status, card = call(team_lead, "get", f"/clients/{vera.pk}/past?day=2026-11-15")
    assert (status, card["name"], card["details"]["city"]) == (200, "Орлова Вера Николаевна", "Казань")
    assert [row["value"] for row in card["contacts"]] == ["+79170004108", "vera.orlova@mail.example"]
    assert ([row["number"] for row in card["policies"]], card["policies"][0]["in_force"]) == (
        [vera_policy.number], True,
    )  # fmt: skip
    assert card["notes"] == []
    later = call(team_lead, "get", f"/clients/{vera.pk}/past?day=2026-11-17")[1]
    assert (later["name"], later["details"]["city"]) == ("Егорова Вера Николаевна", "Самара")
    assert [row["text"] for row in later["notes"]] == ["Позвонить вечером"]
    assert list(Entry.objects.order_by("id").values_list("action", "actor_id")[before:]) == [
        ("client.read", team_lead.pk),
    ] * 2  # fmt: skip


def test_the_past_of_a_foreign_card_stays_closed(
    call: Call, anna: User, vera: Client, boris_client: Client
) -> None:
    assert call(anna, "get", f"/clients/{boris_client.pk}/past?day=2026-11-15")[0] == 404
    for day in ("2026-11-18", "9999-12-31", "0001-01-01", "x", ""):
        assert call(anna, "get", f"/clients/{vera.pk}/past?day={day}")[0] == 422, day
    assert not Entry.objects.exists()


# --- one tag on many -----------------------------------------------------------------------------------


def test_a_tag_on_many_says_whom_it_left_out_and_why(call: Call, anna: User, told: dict[str, Client]) -> None:
    vera, egor, foreign = (told[name].pk for name in ("vera", "Егор", "boris_client"))
    body = {"name": "зима", "client_ids": [foreign, vera, egor, egor]}
    status, answer = call(anna, "post", "/client-tags", body, key="once")
    assert (status, answer["done"], answer["tagged"]) == (200, [egor], 1)
    assert [(one["id"], one["code"]) for one in answer["refused"]] == [
        (foreign, "not_found"), (vera, "unchanged"),
    ]  # fmt: skip
    assert call(anna, "post", "/client-tags", body, key="once")[1] == answer
    assert set(Tag.objects.get(name="зима").clients.values_list("pk", flat=True)) == {vera, egor}
    assert call(anna, "post", "/client-tags", {"name": " ", "client_ids": [vera]})[0] == 422


def test_who_may_not_change_clients_tags_none(call: Call, auditor: User, vera: Client) -> None:
    assert call(auditor, "post", "/client-tags", {"name": "зима", "client_ids": [vera.pk]})[0] == 403
    assert not Tag.objects.exists()


# --- the export ----------------------------------------------------------------------------------------


@pytest.fixture
def worker(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """``worker()`` does the job in the queue."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(jobs._kinds, "clients.export", "clientela.workspace.clients.exporting.run_export")

    def work() -> None:
        assert jobs.run_next(worker="w", now=Job.objects.latest("id").not_before, lease=timedelta(minutes=1))

    return work


def test_an_export_is_begun_followed_and_taken(
    call: Call, branch_head: User, team_lead: User, anna: User, told: dict[str, Client], sign_in: Callable[[User], Browser],
    worker: Callable[[], None],
) -> None:  # fmt: skip
    body = {"ending": 17, "order": "-name", "columns": ["tags", "end"]}
    status, export = call(branch_head, "post", "/client-exports", body, key="once")
    assert (status, export["state"], export["kind"]) == (202, "queued", "clients.export")
    assert call(branch_head, "post", "/client-exports", body, key="once") == (202, export)
    assert Job.objects.count() == 1
    path = f"/exports/{export['id']}"
    assert call(branch_head, "get", f"{path}/file")[1]["code"] == "not_ready"
    worker()
    done = call(branch_head, "get", path)[1]
    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2)
    browser = sign_in(branch_head)
    answer = browser.get(f"/api/v1{path}/file")
    lines = b"".join(answer.streaming_content).decode().split("\r\n")
    assert lines == [
        "\ufeffНомер;Клиент;Ближайший срок;Метки",
        f"{told['Яков'].pk};Яшин Яков;2026-11-21;",
        f"{told['vera'].pk};Орлова Вера Николаевна;2026-12-05;зима",
        "",
    ]
    screen = browser.post("/clients/export/", {"query": "ending=17&order=-name", "format": "csv"})
    there = b"".join(screen.streaming_content).decode().split("\r\n")
    assert [line.split(";")[:2] for line in there] == [line.split(";")[:2] for line in lines]
    entry = Entry.objects.filter(action="clients.exported").first()
    assert entry is not None
    assert (entry.actor_id, entry.object_name) == (branch_head.pk, "ending=17&order=-name")
    for other in (team_lead, anna):
        assert call(other, "get", path)[0] in {403, 404}
        assert call(other, "get", f"{path}/file")[0] in {403, 404}


def test_an_export_of_chosen_clients_leaves_foreign_ones_out(
    call: Call, branch_head: User, told: dict[str, Client], sign_in: Callable[[User], Browser], worker: Callable[[], None],
) -> None:  # fmt: skip
    chosen = [told["Яков"].pk, told["boris_client"].pk, told["Алла"].pk]
    body = {"q": "орлова", "client_ids": chosen, "format": "xlsx"}
    export = call(branch_head, "post", "/client-exports", body)[1]
    worker()
    assert Job.objects.get(pk=export["id"]).total == 2
    answer = sign_in(branch_head).get(f"/api/v1/exports/{export['id']}/file")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["Клиент", "Абрамова Алла", "Яшин Яков"]


def test_without_the_permission_nothing_is_exported(call: Call, anna: User, vera: Client) -> None:
    assert call(anna, "post", "/client-exports", {})[0] == 403
    assert not Job.objects.exists()
    assert not Entry.objects.exists()
