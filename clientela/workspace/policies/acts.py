"""Acts on a policy: small forms over its page."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui import formats
from clientela.foundation.ui.markup import language
from clientela.modules.accounts.access import Permission, requires
from clientela.modules.billing.queries import balance_of_policy, cancelled_refunds, returned_of
from clientela.modules.contracts import operations
from clientela.modules.contracts.models import Policy, PolicyVersion
from clientela.modules.contracts.queries import refund_of
from clientela.modules.documents.operations import ask_document
from clientela.modules.documents.operations.making import unsaved_version
from clientela.workspace.clients.views.acting import Act, act, done
from clientela.workspace.clients.views.found import posted
from clientela.workspace.policies import forms
from clientela.workspace.policies.views import policy_of
from clientela.workspace.policies.words import counted

SELL = requires(Permission.CONTRACTS_WRITE)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now()}


def _seen(policy: Policy) -> PolicyVersion:
    return unsaved_version(policy)


def _today(policy: Policy) -> date:
    return local_today(policy.client.time_zone, timezone.now())


@SELL
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End the policy early; the form says what would come back on the day that is typed."""
    policy = policy_of(request, pk)
    on = min(max(_today(policy), policy.start_date), policy.end_date)
    form = forms.CancelForm(posted(request), initial={"on": on, "seen": _seen(policy).number})
    typed = form.cleaned_data.get("on") if form.is_bound and form.errors is not None else None

    def run(data: dict[str, Any]) -> Any:
        return operations.cancel_policy(**_who(request), policy=policy, **data)

    title = _("Cancel the policy %(number)s") % {"number": policy.number}
    look = reverse("policies:refund", args=[policy.pk])
    said = Act(
        title,
        _("Cancel the policy"),
        _("Policy cancelled"),
        run,
        _back(policy, typed or on),
        danger=True,
        look=look,
    )
    return act(request, form, said, client=policy.client)


@SELL
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """What would come back on the day that stands in the form."""
    policy = policy_of(request, pk)
    form = forms.CancelForm(request.GET)
    form.is_valid()
    day = form.cleaned_data.get("on")
    words = _back(policy, day) if day else _("Choose the last day of cover.")
    return HttpResponse(escape(words))


def _back(policy: Policy, on: date) -> str:
    """How much comes back, and how it is counted."""
    if not policy.start_date - timedelta(days=1) <= on <= policy.end_date:
        return str(operations.PolicyNotInForce())
    back = refund_of(policy, on=on, now=timezone.now())
    how = {
        "way": back.way,
        "unused": back.unused,
        "days": back.days,
        "kept": str(back.kept),
        "losses": str(back.losses),
    }
    words = _("On %(day)s as the last day: %(sum)s to be returned. %(how)s") % {
        "day": formats.full_date(on, language()), "sum": formats.money(back.amount, language()), "how": counted(how),
    }  # fmt: skip
    paid = balance_of_policy(policy).paid
    real = max(paid - (_seen(policy).charged - back.amount), Decimal(0))
    if not paid or real >= back.amount:
        return words
    return (
        words
        + " "
        + _("Not everything has been paid: %(sum)s go back.") % {"sum": formats.money(real, language())}
    )


@SELL
def reinstate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the cancellation back."""
    policy = policy_of(request, pk)
    form = forms.WhyForm(posted(request), initial={"seen": _seen(policy).number})

    def run(data: dict[str, Any]) -> Any:
        return operations.reinstate_policy(**_who(request), policy=policy, **data)

    gone = returned_of(cancelled_refunds(policy))
    intro = _(
        "Cover runs as if the policy had not been cancelled. A refund that was not paid out is dropped."
    )
    if gone:
        intro = _("Cover runs as if the policy had not been cancelled. %(sum)s have been returned: they are due again.") % {
            "sum": formats.money(gone, language())
        }  # fmt: skip
    said = Act(_("Reinstate the policy"), _("Reinstate"), _("Policy reinstated"), run, intro)
    return act(request, form, said, client=policy.client)


@SELL
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """Give out a duplicate."""
    policy = policy_of(request, pk)
    form = forms.WhyForm(posted(request), initial={"seen": _seen(policy).number})

    def run(data: dict[str, Any]) -> Any:
        return operations.duplicate_policy(**_who(request), policy=policy, **data)

    said = Act(_("Duplicate of the policy"), _("Give out"), _("The duplicate is being made"), run)
    return act(request, form, said, client=policy.client)


@SELL
@require_POST
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the policy printed anew from its current version."""
    policy = policy_of(request, pk)
    try:
        ask_document(**_who(request), kind="policy", policy=policy)
    except Refusal as error:
        return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
    return done(request, policy.client, _("The document is being made"))
