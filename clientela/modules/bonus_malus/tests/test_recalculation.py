"""The first of April: each class takes one step by the year's claims, once, with a report."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from clientela.foundation.jobs.models import Job
from clientela.foundation.jobs.operations import enqueue, run_next
from clientela.modules.bonus_malus.drivers import Driver
from clientela.modules.bonus_malus.models import Lookup, Recalculation, RegistryEntry
from clientela.modules.bonus_malus.operations import ask_class, recalculation
from clientela.modules.claims.models import Claim
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Participant, Policy
from clientela.modules.products.models import Product
from tests.cast import MOSCOW

pytestmark = pytest.mark.django_db
APRIL = datetime(2027, 4, 1, 1, 0, tzinfo=MOSCOW)


def entry(client: Client | None, klass: str, name: str = "Иванов") -> RegistryEntry:
    driver = Driver(name, "Пётр", "", date(1980, 1, 1), f"99{RegistryEntry.objects.count():08}")
    return RegistryEntry.objects.create(
        key=driver.key, last_name=name, first_name="Пётр", birth_date=driver.birth_date, licence=driver.licence,
        client=client, klass=klass, since=date(2026, 4, 1),
    )  # fmt: skip


def claim(policy: Policy, on: date, status: str = "paid", number: str = "У-1") -> Claim:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=MOSCOW)
    return Claim.objects.create(
        number=number, policy=policy, client=policy.client, occurred_on=on, reported_at=at, status=status,
        amount=Decimal(90_000),
    )  # fmt: skip


def run_april(at: datetime = APRIL) -> Job:
    enqueue(kind="bonus_malus.recalculate", title="x", now=at)
    with time_machine.travel(at, tick=False):
        assert run_next(worker="w", now=at, lease=timedelta(minutes=1))
    job = Job.objects.latest("id")
    assert job.state == Job.State.DONE, job.error
    return job


def test_each_class_takes_its_step(
    vera: Client, vera_policy: Policy, boris_client: Client, boris_policy: Policy, anna: object,
    make_client: Callable[..., Client], make_policy: Callable[..., Policy], kasko: Product,
) -> None:  # fmt: skip
    claim(boris_policy, date(2026, 6, 1))
    claim(boris_policy, date(2026, 7, 1), number="У-2")
    claim(boris_policy, date(2026, 8, 1), "refused", "У-3")
    claim(boris_policy, date(2026, 3, 31), number="У-4")  # the year before
    quiet, loud, stranger = entry(vera, "7"), entry(boris_client, "10"), entry(None, "5")
    only_kasko = make_client(anna.agent, "Ким", "Олег")  # type: ignore[attr-defined]
    make_policy(only_kasko, kasko, number="К-1", end=date(2027, 1, 1))
    uninsured = entry(only_kasko, "6")
    driver = make_client(anna.agent, "Орлов", "Лев")  # type: ignore[attr-defined]
    Participant.objects.create(policy=vera_policy, role="driver", client=driver, name="Орлов Лев")
    second = entry(driver, "3")
    run_april()
    after = {
        row.pk: (row.previous_klass, row.klass, row.since.isoformat()) for row in RegistryEntry.objects.all()
    }
    assert after == {
        quiet.pk: ("7", "8", "2027-04-01"),
        loud.pk: ("10", "3", "2027-04-01"),
        stranger.pk: ("5", "5", "2027-04-01"),
        uninsured.pk: ("6", "6", "2027-04-01"),
        second.pk: ("3", "4", "2027-04-01"),
    }
    report = Recalculation.objects.get(year=2027)
    assert (report.drivers, report.better, report.worse, report.same) == (5, 2, 1, 2)
    assert report.moves == {"7>8": 1, "10>3": 1, "5>5": 1, "6>6": 1, "3>4": 1}


def test_it_happens_once_and_goes_on_after_a_crash(
    vera: Client, vera_policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recalculation, "CHUNK", 2)
    rows = [entry(vera, "7", f"Иванов{n}") for n in range(5)]
    # A first run got as far as two rows and died: their step and the count were one fact.
    Recalculation.objects.create(year=2027, started_at=APRIL, drivers=2, better=2, moves={"7>8": 2})
    RegistryEntry.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(klass="8", since=date(2027, 4, 1))
    run_april()
    run_april(APRIL + timedelta(days=1))
    assert set(RegistryEntry.objects.values_list("klass", flat=True)) == {"8"}
    assert Recalculation.objects.get().moves == {"7>8": 5}


def test_answers_kept_past_the_day_are_asked_for_again(
    vera: Client, vera_policy: Policy, now: datetime
) -> None:
    row = entry(vera, "7")
    driver = Driver(row.last_name, row.first_name, "", row.birth_date, row.licence)
    march = APRIL - timedelta(days=10)
    ahead, before = (
        ask_class(driver, day, now=march, client_id=vera.pk) for day in (date(2027, 4, 5), date(2027, 3, 30))
    )
    assert (ahead.klass, before.klass) == ("7", "7")
    run_april()
    states = dict(Lookup.objects.values_list("on", "state"))
    assert states == {date(2027, 4, 5): "pending", date(2027, 3, 30): "known"}
    again = ask_class(driver, date(2027, 4, 5), now=APRIL)
    assert (again.klass, again.previous_klass) == ("8", "7")
    assert ask_class(driver, date(2027, 3, 30), now=APRIL, again=True).klass == "7"


def test_a_claim_moves_the_only_driver_of_its_policy_and_not_the_holder(
    vera: Client, boris_client: Client, boris_policy: Policy
) -> None:
    Participant.objects.create(policy=boris_policy, client=vera, role=Participant.Role.DRIVER)
    claim(boris_policy, date(2026, 6, 1))
    driver, holder = entry(vera, "10"), entry(boris_client, "10")
    run_april()
    driver.refresh_from_db()
    holder.refresh_from_db()
    assert (driver.klass, holder.klass) == ("6", "11")
