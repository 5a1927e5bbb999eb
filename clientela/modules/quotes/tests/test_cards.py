"""The card of a car after a change of its contract: brought in line on a person's word, other terms stay as they are."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from clientela.foundation.audit.models import Entry
from clientela.modules.accounts.models import User
from clientela.modules.clients.tests.calling import Call, call
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.operations import issue_project
from clientela.modules.quotes import operations
from clientela.modules.quotes.change_prices import Wanted
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.cards import InLine, OthersInsureIt, bring_card_in_line, card_differs
from clientela.modules.quotes.told import NoAnswer

__all__ = ["call"]
DAY = date(2026, 12, 6)
LATER = date(2027, 3, 1)


@pytest.fixture
def changed(calculation: Calculation, anna: User, now: datetime) -> Policy:
    """Вера's next term from 06.12.2026; from its first day with another engine and plate."""
    project = operations.to_project(actor=anna, now=now, calculation=calculation)
    issued = issue_project(actor=anna, now=now, project=project)
    wanted = Wanted(DAY, answers={"power": 160, "plate": "м330св 116"})
    operations.endorse(actor=anna, now=now, policy=issued, wanted=wanted, reason="другой мотор")
    return Policy.objects.select_related("client", "product", "insured_object").get(pk=issued.pk)


def test_a_plate_alone_is_a_change_without_a_price(
    calculation: Calculation, anna: User, now: datetime
) -> None:
    issued = issue_project(
        actor=anna, now=now, project=operations.to_project(actor=anna, now=now, calculation=calculation)
    )
    with pytest.raises(NoAnswer):
        operations.price_change(
            actor=anna, now=now, policy=issued, wanted=Wanted(DAY, answers={"plate": "ЫЫЫ"})
        )
    told = operations.price_change(
        actor=anna, now=now, policy=issued, wanted=Wanted(DAY, answers={"plate": "м330св 116"})
    )
    assert (told.changed, told.premium, told.difference) == (True, Decimal("8533.99"), Decimal(0))
    assert told.terms["answers"]["plate"] == "М330СВ116"


def test_on_a_persons_word_and_not_before_the_day(
    changed: Policy, anna: User, boris: User, now: datetime
) -> None:
    thing = changed.insured_object
    assert thing is not None
    was = thing.plate
    assert card_differs(changed, now.date()) == {}
    with pytest.raises(InLine):
        bring_card_in_line(actor=anna, now=now, policy=changed, aware=True)
    then = now.replace(year=2027, month=1, day=10)
    assert card_differs(changed, then.date()) == {
        "plate": (was, "М330СВ116"), "power": (Decimal("123.0"), Decimal("160")),
    }  # fmt: skip
    with pytest.raises(PermissionDenied):
        bring_card_in_line(actor=boris, now=then, policy=changed, aware=True)
    thing.refresh_from_db()
    assert thing.plate == was
    row = bring_card_in_line(actor=anna, now=then, policy=changed, aware=True)
    row.refresh_from_db()
    assert (row.plate, row.power) == ("М330СВ116", Decimal("160.0"))
    entry = Entry.objects.get(action="object.in_line")
    assert (entry.reason, entry.changes["plate"]) == (changed.number, [was, "М330СВ116"])
    changed.refresh_from_db()
    assert card_differs(changed, then.date()) == {}


def test_another_contract_of_the_car_is_seen_first_and_keeps_its_price(
    changed: Policy, make_policy: object, anna: User, now: datetime
) -> None:
    other = Policy.objects.create(
        client=changed.client, product=changed.product, insured_object=changed.insured_object, agent=changed.agent,
        branch=changed.branch, centre=changed.centre, number="К 16-204871", start_date=DAY, end_date=date(2027, 12, 5),
        premium=Decimal(100), status="issued", created_at=now, updated_at=now,
    )  # fmt: skip
    stood = PolicyVersion.objects.create(
        policy=other, number=1, kind="issue", valid_from=DAY, premium=100, charged=100, terms={"answers": {"category": "B"}}, at=now,
    )  # fmt: skip
    then = now.replace(year=2027, month=1, day=10)
    with pytest.raises(OthersInsureIt):
        bring_card_in_line(actor=anna, now=then, policy=changed)
    bring_card_in_line(actor=anna, now=then, policy=changed, aware=True)
    stood.refresh_from_db()
    assert stood.terms["answers"] == {"category": "B", "power": "123.0"}
    assert card_differs(Policy.objects.get(pk=other.pk), then.date()) == {}


def test_over_the_api(call: Call, anna: User, boris: User, auditor: User, changed: Policy) -> None:
    path = f"/policies/{changed.pk}/car-card"
    assert [call(who, "post", path, {"aware": True})[0] for who in (boris, auditor)] == [404, 403]
    status, told = call(anna, "post", path, {"aware": True})
    assert (status, told["code"]) == (409, "in_line")
