"""The rates on the screen: which hold, which follow, and who set them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from clientela.foundation.refusals import Refusal
from clientela.modules.accounts.access import Permission, caller, requires
from clientela.modules.commission import operations
from clientela.modules.commission.models import Rate
from clientela.modules.commission.queries import percent_words
from clientela.modules.products.models import Line
from clientela.modules.products.queries import name_of
from clientela.workspace.commission import forms, listing
from clientela.workspace.commission.views import tabs

MOST = 500


@require_GET
@requires(Permission.COMMISSION_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Rates for everybody and of the agreements in sight; those that are over on demand."""
    person, today = caller(request), listing.today()
    over, line = request.GET.get("show") == "over", request.GET.get("line", "")
    rows = Rate.objects.visible_to(person).select_related("agent", "product", "created_by")
    rows = rows.filter(valid_until__lt=today) if over else rows.exclude(valid_until__lt=today)
    if line in Line.values:
        rows = rows.filter(line=line)
    found = list(rows.order_by("line", "agent__last_name", "term", "-valid_from", "pk")[:MOST])
    context = {
        "rows": [_row(one, today) for one in found], "tabs": tabs(person, "rates"), "over": over,
        "shapes": [
            {"label": pgettext("rates", "In force"), "url": "?", "current": not over},
            {"label": pgettext("rates", "Over"), "url": "?show=over", "current": over},
        ],
        "may_set": person.can(Permission.COMMISSION_RATES),
        "missing": _missing(today) if person.can(Permission.COMMISSION_RATES) else [],
    }  # fmt: skip
    return render(request, "commission/rates.html", context)


def _row(rate: Rate, today: Any) -> dict[str, Any]:
    what = [name_of(rate.product)] if rate.product else []
    what.append(str(rate.get_term_display()).lower() if rate.term else _("new contracts and renewals"))
    if rate.channel:
        what.append(str(rate.get_channel_display()).lower())
    return {
        "rate": rate, "percent": percent_words(rate.percent), "what": ", ".join(what),
        "coming": rate.valid_from > today, "over": rate.valid_until is not None and rate.valid_until < today,
    }  # fmt: skip


def _missing(today: Any) -> list[str]:
    """Lines of business for which nothing holds today for everybody."""
    known = Rate.objects.filter(agent=None, product=None, channel="", valid_from__lte=today)
    lines = known.exclude(valid_until__lt=today).values_list("line", "term")
    whole = {line for line, term in lines if not term}
    whole |= {line for line in Line.values if {(line, "new"), (line, "renewal")} <= set(lines)}
    return [str(label) for code, label in Line.choices if code not in whole and code != Line.OTHER]


@requires(Permission.COMMISSION_RATES)
def new(request: HttpRequest) -> HttpResponseBase:
    """Set a rate."""
    person = caller(request)
    form = forms.RateForm(
        request.POST if request.method == "POST" else None,
        user=person,
        initial={"valid_from": listing.today()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.set_rate(actor=person, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The rate is set"))
            return redirect("commission:rates")
        except (operations.WrongRate, operations.RateOverlaps) as refused:
            form.add_error(refused.field, str(refused))
    return _form(request, form, _("New rate"), _("Set"))


def _form(request: HttpRequest, form: Any, title: str, verb: str, about: str = "") -> HttpResponse:
    context = {"form": form, "title": title, "verb": verb, "about": about}
    return render(request, "commission/rate.html", context, status=422 if form.errors else 200)


def _rate(request: HttpRequest, rate_id: int) -> Rate:
    return get_object_or_404(Rate.objects.visible_to(caller(request)), pk=rate_id)


@requires(Permission.COMMISSION_RATES)
def end(request: HttpRequest, commission_rate_id: int) -> HttpResponseBase:
    """Let a rate end with a day."""
    rate = _rate(request, commission_rate_id)
    form = forms.EndForm(
        request.POST if request.method == "POST" else None, initial={"valid_until": listing.today()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.end_rate(
                actor=caller(request),
                now=timezone.now(),
                rate=rate,
                valid_until=form.cleaned_data["valid_until"],
            )
            messages.success(request, _("The rate ends"))
            return redirect("commission:rates")
        except (operations.WrongRate, operations.RateInUse) as refused:
            form.add_error("valid_until", str(refused))
    return _form(request, form, _("End the rate"), _("End"), str(rate))


@require_POST
@requires(Permission.COMMISSION_RATES)
def remove(request: HttpRequest, commission_rate_id: int) -> HttpResponseBase:
    """Take away a rate that nothing was counted by."""
    rate = _rate(request, commission_rate_id)
    try:
        operations.remove_rate(actor=caller(request), now=timezone.now(), rate=rate)
        messages.success(request, _("The rate is removed"))
    except Refusal as refused:
        messages.error(request, str(refused))
    return redirect("commission:rates")
