"""Reasons to be in touch that are not an end of a term."""

from datetime import date, timedelta

import pytest

from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import InsuredObject
from clientela.workspace.today.queries import events
from clientela.workspace.today.tests.conftest import TODAY


def born(make_client, agent, last, day, **fields):
    return make_client(agent, last, "Иван", birth_date=day, **{"policies_in_force": 1} | fields)


def test_birthdays_of_the_week_todays_first(make_client, anna, boris):
    born(make_client, anna.agent, "Вчера", date(1980, 11, 17))
    born(make_client, anna.agent, "Послезавтра", date(1990, 11, 20))
    born(make_client, anna.agent, "Сегодня", date(1971, 11, 18))
    born(make_client, anna.agent, "Шестой", date(1999, 11, 24))
    born(make_client, anna.agent, "Седьмой", date(1999, 11, 25))
    born(make_client, anna.agent, "Бывший", date(1980, 11, 18), policies_in_force=0)
    born(make_client, anna.agent, "Тихий", date(1980, 11, 18), do_not_contact=True)
    born(make_client, boris.agent, "Чужой", date(1980, 11, 18))

    found = events.birthdays(anna, today=TODAY)

    assert [(one.client.last_name, one.day, one.age) for one in found] == [
        ("Сегодня", TODAY, 55), ("Послезавтра", date(2026, 11, 20), 36), ("Шестой", date(2026, 11, 24), 27),
    ]  # fmt: skip


def test_a_week_runs_over_new_year_and_the_29th_of_february_has_its_day(make_client, anna):
    born(make_client, anna.agent, "Январский", date(1980, 1, 2))
    assert [one.day for one in events.birthdays(anna, today=date(2026, 12, 29))] == [date(2027, 1, 2)]

    Client.objects.all().delete()
    born(make_client, anna.agent, "Високосный", date(1984, 2, 29))
    assert [one.day for one in events.birthdays(anna, today=date(2027, 2, 25))] == [date(2027, 2, 28)]
    assert [one.day for one in events.birthdays(anna, today=date(2028, 2, 25))] == [date(2028, 2, 29)]


@pytest.mark.parametrize(
    ("begin", "year", "sold", "shown"),
    [
        (date(2023, 11, 18), 2023, None, True),
        (date(2023, 11, 24), 2022, None, True),
        (date(2023, 11, 25), 2023, None, False),
        (date(2023, 11, 17), 2023, None, False),
        (date(2023, 11, 20), 2019, None, False),
        (date(2023, 11, 20), 2023, date(2025, 5, 1), False),
    ],
)
def test_a_car_insured_as_new_three_years_ago(make_policy, anna, vera, kasko, begin, year, sold, shown):
    car = InsuredObject.objects.create(
        client=vera, kind="vehicle", title="Hyundai Creta", year=year, sold_on=sold
    )
    end = date(begin.year + 1, begin.month, begin.day - 1)
    make_policy(vera, kasko, number="К 1", end=end, start_date=begin, insured_object=car)

    found = events.cars(anna, today=TODAY)

    assert [(one.client.pk, one.title, one.day) for one in found] == (
        [(vera.pk, "Hyundai Creta", date(2026, 11, begin.day))] if shown else []
    )


def test_events_are_for_the_portfolio_of_agents(
    anna, team_lead, branch_head, centre_operator, renewals_manager
):
    people = (anna, team_lead, branch_head, centre_operator, renewals_manager)

    assert [events.has_events(person) for person in people] == [True, True, False, False, False]


def test_claims_paid_this_week_the_latest_first(
    make_policy, vera_policy, boris_policy, vera, anna, osago, now
):
    def paid(number, policy, days, **fields):
        values = {
            "status": Claim.Status.PAID,
            "amount": 71700,
            "settled_at": now - timedelta(days=days),
        } | fields
        return Claim.objects.create(
            number=number, token=number, policy=policy, client=policy.client, occurred_on=TODAY, reported_at=now, **values
        )  # fmt: skip

    first, second = paid("У-1", vera_policy, 6), paid("У-2", vera_policy, 1)
    paid("У-3", vera_policy, 8)
    paid("У-4", vera_policy, 1, status=Claim.Status.REFUSED)
    paid("У-5", vera_policy, 1, disputed_since=TODAY)
    paid("У-6", boris_policy, 1)
    assert events.claims_paid(anna, now=now) == [second, first]
    Client.objects.filter(pk=vera.pk).update(do_not_contact=True)
    assert events.claims_paid(anna, now=now) == []
