"""The talk of the deal, beside the window in which it is sold."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.sales.models import Deal
from clientela.workspace.deals.talk import context_of
from clientela.workspace.quotes.talk import deal_of, version_for
from clientela.workspace.quotes.views.base import find


@require_safe
@requires(Permission.CONTRACTS_READ, Permission.SALES_READ)
def talk(request: HttpRequest, calculation_id: int) -> HttpResponse:
    """The step of the script for the stage of the deal; without a deal in sight it says so."""
    user = caller(request)
    calculation = find(request, calculation_id)
    deal = deal_of(calculation, user)
    context: dict[str, Any] = {"calculation": calculation, "deal": deal, "title": _("The talk")}
    if deal is not None:
        is_open = deal.state == Deal.State.OPEN
        context |= {
            "may_talk": is_open and user.can(Permission.SALES_WRITE),
            **context_of(deal, user=user, version=version_for(deal)),
        }
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "quotes/parts/talk.html" if part else "quotes/talk_page.html", context)
