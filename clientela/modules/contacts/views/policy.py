"""The page of the communication policy: what is in force, and everything that was."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clientela.modules.accounts.access import Permission, ensure, requires
from clientela.modules.contacts.forms import PolicyForm
from clientela.modules.contacts.models import CommunicationPolicy
from clientela.modules.contacts.operations import InvalidPolicy, current_policy, set_policy
from clientela.modules.contacts.operations.policy import CAPPED, PERIODS

HISTORY = 50


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ORGANISATION_READ)
def policy(request: HttpRequest) -> HttpResponse:
    """Shows the policy; a POST by somebody who may puts another one in force."""
    in_force = current_policy()
    if request.method != "POST":
        return _page(request, PolicyForm(initial=PolicyForm.initial_of(in_force)))
    ensure(request.user, Permission.POLICY_WRITE)
    form = PolicyForm(request.POST)
    if form.is_valid():
        try:
            set_policy(actor=request.user, now=timezone.now(), **form.values())
        except InvalidPolicy as invalid:
            form.refuse(invalid.errors)
        else:
            messages.success(request, _("These rules are in force now."))
            return redirect("contacts:policy")
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: PolicyForm, status: int = 200) -> HttpResponse:
    rows = CommunicationPolicy.objects.select_related("created_by").order_by("-id")[:HISTORY]
    context: dict[str, Any] = {
        "form": form,
        "may_write": request.user.can(Permission.POLICY_WRITE),  # type: ignore[union-attr]
        "history": [{"policy": row, "limits": _limits(row)} for row in rows],
        "caps": [
            (_("Service messages"), form["service_day"], form["service_week"]),
            (_("Advertising"), form["advertising_day"], form["advertising_week"]),
        ],
    }
    return render(request, "contacts/policy.html", context, status=status)


def _limits(policy: CommunicationPolicy) -> dict[str, str]:
    """«3 / 10» a day and in seven days; ∞ where there is no limit."""
    return {
        purpose: " / ".join(str(policy.caps.get(purpose, {}).get(period, "∞")) for period in PERIODS)
        for purpose in CAPPED
    }
