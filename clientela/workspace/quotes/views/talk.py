"""The talk of the deal, beside the window in which it is sold."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Deal
from clientela.workspace.deals.rows import RELATED
from clientela.workspace.quotes.talk import talk_context
from clientela.workspace.quotes.views.base import find


@require_safe
@requires(Permission.CONTRACTS_READ, Permission.SALES_READ)
def talk(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """The step of the script for the stage of the deal; without a deal in sight it says so."""
    user = caller(request)
    calculation = find(request, calculation_id)
    rows = Deal.objects.visible_to(user).select_related(*RELATED)
    deal = rows.filter(pk=calculation.deal_ref or 0).first()
    context: dict[str, Any] = {"calculation": calculation, "deal": deal, "title": _("The talk")}
    if deal is not None:
        is_open = deal.state == Deal.State.OPEN
        context |= {"may_talk": is_open and user.can(Permission.SALES_WRITE), **talk_context(deal, user=user)}
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "quotes/parts/talk.html" if part else "quotes/talk_page.html", context)
