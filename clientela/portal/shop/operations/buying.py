"""From the confirmed phone to the contract that is paid; a car that is not new is photographed before."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.dates import local_today
from clientela.modules.contracts.models import Policy, Project
from clientela.modules.quotes import operations as quotes
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.underwriting.models import Inspection
from clientela.modules.underwriting.operations import begin_inspection, open_referral
from clientela.portal.shop.models import Purchase
from clientela.portal.shop.operations.keeping import NotConfirmed, lock
from clientela.portal.shop.pricing import answers_for, drivers_for, subject_for
from clientela.portal.shop.values import is_odd

State = Purchase.State


@transaction.atomic
def calculate(*, now: datetime, purchase: Purchase) -> Variant:
    """The calculation of the client's card as the purchase stands, priced; the variant that will be bought.

    Raises ``NotConfirmed``, and what ``quotes`` refuses.
    """
    row = lock(purchase)
    if not row.is_confirmed or row.client is None or row.starts_on is None:
        raise NotConfirmed
    found = row.calculation
    if row.state == State.PHOTOS and found is not None:
        return _looked_at(row, found, now=now)
    if (
        found is None
        or found.client_id != row.client_id
        or found.state in (Calculation.State.LOST, Calculation.State.REFERRED)
    ):
        found = quotes.start(
            actor=None, now=now, client=row.client, product=row.product, starts_on=row.starts_on
        )
        found.variants.exclude(is_chosen=True).delete()
    if found.state not in (Calculation.State.PROJECT, Calculation.State.ISSUED):
        answers = dict.fromkeys(found.answers) | answers_for(row)
        travellers = answers.pop("travellers", None)
        found = quotes.change(
            actor=None, now=now, calculation=found, subject=subject_for(row), answers=answers,
            drivers=drivers_for(row), insured=travellers, starts_on=row.starts_on,
        )  # fmt: skip
    chosen = found.variants.get(is_chosen=True)
    row.calculation, row.shown_premium = found, chosen.premium
    row.save(update_fields=["calculation", "shown_premium"])
    return chosen


def _looked_at(row: Purchase, found: Calculation, *, now: datetime) -> Variant:
    """What was photographed is not changed any more; accepted after its first day, it begins tomorrow."""
    today = local_today(settings.TIME_ZONE, now)
    if found.released and found.state == Calculation.State.DRAFT and found.starts_on <= today:
        found = quotes.start_later(now=now, calculation=found, starts_on=today + timedelta(days=1))
        row.starts_on = found.starts_on
    chosen = found.variants.get(is_chosen=True)
    row.shown_premium = chosen.premium
    row.save(update_fields=["shown_premium", "starts_on"])
    return chosen


@transaction.atomic
def order(*, now: datetime, purchase: Purchase, shown: str) -> Project:
    """The contract to be paid, at the price that was ``shown``. Pressed twice it is the same one.

    Raises ``quotes.PriceMoved``, ``NotConfirmed``, and what ``quotes`` refuses.
    """
    row = lock(purchase)
    if not row.is_confirmed or row.calculation is None:
        raise NotConfirmed
    if row.shown_premium is None or shown != str(row.shown_premium):
        raise quotes.PriceMoved
    project = quotes.to_project(
        actor=None, now=now, calculation=row.calculation, sales_channel=Policy.SalesChannel.WEB
    )
    if row.state != State.ORDERED:
        row.state, row.touched_at = State.ORDERED, now
        row.save(update_fields=["state", "touched_at"])
        record(
            actor=None, now=now, action="purchase.ordered", obj=row.client,
            changes={"premium": [None, project.premium]}, reason=row.calculation.number,
        )  # fmt: skip
    return project


@transaction.atomic
def ask_photos(*, now: datetime, purchase: Purchase) -> Inspection:
    """The car is photographed by the visitor and looked at by an underwriter; pressed twice it is the same.

    Raises ``NotConfirmed`` and ``NeedsUnderwriter`` when photos are not what is missing.
    """
    row = lock(purchase)
    found = row.calculation
    if not row.is_confirmed or found is None:
        raise NotConfirmed
    if row.state != State.PHOTOS:
        if not takes_photos(row, found.variants.get(is_chosen=True)):
            raise quotes.NeedsUnderwriter
        found = quotes.refer(actor=None, now=now, calculation=found)
        row.state, row.touched_at = State.PHOTOS, now
        row.save(update_fields=["state", "touched_at"])
        record(
            actor=None, now=now, action="purchase.photos", obj=row.client,
            changes={"premium": [None, str(row.shown_premium)]}, reason=found.number,
        )  # fmt: skip
    referral = open_referral(now=now, calculation=found, needs_photos=True)
    if referral is None:
        raise quotes.NeedsUnderwriter
    return begin_inspection(now=now, referral=referral)


def takes_photos(purchase: Purchase, variant: Variant) -> bool:
    """Whether photos are all that is missing: the rules ask for a look, and the value is a usual one."""
    return purchase.line == "kasko" and variant.decision == "inspect" and not is_odd(purchase)


def inspection_of(purchase: Purchase) -> Inspection | None:
    """The newest one of the purchase."""
    if purchase.calculation_id is None:
        return None
    rows = Inspection.objects.filter(referral__calculation=purchase.calculation_id)
    return rows.select_related("referral").order_by("-pk").first()
