"""A change of a running policy costs what the tariff of the contract says, for the days that are left."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.local import LocalRegistry
from clientela.modules.bonus_malus.models import Lookup, RegistryEntry
from clientela.modules.bonus_malus.ports import RegistryDown
from clientela.modules.clients.models import Client
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations import NothingChanged, bring_in_due, issue_project
from clientela.modules.products.models import Product
from clientela.modules.quotes import operations
from clientela.modules.quotes.change_prices import Wanted
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.classes import driver_of
from clientela.modules.quotes.queries.prefill import driver_row
from clientela.modules.rating.models import TableVersion

DAY = date(2027, 3, 1)  # 280 of 365 days are left
ILYA = {
    "role": "driver",
    "name": "Орлов Илья Дмитриевич",
    "birth_date": "2006-01-02",
    "experience_since": "2024-06-10",
}


@pytest.fixture
def issued(calculation: Calculation, anna: User, now: datetime) -> Policy:
    """Вера's next term: 06.12.2026 – 05.12.2027, Казань, 123 hp, two drivers, 8 533.99."""
    project = operations.to_project(actor=anna, now=now, calculation=calculation)
    return issue_project(actor=anna, now=now, project=project)


def people_of(policy: Policy) -> list[dict[str, Any]]:
    return list(policy.versions.latest("number").participants)


def price(actor: User, now: datetime, policy: Policy, **wanted: Any) -> Any:
    return operations.price_change(
        actor=actor, now=now, policy=policy, wanted=Wanted(**{"valid_from": DAY, **wanted})
    )


def endorse(actor: User, now: datetime, policy: Policy, **values: Any) -> PolicyVersion:
    wanted = {name: values.pop(name) for name in ("participants", "answers", "sum_insured") if name in values}
    wanted = Wanted(valid_from=values.pop("valid_from", DAY), **wanted)
    return operations.endorse(
        actor=actor, now=now, policy=policy, wanted=wanted, reason="просит клиент", **values
    )


def test_a_young_driver_is_not_free(issued: Policy, anna: User, now: datetime) -> None:
    """Илья joins at 21 with 2 years: KVS 1.84; nobody knows him: class 3, 1.17.

    6120 × 1.70 × 1.17 × 1.84 × 1.00 × 1.40 × 1.00 = 31 356.82; less 8 533.99, × 280 / 365 = 17 507.92.
    """
    told = price(anna, now, issued, participants=[*people_of(issued), ILYA])
    assert (told.known, told.before, told.premium) == (True, Decimal("8533.99"), Decimal("31356.82"))
    assert (told.difference, told.left, told.days) == (Decimal("17507.92"), 280, 365)
    moved = {step.code: (step.before, step.after) for step in told.steps if step.changed}
    assert moved == {
        "KBM": (Decimal("0.63"), Decimal("1.17")),
        "KVS": (Decimal("0.93"), Decimal("1.84")),
    }
    assert sum(step.effect for step in told.steps) == Decimal("31356.82") - Decimal("8533.99")
    kvs = next(step for step in told.steps if step.code == "KVS")
    assert (kvs.table, kvs.version, kvs.why) == ("osago.kvs-cars", 1, "Илья: возраст 21, стаж 2")
    assert PolicyVersion.objects.count() == 1

    version = endorse(anna, now, issued, participants=[*people_of(issued), ILYA], shown=told.premium)
    assert (version.premium, version.difference, version.charged) == (
        Decimal("31356.82"), Decimal("17507.92"), Decimal("26041.91"),
    )  # fmt: skip
    assert [one["name"] for one in version.participants][-1] == ILYA["name"]
    assert [(one["class"], one.get("joined")) for one in version.participants] == [
        ("10", None), ("13", None), ("3", "2027-03-01"),
    ]  # fmt: skip
    assert [line["why"] for line in version.terms["factors"] if line["code"] == "KBM"] == ["Илья: класс 3"]
    first = issued.versions.get(number=1)
    assert (version.terms["answers"], version.terms["tariff"]) == (
        first.terms["answers"],
        first.terms["tariff"],
    )
    assert Event.objects.filter(name="contracts.PolicyAmended").count() == 1


def test_the_registry_says_the_class_of_who_joins(issued: Policy, anna: User, now: datetime) -> None:
    """Class 7 is 0.78, 31 years old with 8 of experience is 1.01: 6120 × 1.70 × 0.78 × 1.01 × 1.40 = 11 474.78."""
    who = {
        "role": "driver",
        "name": "Орлова Анна Сергеевна",
        "birth_date": "1995-05-05",
        "experience_since": "2018-06-01",
    }
    person = driver_of(driver_row(None, who["name"], date(1995, 5, 5), None, "9921 123456"))
    RegistryEntry.objects.create(
        key=person.key, last_name=person.last_name, first_name=person.first_name, middle_name=person.middle_name,
        birth_date=date(1995, 5, 5), klass="7", since=date(2026, 4, 1), previous_klass="6",
    )  # fmt: skip
    told = price(anna, now, issued, participants=[*people_of(issued), who | {"licence": "9921 123456"}])
    assert told.premium == Decimal("11474.78")


def test_any_number_of_drivers(issued: Policy, anna: User, now: datetime) -> None:
    """6120 × 1.70 × 1.17 × 3.16 × 1.40 = 53 851.94; (53 851.94 − 8 533.99) × 280 / 365 = 34 764.45."""
    version = endorse(anna, now, issued, answers={"unlimited": True})
    assert (version.premium, version.difference) == (Decimal("53851.94"), Decimal("34764.45"))
    assert (version.participants, version.terms["answers"]["unlimited"]) == ([], True)
    # And back to one driver: the class that the registry tells, the same tariff.
    back = endorse(
        anna, now, issued, valid_from=date(2027, 6, 1), answers={"unlimited": False},
        participants=[ILYA | {"birth_date": "1981-02-03", "experience_since": "2004-06-01", "name": "Орлов Дмитрий Сергеевич"}],
    )  # fmt: skip
    assert back.participants[0]["class"] == "13"
    assert back.difference < 0


def test_nobody_to_drive_has_no_price(issued: Policy, anna: User, now: datetime) -> None:
    told = price(anna, now, issued, participants=[])
    assert (told.premium, told.missing) == (None, ("drivers",))
    with pytest.raises(operations.CannotBePriced):
        endorse(anna, now, issued, participants=[])
    assert PolicyVersion.objects.count() == 1


def test_without_experience_there_is_no_price(issued: Policy, anna: User, now: datetime) -> None:
    told = price(anna, now, issued, participants=[*people_of(issued), ILYA | {"experience_since": None}])
    assert told.missing == ("drivers.2.experience",)
    with pytest.raises(operations.CannotBePriced):
        endorse(anna, now, issued, participants=[*people_of(issued), ILYA | {"experience_since": None}])


def test_a_newer_tariff_is_not_for_an_old_contract(issued: Policy, anna: User, now: datetime) -> None:
    old = TableVersion.objects.get(table__code="osago.km-cars")
    rows = [[power, "5.00"] for power, _value in old.rows]
    TableVersion.objects.create(
        table=old.table, number=2, state="approved", starts_on=date(2026, 12, 1), columns=old.columns, rows=rows,
        created_at=now, changed_at=now, approved_at=datetime(2027, 1, 10, tzinfo=now.tzinfo),
    )  # fmt: skip
    assert price(anna, now, issued, answers={"unlimited": True}).premium == Decimal("53851.94")


def test_a_longer_use_is_due_in_full(calculation: Calculation, anna: User, now: datetime) -> None:
    """Six months of use, 0.70, are 5 973.79; twelve are 8 533.99: 2 560.20 whatever day it is.

    With any number of drivers as well 53 851.94: the other 45 317.95 × 280 / 365 = 34 764.45.
    """
    operations.choose(actor=anna, now=now, variant=calculation.variants.get(place=2))
    issued = issue_project(
        actor=anna, now=now, project=operations.to_project(actor=anna, now=now, calculation=calculation)
    )
    told = price(anna, now, issued, answers={"months_of_use": 12})
    assert (told.before, told.premium, told.difference) == (
        Decimal("5973.79"), Decimal("8533.99"), Decimal("2560.20"),
    )  # fmt: skip
    version = endorse(anna, now, issued, answers={"months_of_use": 12, "unlimited": True})
    assert (version.difference, version.counted["whole"]) == (Decimal("37324.65"), "2560.20")
    # Less use gives back what the days that are left are worth.
    less = price(anna, now, issued, answers={"months_of_use": 6})
    assert (less.whole, less.difference < 0) == (Decimal(0), True)


def test_what_was_agreed_stays(issued: Policy, anna: User, now: datetime) -> None:
    """Ten percent upon the tariff: 9 387.39 became; with Илья 31 356.82 × 1.1 = 34 492.50."""
    PolicyVersion.objects.update(premium=Decimal("9387.39"), charged=Decimal("9387.39"))
    told = price(anna, now, issued, participants=[*people_of(issued), ILYA])
    assert told.premium == Decimal("34492.50")
    assert [(step.code, step.before, step.after) for step in told.steps][-1] == (
        "AGREED", Decimal("1.1"), Decimal("1.1"),
    )  # fmt: skip


def test_a_minor_needs_the_underwriter(issued: Policy, anna: User, now: datetime) -> None:
    young = ILYA | {"birth_date": "2010-01-02", "experience_since": "2027-02-01"}
    told = price(anna, now, issued, participants=[*people_of(issued), young])
    assert (told.decision, told.reasons) == ("refer", ("Водителю нет 18 лет",))
    with pytest.raises(operations.ChangeNeedsUnderwriter):
        endorse(anna, now, issued, participants=[*people_of(issued), young])


def test_a_price_by_hand_is_not_a_sellers(issued: Policy, anna: User, now: datetime) -> None:
    with pytest.raises(operations.HandPriceForbidden):
        endorse(anna, now, issued, participants=[*people_of(issued), ILYA], premium=Decimal("8533.99"))
    with pytest.raises(operations.PriceMoved):
        endorse(anna, now, issued, participants=[*people_of(issued), ILYA], shown=Decimal("8533.99"))
    assert PolicyVersion.objects.count() == 1


def test_nobody_sees_the_price_of_a_foreign_policy(issued: Policy, boris: User, now: datetime) -> None:
    with pytest.raises(PermissionDenied):
        price(boris, now, issued, answers={"unlimited": True})
    with pytest.raises(PermissionDenied):
        endorse(boris, now, issued, answers={"unlimited": True})
    assert PolicyVersion.objects.count() == 1


def test_an_imported_contract_is_priced_by_hand(
    family: Policy, tariffs: None, anna: User, now: datetime
) -> None:
    day, one_more = date(2026, 11, 21), [{"role": "driver", "name": "Орлова Вера"}]
    told = price(anna, now, family, valid_from=day, participants=one_more)
    assert (told.known, told.premium, told.problem) == (False, None, "")
    with pytest.raises(operations.HandPriceNeeded):
        endorse(anna, now, family, valid_from=day, participants=one_more)
    version = endorse(anna, now, family, valid_from=day, participants=one_more, premium=Decimal(9000))
    assert (version.premium, version.difference) == (Decimal(9000), Decimal("19.10"))
    assert [(line["code"], line["why"]) for line in version.terms["factors"]] == [("HAND", "просит клиент")]
    assert not Lookup.objects.exists()
    with pytest.raises(NothingChanged):
        endorse(anna, now, family, valid_from=day, premium=Decimal(9000))
    # The next term is not compared, factor by factor, with a price that nobody counted.
    again = operations.start(actor=anna, now=now, client=family.client, product=family.product, policy=family)
    project = operations.to_project(actor=anna, now=now, calculation=again)
    assert project.terms["moved"] == []


def test_the_next_term_knows_what_was_changed(issued: Policy, anna: User, now: datetime) -> None:
    endorse(anna, now, issued, answers={"unlimited": True})
    next_one = operations.start(
        actor=anna, now=now, client=issued.client, product=issued.product, policy=issued
    )
    assert next_one.answers["unlimited"] is True


def sold(actor: User, now: datetime, client: Client, code: str, **said: Any) -> Policy:
    """A contract of another product, from the 1st of December 2026 for a year."""
    product = Product.objects.get(code=code)
    made = operations.start(actor=actor, now=now, client=client, product=product, starts_on=date(2026, 12, 1))
    made = operations.change(actor=actor, now=now, calculation=made, **said)
    return issue_project(
        actor=actor, now=now, project=operations.to_project(actor=actor, now=now, calculation=made)
    )


def test_a_higher_sum_costs_more(tariffs: None, vera: Client, anna: User, now: datetime) -> None:
    """0.2 % of 1 000 000, then of 2 000 000: 2 000 more, × 275 / 365 = 1 506.85."""
    policy = sold(
        anna,
        now,
        vera,
        "354",
        subject={"address": "Казань, ул. Баумана, 1"},
        answers={"sum_insured": "1000000"},
    )
    told = price(anna, now, policy, sum_insured=Decimal(2_000_000))
    assert (told.before, told.premium, told.difference) == (Decimal(2000), Decimal(4000), Decimal("1506.85"))
    assert sum(step.effect for step in told.steps) == Decimal(2000)
    version = endorse(anna, now, policy, sum_insured=Decimal(2_000_000))
    assert (version.sum_insured, version.terms["answers"]["sum_insured"]) == (Decimal(2_000_000), 2000000)
    assert [part["amount"] for part in version.terms["coverages"]] == ["2000.00", "1200.00", "800.00"]
    policy.refresh_from_db()
    assert policy.sum_insured == Decimal(1_000_000)  # until the day


def test_one_more_person_insured(tariffs: None, vera: Client, anna: User, now: datetime) -> None:
    """0.48 % of 1 000 000 for Вера alone is 4 800; with a child 4 800 × (1.00 + 1.10) × 0.95 = 9 576."""
    policy = sold(anna, now, vera, "accident", answers={"sum_insured": "1000000"})
    child = {"role": "insured", "name": "Орлов Пётр", "birth_date": "2015-05-02"}
    told = price(anna, now, policy, participants=[*people_of(policy), child])
    assert (told.before, told.premium) == (Decimal(4800), Decimal(9576))
    version = endorse(anna, now, policy, participants=[*people_of(policy), child])
    assert [one["name"] for one in version.terms["answers"]["people"]] == [vera.name, "Орлов Пётр"]


def test_a_stranger_with_a_card_is_not_named(
    issued: Policy, boris_client: Client, anna: User, now: datetime
) -> None:
    stranger = ILYA | {"client_id": boris_client.pk}
    with pytest.raises(PermissionDenied):
        price(anna, now, issued, participants=[*people_of(issued), stranger])


def test_a_class_that_is_still_asked_waits(
    issued: Policy, anna: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry is away: no price yet, and no way around it by hand."""

    class Away(LocalRegistry):
        def ask(self, key: Any, on: date) -> Any:
            raise RegistryDown("away")

    monkeypatch.setattr("clientela.modules.bonus_malus.operations.asking.the_registry", Away)
    told = price(anna, now, issued, participants=[*people_of(issued), ILYA])
    assert (told.known, told.premium, told.missing) == (True, None, ("drivers.2.kbm",))
    with pytest.raises(operations.CannotBePriced):
        endorse(anna, now, issued, participants=[*people_of(issued), ILYA])
    with pytest.raises(operations.HandPriceForbidden):
        endorse(anna, now, issued, participants=[*people_of(issued), ILYA], premium=Decimal(9000))


def test_who_joins_later_is_not_named_today(issued: Policy, anna: User, now: datetime) -> None:
    endorse(anna, now, issued, participants=[*people_of(issued), ILYA])
    assert issued.participants.count() == 2
    assert bring_in_due(now=datetime(2027, 2, 28, 12, tzinfo=now.tzinfo)) == 0
    days = [datetime(2027, 3, day, 4, tzinfo=now.tzinfo) for day in (1, 1, 2)]
    assert [bring_in_due(now=day) for day in days] == [1, 0, 0]
    assert issued.participants.count() == 3


def test_kasko_says_what_the_sum_and_what_the_driver_make(
    tariffs: None, family: Policy, vera: Client, anna: User, now: datetime
) -> None:
    """The higher sum stands at the line that takes the rate of the sum; all effects make the difference."""
    thing = family.insured_object
    made = operations.start(
        actor=anna, now=now, client=vera, product=Product.objects.get(code="kasko"), insured_object=thing,
        starts_on=date(2026, 12, 1),
    )  # fmt: skip
    answers = {"sum_insured": "1500000", "territory": "kazan"}
    made = operations.change(actor=anna, now=now, calculation=made, answers=answers, drivers=[
        {"name": vera.name, "birth_date": date(1984, 4, 12), "experience_since": date(2012, 5, 20)},
    ])  # fmt: skip
    made.released = True
    made.save()
    policy = issue_project(
        actor=anna, now=now, project=operations.to_project(actor=anna, now=now, calculation=made)
    )
    told = price(anna, now, policy, participants=[*people_of(policy), ILYA], sum_insured=Decimal(2_000_000))
    changed = [step for step in told.steps if step.changed]
    assert told.premium is not None
    assert sum(step.effect for step in changed) == told.premium - told.before
    effects = {step.code: step.effect for step in changed}
    assert [code for code, effect in effects.items() if effect > 0][-1] == told.steps[-1].code
    sums = price(anna, now, policy, sum_insured=Decimal(3_000_000))
    assert sums.premium == told.before * 2
    assert {step.code: step.effect for step in sums.steps if step.changed} == {
        told.steps[-1].code: told.before
    }
