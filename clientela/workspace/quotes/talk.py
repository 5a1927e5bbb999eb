"""The talk beside the window, and where it differs from what was typed."""

from dataclasses import dataclass

from django.db.models import Q

from clientela.modules.accounts.models import User
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations import disputed
from clientela.modules.quotes.queries.products import definition_of, questions_of
from clientela.modules.sales.models import Deal
from clientela.modules.sales.queries.told import told_of
from clientela.workspace.deals.rows import RELATED
from clientela.workspace.quotes import words


def deal_of(calculation: Calculation, user: User) -> Deal | None:
    """The deal that is sold here, if this person may see it."""
    rows = Deal.objects.visible_to(user).select_related(*RELATED)
    own = Q(calculation=calculation.pk)
    if calculation.deal_ref is not None:
        own |= Q(pk=calculation.deal_ref)
    return rows.filter(own).order_by("-id").first()


@dataclass(frozen=True)
class Dispute:
    """The client said ``said``; the seller had typed ``typed``."""

    key: str
    label: str
    said: str
    typed: str


def disputes_of(calculation: Calculation, deal: Deal | None) -> list[Dispute]:
    """Where the talk and the hand differ: somebody has to say which it is."""
    told = told_of(deal) if deal is not None else {}
    if not told:
        return []
    differ = disputed(calculation, told)
    questions = questions_of(definition_of(calculation.product, calculation.starts_on), calculation.starts_on)
    return [
        Dispute(
            str(one["key"]), words.said(one, "title"), words.shown(one, differ[one["key"]]),
            words.shown(one, calculation.answers.get(one["key"])),
        )
        for one in questions
        if one["key"] in differ
    ]  # fmt: skip
