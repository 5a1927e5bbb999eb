"""Calculations that colleagues have open, and how far the underwriters decide."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from clientela.foundation.dates import local_today
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.operations import make_page, refer, start
from clientela.modules.underwriting.models import Authority
from clientela.modules.underwriting.operations import open_referral

MOST_KASKO = Decimal(5_000_000)
MOST_LOADING, MOST_DISCOUNT = Decimal(20), Decimal(10)
SHOWN = 12


def write(now: datetime) -> int:
    """Authority of every underwriter and head of branch; calculations of terms that end soon. Returns how many."""
    Authority.objects.bulk_create(
        Authority(user=person, changed_at=now)
        if person.role == Role.UNDERWRITER
        else Authority(
            user=person,
            most=MOST_KASKO,
            most_loading=MOST_LOADING,
            most_discount=MOST_DISCOUNT,
            changed_at=now,
        )
        for person in User.objects.filter(role__in=[Role.UNDERWRITER, Role.BRANCH_HEAD])
    )
    today = local_today(settings.TIME_ZONE, now)
    ending = Policy.objects.filter(
        product__code="osago", end_date__range=(today + timedelta(days=3), today + timedelta(days=40)), next_terms=None,
        agent__user__email="a.sokolova@prichal.example", insured_object__power__isnull=False, projects=None,
    )  # fmt: skip
    made = 0
    for policy in ending.select_related("client", "product", "agent__user", "insured_object").order_by(
        "end_date"
    )[:SHOWN]:
        assert policy.agent is not None
        seller = policy.agent.user
        calculation = start(
            actor=seller, now=now, client=policy.client, product=policy.product, policy=policy
        )
        made += 1
        if not calculation.variants.filter(is_chosen=True, premium__isnull=False).exists():
            continue
        if made % 3 == 1:
            make_page(actor=seller, now=now, calculation=calculation)
        elif made % 3 == 2:
            refer(
                actor=seller,
                now=now,
                calculation=calculation,
                note="Клиент просит скидку: без аварий пять лет",
            )
            open_referral(now=now, calculation=calculation, needs_photos=False)
    return made
