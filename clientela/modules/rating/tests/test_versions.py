"""From a draft to a tariff in force: cells, checks, spreadsheet, past calculations, a second person."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.foundation.refusals import FileRefused
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.rating.models import Table, TableVersion
from clientela.modules.rating.operations import checking, regression, spreadsheet, starting, versions
from clientela.modules.rating.queries import price
from clientela.modules.rating.rules.cells import BadCell
from clientela.modules.rating.rules.checks import problems
from clientela.modules.rating.rules.tables import Body

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
START = date(2026, 12, 1)
CAR = {
    "make": "Kia", "territory": "kazan", "year": 2026, "sum_insured": 1_000_000,
    "drivers": [{"age": 27, "experience": 3}],
}  # fmt: skip
CASES = [
    regression.Case("Р-26-1", "Kia Rio", CAR),
    regression.Case("Р-26-2", "LADA Granta", CAR | {"make": "LADA"}),
    regression.Case("Р-26-3", "никто", {}),
]


@pytest.fixture
def base(tariffs: None) -> Table:
    return Table.objects.get(code="kasko.base")


@pytest.fixture
def draft(base: Table, product_manager: User) -> TableVersion:
    return versions.make_draft(actor=product_manager, now=NOW, table=base)


@pytest.fixture
def second(make_user: Any) -> User:
    person: User = make_user(Role.PRODUCT_MANAGER, "Лариса", "Ким", email="l.kim@prichal.example")
    return person


@pytest.fixture
def change(draft: TableVersion, product_manager: User) -> Any:
    def write(text: str, row: int = 4, column: str = "a0") -> TableVersion:
        return versions.change_cell(
            actor=product_manager, now=NOW, version=draft, row=row, column=column, text=text
        )

    return write


def check(version: TableVersion, actor: User) -> TableVersion:
    return checking.check(actor=actor, now=NOW, version=version, cases=CASES, on=START)


def propose(version: TableVersion, actor: User, on: date = START) -> TableVersion:
    return versions.propose(actor=actor, now=NOW, version=version, starts_on=on, reason="Запчасти подорожали")


def test_a_change_counts_from_its_day_after_a_second_persons_word(
    change: Any, product_manager: User, second: User
) -> None:
    change("4,25")
    checked = check(change("4.70"), product_manager)
    proposed = propose(checked, product_manager)
    approved = versions.approve(actor=second, now=NOW, version=proposed)

    assert (approved.state, approved.approver, approved.author) == ("approved", second, product_manager)
    assert price("kasko", CAR, on=date(2026, 11, 30)).factors[0].value == Decimal("4.35")
    later = price("kasko", CAR, on=START)
    assert (later.factors[0].value, later.factors[0].version) == (Decimal("4.70"), 2)
    assert price("kasko", CAR, on=START, as_of=datetime(2026, 11, 17, tzinfo=UTC)).factors[0].version == 1
    told = Entry.objects.filter(action__startswith="tariff.").order_by("id").values_list("action", flat=True)
    assert list(told) == [
        "tariff.draft", "tariff.cell", "tariff.cell", "tariff.checked", "tariff.proposed", "tariff.approved",
    ]  # fmt: skip


def test_the_author_cannot_approve_and_nothing_changes(change: Any, product_manager: User) -> None:
    proposed = propose(check(change("4.70"), product_manager), product_manager)
    with pytest.raises(versions.OwnVersion):
        versions.approve(actor=product_manager, now=NOW, version=proposed)
    proposed.refresh_from_db()
    assert (proposed.state, proposed.approved_at) == ("proposed", None)


def test_an_agent_neither_drafts_nor_approves(
    base: Table, change: Any, anna: User, product_manager: User
) -> None:
    proposed = propose(check(change("4.70"), product_manager), product_manager)
    with pytest.raises(PermissionDenied):
        versions.make_draft(actor=anna, now=NOW, table=base)
    with pytest.raises(PermissionDenied):
        versions.approve(actor=anna, now=NOW, version=proposed)
    assert base.versions.get(number=2).state == "proposed"


def test_an_approved_version_is_never_edited(change: Any, product_manager: User, second: User) -> None:
    approved = versions.approve(
        actor=second, now=NOW, version=propose(check(change("4.70"), product_manager), product_manager)
    )
    with pytest.raises(versions.NotADraft):
        versions.change_cell(actor=product_manager, now=NOW, version=approved, row=4, column="a0", text="9")
    approved.refresh_from_db()
    assert approved.rows[4][2] == "4.70"


def test_a_change_after_the_check_asks_for_another(change: Any, product_manager: User) -> None:
    checked = check(change("4.70"), product_manager)
    change("4.80")
    with pytest.raises(versions.NotChecked):
        propose(checked, product_manager)


def test_past_calculations_say_what_changes(change: Any, product_manager: User) -> None:
    result = check(change("4.785"), product_manager).regression
    counts = {name: result[name] for name in ("same", "cheaper", "dearer", "failed")}
    assert counts == {"same": 1, "cheaper": 0, "dearer": 1, "failed": 0}
    assert result["most"] == [
        {"number": "Р-26-1", "title": "Kia Rio", "was": "41300.00", "now": "45500.00", "percent": "10.2"}
    ]
    assert [bar for bar in result["bars"] if bar[1]] == [[0, 1], [10, 1]]


def test_a_calculation_that_cannot_be_priced_any_more_holds_the_version_back(
    change: Any, product_manager: User
) -> None:
    checked = check(change("–"), product_manager)
    assert checked.regression["failed"] == 1
    with pytest.raises(versions.NotChecked):
        propose(checked, product_manager)


def test_it_starts_after_today(change: Any, product_manager: User) -> None:
    checked = check(change("4.70"), product_manager)
    with pytest.raises(versions.BadStart):
        propose(checked, product_manager, on=NOW.date())


def test_a_sent_back_version_is_a_draft_again_and_a_withdrawn_one_never_counts(
    change: Any, product_manager: User, second: User
) -> None:
    proposed = propose(check(change("4.70"), product_manager), product_manager)
    back = versions.send_back(actor=second, now=NOW, version=proposed, reason="Мало данных")
    assert back.state == "draft"
    approved = versions.approve(actor=second, now=NOW, version=propose(back, product_manager))
    versions.withdraw(actor=second, now=NOW, version=approved)
    assert price("kasko", CAR, on=START).factors[0].version == 1


def test_the_second_person_sets_another_day_with_a_word_why(
    change: Any, product_manager: User, second: User
) -> None:
    proposed = propose(check(change("4.70"), product_manager), product_manager)

    def approve(
        on: date, comment: str = "Письма партнёрам уйдут 3 декабря", now: datetime = NOW
    ) -> TableVersion:
        return versions.approve(actor=second, now=now, version=proposed, starts_on=on, comment=comment)

    refusals = {
        starting.BadStart: lambda: approve(NOW.date()),
        starting.NoWhy: lambda: approve(date(2026, 12, 5), " "),
    }
    for refused, act in refusals.items():
        with pytest.raises(refused):
            act()
    proposed.refresh_from_db()
    assert (proposed.state, proposed.starts_on, proposed.asked_starts_on) == ("proposed", START, None)
    late = datetime(2026, 12, 2, 9, tzinfo=UTC)  # the author's day went by while it waited
    with pytest.raises(starting.BadStart):
        versions.approve(actor=second, now=late, version=proposed)
    approved = approve(date(2026, 12, 5), now=late)
    assert (approved.starts_on, approved.asked_starts_on) == (date(2026, 12, 5), START)
    assert price("kasko", CAR, on=date(2026, 12, 4)).factors[0].version == 1
    assert price("kasko", CAR, on=date(2026, 12, 5)).factors[0].version == 2
    told = Entry.objects.get(action="tariff.approved")
    assert told.changes["starts_on"] == ["2026-12-01", "2026-12-05"]
    assert told.reason == "Письма партнёрам уйдут 3 декабря"


def test_a_version_starts_no_earlier_than_the_one_it_changes(
    base: Table, change: Any, product_manager: User, second: User
) -> None:
    approved = versions.approve(
        actor=second, now=NOW, version=propose(check(change("4.70"), product_manager), product_manager)
    )
    third = versions.make_draft(actor=product_manager, now=NOW, table=base)
    versions.change_cell(actor=product_manager, now=NOW, version=third, row=4, column="a0", text="4.80")
    third = check(third, product_manager)
    for day in (date(2026, 11, 25), date(2026, 11, 30)):
        with pytest.raises(starting.BeforeOlder):
            propose(third, product_manager, on=day)
    proposed = propose(third, product_manager)
    with pytest.raises(starting.BeforeOlder):
        versions.approve(
            actor=second, now=NOW, version=proposed, starts_on=date(2026, 11, 30), comment="Раньше"
        )
    assert approved.number == 2
    versions.approve(actor=second, now=NOW, version=proposed)
    assert price("kasko", CAR, on=START).factors[0].version == 3


def test_a_cell_must_be_readable(change: Any, draft: TableVersion) -> None:
    with pytest.raises(BadCell):
        change("дорого")
    with pytest.raises(versions.NoSuchCell):
        change("1", row=99)
    draft.refresh_from_db()
    assert draft.rows[4][2] == "4.35"


def test_a_spreadsheet_goes_out_and_comes_back_exactly(draft: TableVersion, product_manager: User) -> None:
    content = spreadsheet.written(draft)
    assert spreadsheet.read(content, [column.key for column in draft.body.columns]) == draft.rows
    book = load_workbook(BytesIO(content))
    book.active["C7"] = "4,70"
    out = BytesIO()
    book.save(out)
    kept = spreadsheet.upload(actor=product_manager, now=NOW, version=draft, content=out.getvalue())
    assert kept.rows[4][2] == "4,70"
    book.active["C7"], book.active["E8"] = "дорого", "тоже"
    out = BytesIO()
    book.save(out)
    with pytest.raises(versions.HasProblems) as refused:
        spreadsheet.upload(actor=product_manager, now=NOW, version=draft, content=out.getvalue())
    assert [str(one.text)[:3] for one in refused.value.problems] == ["C7:", "E8:"]
    with pytest.raises(FileRefused):
        spreadsheet.upload(actor=product_manager, now=NOW, version=draft, content=b"no file")


@pytest.mark.parametrize(
    ("hit", "rows", "kinds"),
    [
        ("unique", [["16–21", "1"], ["22+", "2"]], []),
        ("unique", [["16–21", "1"], ["21+", "2"]], ["overlap"]),
        ("unique", [["16–21", "1"], ["23+", "2"]], ["hole"]),
        ("first", [["≤50", "1"], ["≤70", "2"], [">70", "3"]], []),
        ("unique", [["много", "1"]], ["cell"]),
        ("unique", [], ["empty"]),
        ("collect", [["≤17", "1"], ["60+", "2"]], []),
    ],
)
def test_holes_and_overlaps_are_found(hit: str, rows: list[list[str]], kinds: list[str]) -> None:
    columns = [
        {"key": "age", "title": "Возраст", "kind": "range"}, {"key": "value", "title": "К", "kind": "number"},
    ]  # fmt: skip
    assert [one.kind for one in problems(Body.from_json(columns, rows, hit=hit))] == kinds


def test_shipped_tables_have_no_problem_and_a_jump_only_warns(base: Table, change: Any) -> None:
    for version in TableVersion.objects.select_related("table").filter(state="approved"):
        assert [one for one in problems(version.body) if not one.is_warning] == []
    jumps = problems(change("9,90", column="a8").body)
    assert ("jump", 4, "a8", True) in [(one.kind, one.row, one.column, one.is_warning) for one in jumps]
    assert all(one.is_warning for one in jumps)
    assert any("9,90" in one.text for one in jumps)
