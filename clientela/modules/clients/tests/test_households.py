"""Ties between clients: kept once, read from both sides, of no use to see more, right when cards merge and part."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.clients.models import Address, Client, ContactPoint, NotRelated, Relation
from clientela.modules.clients.operations import (
    WrongRelation,
    close_life_event,
    make_client,
    merge_clients,
    note_life_event,
    put_aside,
    relate,
    separate_clients,
    unrelate,
)
from clientela.modules.clients.relatives import Relative, relatives_of, suggestions
from clientela.modules.clients.rules import INVERSE, same_tie

pytestmark = pytest.mark.django_db


@pytest.fixture
def lev(make_client: Callable[..., Client], anna: User) -> Client:
    return make_client(anna.agent, "Орлов", "Лев", "Петрович", sex="m", birth_date=date(2004, 2, 29))


@pytest.fixture
def tie(anna: User, now: datetime) -> Callable[..., Relation]:
    def make(client: Client, kind: str, other: Client | None = None, **more: object) -> Relation:
        return relate(actor=anna, now=now, client=client, kind=kind, other=other, **more)  # type: ignore[arg-type]

    return make


def kinds(user: User, client: Client) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in relatives_of(user, client.pk)]


@pytest.mark.parametrize("kind", sorted(INVERSE))
def test_a_tie_is_its_inverse_from_the_other_side(
    anna: User, vera: Client, lev: Client, tie: Callable[..., Relation], kind: str
) -> None:
    tie(vera, kind, lev)
    assert kinds(anna, vera) == [(kind, "Орлов Лев Петрович")]
    assert kinds(anna, lev) == [(INVERSE[kind], "Орлова Вера Николаевна")]
    with pytest.raises(WrongRelation):
        tie(lev, INVERSE[kind], vera)  # the same, said from the other side
    assert Relation.objects.count() == 1
    assert same_tie(1, kind, 2) == same_tie(2, INVERSE[kind], 1)


def test_one_kind_of_family_between_two(vera: Client, lev: Client, tie: Callable[..., Relation]) -> None:
    tie(vera, "child", lev)
    with pytest.raises(WrongRelation):
        tie(vera, "spouse", lev)
    tie(vera, "guarantor", lev)  # no family
    with pytest.raises(WrongRelation):
        tie(vera, "spouse", vera)


def test_a_person_who_becomes_a_client(
    anna: User, vera: Client, lev: Client, tie: Callable[..., Relation], now: datetime
) -> None:
    row = tie(vera, "child", name="Лев", birth_year=2004, note="студент")
    [one] = relatives_of(anna, vera.pk)
    assert (one.name, one.birth_year, one.client) == ("Лев", 2004, None)
    make_client_row = make_client(actor=anna, now=now, relation=row, other=lev)
    assert make_client_row.note == "студент"
    assert kinds(anna, vera) == [("child", "Орлов Лев Петрович")]
    assert kinds(anna, lev) == [("parent", "Орлова Вера Николаевна")]


def test_a_relative_out_of_sight_has_no_name(
    anna: User, boris: User, administrator: User, vera: Client, boris_client: Client, now: datetime
) -> None:
    relate(
        actor=administrator, now=now, client=vera, kind="sibling", other=boris_client, note="из Ульяновска"
    )
    [one] = relatives_of(anna, vera.pk)
    assert (one.hidden, one.name, one.birth_date, one.birth_year, one.client) == (True, "", None, None, None)
    assert not Client.objects.visible_to(anna).filter(pk=boris_client.pk).exists()
    with pytest.raises(PermissionDenied):
        relate(actor=anna, now=now, client=vera, kind="guarantor", other=boris_client)
    with pytest.raises(PermissionDenied):
        relate(actor=boris, now=now, client=vera, kind="child", name="x")
    assert Relation.objects.count() == 1
    told = Entry.objects.get(action="client.related")
    assert "Зимин" not in str(told.changes)


def test_a_tie_is_taken_away_from_either_side(
    anna: User, lev: Client, vera: Client, tie: Callable[..., Relation], now: datetime
) -> None:
    unrelate(actor=anna, now=now, relation=tie(vera, "child", lev))
    assert not Relation.objects.exists()
    assert Entry.objects.filter(action="client.unrelated").count() == 1


def test_cards_merge_and_part_with_their_ties(
    anna: User, administrator: User, vera: Client, lev: Client, make_client: Callable[..., Client],
    tie: Callable[..., Relation], now: datetime,
) -> None:  # fmt: skip
    twin = make_client(anna.agent, "Орлова", "Вера")
    pyotr = make_client(anna.agent, "Орлов", "Пётр")
    tie(vera, "spouse", pyotr)
    tie(pyotr, "spouse", twin)  # the same marriage, on the other card
    tie(twin, "child", lev)
    tie(vera, "sibling", twin)  # a mistake that led to the merge
    tie(twin, "child", name="Нина", birth_year=2015)
    before = sorted(Relation.objects.values_list("client", "kind", "other", "name"))
    merge = merge_clients(actor=administrator, now=now, kept=vera, gone=twin)
    assert kinds(anna, vera) == [("spouse", "Орлов Пётр"), ("child", "Нина"), ("child", "Орлов Лев Петрович")]
    assert kinds(anna, lev) == [("parent", "Орлова Вера Николаевна")]
    separate_clients(actor=administrator, now=now, merge=merge)
    assert sorted(Relation.objects.values_list("client", "kind", "other", "name")) == before


def test_who_may_be_a_relative(
    anna: User, vera: Client, lev: Client, boris_client: Client, make_client: Callable[..., Client],
    tie: Callable[..., Relation], now: datetime,
) -> None:  # fmt: skip
    neighbour = make_client(anna.agent, "Сидоров", "Олег")
    for client in (vera, lev, neighbour):
        Address.objects.create(client=client, city="Казань", street="ул. Баумана, 5, кв. 7")
    phone = vera.contact_points.get(kind="phone").value
    for client in (neighbour, boris_client):
        ContactPoint.objects.create(client=client, kind="phone", value=phone, tail=phone[-7:], created_at=now)
    found = [(one.client, one.why) for one in suggestions(anna, vera, named=[lev.pk])]
    assert found == [(lev, ("address", "policy")), (neighbour, ("phone",))]
    assert not Relation.objects.exists()
    tie(vera, "child", lev)
    assert [one.client for one in suggestions(anna, vera)] == [neighbour]


@pytest.mark.parametrize(
    ("today", "days"), [(date(2026, 2, 28), 1), (date(2028, 2, 28), 1), (date(2026, 3, 2), 364)]
)
def test_a_birthday_of_a_leap_day(lev: Client, today: date, days: int) -> None:
    one = Relative(Relation(kind="child"), "child", lev, hidden=False)
    assert one.birthday_in(today) == days


def test_an_event_of_life_tells_and_is_closed_once(
    anna: User, boris: User, vera: Client, now: datetime
) -> None:
    event = note_life_event(
        actor=anna, now=now, client=vera, kind="car", on=date(2026, 12, 1), remind_on=date(2026, 11, 18)
    )
    payload = Event.objects.get(name="clients.LifeEventNoted").payload
    assert payload == {"life_event_id": event.pk, "client_id": vera.pk, "kind": "car", "on": "2026-12-01"}
    with pytest.raises(PermissionDenied):
        close_life_event(actor=boris, now=now, event=event)
    close_life_event(actor=anna, now=now, event=event, result="КАСКО посчитали")
    again = close_life_event(actor=anna, now=now, event=event, result="ещё раз")
    assert again.result == "КАСКО посчитали"


@pytest.fixture
def alike(make_client: Callable[..., Client], anna: User) -> Client:
    return make_client(anna.agent, "Сомов", "Глеб", birth_date=date(1980, 1, 1), phone="+79170004108")


def proposed(user: User, client: Client) -> list[tuple[int, bool]]:
    return [(one.client.pk, one.aside) for one in suggestions(user, client)]


def test_a_proposal_is_put_aside_for_both_and_taken_back(
    anna: User, vera: Client, alike: Client, now: datetime
) -> None:
    assert proposed(anna, vera) == [(alike.pk, False)]
    for _ in range(2):
        put_aside(actor=anna, now=now, client=vera, other=alike)
    put_aside(actor=anna, now=now, client=alike, other=vera)  # said from the other side: the same
    assert (proposed(anna, vera), proposed(anna, alike)) == ([(alike.pk, True)], [(vera.pk, True)])
    put_aside(actor=anna, now=now, client=alike, other=vera, aside=False)
    assert proposed(anna, vera) == [(alike.pk, False)]
    told = (
        Entry.objects.filter(action__startswith="client.relative")
        .order_by("id")
        .values_list("action", "actor")
    )
    assert list(told) == [("client.relative_put_aside", anna.pk), ("client.relative_taken_back", anna.pk)]


def test_who_sees_not_both_puts_nothing_aside(
    boris: User, vera: Client, alike: Client, now: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        put_aside(actor=boris, now=now, client=vera, other=alike)
    assert not NotRelated.objects.exists()


def test_what_was_put_aside_survives_a_merge_and_a_parting(
    administrator: User, anna: User, vera: Client, alike: Client, lev: Client, now: datetime
) -> None:
    put_aside(actor=anna, now=now, client=vera, other=alike)
    put_aside(actor=anna, now=now, client=alike, other=lev)
    put_aside(actor=anna, now=now, client=vera, other=lev)
    before = set(NotRelated.objects.values_list("client", "other"))
    merge = merge_clients(actor=administrator, now=now, kept=vera, gone=lev)
    assert set(NotRelated.objects.values_list("client", "other")) == {(vera.pk, alike.pk)}
    separate_clients(actor=administrator, now=now, merge=merge)
    assert set(NotRelated.objects.values_list("client", "other")) == before
