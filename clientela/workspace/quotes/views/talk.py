"""The talk of the deal, beside the window in which it is sold."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.quotes.operations import take_told
from clientela.modules.sales.models import Advice, Deal
from clientela.modules.sales.operations.told import forget_told
from clientela.modules.sales.queries.advice import with_sources
from clientela.modules.sales.queries.told import told_of
from clientela.workspace.deals.talk import context_of
from clientela.workspace.quotes.talk import deal_of, disputes_of
from clientela.workspace.quotes.views.base import acted, find, who

MOST_ADVICE = 3


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
            "disputes": disputes_of(calculation, deal),
            "may_settle": is_open
            and user.can(Permission.SALES_WRITE)
            and user.can(Permission.CONTRACTS_WRITE),
            **context_of(deal, user=user),
        }
        open_states = (Advice.State.ADVISED, Advice.State.OFFERED)
        rows = Advice.objects.visible_to(user).filter(client=deal.client_id, state__in=open_states)
        context |= {
            "advice": with_sources(
                rows.select_related("rule").order_by("id")[:MOST_ADVICE], now=timezone.now()
            ),
            "may_advise": user.can(Permission.SALES_WRITE),
        }
    part = request.htmx  # type: ignore[attr-defined]
    return render(request, "quotes/parts/talk.html" if part else "quotes/talk_page.html", context)


@require_POST
@requires(Permission.CONTRACTS_WRITE, Permission.SALES_WRITE)
def settle(request: HttpRequest, calculation_id: int) -> HttpResponseBase:
    """What was said and what was typed differ: the seller says which of them stays."""
    calculation = find(request, calculation_id)
    deal = deal_of(calculation, caller(request))
    key = request.POST.get("question", "")
    told = told_of(deal) if deal is not None else {}
    if deal is None or key not in told:
        raise Http404
    takes = request.POST.get("take") == "said"

    def act() -> None:
        if takes:
            take_told(**who(request), calculation=calculation, told={key: told[key]}, over=True)
        else:
            forget_told(**who(request), deal=deal, questions=[key])

    say = _("Taken from the talk") if takes else _("What was typed stays")
    return trigger_client_event(acted(request, calculation, act, say=say), "deal-changed", {})
