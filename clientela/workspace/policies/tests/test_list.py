"""The list of contracts: its sides, search, scope and file."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from clientela.foundation.audit.models import Entry
from clientela.modules.contracts.models import Policy
from clientela.workspace.policies import listing
from clientela.workspace.policies.listing import PolicyFilter

TODAY = date(2026, 11, 20)


@pytest.fixture
def contracts(make_policy, vera, boris_client, osago, kasko, monkeypatch):
    """One contract of Вера on each side, and one of a stranger."""
    monkeypatch.setattr(listing, "today", lambda: TODAY)

    def of(number, first, last, **facts):
        start, end = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
        return make_policy(
            facts.pop("client", vera), facts.pop("product", kasko), number=number, start_date=start, end=end, **facts
        )  # fmt: skip

    return {
        "force": of("К 16-000001", -100, 264),
        "soon": of("ХХХ 0000000002", -330, 34, product=osago),
        "future": of("К 16-000003", 10, 374, sales_channel="web"),
        "over": of("К 16-000004", -500, -136),
        "cancelled": of("К 16-000005", -200, 164, status=Policy.Status.CANCELLED),
        "foreign": of("К 16-000006", -100, 264, client=boris_client),
    }


def numbers(user, **wanted):
    return [one.number for one in listing.page(user, PolicyFilter(**wanted)).rows]


def test_sides(contracts, anna):
    assert numbers(anna) == ["К 16-000001", "ХХХ 0000000002"]
    for state in ("soon", "future", "over", "cancelled"):
        assert numbers(anna, state=state) == [contracts[state].number]
    assert len(numbers(anna, state="all")) == 5


def test_days_at_the_edges(make_policy, vera, kasko, anna, monkeypatch):
    """Both ends of the term are covered."""
    monkeypatch.setattr(listing, "today", lambda: TODAY)
    make_policy(vera, kasko, number="LAST", start_date=TODAY - timedelta(days=364), end=TODAY)
    make_policy(vera, kasko, number="FIRST", start_date=TODAY, end=TODAY + timedelta(days=364))
    assert numbers(anna) == ["FIRST", "LAST"]
    assert numbers(anna, state="soon") == ["LAST"]


def test_found_by_number_plate_and_name(contracts, anna):
    contracts["soon"].insured_object.plate = "А123ВС716"
    contracts["soon"].insured_object.save()
    assert numbers(anna, text="xxx 00000") == ["ХХХ 0000000002"]
    assert numbers(anna, text="a 123 bc") == ["ХХХ 0000000002"]
    assert numbers(anna, text="орлова", product=contracts["soon"].product.code) == ["ХХХ 0000000002"]
    assert numbers(anna, text="7") == numbers(anna, text="Зимин") == numbers(anna, text="...") == []
    assert numbers(anna, state="all", channel="web") == ["К 16-000003"]


def test_nobody_finds_what_is_foreign(contracts, anna, boris):
    assert "К 16-000006" not in numbers(anna, state="all")
    assert numbers(boris, state="all") == ["К 16-000006"]
    assert numbers(boris, state="all", text="К 16-000001") == []


def test_page_and_pages(contracts, sign_in, anna, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(listing, "PAGE", 2)
    with django_assert_max_num_queries(
        3
    ):  # two for the scope, and one statement for the page with all it names
        listing.rows(listing.page(anna, PolicyFilter(state="all")).rows)
    browser = sign_in(anna)
    first = browser.get("/policies/?state=all")
    text = first.content.decode()
    assert "К 16-000003" in text
    assert "К 16-000004" not in text
    after = first.context["page"].after
    assert "К 16-000004" not in browser.get(f"/policies/?state=all&after={after}").content.decode()
    assert browser.get("/policies/?state=nonsense&channel=x&product=%00&after=zzz").status_code in {200, 400}


def test_file(contracts, sign_in, branch_head):
    answer = sign_in(branch_head).get("/policies/export.xlsx?state=all")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    found = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert contracts["force"].number in found
    assert Entry.objects.filter(action="policies.exported", actor=branch_head).count() == 1
    csv = b"".join(sign_in(branch_head).get("/policies/export.csv").streaming_content).decode()
    assert "К 16-000001" in csv
    assert "К 16-000004" not in csv


def test_who_may_not_export(contracts, sign_in, quality):
    expected = 200 if quality.can("clients.export") else 403
    assert sign_in(quality).get("/policies/export.csv").status_code == expected
