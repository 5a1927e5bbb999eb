"""What was said in a talk goes on into the calculations of the deal."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from clientela.modules.accounts.access import Permission
from clientela.modules.accounts.models import User
from clientela.modules.book.operations.training import NotAdmitted
from clientela.modules.dialler.rules.questions import BadAnswer, Question, clean
from clientela.modules.quotes.models import EDITABLE, STANDING, Calculation
from clientela.modules.quotes.operations import take_told
from clientela.modules.sales.models import Deal
from clientela.modules.sales.operations.deals import change_deal
from clientela.modules.sales.queries.told import told_of
from clientela.modules.sales.rules.fields import OF_PRODUCT

# What ran out or was declined is begun again by people only.
WORKED_ON = set(EDITABLE) & set(STANDING)
# A deal is calculated once or twice; the newest ones are worked on.
MOST = 3


def fill_calculations(*, actor: User, now: datetime, deal: Deal) -> list[Calculation]:
    """Fill what was said into the deal's calculations that are worked on; those that changed by it."""
    told = told_of(deal)
    if not told or not actor.can(Permission.CONTRACTS_WRITE):
        return []
    changed = []
    for row in _of(deal, actor).order_by("-pk")[:MOST]:
        try:
            after = take_told(actor=actor, now=now, calculation=row, told=told)
        except NotAdmitted:
            continue  # what was said stays in the deal for whoever may sell
        changed += [after] if after.version != row.version else []
    return changed


def fits(fills: Mapping[str, str], asks: Mapping[str, Question]) -> dict[str, str]:
    """Of what an answer stands for, all but answers to questions that this product does not ask so."""
    return {
        key: text
        for key, text in fills.items()
        if not key.startswith(OF_PRODUCT) or _fits(asks.get(key), text)
    }


@transaction.atomic
def forget_told(*, actor: User, now: datetime, deal: Deal, questions: Iterable[str]) -> None:
    """The seller answers these questions of the product otherwise than it was said."""
    told = told_of(deal)
    values = {f"{OF_PRODUCT}{key}": "" for key in questions if key in told}
    if values and deal.state == Deal.State.OPEN and actor.can(Permission.SALES_WRITE):
        change_deal(actor=actor, now=now, deal=deal, values=values)


def _fits(ask: Question | None, text: str) -> bool:
    try:
        return ask is not None and bool(clean(ask, text))
    except BadAnswer:
        return False


def _of(deal: Deal, actor: User) -> "QuerySet[Calculation]":
    about = Q(deal_ref=deal.pk)
    if deal.calculation is not None:
        about |= Q(pk=deal.calculation)
    if deal.request is not None:
        about |= Q(request_ref=deal.request)
    rows = Calculation.objects.visible_to(actor).filter(about, client=deal.client_id, state__in=WORKED_ON)
    return rows.select_related("product")
