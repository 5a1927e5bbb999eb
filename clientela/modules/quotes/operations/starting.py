"""Beginning a calculation: everything known is there already."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from clientela.foundation.audit.operations import record
from clientela.foundation.claims import one_at_a_time
from clientela.foundation.dates import local_today
from clientela.foundation.outbox.operations import publish
from clientela.modules.book.operations.training import ensure_may_sell
from clientela.modules.clients.models import Client
from clientela.modules.clients.queries import require
from clientela.modules.contracts.models import InsuredObject, Policy
from clientela.modules.products.models import Product
from clientela.modules.quotes import rules
from clientela.modules.quotes.events import CalculationStarted
from clientela.modules.quotes.models import Calculation, Variant
from clientela.modules.quotes.operations.base import next_number
from clientela.modules.quotes.operations.classes import ask_classes
from clientela.modules.quotes.operations.pricing import price_all
from clientela.modules.quotes.queries.prefill import known_of
from clientela.modules.quotes.queries.products import (
    definition_of,
    insured_question,
    names_drivers,
    questions_of,
)
from clientela.modules.quotes.queries.territory import territory_of

AHEAD = timedelta(days=1)
# What is shown beside the wanted cover, so that a client sees the choice; by line of business.
SUGGESTED: dict[str, tuple[dict[str, Any], ...]] = {
    "osago": ({"answers": {"months_of_use": 6}}, {"answers": {"unlimited": True}}),
}


@transaction.atomic
def start(
    *,
    actor: Any,
    now: datetime,
    client: Client,
    product: Product,
    policy: Policy | None = None,
    insured_object: InsuredObject | None = None,
    request_ref: int | None = None,
    deal_ref: int | None = None,
    starts_on: date | None = None,
) -> Calculation:
    """Begin a calculation, or go on with the one that stands for the same expiring term, request or deal.

    Client, thing, drivers, classes and last term's answers are filled in. Raises ``PermissionDenied``,
    ``NotAdmitted`` when a new one would begin and a test of the product is not passed.
    """
    require(actor, "contracts.write", client.pk)
    one_at_a_time(f"quotes.start:{client.pk}")
    known = _standing(client, product, policy, request_ref, deal_ref)
    if known is not None:
        return known
    ensure_may_sell(actor, product, now)
    if policy is not None:
        insured_object = insured_object or policy.insured_object
    today = local_today(settings.TIME_ZONE, now)
    begins = starts_on or (policy.end_date + AHEAD if policy else today + AHEAD)
    begins = max(begins, today)
    definition = definition_of(product, begins)
    named = insured_question(definition)
    facts = known_of(
        client, policy=policy, thing=insured_object, questions=questions_of(definition, begins),
        insured=str(named["key"]) if named else "", driven=names_drivers(definition),
    )  # fmt: skip
    facts.put("answers", "territory", territory_of(client, begins))
    if policy is not None and "continuous" in facts.answers:
        facts.answers["continuous"] = begins <= policy.end_date + AHEAD
        facts.origins["answers.continuous"] = rules.Origin.BASE
    number = next_number(now)
    calculation = Calculation.objects.create(
        number=number, number_key=rules.number_key(number), client=client, product=product, policy=policy,
        insured_object=insured_object, request_ref=request_ref, deal_ref=deal_ref, starts_on=begins,
        subject=facts.subject, drivers=facts.drivers, answers=facts.answers, origins=facts.origins,
        last_premium=policy.premium if policy else None, created_by=actor, created_at=now, updated_at=now,
    )  # fmt: skip
    suggested = ({}, *SUGGESTED.get(product.line, ()))
    Variant.objects.bulk_create(
        Variant(calculation=calculation, place=place, changes=changes, is_chosen=place == 1)
        for place, changes in enumerate(suggested, start=1)
    )
    record(actor=actor, now=now, action="calculation.started", obj=calculation)
    publish(CalculationStarted(calculation.pk, client.pk, request_ref, deal_ref), now=now)
    ask_classes(calculation, actor=actor, now=now)
    calculation.save()
    price_all(calculation, now=now)
    return calculation


def _standing(
    client: Client, product: Product, policy: Policy | None, request_ref: int | None, deal_ref: int | None
) -> Calculation | None:
    rows = Calculation.objects.standing().filter(client=client, product=product).order_by("-pk")
    for name, value in (("policy", policy), ("deal_ref", deal_ref), ("request_ref", request_ref)):
        if value is not None and (found := rows.filter(**{name: value}).first()):
            return found
    return None
