"""The talk beside the window: the script of the deal's stage, or the nearest one before it."""

from django.db.models import F, Q

from clientela.modules.accounts.models import User
from clientela.modules.quotes.models import Calculation
from clientela.modules.sales.models import Deal, ScriptVersion
from clientela.modules.sales.queries.scripts import script_for
from clientela.workspace.deals.rows import RELATED


def version_for(deal: Deal) -> ScriptVersion | None:
    """What is said now. A calculation moves its deal on by itself: what was begun before is not cut off."""
    found = script_for(deal)
    if found is not None or deal.stage is None:
        return found
    rows = ScriptVersion.objects.filter(
        Q(script__product=deal.product_id) | Q(script__product=None),
        state=ScriptVersion.State.ACTIVE, script__is_active=True, script__funnel=deal.funnel_id,
        script__stage__position__lt=deal.stage.position,
    ).select_related("script")  # fmt: skip
    nearest = (F("script__stage__position").desc(), F("script__product").desc(nulls_last=True), "pk")
    return rows.order_by(*nearest).first()


def deal_of(calculation: Calculation, user: User) -> Deal | None:
    """The deal that is sold here, if this person may see it."""
    rows = Deal.objects.visible_to(user).select_related(*RELATED)
    own = Q(calculation=calculation.pk)
    if calculation.deal_ref is not None:
        own |= Q(pk=calculation.deal_ref)
    return rows.filter(own).order_by("-id").first()
