"""A client renews alone: the price with its reasons, what is insured, and the way to the payment."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from clientela.foundation.dates import local_today
from clientela.foundation.refusals import Refusal
from clientela.modules.contracts.models import Participant, Policy, Project
from clientela.modules.contracts.price_words import (
    Words,
    amount_text,
    step_text,
    why_shown,
    worded,
    words_of,
)
from clientela.modules.quotes.models import Calculation
from clientela.modules.quotes.operations.renewal_prices import is_priced
from clientela.modules.rating.rules.formula import Op
from clientela.modules.renewals.operations.alone import (
    OPEN,
    ClassAwaited,
    NeedsColleague,
    price_alone,
    renew_alone,
    renewable,
)
from clientela.portal.own.access import OwnRequest, common, signed_in
from clientela.portal.own.asking import ask_call, tell_changes
from clientela.portal.own.forms import ChangedForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def renew(request: OwnRequest, policy_id: int) -> HttpResponseBase:
    """A POST has it priced, goes to the payment, asks for a call, or tells what has changed."""
    rows = Policy.objects.filter(client=request.owner).select_related(
        "client", "product", "insured_object", "agent"
    )
    policy = get_object_or_404(rows, pk=policy_id)
    form = ChangedForm(request.POST if "changed" in request.POST else None)
    told: dict[str, Any] = {"form": form}
    if request.method == "POST":
        try:
            way = _act(request, policy, form)
            if way is not None:
                return way
        except ClassAwaited as refusal:
            if request.htmx:  # type: ignore[attr-defined]
                return HttpResponse(status=204)
            told["waits"] = str(refusal)
        except NeedsColleague as refusal:
            told["colleague"] = str(refusal)
        except Refusal as refusal:
            told["refused"] = str(refusal)
    wrong = form.errors or told.keys() & {"waits", "colleague", "refused"}
    status = 422 if request.method == "POST" and wrong else 200
    return render(request, "own/renew.html", _context(request, policy) | told, status=status)


def _act(request: OwnRequest, policy: Policy, form: ChangedForm) -> HttpResponseBase | None:
    now, visit = timezone.now(), request.visit
    here = redirect("own:renew", policy_id=policy.pk)
    if "pay" in request.POST:
        assert visit.confirmed_at is not None
        project = renew_alone(
            now=now, policy=policy, shown=_sum(request.POST.get("premium", "")), phone=visit.phone,
            confirmed_at=visit.confirmed_at,
        )  # fmt: skip
        return redirect("portal:pay", pay_token=project.pay_token)
    if "call" in request.POST:
        ask_call(now=now, policy=policy, phone=visit.phone)
        return redirect(f"{here.url}?asked=1")
    if "changed" in request.POST:
        if not form.is_valid():
            return None
        tell_changes(now=now, policy=policy, phone=visit.phone, text=form.cleaned_data["text"])
        return redirect(f"{here.url}?told=1")
    price_alone(now=now, policy=policy)
    return HttpResponseClientRedirect(here.url) if request.htmx else here  # type: ignore[attr-defined]


def _sum(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _context(request: OwnRequest, policy: Policy) -> dict[str, Any]:
    today = local_today(settings.TIME_ZONE, timezone.now())
    project = (
        Project.objects.filter(policy=policy).exclude(state=Project.State.WITHDRAWN).order_by("-pk").first()
    )
    is_open = project is not None and project.state in OPEN and is_priced(project)
    shown = project if is_open else None
    return common(request, is_step=True) | {
        "policy": policy, "project": shown, "agent": policy.agent or request.owner.agent,
        "may_renew": renewable(request.owner, today).filter(pk=policy.pk).exists(),
        "shown": str(shown.premium) if shown else "", "next_policy": project.next_policy if project is not None else None,
        "moved": shown.premium - policy.premium if shown else None, "why": why_shown(shown) if shown else "",
        "factors": _factors(shown), "drivers": _drivers(policy, shown), "offer": _offer(policy),
        "asked": request.GET.get("asked") == "1", "told": request.GET.get("told") == "1",
    }  # fmt: skip


def _factors(project: Project | None) -> list[dict[str, Any]]:
    """How the price came about, in the client's words; a price that a person gave has no such lines."""
    lines = (project.terms or {}).get("factors", []) if project is not None else []
    if project is None or not lines:
        return []
    words = words_of(project.product.code, project.start_date)
    return [
        line | {"told": _told(line, words)}
        for line in worded(lines, words)
        if not words.only_rounds(line) and not _changes_nothing(line, words)
    ]


def _changes_nothing(line: dict[str, Any], words: Words) -> bool:
    return words.op(line) == Op.TIMES and Decimal(line["value"]) == 1


def _told(line: dict[str, Any], words: Words) -> str:
    """What the line does, or what the price has come to with it."""
    step = step_text(words.op(line), Decimal(line["value"]), words.language)
    return step or amount_text(Decimal(line["running"]), words.language, rate=words.is_rate(line))


def _drivers(policy: Policy, project: Project | None) -> list[str]:
    if project is not None and project.participants is not None:
        found = [one["name"] for one in project.participants if one["role"] == Participant.Role.DRIVER]
    else:
        found = list(
            policy.participants.filter(role=Participant.Role.DRIVER)
            .order_by("id")
            .values_list("name", flat=True)
        )
    return found


def _offer(policy: Policy) -> Calculation | None:
    """Variants that the agent has sent and that can still be chosen from."""
    sent = (Calculation.State.SENT, Calculation.State.ACCEPTED)
    today = local_today(settings.TIME_ZONE, timezone.now())
    rows = Calculation.objects.filter(
        policy=policy, state__in=sent, valid_until__gte=today, token__isnull=False
    )
    return rows.order_by("-pk").first()
