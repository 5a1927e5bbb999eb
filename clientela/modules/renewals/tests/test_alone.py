"""A client takes the next term alone: priced by the tariff, looked at by the tables, kept with who took it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clientela.foundation.outbox.models import Event
from clientela.modules.accounts.models import User
from clientela.modules.bonus_malus.drivers import Key
from clientela.modules.bonus_malus.models import Lookup
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.contracts.operations import (
    AlreadyRenewed,
    ProjectClosed,
    issue_project,
    prepare_project,
)
from clientela.modules.contracts.operations.projects import carried_over
from clientela.modules.products.models import Product
from clientela.modules.quotes.operations import PriceMoved, start
from clientela.modules.quotes.tests.conftest import family, tariffs  # noqa: F401
from clientela.modules.renewals.models import SelfRenewal
from clientela.modules.renewals.operations.alone import (
    ClassAwaited,
    NeedsColleague,
    NotNow,
    price_alone,
    renew_alone,
    renewable,
)

PHONE = "+79170008055"


class Away:
    """A registry far away: asked later by the clock."""

    name = "away"
    remote = True

    def ask(self, key: Key, on: Any) -> None:
        raise AssertionError("asked within a request")


@pytest.fixture
def expiring(tariffs: None, family: Policy) -> Policy:  # noqa: F811
    """Вера's OSAGO with all that a price asks for."""
    return family


def _renew(now: datetime, policy: Policy, shown: str | None = "8533.99") -> Project:
    return renew_alone(
        now=now, policy=policy, shown=Decimal(shown) if shown else None, phone=PHONE, confirmed_at=now
    )


def test_the_price_is_asked_for_with_the_classes_and_made_once(expiring: Policy, now: datetime) -> None:
    assert list(renewable(expiring.client, now.date())) == [expiring]
    project = price_alone(now=now, policy=expiring)
    assert (project.premium, project.start_date) == (
        Decimal("8533.99"),
        expiring.end_date + timedelta(days=1),
    )
    assert price_alone(now=now, policy=expiring) == project
    assert Project.objects.count() == 1


def test_taken_alone_it_is_of_the_site_and_the_agent_stays(expiring: Policy, now: datetime) -> None:
    price_alone(now=now, policy=expiring)
    first, again = _renew(now, expiring), _renew(now + timedelta(minutes=5), expiring)
    assert first.pk == again.pk
    assert (again.sales_channel, again.agent) == ("web", expiring.agent)
    kept = SelfRenewal.objects.get()
    assert (kept.project_id, kept.client_id, kept.phone, kept.begun_at) == (
        first.pk,
        expiring.client_id,
        PHONE,
        now,
    )
    assert Event.objects.filter(name="renewals.RenewedAlone").count() == 1


def test_the_term_after_it_is_the_agents_again(expiring: Policy, now: datetime) -> None:
    policy = issue_project(actor=None, now=now, project=_renew(now, expiring))
    assert policy.sales_channel == "web"
    assert carried_over(policy)["sales_channel"] == "agent"
    policy.agent = None
    assert carried_over(policy)["sales_channel"] == "web"


def test_a_price_that_was_not_shown_is_not_taken(expiring: Policy, now: datetime) -> None:
    price_alone(now=now, policy=expiring)
    for shown in ("8000", None):
        with pytest.raises(PriceMoved):
            _renew(now, expiring, shown)
    assert not SelfRenewal.objects.exists()
    assert Project.objects.get().sales_channel == "agent"


def test_what_the_agent_prepared_stands(expiring: Policy, anna: User, now: datetime) -> None:
    prepared = prepare_project(
        actor=anna,
        now=now,
        policy=expiring,
        premium=Decimal(8100),
        reason="скидка",
        calculation_number="Р-26-000001",
    )
    assert price_alone(now=now, policy=expiring) == prepared
    assert _renew(now, expiring, "8100").premium == 8100


def test_last_terms_bare_price_is_priced_first(expiring: Policy, anna: User, now: datetime) -> None:
    bare = prepare_project(actor=anna, now=now, policy=expiring)
    assert bare.premium == expiring.premium
    project = price_alone(now=now, policy=expiring)
    assert (project.pk, project.premium) == (bare.pk, Decimal("8533.99"))


def test_what_is_not_known_needs_a_colleague(expiring: Policy, now: datetime) -> None:
    expiring.insured_object.details = {}  # type: ignore[union-attr]
    expiring.insured_object.power = None  # type: ignore[union-attr]
    expiring.insured_object.save()  # type: ignore[union-attr]
    with pytest.raises(NeedsColleague):
        price_alone(now=now, policy=expiring)


def test_what_the_tables_refer_needs_a_colleague(expiring: Policy, now: datetime) -> None:
    """Cars of more than 500 hp are looked at by an underwriter, also when the next term was priced before."""
    price_alone(now=now, policy=expiring)
    expiring.insured_object.power = Decimal(501)  # type: ignore[union-attr]
    expiring.insured_object.save()  # type: ignore[union-attr]
    with pytest.raises(NeedsColleague):
        _renew(now, expiring)
    assert not SelfRenewal.objects.exists()


def test_a_class_that_is_awaited_is_said_so(expiring: Policy, now: datetime, settings: Any) -> None:
    settings.BONUS_MALUS_REGISTRY = f"{__name__}.Away"
    with pytest.raises(ClassAwaited):
        price_alone(now=now, policy=expiring)
    assert Lookup.objects.filter(state=Lookup.State.PENDING).count() == 2


def test_too_early_over_or_renewed_already_is_refused(expiring: Policy, now: datetime) -> None:
    left = (expiring.end_date - now.date()).days
    for days in (left - 61, left + 1):
        with pytest.raises(NotNow):
            price_alone(now=now + timedelta(days=days), policy=expiring)
    issue_project(actor=None, now=now, project=_renew(now, expiring))
    with pytest.raises(AlreadyRenewed):
        price_alone(now=now, policy=expiring)
    Policy.objects.filter(previous=expiring).delete()
    Policy.objects.filter(pk=expiring.pk).update(status="cancelled")
    with pytest.raises(ProjectClosed):
        price_alone(now=now, policy=expiring)


def test_a_car_insured_without_a_gap_needs_no_inspection(
    expiring: Policy, kasko: Product, now: datetime
) -> None:
    """A new contract for a car that is not new waits for photos; its next term does not."""
    expiring.product, expiring.sum_insured, expiring.instalments = kasko, Decimal(1640000), 2
    expiring.save()
    expiring.insured_object.year = 2021  # type: ignore[union-attr]
    expiring.insured_object.save()  # type: ignore[union-attr]
    project = price_alone(now=now, policy=expiring)
    assert project.terms["answers"]["continuous"] is True
    assert (project.terms["answers"]["instalments"], project.instalments) == ("2", 2), "priced as it is paid"
    begun = start(actor=None, now=now, client=expiring.client, product=kasko, policy=expiring)
    assert begun.answers["continuous"] is True
    assert begun.variants.get(is_chosen=True).decision == "accept"
    late = expiring.end_date + timedelta(days=5)
    begun.delete()
    begun = start(actor=None, now=now, client=expiring.client, product=kasko, policy=expiring, starts_on=late)
    assert begun.variants.get(is_chosen=True).decision == "inspect"
