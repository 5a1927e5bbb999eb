"""From the comparison to the contract: sent, chosen by the client, paid, issued, run out."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.billing.operations import register_payment
from clientela.modules.contacts.models import Message
from clientela.modules.contracts.events import ProjectChanged
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.quotes import operations
from clientela.modules.quotes.handlers import on_project
from clientela.modules.quotes.models import Calculation


def test_the_client_chooses_on_the_page(calculation: Calculation, anna: User, now: datetime) -> None:
    message = operations.send(actor=anna, now=now, calculation=calculation, channel="email")
    assert message.detail == ""
    calculation.refresh_from_db()
    assert (calculation.state, calculation.valid_until) == ("sent", date(2026, 12, 6))
    assert f"/offer/{calculation.token}/" in message.text
    assert "5 973,79" in message.text.replace("\u00a0", " ").replace("\u202f", " ")
    half = calculation.variants.get(place=2)
    operations.accept(now=now, calculation=calculation, variant=half)
    calculation.refresh_from_db()
    assert (calculation.state, calculation.variants.get(is_chosen=True).place) == ("accepted", 2)
    assert Event.objects.filter(name="quotes.CalculationAccepted").count() == 1


def test_an_offer_that_ran_out_is_over(calculation: Calculation, anna: User, now: datetime) -> None:
    operations.make_page(actor=anna, now=now, calculation=calculation)
    later = now + timedelta(days=40)
    with pytest.raises(operations.OfferOver):
        operations.accept(now=later, calculation=calculation, variant=calculation.variants.get(place=1))
    assert (operations.run_out(now=later), operations.run_out(now=later)) == (1, 0)
    calculation.refresh_from_db()
    assert calculation.state == "expired"


def test_a_dropped_message_leaves_it_unsent(calculation: Calculation, anna: User, now: datetime) -> None:
    calculation.client.do_not_contact = True
    calculation.client.save()
    message = operations.send(actor=anna, now=now, calculation=calculation, channel="sms")
    calculation.refresh_from_db()
    assert (message.state, calculation.state) == (Message.State.DROPPED, "draft")


def test_the_contract_carries_the_whole_explanation(
    calculation: Calculation, family: Policy, anna: User, now: datetime
) -> None:
    family.premium = Decimal("9000.57")
    family.save(update_fields=["premium"])
    project = operations.to_project(actor=anna, now=now, calculation=calculation, version=calculation.version)
    assert (project.premium, project.start_date, project.end_date) == (
        Decimal("8533.99"), date(2026, 12, 6), date(2027, 12, 5),
    )  # fmt: skip
    assert project.calculation_number == "Р-26-000001"
    assert [one["label"] for one in project.terms["factors"]] == ["ТБ", "КТ", "КБМ", "КВС", "КО", "КМ", "КС"]
    assert [one["name"] for one in project.participants] == [
        "Орлова Вера Николаевна",
        "Орлов Дмитрий Сергеевич",
    ]
    again = operations.to_project(actor=anna, now=now, calculation=calculation)
    assert (again, Project.objects.count()) == (project, 1)


def test_paid_it_is_a_policy(calculation: Calculation, anna: User, now: datetime) -> None:
    project = operations.to_project(actor=anna, now=now, calculation=calculation)
    payment = register_payment(actor=anna, now=now, amount=project.premium, method="card", project=project)
    on_project(ProjectChanged(project.pk, project.policy_id, project.client_id, "issued"), now=now)
    calculation.refresh_from_db()
    assert calculation.state == "issued"
    assert payment.policy is not None
    assert payment.policy.participants.count() == 2


def test_another_power_than_shown_is_not_sold(calculation: Calculation, anna: User, now: datetime) -> None:
    """The tariff gave another price meanwhile: the seller sees it before anything is sold."""
    calculation.variants.filter(is_chosen=True).update(premium=Decimal("1.00"))
    with pytest.raises(operations.PriceMoved):
        operations.to_project(actor=anna, now=now, calculation=calculation)
    assert not Project.objects.exists()
