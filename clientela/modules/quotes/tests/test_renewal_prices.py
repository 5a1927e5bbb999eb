"""Everything that expires is priced in one job; what people priced stays."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import JobStopped, Run
from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Key
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.bonus_malus.ports import RegistryDown
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import prepare_project, reprice_project
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import renewal_prices

WINDOW = {"since": "2026-11-18", "until": "2027-01-17"}


class Away:
    """A registry out of reach."""

    name = "away"
    remote = False

    def ask(self, key: Key, on: date) -> None:
        raise RegistryDown("timed out")


@pytest.fixture
def price(now: datetime) -> Callable[..., dict[str, int]]:
    """Run the job once more."""

    def run(ask: bool = False) -> dict[str, int]:
        job = Job.objects.create(
            kind="quotes.prices",
            title="x",
            args=WINDOW | {"ask": ask},
            state="running",
            claimed_by="one",
            created_at=now,
            not_before=now,
        )
        work = Run(job, worker="one", lease=timedelta(minutes=1))
        return {name: count for name, count in renewal_prices.run_prices(work, now=now).items() if count}

    return run


def test_the_next_term_gets_its_price_and_reason(
    calculation: Calculation, family: Policy, price: Callable[[], dict[str, int]]
) -> None:
    """The registry told Вера's class before: the job asks nobody and prices with it."""
    assert price() == {"made": 1}
    project = Project.objects.get()
    assert (project.premium, project.start_date, project.end_date) == (
        Decimal("8533.99"), date(2026, 12, 6), date(2027, 12, 5),
    )  # fmt: skip
    assert [one["code"] for one in project.terms["factors"]] == ["TB", "KT", "KBM", "KVS", "KO", "KM", "KS"]
    assert project.adjustment_reason
    assert Event.objects.filter(name="contracts.ProjectChanged").count() == 1
    assert price() == {"as it was": 1}
    assert Project.objects.count() == 1


def test_a_price_by_hand_stays(
    calculation: Calculation, family: Policy, anna: User, now: datetime, price: Callable[[], dict[str, int]]
) -> None:
    project = prepare_project(actor=anna, now=now, policy=family)
    reprice_project(actor=anna, now=now, project=project, premium=Decimal(8000), reason="скидка руководителя")
    assert price() == {"as it was": 1}
    project.refresh_from_db()
    assert (project.premium, project.adjustment_reason) == (Decimal(8000), "скидка руководителя")


def test_what_is_not_known_is_counted_and_not_invented(
    tariffs: None, vera_policy: Policy, price: Callable[[], dict[str, int]]
) -> None:
    assert price() == {"not known": 1, "lacks answers": 1, "lacks class": 1, "lacks drivers": 1}
    assert not Project.objects.exists()


def test_classes_that_nobody_told_are_asked_first(
    tariffs: None, family: Policy, anna: User, now: datetime, price: Callable[..., dict[str, int]]
) -> None:
    """Without asking two classes are missing; the registry knows them, the second run asks nobody."""
    assert price() == {"not known": 1, "lacks class": 1}
    assert price(ask=True) == {"asked": 2, "made": 1}
    assert Project.objects.get().premium == Decimal("8533.99")
    assert price(ask=True) == {"as it was": 1}


def test_a_registry_that_is_away_leaves_the_classes_to_the_clock(
    tariffs: None, family: Policy, now: datetime, settings: Any, price: Callable[..., dict[str, int]]
) -> None:
    settings.BONUS_MALUS_REGISTRY = f"{__name__}.Away"
    assert price(ask=True) == {"asked": 2, "not known": 1, "lacks class": 1}
    assert set(Lookup.objects.values_list("state", flat=True)) == {Lookup.State.PENDING}
    assert Lookup.objects.filter(next_attempt_at__gt=now).count() == 2


def test_taken_over_it_stops_and_writes_nothing(calculation: Calculation, now: datetime) -> None:
    job = Job.objects.create(
        kind="quotes.prices",
        title="x",
        args=WINDOW,
        state="running",
        claimed_by="two",
        created_at=now,
        not_before=now,
    )
    with pytest.raises(JobStopped):
        renewal_prices.run_prices(Run(job, worker="one", lease=timedelta(minutes=1)), now=now)
    assert not Project.objects.exists()


def test_a_regular_client_pays_less_where_the_law_allows() -> None:
    assert renewal_prices.discount_of("osago", 6) == 0
    assert [renewal_prices.discount_of("kasko", year) for year in (0, 1, 3, 5)] == [
        Decimal(0), Decimal("0.03"), Decimal("0.05"), Decimal("0.07"),
    ]  # fmt: skip


def test_namesakes_of_towns_are_told_apart_by_region(
    calculation: Calculation, family: Policy, now: datetime, price: Callable[[], dict[str, int]]
) -> None:
    """A town of the same name in another region has no row of its own: the price waits for somebody who knows."""
    Project.objects.all().delete()
    client = family.client
    client.addresses.all().delete()
    client.region_code, client.city = "RU-KLU", "Казань"
    client.save()
    assert price() == {"not known": 1, "lacks territory": 1}
    client.region_code = "RU-TA"
    client.save()
    assert price() == {"made": 1}
