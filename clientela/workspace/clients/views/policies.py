"""One policy in a drawer over its client's card."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.billing.models import Instalment
from clientela.modules.claims.models import Claim
from clientela.modules.clients.operations import record_read
from clientela.modules.contracts.models import Policy, Project, Quote
from clientela.modules.contracts.price_words import why_shown
from clientela.modules.contracts.rules import price_change
from clientela.modules.products.queries import name_of
from clientela.workspace.clients.queries.card import load_card
from clientela.workspace.clients.views.card import address_of, card_context
from clientela.workspace.clients.views.found import policy_of


def _terms(policy: Policy) -> list[Policy]:
    """Earlier terms of the same contract, the newest first; at most ten."""
    found: list[Policy] = []
    current = policy.previous
    while current is not None and len(found) < 10:
        found.append(current)
        current = current.previous
    return found


def _drawer(policy: Policy) -> dict[str, Any]:
    project = Project.objects.filter(policy=policy).exclude(state=Project.State.WITHDRAWN).first()
    change = price_change(policy.premium, project.premium) if project else None
    return {
        "policy": policy,
        "product_name": name_of(policy.product),
        "people": list(policy.participants.order_by("role", "id")),
        "instalments": list(Instalment.objects.filter(policy=policy)),
        "quotes": list(Quote.objects.filter(policy=policy).select_related("created_by")[:10]),
        "project": project,
        "project_change": change,
        "project_why": why_shown(project) if project else "",
        "claims": list(Claim.objects.filter(policy=policy)[:20]),
        "terms": _terms(policy),
        "renewed": Policy.objects.filter(previous=policy).exclude(status=Policy.Status.CANCELLED).first(),
        "card_url": reverse("clients:card", args=[policy.client_id]),
    }


@requires(Permission.CONTRACTS_READ)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawer alone, or the card with the drawer open."""
    found = policy_of(request, pk)
    context = _drawer(found) | {"may_sell": caller(request).can(Permission.CONTRACTS_WRITE)}
    context["may_pay"] = caller(request).can(Permission.PAYMENTS_WRITE)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "clients/policy_drawer.html", context)
    now = timezone.now()
    card = load_card(request.user, found.client_id, now=now)
    if card is None:
        raise Http404
    record_read(actor=request.user, now=now, client=card.client, address=address_of(request))
    return render(request, "clients/card.html", card_context(request, card) | context | {"open_policy": True})
