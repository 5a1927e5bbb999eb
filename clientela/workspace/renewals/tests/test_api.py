"""The board over the API: its conditions, its days, acts on many terms, its export."""

from datetime import date, timedelta
from typing import get_args

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from clientela.foundation.audit.models import Entry
from clientela.foundation.jobs import operations as jobs
from clientela.foundation.jobs.models import Job
from clientela.modules.renewals.models import LossReason, Renewal, TermLine, Touch
from clientela.workspace.clients.queries.rows import TooSlow
from clientela.workspace.renewals import api, schemas
from clientela.workspace.renewals.filters import ORDERS, REACHES, BoardFilter
from clientela.workspace.renewals.queries.board import rows_of
from clientela.workspace.renewals.tests.conftest import TODAY


@pytest.fixture
def reasons(board):
    """The lost term with its reason, and another reason that nobody gave."""
    dear = LossReason.objects.get_or_create(code="too-dear", defaults={"name": "Дорого"})[0]
    LossReason.objects.get_or_create(code="sold", defaults={"name": "Продан"})
    Renewal.objects.filter(pk=board["lost"].pk).update(lost_reason=dear)
    return dear


def names(answer):
    status, body = answer
    assert status == 200, body
    return [row["client_name"].split()[0] for row in body["items"]]


@pytest.mark.parametrize(
    ("query", "address", "expected"),
    [
        ("days_from=45", "", ["Абрамова", "Белова", "Волкова", "Громова", "Дроздова"]),
        ("days_from=17&days_to=2", "from=17&to=2", ["Белова", "Волкова", "Громова"]),
        ("days_from=2&days_to=17", "from=17&to=2", ["Белова", "Волкова", "Громова"]),
        ("days_from=60&days_to=46", "from=60&to=46", ["Ежова"]),
        ("days_to=0&state=quoted&state=lost", "state=quoted&state=lost", ["Волкова", "Дроздова"]),
        ("days_to=0&line=kasko", "line=kasko", []),
        ("days_to=0&line=osago&line=kasko&first_year=true&days_from=1", "year=1&line=osago&from=1", ["Абрамова"]),
        ("days_to=0&reach=vk", "reach=vk", []),
        ("days_to=0&reach=sms&reach=call&q=белов", "reach=sms&reach=call&q=белов", ["Белова"]),
        ("days_to=0&q=0000000002", "q=0000000002", ["Белова"]),
    ],
)  # fmt: skip
def test_a_condition_means_what_it_means_on_the_board(call, anna, board, query, address, expected):
    found = call(anna, "get", f"/renewals?{query}")
    assert names(found) == expected
    screen = rows_of(anna, BoardFilter.read(QueryDict(f"{address}&order=end")), today=TODAY)
    assert [row["id"] for row in found[1]["items"]] == [term.pk for term in screen.rows]


def test_without_days_every_term_in_sight_is_listed(call, anna, board):
    assert names(call(anna, "get", "/renewals"))[-1] == "Ежова"
    assert names(call(anna, "get", "/renewals?order=-end"))[0] == "Ежова"
    assert names(call(anna, "get", f"/renewals?client_id={board['later'].client_id}&order=price")) == [
        "Ежова"
    ]
    assert names(call(anna, "get", "/renewals?order=-price")) == [
        "Дроздова", "Громова", "Волкова", "Белова", "Абрамова",
    ]  # fmt: skip
    day = (TODAY + timedelta(days=17)).isoformat()
    assert names(call(anna, "get", f"/renewals?ends_from={day}&ends_to={day}&order=risk")) == [
        "Волкова",
        "Громова",
    ]
    assert names(call(anna, "get", f"/renewals?ends_from={day}&days_from=30&order=name")) == [
        "Волкова", "Громова", "Дроздова",
    ]  # fmt: skip


def test_a_loss_reason_is_named_by_its_code(call, anna, board, reasons):
    assert names(call(anna, "get", "/renewals?reason=too-dear")) == ["Дроздова"]
    assert names(call(anna, "get", "/renewals?reason=sold")) == []
    assert call(anna, "get", "/renewals?reason=nobody")[1]["code"] == "bad_reason"
    assert call(anna, "get", "/renewals/days?reason=nobody")[0] == 422
    assert call(anna, "get", f"/renewals/{board['lost'].pk}")[1]["lost_reason"] == "too-dear"


def test_agents_branches_and_centres_are_named_by_id(call, auditor, anna, boris, volga, board):
    foreign = ["Чужова"]
    assert names(call(auditor, "get", f"/renewals?agent_id={boris.agent.pk}")) == foreign
    assert (
        names(call(auditor, "get", f"/renewals?branch_id={boris.agent.branch_id}&branch_id=999")) == foreign
    )
    assert len(names(call(auditor, "get", f"/renewals?centre_id={volga.pk}"))) == 6
    assert names(call(anna, "get", f"/renewals?agent_id={boris.agent.pk}")) == []
    assert names(call(anna, "get", "/renewals?q=чужов")) == []


@pytest.mark.parametrize("order", ORDERS)
def test_the_board_is_walked_in_every_order(call, anna, board, order):
    whole = names(call(anna, "get", f"/renewals?days_from=60&order={order}"))
    walked, cursor = [], ""
    while cursor is not None:
        answer = call(anna, "get", f"/renewals?days_from=60&order={order}&limit=1&cursor={cursor}")
        walked += names(answer)
        cursor = answer[1]["next"]
    assert walked == whole
    assert len(whole) == 6
    assert call(anna, "get", f"/renewals?order={order}&cursor=x")[1]["code"] == "bad_cursor"


@pytest.mark.parametrize(
    "query",
    ["days_from=61", "days_to=-131", "days_from=x", "line=ship", "state=dead", "reach=pigeon", "order=luck",
     "agent_id=x", "centre_id=0", "first_year=maybe", "ends_from=x", f"q={'я' * 81}"],
)  # fmt: skip
def test_nonsense_is_refused_and_not_left_out(call, anna, query):
    status, problem = call(anna, "get", f"/renewals?{query}")
    assert (status, problem["code"]) == (422, "invalid")


def test_a_row_says_what_the_board_says(call, anna, board, now):
    term = board["quoted"]
    Touch.objects.create(
        renewal=term, step_key="base.30", term_end=term.end_date, day=30, channel="sms", state="delivered",
        due_on=TODAY - timedelta(days=13), due_at=now - timedelta(days=13), sent_at=now - timedelta(days=13),
        created_at=now,
    )  # fmt: skip
    (row,) = call(anna, "get", "/renewals?q=волкова")[1]["items"]
    assert (row["days_left"], row["contract"], row["agent_name"], row["branch_name"]) == (
        17, "ОСАГО · Hyundai Creta, 2021", "Анна Соколова", "Казань",
    )  # fmt: skip
    assert (row["premium"], row["next_premium"], row["lost_reason"]) == ("3000.00", "3300.00", None)
    assert (row["last_touch"]["channel"], row["last_touch"]["kind"]) == ("sms", "done")
    assert row["next_touch"] is None


def test_a_page_costs_the_same_whatever_its_size(call, anna, board, reasons):
    call(anna, "get", "/renewals")
    sent = []
    for limit in (1, 5):
        with CaptureQueriesContext(connection) as captured:
            assert len(names(call(anna, "get", f"/renewals?limit={limit}"))) == limit
        sent.append(len(captured))
    assert sent[0] == sent[1]


def test_what_takes_too_long_is_said(call, anna, monkeypatch):
    def slow(*_args, **_options):
        raise TooSlow

    monkeypatch.setattr(api, "page_of", slow)
    status, problem = call(anna, "get", "/renewals?q=белов")
    assert (status, problem["code"]) == (422, "too_slow")


def test_the_words_of_the_conditions_are_those_of_the_board():
    assert list(get_args(schemas.Line)) == TermLine.values
    assert list(get_args(schemas.State)) == Renewal.State.values
    assert list(get_args(schemas.Reached)) == list(REACHES)
    assert get_args(schemas.Order) == ORDERS
    in_filter = {"days_from": "first", "days_to": "last", "first_year": "first_year"}
    known = {
        in_filter.get(name) or schemas.IN_ADDRESS.get(name, name)
        for name in schemas.TermConditions.model_fields
    }
    assert known | {"order"} == set(BoardFilter.__dataclass_fields__)


# --- the head ------------------------------------------------------------------------------------------


def test_days_tell_what_ends_on_each(call, anna, boris, board):
    status, head = call(anna, "get", "/renewals/days")
    assert status == 200
    assert [(day["days_left"], day["end_date"], day["count"], day["states"]) for day in head["days"]] == [
        (30, "2026-12-18", 1, {"lost": 1}),
        (17, "2026-12-05", 2, {"paid": 1, "quoted": 1}),
        (5, "2026-11-23", 1, {"project": 1}),
        (1, "2026-11-19", 1, {"nothing": 1}),
    ]
    assert head["days"][1]["premium"] == "7300.00"
    assert (head["count"], head["premium"], head["at_risk"]) == (5, "15260.00", "1000.00")
    narrow = call(anna, "get", "/renewals/days?days_from=17&days_to=5&state=quoted")[1]
    assert [day["days_left"] for day in narrow["days"]] == [17, 5]
    assert (narrow["count"], narrow["at_risk"]) == (1, "0.00")
    assert call(boris, "get", "/renewals/days")[1]["count"] == 1
    assert call(anna, "get", "/renewals/days?days_from=99")[0] == 422


# --- acts on many --------------------------------------------------------------------------------------


def refusals(answer):
    return [(one["id"], one["code"]) for one in answer["refused"]]


def test_plans_are_held_and_let_go_on(call, anna, board):
    ids = [board[name].pk for name in ("nothing", "quoted", "foreign")]
    body = {"renewal_ids": ids, "until": "2026-11-25", "reason": "в отпуске"}
    status, answer = call(anna, "post", "/renewal-holds", body, key="once")
    assert (status, answer["done"]) == (200, [ids[1]])
    assert refusals(answer) == [(ids[0], "hold_in_past"), (ids[2], "not_found")]
    assert answer["refused"][0]["detail"] == "Выберите день от сегодняшнего до конца срока."
    held = Renewal.objects.filter(held_until__isnull=False)
    assert [(term.pk, term.held_until, term.held_reason) for term in held] == [
        (ids[1], date(2026, 11, 25), "в отпуске"),
    ]
    assert call(anna, "post", "/renewal-holds", body, key="once") == (status, answer)
    assert Entry.objects.filter(action="renewal.hold").count() == 1
    answer = call(anna, "post", "/renewal-releases", {"renewal_ids": [ids[1], ids[1]]})[1]
    assert answer == {"done": [ids[1]], "refused": []}
    assert not Renewal.objects.filter(held_until__isnull=False).exists()


def test_terms_are_lost_but_for_the_paid(call, anna, board, reasons, now):
    Renewal.objects.filter(pk=board["paid"].pk).update(paid_at=now)
    ids = [board[name].pk for name in ("paid", "quoted")]
    answer = call(anna, "post", "/renewal-losses", {"renewal_ids": ids, "reason": "sold", "note": "сын"})[1]
    assert (answer["done"], refusals(answer)) == ([ids[1]], [(ids[0], "already_paid")])
    lost = Renewal.objects.get(pk=ids[1])
    assert (lost.state, lost.lost_reason.code) == ("lost", "sold")
    body = {"renewal_ids": ids, "reason": "nobody"}
    assert call(anna, "post", "/renewal-losses", body)[1]["code"] == "bad_reason"


@pytest.mark.parametrize("path", ["holds", "releases", "losses"])
def test_who_may_not_work_on_renewals_changes_none(call, auditor, anna, board, reasons, path):
    body = {"renewal_ids": [board["quoted"].pk], "until": "2026-11-25", "reason": "sold"}
    before = list(Renewal.objects.order_by("pk").values())
    assert call(auditor, "post", f"/renewal-{path}", body)[0] == 403
    for ids in ([], [1] * 201, ["x"], [0], [2**63]):
        assert call(anna, "post", f"/renewal-{path}", body | {"renewal_ids": ids})[0] == 422
    assert list(Renewal.objects.order_by("pk").values()) == before
    assert not Entry.objects.exists()


# --- the export ----------------------------------------------------------------------------------------


def test_the_export_is_the_file_of_the_board(call, branch_head, anna, board, sign_in, settings, tmp_path, monkeypatch):  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(jobs._kinds, "renewals.export", "clientela.workspace.renewals.exporting.run_export")
    assert call(anna, "post", "/renewal-exports", {})[0] == 403
    assert not Entry.objects.exists()
    body = {"state": ["quoted", "lost"], "order": "-end"}
    status, export = call(branch_head, "post", "/renewal-exports", body)
    assert (status, export["kind"], export["state"]) == (202, "renewals.export", "queued")
    assert jobs.run_next(worker="w", now=Job.objects.get().not_before, lease=timedelta(minutes=1))
    done = call(branch_head, "get", f"/exports/{export['id']}")[1]
    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2)
    browser = sign_in(branch_head)
    file = b"".join(browser.get(f"/api/v1/exports/{export['id']}/file").streaming_content)
    screen = browser.get("/renewals/export/csv/?state=quoted&state=lost&order=-end")
    assert file == b"".join(screen.streaming_content)
    assert [line.split(";")[0] for line in file.decode().split("\r\n")[1:3]] == [
        "Дроздова Вера Николаевна", "Волкова Вера Николаевна",
    ]  # fmt: skip
    first, second = Entry.objects.filter(action="renewals.exported").order_by("id")
    assert (first.actor_id, first.object_name, first.changes) == (
        second.actor_id,
        second.object_name,
        second.changes,
    )
    assert call(anna, "get", f"/exports/{export['id']}")[0] == 403
