"""Holdings: which company belongs to which, and who sees it."""

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.clients import operations
from clientela.modules.clients.models import Client, HoldingLink
from clientela.modules.clients.queries import companies_like, holding_of, in_holding


@pytest.fixture
def company(make_client, anna):
    """``company("Кама")``: a company of Anna's, or of another agent."""

    def make(name, agent=None, **fields):
        return make_client(agent or anna.agent, name, kind="company", company_name=name, **fields)

    return make


@pytest.fixture
def tie(anna, now):
    def to(child, parent, actor=anna):
        return operations.set_parent(actor=actor, now=now, company=child, parent=parent)

    return to


def shape(user, client):
    return [(member.depth, member.name) for member in holding_of(user, client.pk)]


def test_a_holding_is_seen_from_any_of_its_companies(anna, company, tie):
    kama, trade, build, repair = (company(name) for name in ("Кама", "Торг", "Строй", "Ремонт"))
    assert tie(repair, build) is True
    assert tie(trade, kama) is True
    assert tie(build, kama) is True
    assert tie(build, kama) is False
    tree = [(0, "Кама"), (1, "Строй"), (2, "Ремонт"), (1, "Торг")]
    assert [shape(anna, one) for one in (kama, trade, build, repair)] == [tree] * 4
    assert set(HoldingLink.objects.values_list("root", flat=True)) == {kama.pk}
    assert set(Client.objects.filter(in_holding(kama.pk))) == {kama, trade, build, repair}
    entry = Entry.objects.filter(action="client.parent_set").first()
    assert (entry.object_name, entry.changes) == ("Ремонт", {"parent_card": [None, build.pk]})


def test_a_company_leaves_with_all_that_belongs_to_it(anna, company, tie):
    kama, build, repair = (company(name) for name in ("Кама", "Строй", "Ремонт"))
    tie(build, kama)
    tie(repair, build)
    tie(build, None)
    assert shape(anna, kama) == []
    assert shape(anna, repair) == [(0, "Строй"), (1, "Ремонт")]


def test_circles_persons_and_oneself_are_refused(anna, vera, company, tie):
    kama, build, repair = (company(name) for name in ("Кама", "Строй", "Ремонт"))
    tie(build, kama)
    tie(repair, build)
    before = list(HoldingLink.objects.order_by("id").values())
    for child, parent in [(kama, repair), (kama, build), (kama, kama), (vera, kama), (kama, vera)]:
        with pytest.raises(operations.WrongParent):
            tie(child, parent)
    assert list(HoldingLink.objects.order_by("id").values()) == before
    assert Entry.objects.filter(action="client.parent_set").count() == 2


def test_a_foreign_company_is_neither_tied_nor_named(anna, boris, renewals_manager, company, tie, now):
    kama, foreign = company("Кама"), company("Чужая", boris.agent)
    for child, parent in [(foreign, kama), (kama, foreign)]:
        with pytest.raises(PermissionDenied):
            tie(child, parent)
    assert not HoldingLink.objects.exists()
    tie(foreign, kama, renewals_manager)
    assert shape(renewals_manager, kama) == [(0, "Кама"), (1, "Чужая")]
    assert shape(anna, kama) == [(0, "Кама"), (1, "")]
    assert shape(boris, foreign) == [(0, ""), (1, "Чужая")]


def test_a_holding_has_a_bound(monkeypatch, company, tie):
    monkeypatch.setattr(operations.holdings, "MOST_COMPANIES", 1)
    kama, build, repair = (company(name) for name in ("Кама", "Строй", "Ремонт"))
    tie(build, kama)
    with pytest.raises(operations.WrongParent):
        tie(repair, kama)
    assert HoldingLink.objects.count() == 1


def test_three_statements_however_large(anna, company, tie, django_assert_num_queries):
    kama = company("Кама")
    for number in range(6):
        tie(company(f"Дочка {number}"), kama)
    holding_of(anna, kama.pk)
    with django_assert_num_queries(3):
        assert len(holding_of(anna, kama.pk)) == 7


def test_companies_by_inn_or_name(anna, boris, vera, company):
    kama = company("кама", inn="1650123456")
    company("кама чужая", boris.agent)
    assert list(companies_like(anna, "1650123456")) == [kama]
    assert list(companies_like(anna, "Кам")) == [kama]
    assert list(companies_like(anna, "Орлова")) == []


def test_the_api(sign_in, anna, boris, company, tie):
    kama, build, foreign = company("Кама"), company("Строй"), company("Чужая", boris.agent)
    mine = sign_in(anna)

    def put(client, parent):
        body = {"parent_id": parent.pk if parent else None}
        return mine.put(f"/api/v1/clients/{client.pk}/parent", body, content_type="application/json")

    assert put(build, kama).json() == [
        {"client_id": kama.pk, "parent_id": None, "depth": 0, "name": "Кама"},
        {"client_id": build.pk, "parent_id": kama.pk, "depth": 1, "name": "Строй"},
    ]
    assert put(kama, build).status_code == 422
    assert put(kama, foreign).status_code == 404
    assert len(mine.get(f"/api/v1/clients/{build.pk}/holding").json()) == 2
    listed = mine.get(f"/api/v1/clients?holding_id={kama.pk}").json()["items"]
    assert [row["id"] for row in listed] == [kama.pk, build.pk]
    assert sign_in(boris).get(f"/api/v1/clients/{build.pk}/holding").status_code == 404
    assert put(build, None).json() == []
