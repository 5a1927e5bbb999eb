"""The pay page of a project: what is renewed, for how much, by whom, and one button."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clientela.foundation.dates import local_today
from clientela.modules.billing.operations import (
    InvalidAmount,
    PaymentConflict,
    register_payment,
)
from clientela.modules.billing.queries import balance_of_project
from clientela.modules.contacts.rules.start_links import start_token
from clientela.modules.contracts.models import Policy, Project


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def pay(request: HttpRequest, pay_token: str) -> HttpResponse:
    """Shows the project; a POST pays what is left. In the demo the money comes at once."""
    project = get_object_or_404(
        Project.objects.select_related(
            "policy__client__agent", "policy__agent", "policy__product", "policy__insured_object", "next_policy"
        ),
        pay_token=pay_token,
    )  # fmt: skip
    with translation.override(project.policy.client.language):
        if request.method == "POST" and settings.DEMO and _is_open(project):
            _pay(project)
            return redirect("portal:pay", pay_token=pay_token)
        return render(request, f"portal/{_page(project)}.html", _context(project))


def _is_open(project: Project) -> bool:
    return project.state in (Project.State.OPEN, Project.State.OFFERED)


def _page(project: Project) -> str:
    if project.state == Project.State.ISSUED:
        return "paid"
    return "pay" if _is_open(project) else "withdrawn"


def _pay(project: Project) -> None:
    """Pay what is left. Pressed twice it pays once: the payment's id says what it was for."""
    left = balance_of_project(project).left
    try:
        register_payment(
            actor=None,
            now=timezone.now(),
            project=project,
            amount=left,
            method="link",
            external_id=f"link:{project.pay_token}:{left}",
        )
    except (InvalidAmount, PaymentConflict):  # paid at this moment by somebody else: the page tells
        return


def _context(project: Project) -> dict[str, Any]:
    policy: Policy = project.policy
    return {
        "company": {"name": settings.COMPANY_NAME},
        "project": project,
        "policy": policy,
        "telegram": start_token(policy.client_id, local_today(settings.TIME_ZONE, timezone.now()))
        if settings.TELEGRAM_BOT
        else "",
        "product": policy.product,
        "insured": policy.insured_object,
        "agent": policy.agent or policy.client.agent,
        "client": policy.client,
        "left": balance_of_project(project).left,
        "change": project.premium - policy.premium,
        "saved": policy.premium - project.premium,
        "can_pay": settings.DEMO,
        "short_number": settings.SHORT_NUMBER,
    }
